import type { Json } from '@/engine/expression/expression';
import type { ConfigurationTx } from '../db';
import { appendChanges, type EntityType } from '../feed/store';
import { authorOf, type Actor } from '../identities/actor';

/** Tells the feed that a person made, changed or removed a piece of configuration, in the same transaction. */
export async function tellChange(
  tx: ConfigurationTx,
  actor: Actor,
  entityType: EntityType,
  row: { id: bigint | number; ref: string },
  kind: 'created' | 'updated' | 'deleted' | 'published',
  changed: { [key: string]: Json } = {},
): Promise<void> {
  await appendChanges(tx, actor.tenantId, [
    {
      entityType,
      entityId: Number(row.id),
      kind,
      actorId: authorOf(actor),
      payload: { ref: row.ref, ...changed },
    },
  ]);
}
