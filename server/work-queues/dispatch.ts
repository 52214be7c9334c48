import { isEnded } from '@/engine/execution/status';
import { inTenant, querySystem, type Tx } from '../db';
import { createExecution } from '../executions/create';
import { cancelRow } from '../executions/steps';
import { findInTree, lockRoot } from '../executions/store';
import { log } from '../log';
import { readAcks, settleItem, type Ending } from './acknowledge';
import {
  countOut,
  endDispatch,
  findLastDispatch,
  insertDispatch,
  isAnyOut,
  isEmpty,
  listDueQueues,
  listEndedDispatches,
  listLeased,
  listOverdue,
  markOverdue,
  markQueue,
  takeNext,
  writeSettled,
  type EndedDispatch,
} from './dispatch-store';
import { tellItems, tellQueueEvent } from './news';
import { toParameters } from './parameters';
import { toTuning, type Tuning } from './schema';
import { findItemsById, lockQueue, type QueueRow } from './store';

/**
 * Work queues at work (docs/adr/0028). Any number of workers look; whoever holds a queue's row acts for it. Which items are
 * given out, to which execution, is one transaction with the making of that execution; what becomes of them is read from
 * the execution's row once it has ended, however it did.
 */

const mostEndedAtOnce = 50;
/** So many go out in one transaction; the next look does the rest. */
const mostStartedAtOnce = 10;
/** Of the parameters of one execution. */
const mostBatchBytes = 1_000_000;

/** Acts for every queue that has something to do, at most `limit`. Gives for how many, and whether executions of queues are under way. */
export async function dispatchDue(limit: number): Promise<{ acted: number; isAnyOut: boolean }> {
  const system = { query: querySystem };
  const due = await listDueQueues(system, limit);
  let acted = 0;
  for (const { tenantId, id } of due) {
    try {
      if (await inTenant(tenantId, (tx) => act(tx, tenantId, id))) acted += 1;
    } catch (error) {
      log.error({ queueId: id, error: (error as Error).message }, 'a work queue failed; it is tried again');
    }
  }
  return { acted, isAnyOut: await isAnyOut(system) };
}

/** False where another process acts for it. */
async function act(tx: Tx, tenantId: number, id: number): Promise<boolean> {
  const queue = await lockQueue(tx, tenantId, id);
  if (!queue) return false;
  const tuning = toTuning(queue.config);
  const ended = await listEndedDispatches(tx, queue, mostEndedAtOnce);
  for (const dispatch of ended) await settle(tx, queue, tuning, dispatch);
  let isResting = queue.isResting;
  if (ended.length > 0 && tuning.cooldown_seconds > 0) {
    isResting = true;
    await markQueue(tx, queue, { active: queue.active, restSeconds: tuning.cooldown_seconds });
  }
  let { active } = queue;
  if (queue.enabled && !isResting) active = (await giveOut(tx, queue, tuning)) || active;
  if (active && (await isEmpty(tx, queue))) {
    await markQueue(tx, queue, { active: false, restSeconds: 0 });
    await tellQueueEvent(tx, queue, 'queue_empty', await findLastDispatch(tx, queue));
  }
  return true;
}

/** What becomes of the items of an execution that has ended. */
async function settle(tx: Tx, queue: QueueRow, tuning: Tuning, dispatch: EndedDispatch): Promise<void> {
  const { executionId, isOverdue } = dispatch;
  const state = dispatch.state ?? 'gone';
  const error = isOverdue && state === 'cancelled' ? overdueSentence(tuning) : dispatch.error;
  const ending: Ending = { executionId, state, error, result: dispatch.result, isOverdue };
  const acks = readAcks(dispatch.result);
  const leased = await listLeased(tx, queue.tenantId, executionId);
  const settled = leased.map(({ id, attemptCount }) => ({
    id,
    ...settleItem(attemptCount, ending, acks.get(id), tuning),
  }));
  await writeSettled(tx, queue.tenantId, settled);
  await endDispatch(tx, queue.tenantId, dispatch.id, state);
  await tellItems(
    tx,
    queue,
    settled.map(({ id, status }) => ({ id, status, execution: executionId })),
  );
}

const overdueSentence = ({ lease_seconds: seconds }: Tuning) =>
  `Its execution took longer than the queue's lease_seconds${seconds === null ? '' : ` (${seconds} s)`} and was stopped.`;

/** Gives out items while there is room. True where any went out. */
async function giveOut(tx: Tx, queue: QueueRow, tuning: Tuning): Promise<boolean> {
  const room = tuning.concurrency - (await countOut(tx, queue));
  // With a cooldown one at a time.
  const most = Math.min(room, tuning.cooldown_seconds > 0 ? 1 : mostStartedAtOnce);
  let isStarted = false;
  for (let started = 0; started < most; started += 1) {
    const wanted = queue.batchMode === 'batch' ? tuning.batch_size : 1;
    const itemIds = withinSize(await takeNext(tx, queue, wanted));
    if (itemIds.length === 0) break;
    await start(tx, queue, tuning, itemIds, !queue.active && !isStarted);
    isStarted = true;
  }
  return isStarted;
}

function withinSize(items: readonly { id: number; sizeBytes: number }[]): number[] {
  let bytes = 0;
  return items
    .filter(({ sizeBytes }, index) => {
      bytes += sizeBytes;
      return index === 0 || bytes <= mostBatchBytes;
    })
    .map(({ id }) => id);
}

async function start(
  tx: Tx,
  queue: QueueRow,
  tuning: Tuning,
  itemIds: readonly number[],
  isFirst: boolean,
): Promise<void> {
  const rows = await findItemsById(tx, queue.tenantId, itemIds);
  // As they are in the hands of the execution.
  const items = rows.map((item) => ({ ...item, attemptCount: item.attemptCount + 1 }));
  const { parameters, redacted, origins, error } = await toParameters(tx, queue, items);
  // What cannot be carried out is an execution that failed at once: people look there for the reason.
  const { id: executionId } = await createExecution(tx, queue.tenantId, {
    actionRef: queue.dispatchActionRef,
    parameters,
    ...(redacted === undefined ? {} : { redacted, origins }),
    failed: error,
    priority: tuning.priority,
  });
  const dispatchId = await insertDispatch(tx, queue, executionId, itemIds, tuning.lease_seconds);
  await markQueue(tx, queue, { active: true, restSeconds: tuning.cooldown_seconds });
  if (isFirst)
    await tellQueueEvent(tx, queue, 'queue_started', {
      id: dispatchId,
      executionId,
      itemCount: itemIds.length,
    });
  await tellItems(
    tx,
    queue,
    itemIds.map((id) => ({ id, status: 'leased', execution: executionId })),
  );
}

/** Stops executions that have had their items for longer than their queue allows, at most `limit`. Gives how many. */
export async function stopOverdue(limit: number): Promise<number> {
  const overdue = await listOverdue({ query: querySystem }, limit);
  for (const { tenantId, id, executionId } of overdue) {
    try {
      await inTenant(tenantId, async (tx) => {
        await lockRoot(tx, tenantId, executionId);
        if (!(await markOverdue(tx, tenantId, id))) return;
        const row = await findInTree(tx, tenantId, executionId, executionId);
        if (row && !isEnded(row.state))
          await cancelRow(tx, row, 'It had items of a work queue for longer than its lease_seconds.');
      });
    } catch (error) {
      log.error({ executionId, error: (error as Error).message }, 'an overdue dispatch could not be stopped');
    }
  }
  return overdue.length;
}
