import { isEnded, type Change, type TreeNode } from '../records';

/** Milliseconds since 1970, by the database's clock. Throws for a time that was never recorded. */
export function at(time: string | null | undefined): number {
  if (!time) throw new Error('this time was not recorded');
  return Date.parse(time);
}

/** How long an execution ran, in milliseconds. */
export function ranMs({ startedAt, endedAt }: Pick<TreeNode, 'startedAt' | 'endedAt'>): number {
  return at(endedAt) - at(startedAt);
}

/** The largest number of executions that ran at one time. */
export function peak(nodes: readonly TreeNode[]): number {
  const steps = nodes.flatMap(({ startedAt, endedAt }) => [
    { time: at(startedAt), change: 1 },
    { time: at(endedAt), change: -1 },
  ]);
  // Where one ends in the millisecond in which the next begins, they did not overlap.
  return highest(
    steps.toSorted((a, b) => a.time - b.time || a.change - b.change).map(({ change }) => change),
  );
}

/** The largest number of executions of a task that existed at one time without having ended, by the change feed. */
export function peakInFeed(changes: readonly Change[], task: string): number {
  const open = new Set<number>();
  return highest(
    changes.flatMap(({ entityType, entityId, kind, payload }) => {
      if (entityType !== 'execution') return [];
      if (kind === 'created') {
        if (payload['taskName'] !== task) return [];
        open.add(entityId);
        return [1];
      }
      return isEnded(String(payload['state'])) && open.delete(entityId) ? [-1] : [];
    }),
  );
}

function highest(changes: readonly number[]): number {
  let sum = 0;
  return Math.max(0, ...changes.map((change) => (sum += change)));
}

/** The children of one run that belong to a task, in the order in which they were made. */
export function childrenOf(tree: readonly TreeNode[], runId: number, task: string): TreeNode[] {
  return tree.filter(({ parentId, taskName }) => parentId === runId && taskName === task);
}

/** The one execution of a task. Throws when it has none or several. */
export function only(tree: readonly TreeNode[], task: string): TreeNode {
  const found = tree.filter(({ taskName }) => taskName === task);
  if (found.length !== 1 || !found[0]) throw new Error(`${task} has ${found.length} executions, not one`);
  return found[0];
}

/** The state of each execution by its task: `b` and `b#2` where it was tried twice, `root` for the run itself. */
export function statesOf(tree: readonly TreeNode[]): Record<string, string> {
  return Object.fromEntries(
    tree.map(({ taskName, attempt, state }) => [
      `${taskName ?? 'root'}${attempt > 1 ? `#${attempt}` : ''}`,
      state,
    ]),
  );
}
