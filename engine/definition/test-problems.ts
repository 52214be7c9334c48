import { expect } from 'vitest';
import { parseDefinition } from './parse';
import { validateDefinition, type CatalogAction } from './validate';

export const action = (
  ref: string,
  properties: CatalogAction['paramSchema'] = {},
  required: string[] = [],
): CatalogAction => ({
  ref,
  label: ref,
  paramSchema: { type: 'object', properties, required },
});
export const text = { type: 'string' };
/** The actions that the definitions of these tests may run. */
export const catalog = [
  action('x.do'),
  action('x.copy', { from: text, size: { type: 'integer' }, mode: { ...text, default: 'a' } }, [
    'from',
    'mode',
  ]),
  action('x.list', {
    list: { type: 'array', items: { type: 'integer' } },
    any: {},
    flag: { type: 'boolean' },
  }),
  action('core.ask', { prompt: text, response_schema: { type: 'object' } }),
  action('core.echo', { message: text }),
];

/** The problems of tasks as `severity code task field`. */
export function problems(tasks: object, others: object = {}): string[] {
  return found(tasks, others).map(({ severity, code, task, field }) =>
    [severity, code, task, field].filter((part) => part !== undefined).join(' '),
  );
}

export function found(tasks: object, others: object = {}) {
  const { definition, problems: unread } = parseDefinition({ tasks, ...others } as never);
  expect(unread).toEqual([]);
  return validateDefinition(definition, catalog, 'x.self');
}

export const only = (next: object[] = [], more: object = {}) => ({ action: 'x.do', next, ...more });
export const sets = (variable: string, to: string) => only([{ publish: [{ [variable]: 1 }], do: [to] }]);
export const on = (when: string, to: string) => ({ when: `{{ ${when} }}`, do: [to] });
