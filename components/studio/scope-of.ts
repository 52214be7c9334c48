import type { Definition, Task } from '@/engine/definition/schema';
import type { Json } from '@/engine/expression/expression';
import { fieldsOf, isSchema } from '../schema-form/field-kind';
import type { Catalog } from '../canvas/view';
import type { ExpressionScope, ScopeData, ScopeName } from '../code/scope';
import { previewOf } from '../code/preview';
import { pathsIn } from './scope-data';

const outcome: ScopeName[] = [
  { path: 'result()', detail: 'what this task gave back', kind: 'function' },
  { path: 'succeeded()', detail: 'whether it completed', kind: 'function' },
  { path: 'failed()', detail: 'whether it failed, timed out or was abandoned', kind: 'function' },
  { path: 'timed_out()', detail: 'whether it timed out', kind: 'function' },
  { path: 'cancelled()', detail: 'whether it was cancelled', kind: 'function' },
];
const always: ScopeName[] = [
  { path: 'now()', detail: 'the time, ISO 8601 in UTC', kind: 'function' },
  { path: 'execution.id', detail: 'this run', kind: 'name' },
  { path: 'execution.started_at', detail: 'when this run began', kind: 'name' },
  { path: 'execution.url', detail: 'the page of this run', kind: 'name' },
];

/**
 * The names that an expression of a task may use: parameters, variables, the other tasks' results as deep as their
 * actions describe them, `item` where it repeats, and after it ended (`after`) its own outcome.
 */
export function scopeOf(
  definition: Definition,
  catalog: Catalog,
  task: Task | null,
  after: boolean,
  data?: ScopeData,
): ExpressionScope {
  const names: ScopeName[] = [];
  const absent = new Set(data?.absent);
  /** What is really there, beside (never again) the names of it that its schema gave just before. */
  const addReal = (path: string, kind: ScopeName['kind'], known: readonly ScopeName[] = []) => {
    const preview = previewOf(path, true, data);
    if (preview.kind !== 'value') return;
    const given = new Set(known.map((name) => name.path));
    for (const member of pathsIn(path, preview.value))
      if (!given.has(member.path)) names.push({ ...member, kind });
  };
  for (const { name, schema } of fieldsOf(definition.parameters ?? {})) {
    names.push({ path: `parameters.${name}`, detail: typeText(schema['type']), kind: 'parameter' });
    addReal(`parameters.${name}`, 'parameter');
  }
  for (const [name, value] of Object.entries(definition.vars ?? {})) {
    names.push({ path: `workflow.${name}`, detail: typeText(typeOf(value)), kind: 'variable' });
    addReal(`workflow.${name}`, 'variable');
  }
  if (task?.with_items !== undefined) {
    names.push({ path: 'item', detail: 'the item of this run', kind: 'item' });
    if (task.with_items.as !== undefined)
      names.push({ path: task.with_items.as, detail: 'the item of this run', kind: 'item' });
    names.push({ path: 'index', detail: 'its place in the list, from 0', kind: 'item' });
    addReal('item', 'item');
  }
  if (after && task) {
    const fields = fieldNames('result().data', catalog.get(task.action ?? '')?.outSchema ?? null);
    names.push(...outcome, ...fields);
    addReal('result()', 'function', fields);
  }
  for (const other of definition.tasks) {
    if (other.name === task?.name && !after) continue;
    const path = `task.${other.name}.result`;
    const fields = fieldNames(`${path}.data`, catalog.get(other.action ?? '')?.outSchema ?? null);
    names.push({ path, detail: other.action ?? '', kind: 'task' }, ...fields);
    if (!absent.has(`task.${other.name}`)) addReal(path, 'task', fields);
    names.push({ path: `task.${other.name}.status`, detail: 'its state', kind: 'task' });
  }
  return { names: [...names, ...always] };
}

function fieldNames(path: string, schema: Json | null): ScopeName[] {
  if (schema === null || !isSchema(schema)) return [];
  return fieldsOf(schema).map(({ name, schema: field }) => ({
    path: `${path}.${name}`,
    detail: typeText(field['type']),
    kind: 'task' as const,
  }));
}

function typeText(type: Json | undefined): string {
  return type === undefined ? 'anything' : [type].flat().map(String).join(' or ');
}

function typeOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}
