import { parseTemplate, type Json } from '../expression/expression';
import { removeTasks } from './edit';
import { isReserved } from './graph';
import type { Definition, Task } from './schema';

type JsonObject = { [key: string]: Json };

/** The built-in action that a pinned task runs instead of its own: it gives back what it is given, as its result. */
export const pinnedAction = 'core.pinned';

export interface DraftRunOptions {
  /** Outputs that are held, by task: those tasks do not run, they give this. */
  pins?: Readonly<Record<string, Json>>;
  /** Only this task (`step`), or it and all that leads to it (`to`). (Default: the whole workflow) */
  only?: { task: string; kind: 'step' | 'to' } | null;
  /** Tasks that are left out: what led to them leads on to what followed them. One that is asked for alone runs. */
  disabled?: readonly string[];
  /** Of an earlier run: the results of tasks that are read and not run, and its variables. */
  results?: Readonly<Record<string, Json>>;
  variables?: JsonObject | null;
}

/**
 * The definition that a run of a draft really runs: disabled tasks are left out, pinned ones give their held output, and
 * of the rest only the part that was asked for. What that part reads of tasks outside of it comes as such outputs too: pins before `results`.
 */
export function toDraftRun(definition: Definition, options: DraftRunOptions = {}): Definition {
  const { pins = {}, only = null, results = {}, variables = null, disabled = [] } = options;
  const active = withoutDisabled(
    definition,
    disabled.filter((name) => name !== only?.task),
  );
  const pinned = (task: Task) =>
    Object.hasOwn(pins, task.name) ? toPinned(task, pins[task.name] ?? null) : task;
  if (!only) return { ...active, tasks: active.tasks.map(pinned) };
  const kept = only.kind === 'step' ? new Set([only.task]) : leadingTo(active, only.task, pins);
  const part = active.tasks
    .filter(({ name }) => kept.has(name))
    // A step that was asked for runs, though its output is held.
    .map((task) => (only.kind === 'step' ? task : pinned(task)))
    .map((task) => within(task, kept, only.task));
  const known = { ...results, ...pins };
  const stubs = definition.tasks
    .filter(({ name }) => !kept.has(name) && readBy(part).has(name))
    .map((task) => toPinned(task, Object.hasOwn(known, task.name) ? (known[task.name] ?? null) : {}));
  const { output_map: _, concurrency: _c, ...rest } = definition;
  const vars = variables ? { ...rest.vars, ...(escape(variables) as JsonObject) } : rest.vars;
  return {
    ...rest,
    ...(vars === undefined ? {} : { vars }),
    tasks: withStubs(part, stubs),
  };
}

/** The definition as runs of a draft take it where these tasks are disabled: their neighbours are joined. */
export function withoutDisabled(definition: Definition, disabled: readonly string[]): Definition {
  return disabled.length === 0 ? definition : removeTasks(definition, disabled, { reconnect: true });
}

/** A task that gives `result` at once; what follows it stays. */
function toPinned({ name, description, join, next }: Task, result: Json): Task {
  const kept = {
    name,
    ...(description === undefined ? {} : { description }),
    ...(join === undefined ? {} : { join }),
    next,
  };
  return Array.isArray(result)
    ? {
        ...kept,
        action: pinnedAction,
        with_items: { items: (escape(result) as Json[]).map((item) => item) },
        input: { result: '{{ item }}' },
      }
    : { ...kept, action: pinnedAction, input: { result: escape(result) } };
}

/** A value as an input that gives it: what looks like an expression in it stays text. */
function escape(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll(/\{(?=[{%#])/g, '{{ "{" }}');
  if (Array.isArray(value)) return value.map(escape);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, escape(member)]));
}

/** The task and all from which it can be reached; nothing behind a pinned one is needed. */
function leadingTo(definition: Definition, task: string, pins: Readonly<Record<string, Json>>): Set<string> {
  const sources = new Map<string, string[]>();
  for (const { name, next } of definition.tasks)
    for (const target of next.flatMap((transition) => transition.do))
      sources.set(target, [...(sources.get(target) ?? []), name]);
  const kept = new Set<string>();
  const open = [task];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (kept.has(name)) continue;
    kept.add(name);
    if (!Object.hasOwn(pins, name)) open.push(...(sources.get(name) ?? []));
  }
  return kept;
}

/** The task with the transitions that stay in the part; after the last one nothing follows. */
function within(task: Task, kept: ReadonlySet<string>, last: string): Task {
  if (task.name === last) return { ...task, next: [] };
  const next = task.next.map((transition) => ({
    ...transition,
    do: transition.do.filter((target) => isReserved(target) || kept.has(target)),
  }));
  return { ...task, next };
}

/** The stubs first, and what began the part once they are there. */
function withStubs(part: readonly Task[], stubs: readonly Task[]): Task[] {
  const targets = new Set(part.flatMap(({ next }) => next.flatMap((transition) => transition.do)));
  const free = part.filter(({ name }) => !targets.has(name));
  const entries = new Set((free.length > 0 ? free : part.slice(0, 1)).map(({ name }) => name));
  // What a join waited for is not there.
  const begun = part.map((task) => {
    if (!entries.has(task.name)) return task;
    const { join: _, ...rest } = task;
    return stubs.length > 1 ? { ...rest, join: 'all' as const } : rest;
  });
  return [...stubs.map(({ join: _, ...stub }) => ({ ...stub, next: [{ do: [...entries] }] })), ...begun];
}

/** The tasks that are spoken of in expressions. */
function readBy(tasks: readonly Task[]): Set<string> {
  const names = new Set<string>();
  const look = (value: unknown, isBare: boolean): void => {
    if (typeof value === 'string') {
      if (!isBare && !/\{[{%]/.test(value)) return;
      for (const { root, path } of parseTemplate(value, isBare).references)
        if (root === 'task' && typeof path[0] === 'string') names.add(path[0]);
    } else if (Array.isArray(value)) value.forEach((member) => look(member, false));
    else if (typeof value === 'object' && value !== null)
      for (const [key, member] of Object.entries(value)) look(member, key === 'when');
  };
  look(tasks, false);
  return names;
}
