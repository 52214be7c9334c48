import type { JsonObject } from '@/server/fields';

/** A workflow of built-in no-op tasks, for measuring. */
export interface Shape {
  tasks: JsonObject[];
  more: JsonObject;
  parameters: JsonObject;
  /** How many executions its run starts. */
  children: number;
}

const onSuccess = (target: string) => [{ when: '{{ succeeded() }}', do: [target] }];

/** Tasks one after the other, each started by the success of the one before. */
export function toChain(length: number, action = 'core.noop'): Shape {
  const tasks = Array.from({ length }, (_, place) => ({
    name: `t${place}`,
    action,
    ...(place + 1 < length ? { next: onSuccess(`t${place + 1}`) } : {}),
  }));
  return { tasks, more: {}, parameters: {}, children: length };
}

/** One task with so many items, which come with the request: one workflow serves every number of them. */
export function toFanOut(items: number): Shape {
  return {
    tasks: [{ name: 'each', action: 'core.noop', with_items: '{{ parameters.items }}' }],
    more: { parameters: { items: { type: 'array', required: true } } },
    parameters: { items: Array.from({ length: items }, (_, index) => index) },
    children: items,
  };
}

/** Tasks that all start at once, and one that joins them all. */
export function toWide(width: number): Shape {
  const parallel = Array.from({ length: width }, (_, place) => ({
    name: `t${place}`,
    action: 'core.noop',
    next: onSuccess('last'),
  }));
  const tasks = [...parallel, { name: 'last', action: 'core.noop', join: 'all' }];
  return { tasks, more: {}, parameters: {}, children: width + 1 };
}
