import { inTenant, querySystem, type Tx } from '../db';
import { enqueue } from '../queue';
import { Promotions } from './promotions';
import { dropFromQueue, dropLostSlots, firstInQueue, limitOf, listFreeQueues, lookAtSlot } from './slots';
import { changeState, findInTree, lockRoot } from './store';

/**
 * To be called in the transaction that ends an execution, or sends it back into a delay: after the commit the next in
 * the queue gets the slot. Triggers free the slot itself, so forgetting this only makes the next one wait for the upkeep.
 */
export function release(tx: Tx, row: { tenantId: number; slotKey: string | null }): void {
  const { tenantId, slotKey } = row;
  if (slotKey !== null) tx.afterCommit(() => promoteSoon(tenantId, slotKey));
}

const promotions = new Promotions(promote);

/** Has what is free of a slot given out soon, by this process. */
export function promoteSoon(tenantId: number, slotKey: string): void {
  promotions.soon(tenantId, slotKey);
}

/** Resolves when this process gives out no slot any more: before its database is closed. */
export function promotionsSettled(): Promise<void> {
  return promotions.settled();
}

type Turn = 'promoted' | 'full' | 'empty' | 'again' | 'busy';
const mostTurns = 1_000;
// About as long as until the upkeep comes by.
const mostBusyTurns = 13;

/**
 * Gives what is free of a slot to those in front of its queue, each in a transaction of its own; gives how many. Each
 * becomes `scheduled`, with a job. Where another process does the same, it waits a little and then leaves it to it.
 */
export async function promote(tenantId: number, slotKey: string): Promise<number> {
  let promoted = 0;
  let busy = 0;
  for (let turn = 0; turn < mostTurns; turn += 1) {
    const outcome = await promoteFirst(tenantId, slotKey);
    if (outcome === 'full' || outcome === 'empty') break;
    if (outcome === 'promoted') promoted += 1;
    if (outcome !== 'busy') continue;
    busy += 1;
    if (busy > mostBusyTurns) break;
    await new Promise((resolve) => setTimeout(resolve, Math.min(5 * 2 ** busy, 200) * (0.5 + Math.random())));
  }
  return promoted;
}

async function promoteFirst(tenantId: number, slotKey: string): Promise<Turn> {
  const system = { query: querySystem };
  const first = await firstInQueue(system, tenantId, slotKey);
  if (!first) return 'empty';
  return inTenant(tenantId, async (tx): Promise<Turn> => {
    // The root's lock before the slot's, like every step.
    await lockRoot(tx, tenantId, first.rootId);
    const slot = await lookAtSlot(tx, tenantId, { slotKey, wait: false, mostQueued: 1 });
    if (!slot.isLocked) return 'busy';
    const limit = await limitOf(tx, tenantId, slotKey);
    if (limit !== null && slot.held >= limit) return 'full';
    const now = await firstInQueue(tx, tenantId, slotKey);
    if (now?.executionId !== first.executionId) return now ? 'again' : 'empty';
    const row = await findInTree(tx, tenantId, first.rootId, first.executionId);
    if (row?.state !== 'queued') {
      await dropFromQueue(tx, tenantId, first.executionId);
      return 'again';
    }
    if (!(await changeState(tx, row, { state: 'scheduled' }))) return 'again';
    await enqueue(tx, 'execution', [{ tenantId, rootId: row.rootId, id: row.id, priority: row.priority }]);
    return 'promoted';
  });
}

/**
 * The safety net of the upkeep: repairs what holds a slot though it has ended, and gives out what is free while
 * somebody waits, for at most `limit` slots. Gives how many executions got one.
 */
export async function promoteAll(limit: number): Promise<number> {
  await dropLostSlots();
  let promoted = 0;
  for (const { tenantId, slotKey } of await listFreeQueues(limit))
    promoted += await promote(tenantId, slotKey);
  return promoted;
}
