import type { Definition, Task, Transition } from '@/engine/definition/schema';

/** A line of the outline: a task, or below it one of its transitions. */
export type OutlineRow = {
  id: string;
  task: Task;
  /** Its place among its sisters, from 1, and how many there are. */
  place: number;
  of: number;
} & (
  { kind: 'task'; expanded: boolean | null } | { kind: 'transition'; index: number; transition: Transition }
);

/** The lines that are shown, tasks in the order of the definition. */
export function toRows({ tasks }: Definition, collapsed: ReadonlySet<string>): OutlineRow[] {
  return tasks.flatMap((task, position) => {
    const expanded = task.next.length === 0 ? null : !collapsed.has(task.name);
    const own: OutlineRow = {
      kind: 'task',
      id: taskRow(task.name),
      task,
      place: position + 1,
      of: tasks.length,
      expanded,
    };
    if (!expanded) return [own];
    const transitions = task.next.map((transition, index): OutlineRow => ({
      kind: 'transition',
      id: transitionRow(task.name, index),
      task,
      place: index + 1,
      of: task.next.length,
      index,
      transition,
    }));
    return [own, ...transitions];
  });
}

export function taskRow(name: string): string {
  return `task ${name}`;
}
export function transitionRow(name: string, index: number): string {
  return `transition ${index} ${name}`;
}

/** Where a key of a tree leads from a row; null where it leads nowhere. `open` and `close` ask for that instead. */
export function nextRow(
  rows: readonly OutlineRow[],
  from: string,
  key: string,
): { to: OutlineRow } | { open: string } | { close: string } | null {
  const at = rows.findIndex(({ id }) => id === from);
  const row = rows[at];
  const move = (index: number) => {
    const to = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    return to ? { to } : null;
  };
  switch (key) {
    case 'ArrowDown':
      return move(at + 1);
    case 'ArrowUp':
      return move(at - 1);
    case 'Home':
      return move(0);
    case 'End':
      return move(rows.length - 1);
    case 'ArrowRight':
      if (row?.kind !== 'task' || row.expanded === null) return null;
      return row.expanded ? move(at + 1) : { open: row.task.name };
    case 'ArrowLeft':
      if (row?.kind === 'transition') return move(rows.findIndex(({ id }) => id === taskRow(row.task.name)));
      return row?.expanded ? { close: row.task.name } : null;
    default:
      return null;
  }
}
