import { z } from 'zod';
import { notFound } from '@/engine/errors';
import { inTenant } from '../db';
import { Id, JsonObject, Time } from '../fields';
import { Numbered } from '../http/rest/fields';
import { mostCounted } from '../http/rest/paging';
import { download, list, one, type Route } from '../http/rest/route';
import { partOfRows } from '../http/rest/rows';
import { requireRight } from '../identities/actor';
import { AuditQuery, toFilter } from './filter';
import { exportAudit } from './service';
import { countAudit, findAudit, listAudit, type AuditRow } from './store';

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

/** The audit log, below `/api/v1`. */
export const auditRoutes: readonly Route[] = [
  list(
    {
      path: '/audit-events',
      summary: 'Who did what that matters for trust, or was refused it, newest first',
      access: { resource: 'audit_log', action: 'read' },
      query: AuditQuery,
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
  download(
    {
      path: '/audit-events/export',
      summary: 'The same as a file, at most 50,000 entries',
      access: { resource: 'audit_log', action: 'read' },
      query: AuditQuery.extend({ format: z.enum(['csv', 'json']).default('json') }),
    },
    ({ actor, query: { format, ...query } }) => exportAudit(actor, toFilter(query), format),
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
