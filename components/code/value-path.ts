import type { Json } from '@/engine/expression/expression';

const type = 'application/x-attune-path';
const valueType = 'application/x-attune-value';

/** Lets a value be dragged: a field of expressions takes its path, one of values itself, anything else the expression as text. */
export function dragPath(transfer: DataTransfer, path: string, value: Json): void {
  transfer.setData(type, path);
  transfer.setData(valueType, JSON.stringify(value));
  transfer.setData('text/plain', `{{ ${path} }}`);
  transfer.effectAllowed = 'copy';
}

/** The path that is dragged, or null. While it hovers, browsers tell only that there is one (`isOver`): then ''. */
export function readDraggedPath(transfer: DataTransfer, isOver: boolean): string | null {
  if (!transfer.types.includes(type)) return null;
  return isOver ? '' : transfer.getData(type);
}

/** The value that is dragged, or null; while it hovers it is not told yet. */
export function readDraggedValue(transfer: DataTransfer): { value: Json } | null {
  if (!transfer.types.includes(valueType)) return null;
  try {
    return { value: JSON.parse(transfer.getData(valueType) || 'null') as Json };
  } catch {
    return null;
  }
}

/** Whether what is written after `text` stands inside of `{{ }}` or `{% %}`. */
export function isInBraces(text: string): boolean {
  const open = Math.max(text.lastIndexOf('{{'), text.lastIndexOf('{%'));
  return open >= 0 && Math.max(text.lastIndexOf('}}'), text.lastIndexOf('%}')) < open;
}

/** The path of a member: with a dot where its name is one, else in brackets. */
export function memberPath(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return /^[A-Za-z_]\w*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}
