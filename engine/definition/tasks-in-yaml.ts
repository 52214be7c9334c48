import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { readYaml } from './read-yaml';

/** The lines of a text that say a task; both ends belong to it. */
export interface TaskLines {
  name: string;
  from: number;
  to: number;
}

/** Where a YAML text says each of its tasks, in its order; empty where the text cannot be read. */
export function tasksInYaml(text: string): TaskLines[] {
  const read = readYaml(text);
  if (!read.document || !isMap(read.document.contents)) return [];
  const tasks: unknown = read.document.contents.get('tasks');
  const lineAt = (offset: number) => read.lines.linePos(offset).line;
  const toLines = (name: unknown, start: unknown, end: unknown): TaskLines[] => {
    const from = rangeOf(start)?.[0];
    // The second number is the end of the value, the third takes in the comments and spaces behind it.
    const to = rangeOf(end)?.[1] ?? rangeOf(start)?.[1];
    if (from === undefined || to === undefined || typeof name !== 'string') return [];
    return [{ name, from: lineAt(from), to: Math.max(lineAt(from), lineAt(Math.max(from, to - 1))) }];
  };
  if (isSeq(tasks))
    return tasks.items.flatMap((item) => (isMap(item) ? toLines(item.get('name'), item, item) : []));
  if (isMap(tasks))
    return tasks.items.flatMap(({ key, value }) =>
      isScalar(key) ? toLines(String(key.value), key, value) : [],
    );
  return [];
}

function rangeOf(node: unknown): Node['range'] {
  return (node as Node | null)?.range;
}
