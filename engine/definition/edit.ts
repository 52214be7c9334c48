import type { Json } from '../expression/expression';
import { isReserved } from './graph';
import { renameInExpressions } from './rename';
import { failure, success, timedOut } from './parse-task';
import type { Definition, Task, Transition } from './schema';

/** How a transition that is drawn fires; `custom` starts as one that the person has yet to write. */
export type ConnectKind = 'success' | 'failure' | 'always' | 'timeout' | 'custom';

/** One line on the canvas: a transition, and the target among its targets. */
export interface TransitionPlace {
  task: string;
  index: number;
  target: string;
}

const conditions: Record<ConnectKind, string | null> = {
  success,
  failure,
  always: null,
  timeout: timedOut,
  custom: '{{ true }}',
};

/** A name that no task has and that may be one: the base itself, or with the least number that is free. */
export function uniqueName(definition: Definition, base: string): string {
  const taken = new Set(definition.tasks.map(({ name }) => name));
  const plain = base.trim().slice(0, 190) || 'task';
  if (!taken.has(plain)) return plain;
  const stem = plain.replace(/_\d+$/, '');
  for (let number = 2; ; number += 1) if (!taken.has(`${stem}_${number}`)) return `${stem}_${number}`;
}

/** Puts a task at the end, under its name made unique. */
export function addTask(definition: Definition, task: Task): Definition {
  const name = uniqueName(definition, task.name);
  return { ...definition, tasks: [...definition.tasks, name === task.name ? task : { ...task, name }] };
}

/**
 * Takes tasks out, with all transitions to them. With `reconnect`, what led to a task leads to the targets of its
 * success and unconditional transitions instead.
 */
export function removeTasks(
  definition: Definition,
  names: readonly string[],
  options: { reconnect?: boolean } = {},
): Definition {
  const gone = new Set(names);
  const after = new Map(definition.tasks.map((task) => [task.name, options.reconnect ? onward(task) : []]));
  const targetsOf = (name: string, seen: ReadonlySet<string> = new Set()): string[] => {
    if (!gone.has(name)) return [name];
    if (seen.has(name)) return [];
    return (after.get(name) ?? []).flatMap((next) => targetsOf(next, new Set([...seen, name])));
  };
  return {
    ...definition,
    tasks: definition.tasks
      .filter(({ name }) => !gone.has(name))
      .map((task) =>
        withTransitions(task, (transition) => {
          if (!transition.do.some((target) => gone.has(target))) return transition;
          const targets = [...new Set(transition.do.flatMap((target) => targetsOf(target)))];
          return targets.length > 0 || transition.publish ? { ...transition, do: targets } : null;
        }),
      ),
  };
}

/**
 * Gives a task another name; transitions and expressions follow everywhere. The same definition when the new name is
 * taken, empty or reserved.
 */
export function renameTask(definition: Definition, from: string, to: string): Definition {
  const name = to.trim();
  const isFree = name !== '' && !isReserved(name) && !definition.tasks.some((task) => task.name === name);
  if (!isFree || !definition.tasks.some((task) => task.name === from)) return definition;
  return renameTasks(definition, new Map([[from, name]]));
}

/** Gives tasks other names, all at once; transitions and expressions follow. The caller sees to it that they are free. */
export function renameTasks(definition: Definition, names: ReadonlyMap<string, string>): Definition {
  if (names.size === 0) return definition;
  const renamed = renameInExpressions(definition, names);
  return {
    ...renamed,
    tasks: renamed.tasks.map((task) => {
      const moved = withTransitions(task, (transition) =>
        transition.do.some((target) => names.has(target))
          ? { ...transition, do: transition.do.map((target) => names.get(target) ?? target) }
          : transition,
      );
      const name = names.get(task.name);
      return name === undefined ? moved : { ...moved, name };
    }),
  };
}

/** Draws a line. A transition of the same kind that does nothing else takes the target in; else there is a new one. */
export function connect(definition: Definition, from: string, to: string, kind: ConnectKind): Definition {
  const when = conditions[kind];
  return changeTask(definition, from, (task) => {
    const index = kind === 'custom' ? -1 : task.next.findIndex((transition) => isPlain(transition, when));
    const known = task.next[index];
    if (!known) return { ...task, next: [...task.next, { ...(when === null ? {} : { when }), do: [to] }] };
    if (known.do.includes(to)) return task;
    return { ...task, next: task.next.with(index, { ...known, do: [...known.do, to] }) };
  });
}

/** Takes a line away; the transition goes with its last target, unless it publishes. */
export function disconnect(
  definition: Definition,
  { task: name, index, target }: TransitionPlace,
): Definition {
  return changeTask(definition, name, (task) => {
    const transition = task.next[index];
    if (!transition?.do.includes(target)) return task;
    const left = transition.do.filter((other) => other !== target);
    return left.length > 0 || transition.publish
      ? { ...task, next: task.next.with(index, { ...transition, do: left }) }
      : { ...task, next: task.next.toSpliced(index, 1) };
  });
}

/** Changes fields of a task; undefined takes a field out. For the name see `renameTask`. */
export function updateTask(
  definition: Definition,
  name: string,
  change: { [Key in keyof Task]?: Task[Key] | undefined },
): Definition {
  return changeTask(definition, name, (task) => withFields(task, change));
}

export function updateTransition(
  definition: Definition,
  name: string,
  index: number,
  change: { [Key in keyof Transition]?: Transition[Key] | undefined },
): Definition {
  return changeTask(definition, name, (task) => {
    const transition = task.next[index];
    return transition ? { ...task, next: task.next.with(index, withFields(transition, change)) } : task;
  });
}

/** Moves a transition of a task to another place in the order. */
export function reorderTransitions(
  definition: Definition,
  name: string,
  from: number,
  to: number,
): Definition {
  return changeTask(definition, name, (task) => {
    const moved = task.next[from];
    if (!moved || from === to) return task;
    return { ...task, next: task.next.toSpliced(from, 1).toSpliced(to, 0, moved) };
  });
}

export function setVars(definition: Definition, vars: Definition['vars']): Definition {
  return withFields(definition, { vars });
}

/** Parameters as JSON Schema. */
export function setParameters(definition: Definition, parameters: Definition['parameters']): Definition {
  return withFields(definition, { parameters });
}

export function setOutput(definition: Definition, output: Definition['output_map']): Definition {
  return withFields(definition, { output_map: output });
}

/**
 * Puts a task into a line: the transition leads to it, and its success to where the line led; of a task that has
 * transitions already, the first of them.
 */
export function spliceTask(definition: Definition, task: Task, place: TransitionPlace): Definition {
  const name = uniqueName(definition, task.name);
  const onwards: Transition = { when: success, do: [place.target] };
  const spliced = changeTask(definition, place.task, (source) => {
    const transition = source.next[place.index];
    if (!transition) return source;
    const targets = transition.do.map((target) => (target === place.target ? name : target));
    return { ...source, next: source.next.with(place.index, { ...transition, do: targets }) };
  });
  const [first, ...others] = task.next;
  const next = first ? [{ ...first, do: [place.target] }, ...others] : [onwards];
  return { ...spliced, tasks: [...spliced.tasks, { ...task, name, next }] };
}

/**
 * Copies tasks under new names. Lines and expressions among them follow to the copies; lines that lead out of the
 * copied part are left out.
 */
export function duplicateTasks(
  definition: Definition,
  names: readonly string[],
): { definition: Definition; names: Record<string, string> } {
  const chosen = definition.tasks.filter(({ name }) => names.includes(name));
  const newNames: Record<string, string> = {};
  let grown = definition;
  for (const { name } of chosen) {
    newNames[name] = uniqueName(grown, name);
    grown = { ...grown, tasks: [...grown.tasks, { name: newNames[name], next: [] }] };
  }
  let part: Definition = {
    tasks: chosen.map((task) => withTransitions(task, (transition) => inside(transition, newNames))),
  };
  for (const [from, to] of Object.entries(newNames)) part = renameTask(part, from, to);
  return { definition: { ...definition, tasks: [...definition.tasks, ...part.tasks] }, names: newNames };
}

function inside(transition: Transition, names: Record<string, Json>): Transition | null {
  const targets = transition.do.filter((target) => isReserved(target) || Object.hasOwn(names, target));
  return targets.length > 0 || transition.publish ? { ...transition, do: targets } : null;
}

function onward(task: Task): string[] {
  const usual = task.next.filter(({ when }) => when === undefined || when.trim() === success);
  return (usual.length > 0 ? usual : task.next)
    .flatMap((transition) => transition.do)
    .filter((name) => !isReserved(name));
}

function isPlain(transition: Transition, when: string | null): boolean {
  const { do: _, when: own, ...others } = transition;
  return (own?.trim() ?? null) === when && Object.keys(others).length === 0;
}

function changeTask(definition: Definition, name: string, change: (task: Task) => Task): Definition {
  const index = definition.tasks.findIndex((task) => task.name === name);
  const task = definition.tasks[index];
  if (!task) return definition;
  const changed = change(task);
  return changed === task ? definition : { ...definition, tasks: definition.tasks.with(index, changed) };
}

/** The task with each transition changed; null takes one out. The same task when nothing changed. */
function withTransitions(task: Task, change: (transition: Transition) => Transition | null): Task {
  const next = task.next.flatMap((transition) => change(transition) ?? []);
  const isSame =
    next.length === task.next.length && next.every((transition, index) => transition === task.next[index]);
  return isSame ? task : { ...task, next };
}

function withFields<T extends object>(value: T, change: { [Key in keyof T]?: T[Key] | undefined }): T {
  const entries = Object.entries({ ...value, ...change }).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries) as T;
}
