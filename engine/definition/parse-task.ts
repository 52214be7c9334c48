import type { Json } from '../expression/expression';
import { isMap, show, type JsonMap, type Path, type Read, type Reader } from './reader';
import { longestLabel, maxNameLength, type Task, type Transition } from './schema';

export const success = '{{ succeeded() }}';
export const failure = '{{ failed() }}';
export const timedOut = '{{ timed_out() }}';

const mostSources = 10_000;

/** A `depends_on` that waits until all tasks are known. */
export interface Dependency {
  task: string;
  taskPath: Path;
  on: string;
  path: Path;
}

/** A task in its one form. Shorthands become transitions, in the order in which they are written, after `next`. */
export function readTask(
  reader: Reader,
  key: string | null,
  written: Json,
  path: Path,
  index: number,
  dependencies: Dependency[],
): Task {
  const given = isMap(written) ? written : {};
  if (!isMap(written) && !(written === null && key !== null))
    reader.wrong(path, written, 'a map with name and action');
  const name = readName(reader, key, given, path, index);
  reader.task = { name, path };
  let next: Transition[] = [];
  const shorthands: Transition[] = [];
  const itemOptions: JsonMap = {};
  const short = (when: string | null): Read => {
    return (value, at) => {
      const targets = reader.names(value, at);
      if (targets.length > 0) shorthands.push({ ...(when === null ? {} : { when }), do: targets });
      return undefined;
    };
  };
  const itemKeys = itemKeysOf(reader);
  const forItems = Object.fromEntries(
    Object.entries(itemKeys).map(([option, read]): [string, Read] => [
      option,
      (value, at) => {
        const made = read(value, at);
        if (made !== undefined) itemOptions[option] = made;
        return undefined;
      },
    ]),
  );
  const read = reader.map(given, path, {
    name: () => undefined,
    action: reader.text,
    description: reader.text,
    input: reader.anyMap,
    timeout: reader.duration,
    delay: reader.duration,
    retry: (value, at) => readRetry(reader, value, at),
    with_items: (value, at) => readItems(reader, itemKeys, value, at),
    ...forItems,
    join: (value, at) => readJoin(reader, value, at),
    on_failure: (value, at) =>
      value === 'continue' || value === 'abort' ? value : short(failure)(value, at),
    on_success: short(success),
    on_timeout: short(timedOut),
    on_complete: short(null),
    depends_on: (value, at) => {
      reader.names(value, at).forEach((on, place) =>
        dependencies.push({
          task: name,
          taskPath: path,
          on,
          path: Array.isArray(value) ? [...at, place] : at,
        }),
      );
      return undefined;
    },
    next: (value, at) => {
      next = readTransitions(reader, value, at);
      return undefined;
    },
  });
  if (Object.keys(itemOptions).length > 0) {
    const items = read['with_items'];
    if (isMap(items)) read['with_items'] = { ...items, ...itemOptions };
    else {
      const [option] = Object.keys(itemOptions);
      reader.tell(
        [...path, option ?? ''],
        'without_items',
        `${option ?? ''} needs with_items.`,
        'Add with_items, or remove it.',
      );
    }
  }
  if (dependencies.at(-1)?.task === name && read['join'] === undefined) read['join'] = 'all';
  reader.task = null;
  return { name, ...read, next: [...next, ...shorthands] };
}

function readName(reader: Reader, key: string | null, given: JsonMap, path: Path, index: number): string {
  const written = given['name'] ?? key;
  if (typeof written === 'string' && written.length > maxNameLength) {
    reader.task = null;
    return cut(reader, written, path);
  }
  if (typeof written === 'string' && written.trim() !== '') return written;
  if (typeof written === 'number') return String(written);
  const name = `task_${index + 1}`;
  reader.task = null;
  const what = written === null || written === '' ? 'no name' : `no usable name (${show(written)})`;
  reader.tell(
    [...path, 'name'],
    'missing_name',
    `Task ${index + 1} has ${what}; it is called ${name} here.`,
    'Give it a name.',
  );
  return name;
}

function cut(reader: Reader, name: string, path: Path): string {
  reader.tell(
    [...path, 'name'],
    'long_name',
    `The name ${show(name)} has ${name.length} characters; it is cut here.`,
    `Use at most ${maxNameLength}.`,
  );
  return name.slice(0, maxNameLength);
}

function readTransitions(reader: Reader, value: Json, path: Path): Transition[] {
  if (typeof value === 'string') return [{ do: [value] }];
  if (isMap(value)) return [readTransition(reader, value, path)];
  if (!Array.isArray(value)) {
    reader.wrong(path, value, 'a list of transitions');
    return [];
  }
  const names: string[] = [];
  const transitions = value.flatMap((entry, index) => {
    if (isMap(entry)) return [readTransition(reader, entry, [...path, index])];
    if (typeof entry === 'string') names.push(entry);
    else reader.wrong([...path, index], entry, 'a transition such as { when: …, do: [task] }');
    return [];
  });
  return names.length > 0 ? [...transitions, { do: names }] : transitions;
}

function readTransition(reader: Reader, value: JsonMap, path: Path): Transition {
  let targets: string[] = [];
  const read = reader.map(value, path, {
    when: (when, at) => (typeof when === 'boolean' ? `{{ ${String(when)} }}` : reader.text(when, at)),
    otherwise: reader.flag,
    label: reader.textUpTo(longestLabel),
    publish: (published, at) => readPublish(reader, published, at),
    do: (names, at) => {
      targets = reader.names(names, at);
      return undefined;
    },
  });
  return { ...read, do: targets };
}

/** Entries with one key each, in order; a map is read as the list of its entries. */
function readPublish(reader: Reader, value: Json, path: Path): Json | undefined {
  if (!Array.isArray(value) && !isMap(value)) return reader.wrong(path, value, 'a list of variables to set');
  return (Array.isArray(value) ? value : [value]).flatMap((entry, index) => {
    if (isMap(entry)) return Object.entries(entry).map((pair) => Object.fromEntries([pair]));
    reader.wrong([...path, index], entry, 'a map such as { name: value }');
    return [];
  });
}

function readRetry(reader: Reader, value: Json, path: Path): Json | undefined {
  const count = reader.whole(0, 1000);
  if (typeof value === 'number' || typeof value === 'string') {
    const made = count(value, path);
    return made === undefined ? undefined : { count: made };
  }
  if (!isMap(value)) return reader.wrong(path, value, 'a map with count and delay');
  const retry = reader.map(value, path, {
    count,
    delay: reader.duration,
    backoff: reader.oneOf('constant', 'linear', 'exponential'),
    max_delay: reader.duration,
    jitter: (jitter, at) =>
      typeof jitter === 'number' && jitter >= 0 && jitter <= 1
        ? jitter
        : reader.wrong(at, jitter, 'a number from 0 to 1'),
    on: (on, at) => {
      const outcome = reader.oneOf('failed', 'timeout', 'abandoned');
      return (Array.isArray(on) ? on : [on]).flatMap((word, index) => outcome(word, [...at, index]) ?? []);
    },
    when: reader.text,
  });
  if (retry['count'] !== undefined) return retry;
  return reader.tell(
    path,
    'missing_count',
    'A retry needs its count: how many extra attempts.',
    'Write count: 3.',
  );
}

function itemKeysOf(reader: Reader): Record<string, Read> {
  return {
    as: (value, path) => readAlias(reader, value, path),
    batch_size: reader.whole(1, 100_000),
    concurrency: reader.whole(1, 100_000),
    allow_failures: (value, path) => {
      if (typeof value === 'string' && /^\d+(\.\d+)?\s*%$/.test(value)) return value;
      return reader.whole(0, 100_000)(value, path);
    },
    on_item_failure: reader.oneOf('continue', 'stop'),
  };
}

/** A name for expressions: one that they can say. */
function readAlias(reader: Reader, value: Json, path: Path): Json | undefined {
  const isName =
    typeof value === 'string' && value.length <= maxNameLength && /^[\p{L}_][\p{L}\p{N}_]*$/u.test(value);
  return isName ? value : reader.wrong(path, value, 'a name of letters, digits and _');
}

function readItems(reader: Reader, keys: Record<string, Read>, value: Json, path: Path): Json | undefined {
  const list: Read = (items, at) =>
    typeof items === 'string' || Array.isArray(items)
      ? items
      : reader.wrong(at, items, 'a list, or an expression that gives one');
  if (!isMap(value)) {
    const items = list(value, path);
    return items === undefined ? undefined : { items };
  }
  const read = reader.map(value, path, { items: list, ...keys });
  if (read['items'] !== undefined) return read;
  return reader.tell(
    path,
    'missing_items',
    'with_items needs its items.',
    'Write items: "{{ parameters.list }}".',
  );
}

function readJoin(reader: Reader, value: Json, path: Path): Json | undefined {
  if (value === 'all' || value === 'any') return value;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= mostSources)
    return number;
  return reader.fixedOrWrong(path, value, `all, any, or a number of sources from 1 to ${mostSources}`);
}
