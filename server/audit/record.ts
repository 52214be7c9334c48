import type { Json } from '@/engine/expression/expression';
import { inTenant, type Sql } from '../db';
import type { Actor } from '../identities/actor';
import { log, reasonOf } from '../log';
import { auditedRequest } from './request';

/** What the audit log keeps of one thing that was done, beside the request in which it was. */
export interface AuditEntry {
  category: string;
  eventType: string;
  outcome: 'success' | 'failure' | 'denied';
  actorId: number | null;
  /** (Default: the login of the identity) */
  actorLogin?: string;
  address?: string;
  resourceType: string | null;
  resourceId: number | null;
  resourceRef: string | null;
  details: { [key: string]: Json };
  /** (Default: what the request's answer says where all goes well) */
  status?: number;
}

/** Adds the entries, in the transaction in which the thing is done. */
export async function recordAudit(sql: Sql, tenantId: number, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const request = auditedRequest();
  const rows = entries.map((entry) => ({
    category: entry.category,
    event_type: entry.eventType,
    outcome: entry.outcome,
    actor_identity: entry.actorId,
    actor_login: entry.actorLogin?.slice(0, 200) ?? null,
    actor_token_type: request?.tokenType ?? null,
    actor_ip: request?.address ?? entry.address ?? null,
    actor_user_agent: request?.userAgent.slice(0, 500) ?? null,
    http_method: request?.method ?? null,
    http_path: request?.path.slice(0, 500) ?? null,
    http_status: entry.status ?? request?.status ?? null,
    request_id: request?.requestId ?? null,
    duration_ms: request ? Math.round(performance.now() - request.startedAtMs) : null,
    resource_type: entry.resourceType,
    resource_id: entry.resourceId,
    resource_ref: entry.resourceRef,
    details: entry.details,
  }));
  await sql.query(
    `INSERT INTO audit_event (tenant_id, category, event_type, outcome, actor_identity, actor_login, actor_token_type, actor_ip,
       actor_user_agent, http_method, http_path, http_status, request_id, duration_ms, resource_type, resource_id, resource_ref, details)
     SELECT $1::bigint, r.category, r.event_type, r.outcome, r.actor_identity,
       COALESCE(r.actor_login, (SELECT i.login FROM identity i WHERE i.tenant_id = $1::bigint AND i.id = r.actor_identity)),
       r.actor_token_type, r.actor_ip, r.actor_user_agent, r.http_method, r.http_path, r.http_status, r.request_id, r.duration_ms,
       r.resource_type, r.resource_id, r.resource_ref, r.details
     FROM jsonb_to_recordset($2::jsonb) AS r(category text, event_type text, outcome text, actor_identity bigint, actor_login text,
       actor_token_type text, actor_ip text, actor_user_agent text, http_method text, http_path text, http_status int, request_id uuid,
       duration_ms int, resource_type text, resource_id bigint, resource_ref text, details jsonb)`,
    [tenantId, JSON.stringify(rows)],
  );
}

/** Adds what no transaction of its own goes with. What cannot be written is logged: who asks gets their answer all the same. */
export async function recordAlone(tenantId: number, entry: AuditEntry): Promise<void> {
  await inTenant(tenantId, (tx) => recordAudit(tx, tenantId, [entry])).catch((error: unknown) =>
    log.error({ error: reasonOf(error), eventType: entry.eventType }, 'the audit log could not be written'),
  );
}

const windowMs = 60_000;
/** In a minute and of one process; what is beyond is counted. */
const mostDenials = 300;
let told = new Set<string>();
let left = 0;
let windowEndsAt = 0;

/** Adds that somebody was refused: of one caller at one address once a minute, so that a flood of them is no flood of rows. */
export async function recordDenial(actor: Actor, error: Error): Promise<void> {
  const request = auditedRequest();
  const now = Date.now();
  if (now >= windowEndsAt) {
    windowEndsAt = now + windowMs;
    told = new Set();
  }
  const what = `${actor.tenantId} ${actor.login} ${request?.method ?? ''} ${request?.path ?? ''}`;
  if (told.has(what) || told.size >= mostDenials) {
    left += 1;
    return;
  }
  told.add(what);
  const leftOut = left;
  left = 0;
  await recordAlone(actor.tenantId, {
    category: 'authorization',
    eventType: 'access.denied',
    outcome: 'denied',
    actorId: actor.identityId === 0 ? null : actor.identityId,
    actorLogin: actor.login,
    address: actor.address,
    resourceType: null,
    resourceId: null,
    resourceRef: null,
    details: { reason: error.message, ...(leftOut > 0 && { left_out_before: leftOut }) },
    status: 403,
  });
}
