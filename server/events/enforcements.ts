import type { z } from 'zod';
import { inTenant } from '../db';
import { may, requireRight, type Actor } from '../identities/actor';
import type { Enforcement, ListEnforcements } from './schema';

/** What rules started, newest first, with how it stands. A page may be shorter for whoever may read only some of them. */
export async function listEnforcements(
  actor: Actor,
  { ruleRef, triggerRef, cursor, limit }: z.output<typeof ListEnforcements>,
): Promise<{ items: Enforcement[]; next: number | null }> {
  requireRight(actor, 'read', 'enforcements');
  const rows = await inTenant(actor.tenantId, (tx) =>
    tx.query<Omit<Enforcement, 'created'> & { created: Date }>(
      `SELECT f.id, f.event_id AS "eventId", f.rule_ref AS "ruleRef", f.trigger_ref AS "triggerRef", f.action_ref AS "actionRef", f.status,
         f.execution_id AS "executionId", x.state AS "executionState", f.error, f.created
       FROM enforcement f LEFT JOIN execution x ON x.tenant_id = f.tenant_id AND x.root_id = f.execution_id AND x.id = f.execution_id
       WHERE f.tenant_id = $1 AND ($2::text IS NULL OR f.rule_ref = $2) AND ($3::text IS NULL OR f.trigger_ref = $3)
         AND ($4::bigint IS NULL OR f.id < $4)
       ORDER BY f.id DESC LIMIT $5`,
      [actor.tenantId, ruleRef ?? null, triggerRef ?? null, cursor ?? null, limit + 1],
    ),
  );
  const page = rows.slice(0, limit);
  return {
    items: page
      .filter(({ id, ruleRef: ref }) => may(actor, 'read', 'enforcements', { id, ref }))
      .map((row) => ({ ...row, created: row.created.toISOString() })),
    next: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}
