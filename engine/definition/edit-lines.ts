import { removeTasks, spliceTask, type TransitionPlace } from './edit';
import type { Definition } from './schema';

/**
 * Puts a task that stands alone into a line: the line leads to it, and its success to where the line led. The same
 * definition when the task has lines of its own or the line is not there: then it is not plain what is meant.
 */
export function moveIntoLine(definition: Definition, name: string, place: TransitionPlace): Definition {
  const task = definition.tasks.find((each) => each.name === name);
  const line = definition.tasks.find((each) => each.name === place.task)?.next[place.index];
  if (!task || !line?.do.includes(place.target) || !isAlone(definition, name)) return definition;
  const index = definition.tasks.indexOf(task);
  const others = { ...definition, tasks: definition.tasks.toSpliced(index, 1) };
  const spliced = spliceTask(others, task, place);
  const moved = spliced.tasks.at(-1);
  return moved ? { ...spliced, tasks: spliced.tasks.slice(0, -1).toSpliced(index, 0, moved) } : definition;
}

function isAlone({ tasks }: Definition, name: string): boolean {
  return tasks.every((task) =>
    task.name === name ? task.next.length === 0 : task.next.every((each) => !each.do.includes(name)),
  );
}

/** The tasks themselves and all that can be reached from them, or that lead to them; in the order of the definition. */
export function reachedTasks(
  definition: Definition,
  names: readonly string[],
  direction: 'upstream' | 'downstream',
): string[] {
  const ways = new Map<string, string[]>();
  for (const task of definition.tasks) {
    for (const target of task.next.flatMap((transition) => transition.do)) {
      const [from, to] = direction === 'downstream' ? [task.name, target] : [target, task.name];
      ways.set(from, [...(ways.get(from) ?? []), to]);
    }
  }
  const reached = new Set<string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    open.push(...(ways.get(name) ?? []));
  }
  return definition.tasks.filter(({ name }) => reached.has(name)).map(({ name }) => name);
}

/** Whether taking these tasks out leaves neighbours that a line could join again. */
export function hasNeighboursToJoin(definition: Definition, names: readonly string[]): boolean {
  const joined = removeTasks(definition, names, { reconnect: true });
  const apart = removeTasks(definition, names);
  return joined.tasks.some((task, index) => countTargets(task) > countTargets(apart.tasks[index]));
}

function countTargets(task: Definition['tasks'][number] | undefined): number {
  return task?.next.reduce((count, transition) => count + transition.do.length, 0) ?? 0;
}

/** Moves a task to another place in the order in which tasks are shown. */
export function moveTask(definition: Definition, name: string, by: number): Definition {
  const from = definition.tasks.findIndex((task) => task.name === name);
  const task = definition.tasks[from];
  const to = Math.min(Math.max(from + by, 0), definition.tasks.length - 1);
  if (!task || from === to) return definition;
  return { ...definition, tasks: definition.tasks.toSpliced(from, 1).toSpliced(to, 0, task) };
}
