import { conflict } from '@/engine/errors';
import { isEnded } from '@/engine/execution/status';
import { inTenant, type Tx } from '../db';
import { requireRight, type Actor } from '../identities/actor';
import { enqueue } from '../queue';
import { release } from './concurrency';
import { holdChildren, listRunsBelow, releaseChildren } from './holding';
import { leaveNews } from './news';
import type { ExecutionSummary } from './schema';
import { getReadable, targetOf } from './service';
import { tellRun } from './steps';
import { changeState, findInTree, lockRoot, toSummary, type ExecutionRow } from './store';

/**
 * Pauses a workflow's run and the running ones below it: nothing new starts, what runs may finish, and its time
 * limit goes on counting. Gives the paused execution.
 * @throws DomainError not_found, forbidden, or conflict when it is no run, has not begun, or has stopped running
 */
export async function pauseExecution(actor: Actor, id: number): Promise<ExecutionSummary> {
  return onRun(actor, id, async (tx, row) => {
    if (row.kind !== 'workflow') throw notARun(row, 'paused');
    if (row.state !== 'running') throw notRunning(row);
    const runs = await listRunsBelow(tx, row, 'running');
    for (const run of runs) {
      const paused = await changeState(tx, run, {
        state: 'paused',
        stateReason: `Paused by ${actor.displayName}.`,
      });
      if (paused) await tellRun(tx, paused, { type: 'pause' });
    }
    await holdChildren(tx, row, runs);
  });
}

/**
 * Lets a paused run and the paused ones below it go on: what was held back starts. Gives the execution, running again.
 * @throws DomainError not_found, forbidden, or conflict when it is not paused, or the run that it is part of is
 */
export async function resumeExecution(actor: Actor, id: number): Promise<ExecutionSummary> {
  return onRun(actor, id, async (tx, row) => {
    if (row.state !== 'paused')
      throw conflict('not_paused', `Execution ${id} is not paused: it is ${row.state}.`);
    const parent =
      row.parentId === null ? null : await findInTree(tx, row.tenantId, row.rootId, row.parentId);
    if (parent?.state === 'paused') {
      throw conflict(
        'parent_paused',
        `Execution ${id} is part of ${parent.id}, which is paused: resume that one.`,
      );
    }
    const runs = await listRunsBelow(tx, row, 'paused');
    for (const run of runs) {
      const running = await changeState(tx, run, { state: 'running' });
      if (running) await leaveNews(tx, running, { type: 'resume' });
    }
    const released = await releaseChildren(tx, row, runs);
    await enqueue(
      tx,
      'execution',
      released
        .filter(({ state }) => state === 'requested' || state === 'scheduled')
        .map(({ id: child, priority }) => ({
          tenantId: row.tenantId,
          rootId: row.rootId,
          id: child,
          priority,
        })),
    );
    // Who waits for a slot is back in its queue, which nobody looked at for it meanwhile.
    for (const { state, slotKey } of released)
      if (state === 'queued') release(tx, { tenantId: row.tenantId, slotKey });
  });
}

async function onRun(
  actor: Actor,
  id: number,
  work: (tx: Tx, row: ExecutionRow) => Promise<void>,
): Promise<ExecutionSummary> {
  requireRight(actor, 'execute', 'executions');
  return inTenant(actor.tenantId, async (tx) => {
    const seen = await getReadable(tx, actor, id);
    requireRight(actor, 'execute', 'executions', targetOf(seen));
    await lockRoot(tx, actor.tenantId, seen.rootId);
    await work(tx, (await findInTree(tx, actor.tenantId, seen.rootId, id)) ?? seen);
    return toSummary((await findInTree(tx, actor.tenantId, seen.rootId, id)) ?? seen);
  });
}

function notARun(row: ExecutionRow, what: string) {
  return conflict(
    'not_a_run',
    `Execution ${row.id} runs the action ${row.actionRef}: only a workflow's run can be ${what}, between its tasks. An action can be cancelled.`,
  );
}

function notRunning({ id, state }: ExecutionRow) {
  if (isEnded(state)) return conflict('already_ended', `Execution ${id} has ended already: ${state}.`);
  if (state === 'paused') return conflict('already_paused', `Execution ${id} is paused already.`);
  if (state === 'canceling') return conflict('not_running', `Execution ${id} is being cancelled.`);
  return conflict(
    'not_running',
    `Execution ${id} has not begun yet (${state}). Pause it once it runs, or cancel it.`,
  );
}
