import type { Graph } from '../definition/graph';
import { missingIndexes } from './index-set';
import { attemptOf } from './item-attempts';
import type { RunState } from './state';
import { inOrder } from './step';

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
export function nextTasks(graph: Graph, { head, parts }: RunState): DueAttempt[] {
  const held = new Set(
    head.held.flatMap(({ task, retry }) => (retry ? [key(task, retry.visit, retry.item)] : [])),
  );
  return inOrder(graph, parts.openNames())
    .flatMap((task) =>
      parts.openOf(task).flatMap((open): DueAttempt[] => {
        const { visit, items } = open;
        const live = items ? missingIndexes(items.ended, items.next) : [null];
        return live.map((item) => ({ task, visit, item, attempt: attemptOf(open, item) }));
      }),
    )
    .filter(({ task, visit, item }) => !held.has(key(task, visit, item)));
}

function key(task: string, visit: number, item: number | null): string {
  return `${visit} ${String(item)} ${task}`;
}
