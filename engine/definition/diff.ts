import { isSame } from './merge';
import type { Json } from '../expression/expression';
import type { Definition, Task, Transition } from './schema';

export type Difference = 'added' | 'removed' | 'changed';

/** How one definition became another, with all that either has in one graph. Places on the canvas are no part of it. */
export interface DefinitionDiff {
  /** The tasks of `after`, then those that it has no more; transitions that are gone follow those that are there. */
  definition: Definition;
  /** By task. What only its transitions changed is no change of the task. */
  tasks: ReadonlyMap<string, Difference>;
  /** By `task#index` in `definition`. */
  transitions: ReadonlyMap<string, Difference>;
  /** Keys of the definition itself that differ, such as `vars`. */
  settings: string[];
}

export function diffDefinitions(before: Definition, after: Definition): DefinitionDiff {
  const tasks = new Map<string, Difference>();
  const transitions = new Map<string, Difference>();
  const known = new Map(before.tasks.map((task) => [task.name, task]));
  const names = new Set(after.tasks.map(({ name }) => name));
  const shown = after.tasks.map((task) => {
    const old = known.get(task.name);
    if (!old) {
      tasks.set(task.name, 'added');
      task.next.forEach((_, index) => transitions.set(`${task.name}#${index}`, 'added'));
      return task;
    }
    if (!isSame(body(old), body(task))) tasks.set(task.name, 'changed');
    const { next, marks } = diffTransitions(old.next, task.next);
    for (const [index, mark] of marks) transitions.set(`${task.name}#${index}`, mark);
    return { ...task, next };
  });
  const gone = before.tasks.filter(({ name }) => !names.has(name));
  for (const task of gone) {
    tasks.set(task.name, 'removed');
    task.next.forEach((_, index) => transitions.set(`${task.name}#${index}`, 'removed'));
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  keys.delete('tasks');
  return {
    definition: { ...after, tasks: [...shown, ...gone] },
    tasks,
    transitions,
    settings: [...keys].filter(
      (key) => !isSame(before[key] as Json | undefined, after[key] as Json | undefined),
    ),
  };
}

/** Equal transitions first, then those with the same targets as changed; what is left is added or removed. */
function diffTransitions(
  before: readonly Transition[],
  after: readonly Transition[],
): { next: Transition[]; marks: Map<number, Difference> } {
  const marks = new Map<number, Difference>();
  const left = [...before];
  const take = (fits: (old: Transition) => boolean) => {
    const place = left.findIndex(fits);
    return place >= 0 && left.splice(place, 1).length > 0;
  };
  const open = after.map((transition, index) => ({ transition, index }));
  const different = open.filter(({ transition }) => !take((old) => isSame(toJson(old), toJson(transition))));
  for (const { transition, index } of different)
    marks.set(index, take((old) => isSame(old.do, transition.do)) ? 'changed' : 'added');
  left.forEach((_, index) => marks.set(after.length + index, 'removed'));
  return { next: [...after, ...left], marks };
}

function body({ next: _, ...rest }: Task): Json {
  return rest as unknown as Json;
}

function toJson(transition: Transition): Json {
  return transition as unknown as Json;
}
