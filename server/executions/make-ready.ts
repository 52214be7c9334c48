import type { Tx } from '../db';
import { enqueue } from '../queue';
import { Admissions } from './admissions';
import { resolveAction, toErrorResult } from './resolve-action';
import { storeSlotKey } from './slots';
import { endExecution } from './steps';
import { changeState, type ExecutionRow } from './store';

/**
 * The end of a delay: the execution is scheduled, or takes its place in the queue for a slot, or is refused one and
 * fails. While it was delayed it held none. The caller holds the root's lock. False when it was not delayed any more, or its run is paused.
 */
export async function makeReady(tx: Tx, row: ExecutionRow): Promise<boolean> {
  if (row.state !== 'delayed' || row.onHold) return false;
  const { tenantId, rootId, id, actionRef: ref, parentId, parameters } = row;
  const policy = (await resolveAction(tx, tenantId, ref))?.concurrency ?? null;
  const parent = parentId === null ? null : { rootId, id: parentId };
  const admission = await new Admissions(tx, tenantId).admit({ ref, policy, parameters, parent });
  if (admission.kind === 'refused') {
    const { error } = admission;
    await endExecution(tx, row, { state: 'failed', result: toErrorResult(error), error });
    return true;
  }
  await storeSlotKey(tx, row, admission.kind === 'free' ? null : admission.slotKey);
  if (admission.kind === 'queued')
    return (await changeState(tx, row, { state: 'queued', stateReason: admission.reason })) !== null;
  if (!(await changeState(tx, row, { state: 'scheduled' }))) return false;
  await enqueue(tx, 'execution', [{ tenantId, rootId, id, priority: row.priority }]);
  return true;
}
