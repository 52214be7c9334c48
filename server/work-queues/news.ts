import type { Tx } from '../db';
import { recordEvent } from '../events/store';
import { appendChanges } from '../feed/store';
import { standardTenantId } from '../packs/refs';
import type { LastDispatch } from './dispatch-store';
import type { ItemStatus } from './schema';

/** What readers of the feed, and rules, hear of a queue. */

type Told = { id: number; tenantId: number; ref: string };

/** One row of the feed per item that changed, in the caller's transaction; never what is in it. */
export async function tellItems(
  tx: Tx,
  queue: Told,
  items: readonly { id: number; status: ItemStatus; execution?: number }[],
  actorId: number | null = null,
): Promise<void> {
  await appendChanges(
    tx,
    queue.tenantId,
    items.map(({ id, status, execution }) => ({
      entityType: 'work_queue_item',
      entityId: id,
      kind: 'updated',
      actorId,
      payload: { ref: queue.ref, queue: queue.id, status, execution: execution ?? null },
    })),
  );
}

/** An event of `core.queue_started` or `core.queue_empty` for the rules of the tenant, with the dispatch that brought it about. */
export async function tellQueueEvent(
  tx: Tx,
  queue: Told,
  type: 'queue_started' | 'queue_empty',
  dispatch: LastDispatch | null,
): Promise<void> {
  const triggerRef = `core.${type}`;
  const [row] = await tx.query<{ triggerId: number | null; now: Date }>(
    'SELECT (SELECT id FROM trigger WHERE tenant_id = $1 AND ref = $2) AS "triggerId", clock_timestamp() AS now',
    [standardTenantId, triggerRef],
  );
  await recordEvent(tx, {
    tenantId: queue.tenantId,
    triggerRef,
    triggerId: row?.triggerId ?? null,
    source: 'queue',
    headers: {},
    executionId: dispatch?.executionId ?? null,
    payload: {
      event_type: type,
      queue_id: queue.id,
      queue_ref: queue.ref,
      dispatch_id: dispatch?.id ?? null,
      execution_id: dispatch?.executionId ?? null,
      leased_item_count: dispatch?.itemCount ?? 0,
      observed_at: row?.now.toISOString() ?? '',
    },
  });
}
