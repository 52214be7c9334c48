import type { RunEvent } from '@/engine/execution/state';
import type { Tx } from '../db';
import { cancelInquiriesOf } from '../inquiries/store';
import { announce } from '../live';
import { forgetActions } from './action-facts';
import { Admissions } from './admissions';
import { release } from './concurrency';
import { setDatabaseClock } from './database-clock';
import { LiveRun } from './live-run';
import { isMovedOn } from './step-writes';
import type { ExecutionRow } from './store';
import { TreeStep, type Allowance, type Born, type Ending } from './tree-step';

export interface StepPlace {
  tenantId: number;
  rootId: number;
}

/** A worker that takes a step, and what it may claim in it. */
export interface StepWorker {
  workerId: number;
  leaseSeconds: number;
  allowance: Allowance;
}

/** An execution that a step started, with its id; in the order in which they were started. */
export type Started = Born & { id: number };

/**
 * Takes one step of a tree in the caller's transaction. The caller holds the root's lock, and gives rows as they stand
 * under it. Whatever follows, up to the root, is decided and written with it; bells ring after the commit.
 */
export async function takeStep(
  tx: Tx,
  place: StepPlace,
  work: (step: TreeStep) => void | Promise<void>,
  worker: StepWorker | null = null,
): Promise<{ started: Started[]; step: TreeStep }> {
  const source = { find: (id: number) => LiveRun.load(tx, place.tenantId, place.rootId, id) };
  const admissions = new Admissions(tx, place.tenantId);
  const step = new TreeStep(tx, source, worker?.allowance ?? null, admissions);
  await work(step);
  await step.decide();
  return { started: await writeStep(tx, place, step, worker), step };
}

/** Writes a step that was decided, in the caller's transaction. */
export async function writeStep(
  tx: Tx,
  place: { tenantId: number; rootId: number | null },
  step: Pick<TreeStep, 'writes' | 'born' | 'ended' | 'unanswered' | 'settle'>,
  worker: StepWorker | null,
): Promise<Started[]> {
  if (step.writes.isEmpty) return [];
  const { ids, at, rings } = await step.writes.write(tx, place, worker).catch((error: unknown) => {
    if (isMovedOn(error)) forgetActions();
    throw error;
  });
  setDatabaseClock(at);
  step.settle(at);
  const [first] = step.unanswered;
  if (first) {
    const ids = step.unanswered.map(({ id }) => id);
    await cancelInquiriesOf(tx, { tenantId: place.tenantId, rootId: place.rootId ?? first.id }, ids);
  }
  for (const { slotKey } of step.ended) release(tx, { tenantId: place.tenantId, slotKey });
  const started = step.born.map((born, index) => ({ ...born, id: ids[index] ?? 0 }));
  if (rings) tx.afterCommit(() => announce('attune_job', 'execution'));
  // Somebody waits for the end of a whole run; of what happens before it a glance every few milliseconds is enough.
  const canWait = step.ended.every(({ id }) => id !== place.rootId);
  tx.afterCommit(() => announce('attune_feed', '', { canWait }));
  return started;
}

/**
 * Ends an execution and carries the news up: its run decides, new children are stored, and when the run itself
 * ends its own parent hears of it, all in the caller's transaction. The caller holds the root's lock and gives
 * the row as it stands.
 */
export async function endExecution(tx: Tx, row: ExecutionRow, ending: Ending): Promise<void> {
  await takeStep(tx, row, (step) => step.end(row, ending));
}

/** Tells a running workflow that its time is up, or that it is to pause. The caller holds the root's lock. */
export async function tellRun(tx: Tx, row: ExecutionRow, event: RunEvent): Promise<void> {
  await takeStep(tx, row, (step) => step.tell(row.id, event));
}

/** Cancels an execution, whatever it is doing. The caller holds the root's lock. */
export async function cancelRow(tx: Tx, row: ExecutionRow, reason: string): Promise<void> {
  await takeStep(tx, row, (step) => step.cancel(row, reason));
}
