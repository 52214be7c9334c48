import type { Definition } from '@/engine/definition/schema';

const reserved = new Set(['continue', 'abort']);

/** Why a task may not be called this; null when it may. */
export function nameFault(name: string, definition: Definition): 'taken' | 'form' | null {
  if (!/^[A-Za-z_][A-Za-z0-9_-]{0,99}$/.test(name) || reserved.has(name)) return 'form';
  return definition.tasks.some((task) => task.name === name) ? 'taken' : null;
}

/** What a new task of an action is called before it is made unique: the last word of the action's ref. */
export function baseName(actionRef: string): string {
  const word = (actionRef.split('.').at(-1) ?? '').replaceAll(/[^A-Za-z0-9_]+/g, '_').replace(/^(\d)/, '_$1');
  return word === '' || reserved.has(word) ? 'task' : word;
}
