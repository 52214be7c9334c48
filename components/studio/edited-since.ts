import { pinnedAction } from '@/engine/definition/draft-run';
import type { Definition, Task } from '@/engine/definition/schema';
import { isSameJson } from './same-json';

/**
 * The tasks of the draft that were edited since a run of `ran` began. What stood in for a pinned task counts as it, and
 * where only a part was run, what leads out of it does not count.
 */
export function editedSince(ran: Definition, draft: Definition): Set<string> {
  const before = new Map(ran.tasks.map((task) => [task.name, task]));
  const isPart =
    ran.tasks.length < draft.tasks.length || ran.tasks.some(({ action }) => action === pinnedAction);
  const edited = new Set<string>();
  for (const task of draft.tasks) {
    const known = before.get(task.name);
    if (known === undefined ? !isPart : known.action !== pinnedAction && !isSameTask(known, task, isPart))
      edited.add(task.name);
  }
  return edited;
}

/** Whether a run of `ran` ran the draft as it is, as far as it ran it. */
export function isSamePlan(ran: Definition, draft: Definition): boolean {
  const isPart =
    ran.tasks.length < draft.tasks.length || ran.tasks.some(({ action }) => action === pinnedAction);
  return isPart ? editedSince(ran, draft).size === 0 : isSameJson(ran, draft);
}

function isSameTask(a: Task, b: Task, isPart: boolean): boolean {
  return isPart ? isSameJson(withoutLines(a), withoutLines(b)) : isSameJson(a, b);
}

function withoutLines({ next: _, join: _j, ...rest }: Task): object {
  return rest;
}
