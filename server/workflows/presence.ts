import { z } from 'zod';
import { inConfiguration } from '../db';
import { Id, Ref } from '../fields';
import { authorOf, requireRight, type Actor } from '../identities/actor';
import { targetOf } from '../packs/refs';
import { getWorkflowRow } from './store';

export const Here = z.strictObject({
  ref: Ref,
  tab: z.uuid().describe('Made by the tab when it opens the editor'),
  leaves: z.boolean().default(false),
});
export type Here = z.infer<typeof Here>;
export const Present = z.object({ identityId: Id, displayName: z.string(), isYou: z.boolean() });
export type Present = z.infer<typeof Present>;

/** Who was not heard of for so long is gone: three times what tabs take between two calls. */
const goneAfterSeconds = 30;
const mostShown = 20;

/** Says that this tab has the editor open (or leaves it), and gives who else has: each person once. */
export async function tellPresence(actor: Actor, { ref, tab, leaves }: Here): Promise<Present[]> {
  requireRight(actor, 'read', 'actions', targetOf(ref));
  const self = authorOf(actor);
  return inConfiguration(actor.tenantId, async (tx) => {
    const { id } = await getWorkflowRow(tx, actor.tenantId, ref);
    await tx.query(
      `DELETE FROM workflow_presence WHERE tenant_id = $1::bigint AND workflow_id = $2::bigint
         AND (seen < clock_timestamp() - make_interval(secs => $3::int) OR tab = $4::uuid AND ($5::boolean OR identity_id <> $6::bigint))`,
      [actor.tenantId, id, goneAfterSeconds, tab, leaves, self ?? 0],
    );
    if (self !== null && !leaves) {
      await tx.query(
        `INSERT INTO workflow_presence (tenant_id, workflow_id, tab, identity_id, seen)
         VALUES ($1::bigint, $2::bigint, $3::uuid, $4::bigint, clock_timestamp())
         ON CONFLICT (tenant_id, workflow_id, tab) DO UPDATE SET seen = EXCLUDED.seen`,
        [actor.tenantId, id, tab, self],
      );
    }
    const rows = await tx.query<{ identityId: bigint; displayName: string }>(
      `SELECT p.identity_id AS "identityId", i.display_name AS "displayName"
       FROM workflow_presence p JOIN identity i ON i.tenant_id = p.tenant_id AND i.id = p.identity_id
       WHERE p.tenant_id = $1::bigint AND p.workflow_id = $2::bigint AND p.tab <> $3::uuid
       GROUP BY p.identity_id, i.display_name ORDER BY i.display_name LIMIT $4::int`,
      [actor.tenantId, id, tab, mostShown],
    );
    return rows.map(({ identityId, displayName }) => ({
      identityId: Number(identityId),
      displayName,
      isYou: Number(identityId) === self,
    }));
  });
}
