import type { Definition, Task } from '../../definition/schema';
import type { Rehearsal } from '../rehearse';

/** A definition from what matters in a rehearsal: each task runs `x.<name>` unless it says otherwise. */
export function define(
  tasks: Record<string, Partial<Omit<Task, 'name'>>>,
  others: Omit<Partial<Definition>, 'tasks'> = {},
): Definition {
  return {
    ...others,
    tasks: Object.entries(tasks).map(([name, task]) => ({ action: `x.${name}`, next: [], ...task, name })),
  };
}

/** The tasks of a run, in the order in which their runs began. */
export function tasksRun(run: Rehearsal): string[] {
  return run.taskRuns.map(({ task }) => task);
}

/** The transitions that fired, as `task#index`. */
export function fired(run: Rehearsal): string[] {
  return run.transitions.filter((each) => each.fired).map(({ task, index }) => `${task}#${index}`);
}
