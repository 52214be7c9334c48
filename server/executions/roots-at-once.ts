import { prepare, querySystem } from '../db';
import { announce } from '../live';
import { factsOf, type Claimer } from './claims';
import type { Newborn } from './newborn';
import type { ExecutionRow } from './store';
import { toStorable } from './step-writes';

const endRoots = prepare('SELECT attune_end_roots($1, $2) AS ended');
const endRoot = prepare('SELECT attune_end_root($1, $2, $3, $4, $5, $6) AS ended');

/**
 * Carries out executions of their own that take no time, in the transaction that takes them: a crash before its commit
 * leaves them as they were. One that somebody else takes or stops meanwhile is theirs. Gives how many are left that
 * have to be claimed, such as one whose result is not small.
 */
export async function carryOutRoots(
  worker: Pick<Claimer, 'workerId' | 'carryOut'>,
  rows: readonly ExecutionRow[],
): Promise<number> {
  const ends: object[] = [];
  for (const row of rows) {
    const action = await factsOf(row);
    if (action?.runtime !== 'native' || action.concurrency !== null) continue;
    const outcome = worker.carryOut?.(action.entrypoint, row.parameters);
    if (!outcome) continue;
    const { state, result, error } = outcome;
    ends.push({ tenant: row.tenantId, id: row.id, from: row.state, fence: row.fence, state, result, error });
  }
  if (ends.length > 0) {
    await querySystem(endRoots, [worker.workerId, toStorable(ends)]);
    announce('attune_feed');
  }
  return rows.length - ends.length;
}

/**
 * The same for one that has just been told of, which need not be looked for. False where it has to be claimed; true also
 * where somebody else has taken it, or stopped it.
 */
export async function carryOutNewborn(
  worker: Pick<Claimer, 'workerId' | 'carryOut'>,
  { tenantId, id, actionRef, revision, parameters }: Newborn,
): Promise<boolean> {
  const action = await factsOf({ tenantId, actionRef, revision });
  if (action?.runtime !== 'native' || action.concurrency !== null) return false;
  const outcome = worker.carryOut?.(action.entrypoint, parameters);
  if (!outcome) return false;
  const { state, result, error } = outcome;
  await querySystem(endRoot, [worker.workerId, tenantId, id, state, toStorable(result), error]);
  return true;
}
