import { advance, initialState } from '@/engine/execution/advance';
import { neededResults } from '@/engine/execution/needed-results';
import type { Delta, RunContext, RunEvent } from '@/engine/execution/state';
import { isEnded } from '@/engine/execution/status';
import type { Json } from '@/engine/expression/expression';
import type { Tx } from '../db';
import { env } from '../env';
import { announce } from '../live';
import { cancelInquiriesOf } from '../inquiries/store';
import { createExecutions, type Order } from './create';
import { toErrorResult } from './resolve-action';
import {
  createRun,
  loadRun,
  readItemResults,
  readTaskResults,
  saveRun,
  saveTaskRuns,
  type Run,
} from './runs';
import { changeState, findInTree, listOpenChildren, type ExecutionRow } from './store';

/** How an execution ended. */
export interface Ending {
  state: 'completed' | 'failed' | 'timeout' | 'cancelled' | 'abandoned';
  result: Json;
  error: string | null;
}

/** News for one run, waiting to be decided on within the same transaction. */
interface News {
  runId: number;
  event: RunEvent;
}

/**
 * Ends an execution and carries the news up: its run decides, new children are stored, and when the run itself
 * ends its own parent hears of it, all in the caller's transaction. The caller holds the root's lock and gives
 * the row as it stands. False when the row had moved on: nothing was changed.
 */
export async function endExecution(tx: Tx, row: ExecutionRow, ending: Ending): Promise<boolean> {
  const news: News[] = [];
  if (!(await end(tx, row, ending, news))) return false;
  await decide(tx, row.tenantId, row.rootId, news);
  return true;
}

/** The first step of a workflow's execution: its run begins. The caller holds the root's lock. */
export async function startRun(tx: Tx, row: ExecutionRow): Promise<void> {
  const running = await changeState(tx, row, { state: 'running', deadlineSeconds: row.timeoutSeconds });
  if (!running) return;
  const run = await createRun(tx, running, (graph) => initialState(graph, running.parameters));
  if (!run) {
    const error = `The workflow ${row.actionRef} was removed before this run could start.`;
    await endExecution(tx, running, { state: 'failed', result: toErrorResult(error), error });
    return;
  }
  const own = run.graph.timeoutSeconds;
  if (own !== null && (running.timeoutSeconds === null || own < running.timeoutSeconds)) {
    await tx.query(
      `UPDATE execution SET deadline_at = started_at + make_interval(secs => $4) WHERE tenant_id = $1 AND root_id = $2 AND id = $3`,
      [row.tenantId, row.rootId, row.id, own],
    );
  }
  await decide(tx, row.tenantId, row.rootId, [{ runId: row.id, event: { type: 'start' } }]);
}

/** Tells a running workflow that its time is up, or that it is to be cancelled. The caller holds the root's lock. */
export async function tellRun(tx: Tx, row: ExecutionRow, event: RunEvent): Promise<void> {
  await decide(tx, row.tenantId, row.rootId, [{ runId: row.id, event }]);
}

/** Cancels an execution, whatever it is doing. The caller holds the root's lock. */
export async function cancelRow(tx: Tx, row: ExecutionRow, reason: string): Promise<void> {
  const news: News[] = [];
  await cancel(tx, row, reason, news);
  await decide(tx, row.tenantId, row.rootId, news);
}

async function cancel(tx: Tx, row: ExecutionRow, reason: string, news: News[]): Promise<void> {
  if (isEnded(row.state) || row.state === 'canceling') return;
  const started = row.state === 'running' || row.state === 'waiting' || row.state === 'paused';
  if (row.kind === 'workflow' && started) {
    const canceling = await changeState(tx, row, {
      state: 'canceling',
      stateReason: reason,
      cancelRequested: true,
    });
    if (canceling) news.push({ runId: row.id, event: { type: 'cancel', reason } });
  } else if (row.state === 'running') {
    // The worker that holds it stops its processes, then ends it.
    await changeState(tx, row, { state: 'canceling', stateReason: reason, cancelRequested: true });
    tx.afterCommit(() => announce('attune_job', 'cancel'));
  } else {
    await end(tx, row, { state: 'cancelled', result: toErrorResult(reason), error: reason }, news);
  }
}

async function end(tx: Tx, row: ExecutionRow, ending: Ending, news: News[]): Promise<boolean> {
  const failed = ending.state === 'failed' || ending.state === 'timeout' || ending.state === 'abandoned';
  const error = failed ? ending.error || 'It failed without saying why.' : ending.error;
  const ended = await changeState(tx, row, { state: ending.state, result: ending.result, error });
  if (!ended) return false;
  if (ending.state === 'cancelled') await cancelInquiriesOf(tx, ended);
  if (ended.parentId !== null && ended.taskName !== null) {
    news.push({
      runId: ended.parentId,
      event: {
        type: 'attempt_ended',
        task: ended.taskName,
        visit: ended.visit,
        item: ended.itemIndex,
        attempt: ended.attempt,
        outcome: ending.state,
        result: ending.result,
        error: ending.error,
        isIdempotent: ended.idempotent,
      },
    });
  }
  return true;
}

/** Decides on every piece of news in turn; what a decision brings about may be news for another run of the tree. */
async function decide(tx: Tx, tenantId: number, rootId: number, news: News[]): Promise<void> {
  for (let item = news.shift(); item; item = news.shift()) {
    const execution = await findInTree(tx, tenantId, rootId, item.runId);
    if (!execution || isEnded(execution.state)) continue;
    const run = await loadRun(tx, execution);
    if (run) await apply(tx, run, await advanceWith(tx, run, item.event), news);
  }
}

/**
 * Asks the engine, with the results that its expressions are known to read. It is pure, and says which others it
 * wanted: they are read from the database and the question is asked again.
 */
async function advanceWith(tx: Tx, run: Run, event: RunEvent): Promise<Delta> {
  const results = new Map<string, { result: Json; status: string } | null>();
  const expected = neededResults(run.graph, event);
  if (expected.length > 0) {
    const found = await readTaskResults(tx, run.execution, expected);
    for (const name of expected) results.set(name, found.get(name) ?? null);
  }
  const items = new Map<string, Json[]>();
  const [clock] = await tx.query<{ now: Date }>('SELECT now()');
  for (;;) {
    const wanted = new Set<string>();
    const wantedItems = new Map<string, { task: string; visit: number }>();
    const context: RunContext = {
      parameters: run.execution.parameters,
      config: run.packConfig,
      keystore: () => ({}),
      execution: {
        id: run.execution.id,
        started_at: run.execution.startedAt?.toISOString() ?? null,
        attempt: run.execution.attempt,
        url: `${publicUrl()}/executions/${run.execution.id}`,
      },
      system: { url: publicUrl() },
      ...(run.event
        ? {
            event: run.event,
            trigger: { data: run.event['payload'] ?? null, ref: run.event['trigger'] ?? null },
          }
        : {}),
      ...(run.execution.ruleRef ? { rule: { ref: run.execution.ruleRef } } : {}),
      now: (clock?.now ?? run.execution.created).toISOString(),
      random: Math.random,
      taskResult: (name) => {
        if (!results.has(name)) wanted.add(name);
        return results.get(name) ?? null;
      },
      itemResults: (task, visit) => {
        const known = items.get(`${task}#${visit}`);
        if (!known) wantedItems.set(`${task}#${visit}`, { task, visit });
        return known ?? [];
      },
    };
    const delta = advance(run.graph, run.state, event, context);
    if (wanted.size === 0 && wantedItems.size === 0) return delta;
    const found = await readTaskResults(tx, run.execution, [...wanted]);
    for (const name of wanted) results.set(name, found.get(name) ?? null);
    for (const [key, { task, visit }] of wantedItems)
      items.set(key, await readItemResults(tx, run.execution, task, visit));
  }
}

function publicUrl(): string {
  const { ATTUNE_PUBLIC_URL, HOST, PORT } = env();
  return ATTUNE_PUBLIC_URL ?? `http://${HOST}:${PORT}`;
}

async function apply(tx: Tx, run: Run, delta: Delta, news: News[]): Promise<void> {
  const { execution } = run;
  await saveRun(tx, run, delta.state, delta.warnings);
  await saveTaskRuns(
    tx,
    execution,
    delta.taskRuns.map((taskRun) => ({
      ...taskRun,
      transitions: delta.transitions
        .filter((transition) => transition.task === taskRun.task && transition.visit === taskRun.visit)
        .map(({ index, fired, to, error }) => ({ index, fired, to, error })),
    })),
  );
  const created = await createExecutions(tx, execution.tenantId, await toOrders(tx, execution, delta.starts));
  for (const [place, { row, refused }] of created.entries()) {
    const start = delta.starts[place];
    // What the engine refused itself it has routed already; what only we could refuse is news to it.
    if (refused === null || start?.failed) continue;
    news.push({
      runId: execution.id,
      event: {
        type: 'attempt_ended',
        task: row.taskName ?? '',
        visit: row.visit,
        item: row.itemIndex,
        attempt: row.attempt,
        outcome: 'failed',
        result: toErrorResult(refused),
        error: refused,
      },
    });
  }
  if (delta.cancels.length > 0) {
    const open = await listOpenChildren(tx, execution);
    for (const { task, visit, item, running } of delta.cancels) {
      const child = open.find(
        (row) => row.taskName === task && row.visit === visit && row.itemIndex === item,
      );
      // With `finish` only what has not begun is stopped.
      const isLeft = running === 'finish' && child?.state === 'running';
      if (child && !isLeft) await cancel(tx, child, 'The run was cancelled.', news);
    }
  }
  if (delta.end) {
    const now = await findInTree(tx, execution.tenantId, execution.rootId, execution.id);
    if (now)
      await end(tx, now, { state: delta.end.state, result: delta.end.output, error: delta.end.error }, news);
  }
}

async function toOrders(tx: Tx, run: ExecutionRow, starts: Delta['starts']): Promise<Order[]> {
  const orders: Order[] = [];
  for (const start of starts) {
    orders.push({
      actionRef: start.action,
      parameters: toObject(start.input),
      parent: {
        row: run,
        task: start.task,
        visit: start.visit,
        item: start.item,
        attempt: start.attempt,
        maxRetries: start.maxRetries,
        originalId: start.attempt > 1 ? await firstAttempt(tx, run, start) : null,
      },
      timeoutSeconds: start.timeoutSeconds,
      delaySeconds: start.delaySeconds,
      failed: start.failed?.message ?? null,
    });
  }
  return orders;
}

async function firstAttempt(
  tx: Tx,
  run: ExecutionRow,
  start: { task: string; visit: number; item: number | null },
): Promise<number | null> {
  const [row] = await tx.query<{ id: number }>(
    `SELECT id FROM execution WHERE tenant_id = $1 AND root_id = $2 AND parent_id = $3 AND task_name = $4 AND visit = $5
       AND item_index IS NOT DISTINCT FROM $6 AND attempt = 1`,
    [run.tenantId, run.rootId, run.id, start.task, start.visit, start.item],
  );
  return row?.id ?? null;
}

function toObject(input: Json): { [key: string]: Json } {
  return input !== null && typeof input === 'object' && !Array.isArray(input) ? input : {};
}
