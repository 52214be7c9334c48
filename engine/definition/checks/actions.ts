import type { Json } from '../../expression/expression';
import { nearest } from '../../expression/nearest';
import { checkAgainst } from '../../json-schema';
import type { Finding } from '../findings';
import { deepestNesting } from '../plain-json';
import type { Task } from '../schema';
import { problem, quote, type CatalogAction, type Check } from './check';
import { isSchema, propertiesOf } from './names-known';

/** Tasks without an action, actions that do not exist, and inputs that do not fit theirs. */
export const checkActions: Check = function* ({ definition, actions }) {
  for (const task of definition.tasks) {
    const at = { task: task.name, field: 'action' };
    if (!task.action) {
      const message = `${quote(task.name)} has no action.`;
      yield problem('error', 'missing_action', at, message, 'Choose what it runs.');
      continue;
    }
    if (!actions) continue;
    const action = actions.get(task.action);
    if (action) yield* checkInput(task, action);
    else yield unknownAction(task.action, at, actions);
  }
};

function unknownAction(
  ref: string,
  at: { task: string; field: string },
  actions: ReadonlyMap<string, CatalogAction>,
): Finding {
  return problem('error', 'unknown_action', at, `There is no action ${quote(ref)}.`, () => {
    const near = nearest(ref, actions.keys());
    return near ? `Did you mean ${near}?` : 'Choose one that exists, or make it.';
  });
}

function* checkInput(task: Task, action: CatalogAction): Generator<Finding> {
  const schema = action.paramSchema;
  if (!schema) return;
  const input = task.input ?? {};
  const properties = propertiesOf(schema);
  const known = Object.keys(properties);
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  for (const name of required) {
    const property = properties[name];
    if (Object.hasOwn(input, name) || (isSchema(property) && property['default'] !== undefined)) continue;
    yield problem(
      'error',
      'missing_input',
      { task: task.name, field: `input.${name}` },
      `${action.ref} needs the input ${quote(name)}.`,
      'Give it a value.',
    );
  }
  const takesAny = known.length === 0 && schema['additionalProperties'] !== false;
  for (const [name, value] of Object.entries(input)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (isSchema(property)) yield* checkValue(task, name, value, property);
    else if (property === undefined && !takesAny)
      yield problem(
        'warning',
        'unknown_input',
        { task: task.name, field: `input.${name}` },
        `${action.ref} has no parameter ${quote(name)}.`,
        () => {
          const near = nearest(name, known);
          return near ? `Did you mean ${near}?` : 'Remove it, or add it to the action.';
        },
      );
  }
}

/** What can be said of an input before it is rendered: nothing of its expressions, nor of what holds them. */
function* checkValue(
  task: Task,
  name: string,
  value: Json,
  schema: { [key: string]: Json },
): Generator<Finding> {
  if (typeof value === 'string' && holdsTemplate(value)) return;
  const open = new Set<string>();
  if (!findOpen(value, '', open, 0)) return;
  for (const { path, message } of checkAgainst(schema, value)) {
    if (open.has(path)) continue;
    yield problem(
      'error',
      'wrong_input',
      { task: task.name, field: path ? `input.${name}.${path}` : `input.${name}` },
      `${path ? `${quote(name)}.${quote(path)}` : quote(name)} ${message}.`,
      'Change the value, or write an expression.',
    );
  }
}

function holdsTemplate(text: string): boolean {
  return /\{[{%]/.test(text);
}

/**
 * Collects the paths of texts that are only known when the task starts, and of all that hold them. False for what is
 * nested so deeply that it is told elsewhere.
 */
function findOpen(value: Json, path: string, open: Set<string>, depth: number): boolean {
  if (typeof value === 'string') {
    if (!holdsTemplate(value)) return true;
    for (let above = path; !open.has(above); above = above.slice(0, Math.max(0, above.lastIndexOf('.'))))
      open.add(above);
    return true;
  }
  if (value === null || typeof value !== 'object') return true;
  return (
    depth < deepestNesting &&
    Object.entries(value).every(([key, part]) =>
      findOpen(part, path === '' ? key : `${path}.${key}`, open, depth + 1),
    )
  );
}
