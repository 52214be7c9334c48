import type { Json } from '../../expression/expression';
import { nearest } from '../../expression/nearest';
import { checkAgainst, type JsonSchema } from '../../json-schema';
import type { Problem } from '../problem';
import type { Task } from '../schema';
import { problem, quote, type CatalogAction, type Check } from './check';

/** Tasks without an action, actions that do not exist, and inputs that do not fit theirs. */
export const checkActions: Check = ({ definition, actions }) => {
  const refs = actions ? [...actions.keys()] : [];
  return definition.tasks.flatMap((task) => {
    const at = { task: task.name, field: 'action' };
    if (!task.action) {
      return [
        problem('error', 'missing_action', at, `${quote(task.name)} has no action.`, 'Choose what it runs.'),
      ];
    }
    if (!actions) return [];
    const action = actions.get(task.action);
    if (action) return checkInput(task, action);
    const near = nearest(task.action, refs);
    return [
      problem(
        'error',
        'unknown_action',
        at,
        `There is no action ${quote(task.action)}.`,
        near ? `Did you mean ${near}?` : 'Choose one that exists, or make it.',
      ),
    ];
  });
};

function checkInput(task: Task, action: CatalogAction): Problem[] {
  const schema = action.paramSchema;
  if (!schema) return [];
  const input = task.input ?? {};
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const missing = required.filter((name) => {
    const property = properties[name];
    return !Object.hasOwn(input, name) && !(isSchema(property) && property['default'] !== undefined);
  });
  return [
    ...missing.map((name) =>
      problem(
        'error',
        'missing_input',
        { task: task.name, field: `input.${name}` },
        `${action.ref} needs the input ${name}.`,
        'Give it a value.',
      ),
    ),
    ...Object.entries(input).flatMap(([name, value]): Problem[] => {
      const at = { task: task.name, field: `input.${name}` };
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (property === undefined) {
        if (Object.keys(properties).length === 0 && schema['additionalProperties'] !== false) return [];
        const near = nearest(name, Object.keys(properties));
        return [
          problem(
            'warning',
            'unknown_input',
            at,
            `${action.ref} has no parameter ${quote(name)}.`,
            near ? `Did you mean ${near}?` : 'Remove it, or add it to the action.',
          ),
        ];
      }
      if (!isSchema(property) || holdsTemplate(value)) return [];
      return checkAgainst(property, value).map(({ path, message }) =>
        problem(
          'error',
          'wrong_input',
          { ...at, field: path ? `${at.field}.${path}` : at.field },
          `${path ? `${name}.${path}` : name} ${message}.`,
          'Change the value, or write an expression.',
        ),
      );
    }),
  ];
}

function isSchema(value: Json | undefined): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is only known when the task starts. */
function holdsTemplate(value: Json): boolean {
  if (typeof value === 'string') return /\{[{%]/.test(value);
  return value !== null && typeof value === 'object' && Object.values(value).some(holdsTemplate);
}
