import type { Definition, Task } from '@/engine/definition/schema';
import { previewScope, toOutcome, type KnownRun } from '@/engine/execution/preview';
import { ExpressionError, renderTemplate, type Json, type Scope } from '@/engine/expression/expression';
import type { ExecutionSummary, RunView } from '../canvas/run-overlay';
import type { ScopeData } from '../code/scope';
import { fieldsOf } from '../schema-form/field-kind';

type JsonObject = { [key: string]: Json };

/** A run as the editor knows it: the last one, or the one that was chosen. */
export interface RunRecord {
  execution: ExecutionSummary;
  parameters: JsonObject;
  /** Null until a worker has begun it. */
  run: RunView | null;
  tree: readonly ExecutionSummary[];
}
/** Outputs that are held, by task. */
export type Pins = Readonly<Record<string, Json>>;

/** What is known without running anything: the last run's values, pins over its results, and defaults. */
export function knownRun(
  definition: Definition,
  record: RunRecord | null,
  pins: Pins,
  now: string,
): KnownRun {
  const results: Record<string, { result: Json; status: string }> = {};
  for (const visit of record?.run?.taskRuns ?? []) {
    if (visit.status !== 'running') results[visit.task] = { result: visit.result, status: visit.status };
  }
  for (const [task, result] of Object.entries(pins)) results[task] = { result, status: 'completed' };
  return {
    parameters: { ...defaultsOf(definition), ...record?.parameters },
    variables: { ...plainVars(definition), ...record?.run?.variables },
    results,
    execution: record
      ? {
          id: record.execution.id,
          started_at: record.execution.startedAt ?? record.execution.created,
          attempt: record.execution.attempt,
        }
      : {},
    now,
  };
}

/** The values that a task's expressions see; with `after`, once it has ended. */
export function scopeData(
  definition: Definition,
  task: Task | null,
  after: boolean,
  record: RunRecord | null,
  pins: Pins,
  origin: string,
): ScopeData {
  const known = knownRun(definition, record, pins, record?.execution.created ?? '2026-01-01T00:00:00.000Z');
  const absent = definition.tasks
    .filter(({ name }) => !Object.hasOwn(known.results, name))
    .map(({ name }) => `task.${name}`);
  if (!record) {
    const given = new Set(Object.keys(known.parameters));
    for (const { name } of fieldsOf(definition.parameters ?? {}))
      if (!given.has(name)) absent.push(`parameters.${name}`);
    absent.push('execution', 'now()');
  }
  absent.push('config', 'keystore', 'datastore', 'system', 'event', 'trigger', 'rule');
  const own = task ? known.results[task.name] : undefined;
  const outcome = after && own ? toOutcome(own.status) : null;
  if (after && !outcome) absent.push('result()', 'succeeded()', 'failed()', 'timed_out()', 'cancelled()');
  const item = task?.with_items ? firstItem(task, previewScope(definition, known)) : null;
  if (task?.with_items && item === null) absent.push('item', 'index', task.with_items.as ?? 'item');
  return {
    scope: previewScope(definition, known, {
      ...(own && outcome ? { ended: { outcome, result: own.result } } : {}),
      ...(item === null ? {} : { item: { ...item, as: task?.with_items?.as ?? null } }),
    }),
    absent,
    origin,
  };
}

function firstItem(task: Task, scope: Scope): { value: Json; index: number } | null {
  const written = task.with_items?.items;
  const items = typeof written === 'string' ? render(written, scope) : written;
  const first = Array.isArray(items) ? items[0] : undefined;
  if (first === undefined) return null;
  const value = typeof first === 'string' ? (render(first, scope) ?? first) : first;
  return { value: task.with_items?.batch_size === undefined ? value : [value], index: 0 };
}

function render(source: string, scope: Scope): Json | null {
  try {
    return renderTemplate(source, scope).redacted;
  } catch (error) {
    if (error instanceof ExpressionError) return null;
    throw error;
  }
}

function defaultsOf(definition: Definition): JsonObject {
  return Object.fromEntries(
    fieldsOf(definition.parameters ?? {}).flatMap(({ name, schema }) =>
      schema['default'] === undefined ? [] : [[name, schema['default']]],
    ),
  );
}

/** The first values of variables that are no expressions. */
function plainVars(definition: Definition): JsonObject {
  return Object.fromEntries(
    Object.entries(definition.vars ?? {}).filter(([, value]) => !/\{[{%]/.test(JSON.stringify(value))),
  );
}

const mostNames = 60;

/** The paths of what really is in a value, as deep as three levels; lists by their first entry. */
export function pathsIn(path: string, value: Json, depth = 3): { path: string; detail: string }[] {
  if (depth === 0 || typeof value !== 'object' || value === null) return [];
  const members: [string, Json][] = Array.isArray(value)
    ? value.slice(0, 1).map((first) => [`${path}[0]`, first])
    : Object.entries(value)
        .filter(([key]) => /^[A-Za-z_]\w*$/.test(key))
        .slice(0, mostNames)
        .map(([key, member]) => [`${path}.${key}`, member]);
  return members
    .flatMap(([at, member]) => [{ path: at, detail: typeText(member) }, ...pathsIn(at, member, depth - 1)])
    .slice(0, mostNames);
}

function typeText(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}
