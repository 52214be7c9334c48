import { isEnded } from '@/engine/execution/status';
import type { RouterOutputs } from '../trpc';
import type { RunOverlay, TaskRun } from './view';

export type RunView = RouterOutputs['executions']['run'];
export type ExecutionSummary = RouterOutputs['executions']['tree'][number];

/** A task that would have begun, had its run not been paused. */
const heldBack: TaskRun = {
  ...{ state: 'paused', visits: 0, error: null, items: null, keptFrom: null },
  ...{ startedAt: null, endedAt: null },
};

/**
 * What a run looks like on its canvas: each task by its latest visit (state, times, items), and how often each
 * transition fired. `executions` are the run's own children: attempts and items of its tasks.
 */
export function toOverlay(run: RunView, executions: readonly ExecutionSummary[]): RunOverlay {
  const tasks = new Map<string, TaskRun>();
  const fired = new Map<string, number>();
  const children = new Map<string, ExecutionSummary[]>();
  for (const child of executions) {
    if (child.parentId !== run.executionId || child.taskName === null) continue;
    children.set(child.taskName, [...(children.get(child.taskName) ?? []), child]);
  }
  for (const visit of run.taskRuns) {
    for (const transition of visit.transitions) {
      if (!transition.fired) continue;
      const id = `${visit.task}#${transition.index}`;
      fired.set(id, (fired.get(id) ?? 0) + 1);
    }
    const before = tasks.get(visit.task);
    if (before && before.visits > visit.visit) continue;
    const own = (children.get(visit.task) ?? []).filter((child) => child.visit === visit.visit);
    tasks.set(visit.task, {
      state: stateOf(visit.status, own),
      visits: visit.visit,
      startedAt: earliest(own),
      endedAt: isEnded(visit.status) ? latest(own) : null,
      error: visit.error,
      items: itemsOf(own),
      keptFrom: visit.keptFrom,
    });
  }
  for (const task of run.held) if (!tasks.has(task)) tasks.set(task, heldBack);
  return { tasks, fired };
}

/** While a task runs, its newest attempt knows best where it is: queued, running, waiting for a person. */
function stateOf(status: string, own: readonly ExecutionSummary[]): string {
  if (isEnded(status)) return status;
  const open = own.filter(({ state }) => !isEnded(state));
  return open.find(({ state }) => state === 'running')?.state ?? open.at(-1)?.state ?? status;
}

function earliest(own: readonly ExecutionSummary[]): string | null {
  const times = own.flatMap(({ startedAt }) => (startedAt ? [startedAt] : []));
  return times.length > 0 ? times.reduce((a, b) => (a < b ? a : b)) : null;
}

function latest(own: readonly ExecutionSummary[]): string | null {
  const times = own.flatMap(({ endedAt }) => (endedAt ? [endedAt] : []));
  return times.length > 0 ? times.reduce((a, b) => (a > b ? a : b)) : null;
}

function itemsOf(own: readonly ExecutionSummary[]): TaskRun['items'] {
  const byItem = new Map<number, boolean>();
  for (const { itemIndex, state } of own) {
    if (itemIndex !== null) byItem.set(itemIndex, isEnded(state));
  }
  return byItem.size > 0 ? { done: [...byItem.values()].filter(Boolean).length, total: byItem.size } : null;
}
