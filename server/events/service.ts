import type { z } from 'zod';
import { notFound } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { inTenant, querySystem } from '../db';
import type { JsonObject } from '../fields';
import { may, requireRight, type Actor } from '../identities/actor';
import { findCause } from './cause';
import type { Event, EventSummary, ListEvents } from './schema';
import { findEvent, listEvents as selectEvents, recordEvent, type EventRow } from './store';

export { recordEvent } from './store';

/**
 * Accepts a call to a webhook's address: exactly one event, stored before the caller is answered.
 * @throws DomainError not_found for an unknown key and for a webhook or trigger that is switched off
 */
export async function receiveWebhook(input: {
  key: string;
  payload: Json;
  headers: JsonObject;
  address: string;
  /** The execution that the caller says it is. */
  cause?: string | undefined;
}): Promise<{ eventId: number; triggerRef: string; receivedAt: string }> {
  // The key is a secret of 128 bits and more; whose it is, is not known before it is found.
  const [trigger] = await querySystem<{ id: number; tenantId: number; ref: string }>(
    'SELECT id, tenant_id AS "tenantId", ref FROM trigger WHERE webhook_key = $1 AND webhook_enabled AND enabled',
    [input.key],
  );
  if (!trigger) throw notFound('webhook', 'with this key');
  const executionId = await findCause(trigger.tenantId, input.cause);
  const recorded = await inTenant(trigger.tenantId, (tx) =>
    recordEvent(tx, {
      tenantId: trigger.tenantId,
      triggerRef: trigger.ref,
      triggerId: trigger.id,
      source: 'webhook',
      payload: input.payload,
      headers: input.headers,
      executionId,
    }),
  );
  return { ...recorded, triggerRef: trigger.ref };
}

function toSummary(row: EventRow): EventSummary {
  return { ...row, created: row.created.toISOString(), processedAt: row.processedAt?.toISOString() ?? null };
}

/** Events, newest first. */
export async function listEvents(
  actor: Actor,
  input: z.infer<typeof ListEvents>,
): Promise<{ items: EventSummary[]; next: number | null }> {
  requireRight(actor, 'read', 'events');
  const rows = await inTenant(actor.tenantId, (tx) =>
    selectEvents(tx, actor.tenantId, {
      triggerRef: input.triggerRef ?? null,
      before: input.cursor ?? null,
      limit: input.limit + 1,
    }),
  );
  const page = rows.slice(0, input.limit);
  // A page may be shorter for whoever may read only some of them.
  const items = page
    .filter(({ id, triggerRef: ref }) => may(actor, 'read', 'events', { id, ref }))
    .map(toSummary);
  return { items, next: rows.length > input.limit ? (page.at(-1)?.id ?? null) : null };
}

/** One event with what each rule on its trigger said of it, and what came of it. @throws DomainError not_found */
export async function getEvent(actor: Actor, id: number): Promise<Event> {
  requireRight(actor, 'read', 'events');
  return inTenant(actor.tenantId, async (tx) => {
    const row = await findEvent(tx, actor.tenantId, id);
    if (!row || !may(actor, 'read', 'events', { id, ref: row.triggerRef })) throw notFound('event', id);
    const evaluations = await tx.query<Event['evaluations'][number]>(
      `SELECT rule_id AS "ruleId", rule_ref AS "ruleRef", verdict, reason, clauses FROM rule_evaluation
       WHERE tenant_id = $1 AND event_id = $2 ORDER BY (verdict = 'matched') DESC, rule_ref LIMIT 500`,
      [actor.tenantId, id],
    );
    const enforcements = await tx.query<Omit<Event['enforcements'][number], 'created'> & { created: Date }>(
      `SELECT f.id, f.rule_ref AS "ruleRef", f.action_ref AS "actionRef", f.status, f.execution_id AS "executionId", x.state AS "executionState",
         f.error, f.config AS parameters, f.created
       FROM enforcement f LEFT JOIN execution x ON x.tenant_id = f.tenant_id AND x.root_id = f.execution_id AND x.id = f.execution_id
       WHERE f.tenant_id = $1 AND f.event_id = $2 ORDER BY f.id LIMIT 500`,
      [actor.tenantId, id],
    );
    return {
      ...toSummary(row),
      payload: row.payload,
      headers: row.headers,
      evaluations,
      enforcements: enforcements.map((enforcement) => ({
        ...enforcement,
        created: enforcement.created.toISOString(),
      })),
    };
  });
}
