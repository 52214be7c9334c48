import type { Definition } from '@/engine/definition/schema';

/** A place of a workflow that has the words that were looked for. */
export interface Match {
  task: string;
  /** The transition that it is in; null for the task's own fields. */
  transition: number | null;
  /** The field, as a path: `name`, `input.message`, `next.0.when`. */
  field: string;
}

const most = 1000;

/** Where names, actions, expressions and all other texts of tasks have the words, in the order of the tasks. */
export function findMatches({ tasks }: Definition, words: string): Match[] {
  const wanted = words.trim().toLowerCase();
  if (wanted === '') return [];
  const found: Match[] = [];
  for (const task of tasks) {
    visit(task, [], (text, path) => {
      if (found.length >= most || !text.toLowerCase().includes(wanted)) return;
      const transition = path[0] === 'next' ? Number(path[1]) : null;
      found.push({ task: task.name, transition, field: path.join('.') });
    });
  }
  return found;
}

function visit(
  value: unknown,
  path: readonly string[],
  tell: (text: string, path: readonly string[]) => void,
): void {
  if (typeof value === 'string') return tell(value, path);
  if (value === null || typeof value !== 'object') return;
  for (const [key, part] of Object.entries(value)) visit(part, [...path, key], tell);
}
