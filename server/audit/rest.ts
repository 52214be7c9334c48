import { z } from 'zod';
import { notFound } from '@/engine/errors';
import { inTenant } from '../db';
import { Id, JsonObject, Time } from '../fields';
import { FilterText, IdText, Numbered } from '../http/rest/fields';
import { mostCounted } from '../http/rest/paging';
import { list, one, type Route } from '../http/rest/route';
import { partOfRows } from '../http/rest/rows';
import { requireRight } from '../identities/actor';
import { countAudit, findAudit, listAudit, type AuditFilter, type AuditRow } from './store';

const Summary = z.object({
  id: Id,
  category: z.string(),
  event_type: z.string(),
  outcome: z.string().describe('success, failure or denied'),
  actor_identity: Id.nullable(),
  actor_login: z.string().nullable(),
  http_method: z.string().nullable(),
  http_path: z.string().nullable(),
  http_status: z.number().int().nullable(),
  request_id: z.string().nullable(),
  resource_type: z.string().nullable(),
  resource_ref: z.string().nullable(),
  created: Time,
});
const AuditEvent = Summary.extend({
  actor_ip: z.string().nullable(),
  actor_user_agent: z.string().nullable(),
  actor_token_type: z.string().nullable().describe('session, access or execution'),
  resource_id: Id.nullable(),
  duration_ms: z.number().int().nullable().describe('From the request to this'),
  details: JsonObject.nullable(),
  correlation_chain: JsonObject.nullable(),
});

function toSummary(row: AuditRow): z.infer<typeof Summary> {
  return {
    id: row.id,
    category: row.category,
    event_type: row.eventType,
    outcome: row.outcome,
    actor_identity: row.actorIdentity,
    actor_login: row.actorLogin,
    http_method: row.httpMethod,
    http_path: row.httpPath,
    http_status: row.httpStatus,
    request_id: row.requestId,
    resource_type: row.resourceType,
    resource_ref: row.resourceRef,
    created: row.created.toISOString(),
  };
}

const Moment = z.iso.datetime({ offset: true, error: 'must be a time such as 2026-11-23T12:00:00Z' });
const Query = z.object({
  category: FilterText,
  event_type: FilterText,
  outcome: z.enum(['success', 'failure', 'denied']).optional(),
  actor: FilterText.describe('The id or the login of who did it'),
  resource_type: FilterText,
  resource_ref: FilterText,
  since: Moment.optional(),
  until: Moment.optional().describe('Before this time'),
});

function toFilter(query: z.infer<typeof Query>): AuditFilter {
  const asId = IdText.safeParse(query.actor);
  return {
    category: query.category ?? null,
    eventType: query.event_type ?? null,
    outcome: query.outcome ?? null,
    actorId: asId.success ? asId.data : null,
    actorLogin: asId.success ? null : (query.actor ?? null),
    resourceType: query.resource_type ?? null,
    resourceRef: query.resource_ref ?? null,
    since: query.since === undefined ? null : new Date(query.since),
    until: query.until === undefined ? null : new Date(query.until),
  };
}

/** The audit log, below `/api/v1`. */
export const auditRoutes: readonly Route[] = [
  list(
    {
      path: '/audit-events',
      summary: 'Who did what that matters for trust, or was refused it, newest first',
      access: { resource: 'audit_log', action: 'read' },
      query: Query,
      item: Summary,
    },
    async ({ actor, query, paging }) => {
      requireRight(actor, 'read', 'audit_log');
      const filter = toFilter(query);
      const part = await partOfRows(actor, paging, {
        list: (tx, slice) => listAudit(tx, actor.tenantId, filter, slice),
        count: (tx) => countAudit(tx, actor.tenantId, filter, mostCounted),
        isReadable: () => true,
      });
      return { ...part, items: part.items.map(toSummary) };
    },
  ),
  one(
    'get',
    {
      path: '/audit-events/{id}',
      summary: 'One of them, with its details',
      access: { resource: 'audit_log', action: 'read' },
      params: Numbered,
      answer: AuditEvent,
    },
    async ({ actor, params: { id } }) => {
      requireRight(actor, 'read', 'audit_log');
      const row = await inTenant(actor.tenantId, (tx) => findAudit(tx, actor.tenantId, id));
      if (!row) throw notFound('audit event', id);
      return {
        ...toSummary(row),
        actor_ip: row.actorIp,
        actor_user_agent: row.actorUserAgent,
        actor_token_type: row.actorTokenType,
        resource_id: row.resourceId,
        duration_ms: row.durationMs,
        details: row.details,
        correlation_chain: null,
      };
    },
  ),
];
