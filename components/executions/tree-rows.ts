import { isEnded } from '@/engine/execution/status';
import type { RouterOutputs } from '@/components/trpc';

export type Execution = RouterOutputs['executions']['tree'][number];

/** One visible row of the tree. */
export interface TreeRow {
  execution: Execution;
  level: number;
  children: number;
  isOpen: boolean;
  /** Its place among its siblings, from 1, and how many they are. */
  place: number;
  siblings: number;
  /** Does not begin because its run is paused. */
  isHeld: boolean;
}

/** What the row is called: the task with its visit, item and attempt where they tell it apart, else the action. */
export function toRowLabel(execution: Execution): string {
  if (execution.taskName === null) return execution.actionRef;
  const parts = [execution.taskName];
  if (execution.itemIndex !== null) parts.push(`[${execution.itemIndex}]`);
  if (execution.visit > 1) parts.push(`visit ${execution.visit}`);
  if (execution.attempt > 1) parts.push(`attempt ${execution.attempt}`);
  return parts.join(' ');
}

/** The tree flattened to the rows that are visible, depth first, children in the order in which they began. */
export function toTreeRows(executions: readonly Execution[], closed: ReadonlySet<number>): TreeRow[] {
  const children = Map.groupBy(executions, ({ parentId }) => parentId ?? 0);
  const pausedRuns = executions.filter(({ state }) => state === 'paused');
  const rows: TreeRow[] = [];
  const visit = (execution: Execution, level: number, place: number, siblings: number) => {
    const own = children.get(execution.id) ?? [];
    const isOpen = own.length > 0 && !closed.has(execution.id);
    const isHeld = isHeldBack(execution, pausedRuns);
    rows.push({ execution, level, children: own.length, isOpen, place, siblings, isHeld });
    if (isOpen) own.forEach((child, index) => visit(child, level + 1, index + 1, own.length));
  };
  const roots = children.get(0) ?? [];
  roots.forEach((root, index) => visit(root, 1, index + 1, roots.length));
  return rows;
}

const notBegun = new Set(['requested', 'delayed', 'queued', 'scheduled']);

/** Whether it was asked for and does not begin because its run is one of those that are paused. */
export function isHeldBack({ state, parentId }: Execution, paused: readonly Execution[]): boolean {
  return notBegun.has(state) && paused.some(({ id }) => id === parentId);
}

/** Whether it was begun before its run was paused, and goes on to its end. */
export function mayFinish({ state, parentId }: Execution, paused: readonly Execution[]): boolean {
  const isUnderWay = !isEnded(state) && state !== 'paused' && !notBegun.has(state);
  return isUnderWay && paused.some(({ id }) => id === parentId);
}

/** Where a run can be begun anew from a task's execution: its run must have ended. */
export function toRerunFrom(
  { taskName, visit, parentId }: Execution,
  tree: readonly Execution[],
): { id: number; task: string; visit: number } | null {
  const run = tree.find(({ id }) => id === parentId);
  return run && taskName !== null && isEnded(run.state) ? { id: run.id, task: taskName, visit } : null;
}

const troubles = new Set(['failed', 'timeout', 'abandoned']);

/** The next execution after `from`, in tree order and round the end, that went wrong by itself (no child that did). */
export function nextTrouble(executions: readonly Execution[], from: number | null): number | null {
  const blamed = new Set(
    executions.filter(({ state }) => troubles.has(state)).map(({ parentId }) => parentId),
  );
  const rows = toTreeRows(executions, new Set());
  const culprits = rows
    .filter(({ execution }) => troubles.has(execution.state) && !blamed.has(execution.id))
    .map(({ execution }) => execution.id);
  if (culprits.length === 0) return null;
  return culprits[(culprits.indexOf(from ?? -1) + 1) % culprits.length] ?? null;
}
