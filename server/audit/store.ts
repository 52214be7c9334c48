import { querySystem, type Tx } from '../db';
import type { Slice } from '../http/rest/rows';
import type { JsonObject } from '../fields';

export interface AuditRow {
  id: number;
  category: string;
  eventType: string;
  outcome: string;
  actorIdentity: number | null;
  actorLogin: string | null;
  actorTokenType: string | null;
  actorIp: string | null;
  actorUserAgent: string | null;
  httpMethod: string | null;
  httpPath: string | null;
  httpStatus: number | null;
  requestId: string | null;
  durationMs: number | null;
  resourceType: string | null;
  resourceId: number | null;
  resourceRef: string | null;
  details: JsonObject | null;
  created: Date;
}

export interface AuditFilter {
  category: string | null;
  eventType: string | null;
  outcome: string | null;
  actorId: number | null;
  actorLogin: string | null;
  resourceType: string | null;
  resourceRef: string | null;
  requestId: string | null;
  since: Date | null;
  until: Date | null;
}

const columns = `id, category, event_type AS "eventType", outcome, actor_identity AS "actorIdentity", actor_login AS "actorLogin",
  actor_token_type AS "actorTokenType", actor_ip AS "actorIp", actor_user_agent AS "actorUserAgent", http_method AS "httpMethod",
  http_path AS "httpPath", http_status AS "httpStatus", request_id AS "requestId", duration_ms AS "durationMs",
  resource_type AS "resourceType", resource_id AS "resourceId", resource_ref AS "resourceRef", details, created`;

const fits = `tenant_id = $1 AND ($2::text IS NULL OR category = $2) AND ($3::text IS NULL OR event_type = $3)
  AND ($4::text IS NULL OR outcome = $4) AND ($5::bigint IS NULL OR actor_identity = $5) AND ($6::text IS NULL OR actor_login = $6)
  AND ($7::text IS NULL OR resource_type = $7) AND ($8::text IS NULL OR resource_ref = $8)
  AND ($9::timestamptz IS NULL OR created >= $9) AND ($10::timestamptz IS NULL OR created < $10)
  AND ($11::uuid IS NULL OR request_id = $11)`;

const valuesOf = (tenantId: number, filter: AuditFilter) => [
  tenantId,
  filter.category,
  filter.eventType,
  filter.outcome,
  filter.actorId,
  filter.actorLogin,
  filter.resourceType,
  filter.resourceRef,
  filter.since,
  filter.until,
  filter.requestId,
];

/** Newest first. */
export function listAudit(tx: Tx, tenantId: number, filter: AuditFilter, slice: Slice): Promise<AuditRow[]> {
  return tx.query<AuditRow>(
    `SELECT ${columns} FROM audit_event WHERE ${fits} AND ($12::bigint IS NULL OR id < $12) ORDER BY id DESC LIMIT $13 OFFSET $14`,
    [...valuesOf(tenantId, filter), slice.before, slice.limit, slice.offset],
  );
}

/** How many there are; null beyond `most`. */
export async function countAudit(
  tx: Tx,
  tenantId: number,
  filter: AuditFilter,
  most: number,
): Promise<number | null> {
  const [row] = await tx.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (SELECT 1 FROM audit_event WHERE ${fits} LIMIT $12) AS c`,
    [...valuesOf(tenantId, filter), most + 1],
  );
  const count = row?.count ?? 0;
  return count > most ? null : count;
}

export async function findAudit(tx: Tx, tenantId: number, id: number): Promise<AuditRow | null> {
  const [row] = await tx.query<AuditRow>(
    `SELECT ${columns} FROM audit_event WHERE tenant_id = $1 AND id = $2`,
    [tenantId, id],
  );
  return row ?? null;
}

/** Removes what is older than so many days, at most `limit`; gives how many. */
export async function purgeAudit(days: number, limit: number): Promise<number> {
  const [row] = await querySystem<{ count: number }>('SELECT attune_purge_audit($1, $2) AS count', [
    days,
    limit,
  ]);
  return row?.count ?? 0;
}
