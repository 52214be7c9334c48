import { z } from 'zod';
import { FilterText, IdText } from '../http/rest/fields';
import type { AuditFilter } from './store';

const Moment = z.iso.datetime({ offset: true, error: 'must be a time such as 2026-11-23T12:00:00Z' });

/** What the log is narrowed to. */
export const AuditQuery = z.object({
  category: FilterText,
  event_type: FilterText,
  outcome: z.enum(['success', 'failure', 'denied']).optional(),
  actor: FilterText.describe('The id or the login of who did it'),
  resource_type: FilterText,
  resource_ref: FilterText,
  request_id: z.guid('must be an id of a request, as in the header X-Request-Id').optional(),
  since: Moment.optional(),
  until: Moment.optional().describe('Before this time'),
});

export function toFilter(query: z.infer<typeof AuditQuery>): AuditFilter {
  const asId = IdText.safeParse(query.actor);
  return {
    category: query.category ?? null,
    eventType: query.event_type ?? null,
    outcome: query.outcome ?? null,
    actorId: asId.success ? asId.data : null,
    actorLogin: asId.success ? null : (query.actor ?? null),
    resourceType: query.resource_type ?? null,
    resourceRef: query.resource_ref ?? null,
    requestId: query.request_id ?? null,
    since: query.since === undefined ? null : new Date(query.since),
    until: query.until === undefined ? null : new Date(query.until),
  };
}
