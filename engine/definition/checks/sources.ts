import type { Json } from '../../expression/expression';
import { deepestNesting } from '../plain-json';
import type { Definition, Task } from '../schema';

/** A text that may hold expressions: where it is, and what it may speak of. */
export interface Source {
  text: string;
  place: { task?: string; field: string };
  /** What it stands in. */
  within: 'input' | 'items' | 'condition' | 'publish' | 'vars' | 'output';
  /** The name of the input that it is as a whole. */
  input?: string;
  /** Whether `result()` and its kin mean something here. */
  isAfter: boolean;
  /** Names beside the usual ones. */
  locals: readonly string[];
}

/** A part that is nested too deeply to be rendered, which is told instead of entered. */
export interface TooDeep {
  tooDeep: { task?: string; field: string };
}

const noLocals: readonly string[] = [];

/** Every text of a definition that may hold expressions, in the order in which it is written. */
export function* sourcesOf(definition: Definition): Generator<Source | TooDeep> {
  const run = { isAfter: false, locals: noLocals };
  for (const text of textsIn(definition.vars ?? {}, 'vars'))
    yield 'tooDeep' in text ? text : { ...run, ...text, within: 'vars' };
  for (const task of definition.tasks) yield* sourcesOfTask(task);
  for (const text of textsIn(definition.output_map ?? {}, 'output_map'))
    yield 'tooDeep' in text ? text : { ...run, ...text, within: 'output' };
}

function* sourcesOfTask(task: Task): Generator<Source | TooDeep> {
  const { name, with_items: items, retry } = task;
  const before = { isAfter: false, locals: noLocals };
  const after = { isAfter: true, locals: noLocals };
  const locals = items ? ['item', 'index', ...(items.as === undefined ? [] : [items.as])] : noLocals;
  for (const [input, value] of Object.entries(task.input ?? {})) {
    const whole = typeof value === 'string' ? { input } : {};
    for (const text of textsIn(value, `input.${input}`, name))
      yield 'tooDeep' in text ? text : { ...text, ...whole, within: 'input', isAfter: false, locals };
  }
  for (const text of textsIn(items?.items ?? [], 'with_items', name))
    yield 'tooDeep' in text ? text : { ...before, ...text, within: 'items' };
  const condition = (field: string, text: string): Source => ({
    ...after,
    text,
    place: { task: name, field },
    within: 'condition',
  });
  if (retry?.when !== undefined) yield condition('retry.when', retry.when);
  for (const [index, { when, publish }] of task.next.entries()) {
    if (when !== undefined) yield condition(`next.${index}.when`, when);
    for (const text of textsIn(publish ?? [], `next.${index}.publish`, name))
      yield 'tooDeep' in text ? text : { ...after, ...text, within: 'publish' };
  }
}

/** Every text in a value with its place. */
function* textsIn(
  value: Json,
  field: string,
  task?: string,
  depth = 0,
): Generator<Pick<Source, 'text' | 'place'> | TooDeep> {
  const place = { field, ...(task === undefined ? {} : { task }) };
  if (typeof value === 'string') yield { text: value, place };
  else if (value !== null && typeof value === 'object') {
    if (depth >= deepestNesting) {
      yield { tooDeep: place };
      return;
    }
    for (const key of Object.keys(value))
      yield* textsIn((value as { [key: string]: Json })[key] ?? null, `${field}.${key}`, task, depth + 1);
  }
}
