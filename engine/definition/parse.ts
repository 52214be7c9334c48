import { DomainError } from '../errors';
import type { Json } from '../expression/expression';
import { nearest } from '../expression/nearest';
import { longestKey, mostAtOnce, mostQueued } from './concurrency';
import { toJsonSchema } from './parameters';
import { readTask, success, type Dependency } from './parse-task';
import { toPlainJson } from './plain-json';
import type { Problem } from './problem';
import { isMap, Reader, show, type Found, type JsonMap, type Path, type Read } from './reader';
import type { Definition, Task, Transition } from './schema';

// Words of the pack's file that stand beside a definition.
const beside = new Set(['ref', 'label', 'name', 'tags', 'pack_ref', 'enabled', 'layout']);

/**
 * The definition in its one form, from any accepted spelling, with what could not be read in it. What is wrong is
 * left out and told; unknown keys are kept and told. Null only for what is no map at all. Never throws.
 */
export function parseDefinition(input: JsonMap): { definition: Definition; problems: Problem[] };
export function parseDefinition(input: unknown): { definition: Definition | null; problems: Problem[] };
export function parseDefinition(input: unknown): { definition: Definition | null; problems: Problem[] } {
  const { definition, found } = readDefinition(input);
  return { definition, problems: found.map(({ path: _, ...problem }) => problem) };
}

/** As `parseDefinition`, with the path of each problem in what was given. */
export function readDefinition(input: unknown): { definition: Definition | null; found: Found[] } {
  const reader = new Reader();
  const plain = toPlainJson(input, reader.tell.bind(reader));
  if (!isMap(plain)) {
    reader.tell(
      [],
      'not_a_definition',
      `A definition is a map with the key tasks, not ${show(plain)}.`,
      'Write tasks: and a list below it.',
    );
    return { definition: null, found: reader.found() };
  }
  let tasks: Task[] = [];
  const takeTasks = (value: Json, path: Path): [] => {
    tasks = readTasks(reader, value, path);
    return [];
  };
  const read = reader.map(plain, [], { ...keysOf(reader), tasks: takeTasks }, beside);
  return { definition: { ...read, tasks }, found: reader.found() };
}

function keysOf(reader: Reader): Record<string, Read> {
  return {
    version: reader.text,
    description: reader.text,
    parameters: (value, path) => readParameters(reader, value, path),
    vars: (value, path) => readVariables(reader, value, path),
    timeout: reader.duration,
    concurrency: (value, path) => readConcurrency(reader, value, path),
    cancellation: (value, path) => readCancellation(reader, value, path),
    max_task_runs: reader.whole(1, 10_000_000),
    on_failure: reader.oneOf('continue', 'abort'),
    output_map: reader.anyMap,
  };
}

function readTasks(reader: Reader, value: Json, path: Path): Task[] {
  if (!Array.isArray(value) && !isMap(value)) {
    reader.wrong(path, value, 'a list of tasks');
    return [];
  }
  const written: [string | null, Json, Path][] = Array.isArray(value)
    ? value.map((task, index) => [null, task, [...path, index]])
    : Object.entries(value).map(([name, task]) => [name, task, [...path, name]]);
  const dependencies: Dependency[] = [];
  const tasks = written.map(([name, task, at], index) =>
    readTask(reader, name, task, at, index, dependencies),
  );
  addDependencies(reader, tasks, dependencies);
  return tasks;
}

/** Turns `depends_on` round: a success transition from each source. */
function addDependencies(reader: Reader, tasks: Task[], dependencies: readonly Dependency[]): void {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const added = new Map<string, { transition: Transition; targets: Set<string> }>();
  for (const { task, taskPath, on, path } of dependencies) {
    const source = byName.get(on);
    if (!source) {
      reader.task = { name: task, path: taskPath };
      reader.tell(
        path,
        'unknown_task',
        `${show(task)} depends on ${show(on)}, and there is no such task.`,
        () => {
          const near = nearest(on, byName.keys());
          return near ? `Did you mean ${near}?` : 'Name a task of this workflow.';
        },
      );
      continue;
    }
    let known = added.get(on);
    if (!known) {
      const transition = plainSuccessOf(source);
      known = { transition, targets: new Set(transition.do) };
      added.set(on, known);
    }
    if (known.targets.has(task)) continue;
    known.targets.add(task);
    known.transition.do.push(task);
  }
  reader.task = null;
}

/** The transition on success that does nothing else, made where there is none. */
function plainSuccessOf(source: Task): Transition {
  const known = source.next.find(
    ({ when, publish, label }) => when === success && !publish && label === undefined,
  );
  if (known) return known;
  const made: Transition = { when: success, do: [] };
  source.next.push(made);
  return made;
}

function readParameters(reader: Reader, value: Json, path: Path): Json | undefined {
  if (!isMap(value)) return reader.wrong(path, value, 'a map of parameters');
  try {
    return toJsonSchema(value);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    for (const detail of error.details) {
      const at = [...path, ...detail.path.split('.').filter(Boolean)];
      reader.tell(
        at,
        'wrong_parameters',
        `${detail.path || 'parameters'} ${detail.message}.`,
        'Write name: { type: string }.',
      );
    }
    return undefined;
  }
}

/** A map, or a list of maps with one key each. */
function readVariables(reader: Reader, value: Json, path: Path): Json | undefined {
  if (isMap(value)) return value;
  if (!Array.isArray(value)) return reader.wrong(path, value, 'a map of variables');
  const variables = new Map<string, Json>();
  for (const [index, entry] of value.entries()) {
    if (!isMap(entry)) {
      reader.wrong([...path, index], entry, 'a map with one key');
      continue;
    }
    for (const [name, first] of Object.entries(entry)) {
      if (variables.has(name))
        reader.tell(
          [...path, index, name],
          'duplicate_key',
          `The variable ${show(name)} stands here twice; the last one counts.`,
          'Keep one of them.',
        );
      variables.set(name, first);
    }
  }
  return Object.fromEntries(variables);
}

function readCancellation(reader: Reader, value: Json, path: Path): Json | undefined {
  const running = reader.oneOf('cancel', 'finish');
  if (typeof value === 'string') {
    const word = running(value, path);
    return word === undefined ? undefined : { running: word };
  }
  if (!isMap(value)) return reader.wrong(path, value, 'a map with running and grace');
  return reader.map(value, path, { running, grace: reader.duration });
}

/** A policy, or its limit alone. */
function readConcurrency(reader: Reader, value: Json, path: Path): Json | undefined {
  const limit = reader.whole(1, mostAtOnce);
  if (!isMap(value)) {
    if (typeof value !== 'number' && typeof value !== 'string')
      return reader.wrong(path, value, 'a number, or a map with limit');
    const read = limit(value, path);
    return read === undefined ? undefined : { limit: read };
  }
  const policy = reader.map(value, path, {
    limit,
    key: (key, at) => readKey(reader, key, at),
    when_full: reader.oneOf('queue', 'reject'),
    max_queued: reader.whole(0, mostQueued),
  });
  if (policy['limit'] !== undefined) return policy;
  if (value['limit'] !== undefined && value['limit'] !== null) return undefined;
  return reader.tell(
    path,
    'no_limit',
    'concurrency says no limit.',
    'Add limit: and how many may run at the same time.',
  );
}

function readKey(reader: Reader, value: Json, path: Path): Json | undefined {
  const text = reader.text(value, path);
  if (typeof text !== 'string' || (text.trim() !== '' && text.length <= longestKey)) return text;
  return reader.wrong(path, value, `an expression of 1 to ${longestKey} characters`);
}
