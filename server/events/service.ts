import type { z } from 'zod';
import { conflict, notFound } from '@/engine/errors';
import { inTenant } from '../db';
import { authorOf, may, requireRight, type Actor } from '../identities/actor';
import { standardTenantId } from '../packs/refs';
import type { Event, EventSummary, ListEvents } from './schema';
import { findEvent, listEvents as selectEvents, recordReplay, type EventRow } from './store';

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
      `SELECT rule_id AS "ruleId", rule_ref AS "ruleRef", verdict, reason, clauses, held FROM rule_evaluation WHERE tenant_id = $1 AND event_id = $2
       UNION ALL SELECT rule_id, rule_ref, 'silent', reason, clauses, NULL FROM silent_evaluation WHERE tenant_id = $1 AND event_id = $2
       LIMIT 500`,
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
      mayReplay: may(actor, 'create', 'events', { id, ref: row.triggerRef }),
      evaluations: evaluations.sort((a, b) => rankOf(a) - rankOf(b) || (a.ruleRef < b.ruleRef ? -1 : 1)),
      enforcements: enforcements.map((enforcement) => ({
        ...enforcement,
        created: enforcement.created.toISOString(),
      })),
    };
  });
}

const rankOf = ({ verdict }: Event['evaluations'][number]) => (verdict === 'matched' ? 0 : 1);

/**
 * Has an event happen again, on purpose: a new one with the same payload and headers, for the rules as they are now. Gives
 * its id. @throws DomainError not_found; trigger_gone; trigger_disabled
 */
export async function replayEvent(actor: Actor, id: number): Promise<number> {
  requireRight(actor, 'create', 'events');
  return inTenant(actor.tenantId, async (tx) => {
    const row = await findEvent(tx, actor.tenantId, id);
    if (!row || !may(actor, 'read', 'events', { id, ref: row.triggerRef })) throw notFound('event', id);
    requireRight(actor, 'create', 'events', { id, ref: row.triggerRef });
    const [trigger] = await tx.query<{ enabled: boolean }>(
      'SELECT enabled FROM trigger WHERE tenant_id IN ($1, $2) AND ref = $3 ORDER BY tenant_id DESC LIMIT 1',
      [actor.tenantId, standardTenantId, row.triggerRef],
    );
    if (!trigger)
      throw conflict(
        'trigger_gone',
        `There is no trigger ${row.triggerRef} any more: nothing can happen on it.`,
      );
    if (!trigger.enabled)
      throw conflict(
        'trigger_disabled',
        `The trigger ${row.triggerRef} is switched off: switch it on to have its events happen again.`,
      );
    const replayed = await recordReplay(tx, actor.tenantId, {
      of: id,
      actorId: authorOf(actor),
      // An action that replays is part of its own chain, which is stopped where it has no end.
      executionId: actor.execution?.id ?? null,
    });
    if (replayed === null) throw notFound('event', id);
    return replayed;
  });
}
