import type { GraphTask } from '../definition/graph';
import { refuse, startAttempt, type EarlyEnd } from './attempt';
import { beginItems } from './items';
import type { Step } from './step';

/** Begins a run of a task: its attempt, or its first items. Says how it ended where it did so at once. */
export function begin(step: Step, task: GraphTask): { visit: number; end: EarlyEnd | null } {
  const open = step.open(task);
  const end =
    task.action === null
      ? refuse(step, task, open, `The task ${task.name} has no action.`)
      : task.items
        ? beginItems(step, task, open)
        : startAttempt(step, task, open, null, task.delaySeconds);
  return { visit: open.visit, end };
}
