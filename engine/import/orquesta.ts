import type { Definition, Task, Transition } from '../definition/schema';
import type { Json } from '../expression/expression';
import { convertText, convertValue } from './expressions';
import { isObject, readInline, toEntries, type ImportNote } from './notes';
import type { Names } from './yaql';

type JsonObject = { [key: string]: Json };
type Path = readonly (string | number)[];
type Lost = (kind: ImportNote['kind'], path: Path, message: string) => void;

/** Actions that are called otherwise here, with what becomes of their inputs. */
const actions: Record<string, { ref: string; inputs: Record<string, string> }> = {
  'core.http': { ref: 'core.http_request', inputs: {} },
  'core.pause': { ref: 'core.sleep', inputs: { max_pause: 'seconds' } },
  'core.ask': {
    ref: 'core.ask',
    inputs: {
      schema: 'response_schema',
      users: 'assigned_to',
      roles: 'assigned_to',
      ttl: 'timeout',
      route: '',
    },
  },
};
const knownTaskKeys = new Set(['action', 'input', 'with', 'join', 'retry', 'delay', 'next', 'name']);
const knownKeys = new Set(['version', 'description', 'tags', 'input', 'vars', 'output', 'tasks']);

/** An Orquesta workflow as a definition of ours; `note` is told what is not in it, or became something else. */
export function readOrquesta(source: JsonObject, note: Lost): Definition {
  const tasks = isObject(source['tasks']) ? source['tasks'] : {};
  const inputs = toEntries(source['input']);
  const published = new Set(
    Object.values(tasks).flatMap((task) =>
      transitionsOf(task).flatMap(({ publish }) => publish.map(([name]) => name)),
    ),
  );
  const vars = toEntries(source['vars']);
  const variables = new Set([...vars.map(([name]) => name), ...published]);
  // An input that is published, or whose default is an expression, is a variable that begins as the parameter.
  for (const [name, fallback] of inputs) if (isExpression(fallback)) variables.add(name);
  const names = (as: string | null = null): Names => ({
    variable: (name) => (variables.has(name) ? member('workflow', name) : member('parameters', name)),
    item: (name) => (name === null || name === as ? 'item' : member('item', name)),
  });
  const convert = (value: Json, path: Path, as: string | null = null) =>
    convertValue(value, names(as), (why, text) => note('lost', path, `${shorten(text)}: ${why}`));

  for (const key of Object.keys(source))
    if (!knownKeys.has(key)) note('lost', [key], `${key} is unknown here.`);
  const parameters: JsonObject = {};
  const first: JsonObject = {};
  for (const [name, fallback] of inputs) {
    const isPlain = fallback !== undefined && !isExpression(fallback);
    parameters[name] = isPlain ? { default: fallback } : fallback === undefined ? { required: true } : {};
    if (!variables.has(name)) continue;
    const given = member('parameters', name);
    const otherwise =
      typeof fallback === 'string' && isExpression(fallback) ? convert(fallback, ['input']) : null;
    const inner = typeof otherwise === 'string' ? /^\{\{ ([\s\S]*) \}\}$/.exec(otherwise)?.[1] : undefined;
    first[name] =
      inner !== undefined
        ? `{{ ${given} if ${given} is not none else ${inner} }}`
        : typeof otherwise === 'string'
          ? `{% if ${given} is not none %}{{ ${given} }}{% else %}${otherwise}{% endif %}`
          : `{{ ${given} }}`;
  }
  for (const [name, value] of vars) first[name] = convert(value ?? null, ['vars']);
  for (const name of published) if (!Object.hasOwn(first, name)) first[name] = null;
  const output = Object.fromEntries(
    toEntries(source['output']).map(([name, value]) => [name, convert(value ?? null, ['output'])]),
  );
  return {
    ...(typeof source['description'] === 'string' ? { description: source['description'].trim() } : {}),
    ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
    ...(Object.keys(first).length > 0 ? { vars: first } : {}),
    tasks: Object.entries(tasks).map(([name, task]) =>
      readTask(name, isObject(task) ? task : {}, {
        names,
        convert,
        note,
        known: new Set(Object.keys(tasks)),
      }),
    ),
    ...(Object.keys(output).length > 0 ? { output_map: output } : {}),
  };
}

interface Reading {
  names: (as?: string | null) => Names;
  convert: (value: Json, path: Path, as?: string | null) => Json;
  note: Lost;
  known: ReadonlySet<string>;
}

function readTask(name: string, task: JsonObject, reading: Reading): Task {
  const { convert, note } = reading;
  const at = (...path: Path) => ['tasks', name, ...path];
  for (const key of Object.keys(task))
    if (!knownTaskKeys.has(key)) note('lost', at(key), `${key} of ${name} is unknown here.`);
  const [written = 'core.noop', inline = ''] = splitAction(task['action']);
  const repeat = readItems(task['with'], name, reading);
  const as = repeat?.as ?? null;
  const given = isObject(task['input']) ? { ...readInline(inline), ...task['input'] } : readInline(inline);
  if (task['input'] !== undefined && !isObject(task['input']))
    note('lost', at('input'), `The input of ${name} is one expression: write its parts one by one.`);
  const { ref, inputs } = actions[written] ?? { ref: written, inputs: {} };
  if (ref !== written)
    note('changed', at('action'), `${written} is ${ref} here: look at the inputs of ${name}.`);
  else if (written.startsWith('core.') && !['core.echo', 'core.noop', 'core.ask'].includes(written))
    note(
      'changed',
      at('action'),
      `There is no ${written} here: make an action of your own for ${name}, with the same inputs.`,
    );
  const input: JsonObject = {};
  for (const [key, value] of Object.entries(given)) {
    const target = Object.hasOwn(inputs, key) ? inputs[key] : key;
    if (!target) note('lost', at('input', key), `The input ${key} of ${written} has no counterpart here.`);
    else {
      if (target !== key)
        note('changed', at('input', key), `The input ${key} of ${written} is ${target} here.`);
      input[target] = convert(value, at('input', key), as);
    }
  }
  const join = task['join'];
  if (join !== undefined && join !== 'all' && typeof join !== 'number')
    note('lost', at('join'), `The join of ${name} is neither all nor a number.`);
  const retry = readRetry(task['retry'], name, reading);
  const delay = task['delay'];
  if (typeof delay === 'string')
    note('lost', at('delay'), `The delay of ${name} is an expression: write a number of seconds.`);
  return {
    name,
    action: ref,
    ...(Object.keys(input).length > 0 ? { input } : {}),
    ...(typeof delay === 'number' ? { delay } : {}),
    ...(retry ? { retry } : {}),
    ...(join === 'all' || typeof join === 'number' ? { join } : {}),
    ...(repeat ? { with_items: repeat } : {}),
    next: transitionsOf(task).map((transition, index) => readTransition(transition, index, name, reading)),
  };
}

function splitAction(action: Json | undefined): [string?, string?] {
  const found = typeof action === 'string' ? /^\s*(\S+)\s*([\s\S]*)$/.exec(action) : null;
  return found ? [found[1] ?? '', found[2] ?? ''] : [];
}

function readItems(written: Json | undefined, task: string, { convert, note }: Reading): Task['with_items'] {
  if (written === undefined) return undefined;
  const spec = isObject(written) ? written : { items: written };
  const items = spec['items'] ?? null;
  const named = typeof items === 'string' ? /^\s*([\w\s,]+?)\s+in\s+([\s\S]+)$/.exec(items) : null;
  const as = named?.[1]?.split(',').map((part) => part.trim()) ?? [];
  const path = ['tasks', task, 'with'];
  if (as.length > 1)
    note('lost', path, `${task} takes several values of each item (${as.join(', ')}): make objects of them.`);
  const list = convert(named?.[2] ?? items, path);
  const concurrency = spec['concurrency'];
  if (typeof concurrency === 'string')
    note('lost', path, `The concurrency of ${task} is an expression: write a number.`);
  return {
    items: Array.isArray(list) || typeof list === 'string' ? list : [],
    ...(as.length === 1 && as[0] ? { as: as[0] } : {}),
    ...(typeof concurrency === 'number' && concurrency > 0 ? { concurrency } : {}),
  };
}

function readRetry(written: Json | undefined, task: string, { names, note }: Reading): Task['retry'] {
  if (!isObject(written)) return undefined;
  const path = ['tasks', task, 'retry'];
  const { count, delay, when } = written;
  if (typeof count !== 'number') {
    note('lost', path, `The retry of ${task} has no number as its count.`);
    return undefined;
  }
  if (typeof delay === 'string')
    note('lost', path, `The delay between the attempts of ${task} is an expression: write a number.`);
  const condition =
    typeof when === 'string' ? convertText(when, names(), (why) => note('lost', path, why)) : undefined;
  // That is what a retry is for anyway.
  const isPlain = condition === undefined || /^\{\{ failed\(\) \}\}$/.test(condition);
  return {
    count,
    ...(typeof delay === 'number' ? { delay } : {}),
    ...(isPlain ? {} : { when: condition, on: ['failed', 'timeout'] }),
  };
}

interface WrittenTransition {
  when: Json | undefined;
  publish: [string, Json | undefined][];
  do: string[];
}

function transitionsOf(task: Json): WrittenTransition[] {
  const next = isObject(task) ? task['next'] : undefined;
  return (Array.isArray(next) ? next : next === undefined ? [] : [next])
    .filter(isObject)
    .map((transition) => {
      const targets = transition['do'];
      return {
        when: transition['when'],
        publish: toEntries(transition['publish']),
        do: (Array.isArray(targets)
          ? targets.map(String)
          : typeof targets === 'string'
            ? targets.split(',')
            : []
        )
          .map((target) => target.trim())
          .filter((target) => target !== ''),
      };
    });
}

function readTransition(
  written: WrittenTransition,
  index: number,
  task: string,
  reading: Reading,
): Transition {
  const { convert, note, known } = reading;
  const path = ['tasks', task, 'next', index];
  const when = typeof written.when === 'string' ? convert(written.when, [...path, 'when']) : undefined;
  const targets = written.do.map((target) => {
    if (known.has(target)) return target;
    if (target === 'fail') return '$fail';
    if (target === 'noop') return '$end';
    if (target === 'continue') {
      note('changed', [...path, 'do'], `continue of ${task} ends the branch here.`);
      return '$end';
    }
    note('changed', [...path, 'do'], `${task} leads to ${target}, which there is not.`);
    return target;
  });
  return {
    ...(typeof when === 'string' && when !== '{{ true }}' ? { when } : {}),
    ...(written.publish.length > 0
      ? {
          publish: written.publish.map(([name, value], place) => ({
            [name]: convert(value ?? null, [...path, 'publish', place]),
          })),
        }
      : {}),
    do: targets,
  };
}

function isExpression(value: Json | undefined): boolean {
  return typeof value === 'string' && /<%|\{\{/.test(value);
}

function member(path: string, name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}
