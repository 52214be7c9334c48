import type { Finding } from '../findings';
import { isReserved } from '../graph';
import { maxNameLength } from '../schema';
import { problem, quote, type Check } from './check';

const mostTasks = 10_000;
// Words that mean something else where a task's name may stand, and names that objects have by themselves.
const words = new Set(['continue', 'abort', '__proto__', 'constructor', 'prototype']);

/** Names that are missing, too long, taken twice or taken by the language; too many tasks. */
export const checkNames: Check = ({ definition }) => {
  const seen = new Set<string>();
  const found: Finding[] = definition.tasks.flatMap(({ name }) => {
    const at = { task: name, field: 'name' };
    if (isReserved(name) || name.startsWith('$') || words.has(name)) {
      return [
        problem(
          'error',
          'reserved_name',
          at,
          `${quote(name)} cannot be a task's name: it means something else.`,
          'Give the task another name.',
        ),
      ];
    }
    if (name.trim() === '' || name !== name.trim() || /[\n\r\t]/.test(name)) {
      return [
        problem(
          'error',
          'wrong_name',
          at,
          `${JSON.stringify(quote(name))} cannot be a task's name: it has blanks around it or breaks the line.`,
          'Use letters, digits and _.',
        ),
      ];
    }
    if (name.length > maxNameLength) {
      return [
        problem(
          'error',
          'long_name',
          at,
          `The name ${quote(name)} has ${name.length} characters.`,
          `Use at most ${maxNameLength}.`,
        ),
      ];
    }
    if (seen.has(name)) {
      return [
        problem('error', 'duplicate_name', at, `Two tasks are called ${quote(name)}.`, 'Rename one of them.'),
      ];
    }
    seen.add(name);
    return [];
  });
  if (definition.tasks.length > mostTasks) {
    const message = `There are ${definition.tasks.length} tasks; at most ${mostTasks} fit.`;
    found.push(
      problem(
        'error',
        'too_many_tasks',
        { field: 'tasks' },
        message,
        'Move a part into a workflow of its own.',
      ),
    );
  }
  return found;
};
