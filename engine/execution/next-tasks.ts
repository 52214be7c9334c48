import type { Graph } from '../definition/graph';
import { missingIndexes } from './index-ranges';
import type { RunState } from './state';

/** An attempt that a run has under way. */
export interface DueAttempt {
  task: string;
  visit: number;
  item: number | null;
  attempt: number;
}

/**
 * Every attempt that the state says is under way, in definition order. Each has its execution in the store; one that
 * is missing there was lost between a decision and its commit. Asking again is harmless.
 */
export function nextTasks(graph: Graph, state: RunState): DueAttempt[] {
  const isHeld = (due: DueAttempt) =>
    state.held.some(
      ({ task, retry }) => task === due.task && retry?.visit === due.visit && retry.item === due.item,
    );
  return Object.keys(state.open)
    .sort((a, b) => (graph.tasks.get(a)?.index ?? 0) - (graph.tasks.get(b)?.index ?? 0))
    .flatMap((task) =>
      (state.open[task] ?? []).flatMap(({ visit, attempt, items }): DueAttempt[] =>
        items
          ? missingIndexes(items.ended, items.next).map((item) => ({
              task,
              visit,
              item,
              attempt: items.attempts[item] ?? 1,
            }))
          : [{ task, visit, item: null, attempt }],
      ),
    )
    .filter((due) => !isHeld(due));
}
