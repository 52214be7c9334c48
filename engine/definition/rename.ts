import { parseTemplate, type Json } from '../expression/expression';
import type { Definition } from './schema';

/**
 * The definition with `task.<old>` written as `task.<new>` in every expression, for each pair of `names`, all at once.
 * Texts without such a reference stay the very same, and so does every object that holds none.
 */
export function renameInExpressions(definition: Definition, names: ReadonlyMap<string, string>): Definition {
  return mapTexts(definition as Json, '', (text, key) =>
    renameInText(text, isBareKey(key), names),
  ) as Definition;
}

function isBareKey(key: string): boolean {
  return key === 'when';
}

function renameInText(text: string, isBare: boolean, names: ReadonlyMap<string, string>): string {
  if (!text.includes('task')) return text;
  if (!isBare && !/\{[{%]/.test(text)) return text;
  const lines = lineStarts(text);
  const places = new Map<number, string>();
  for (const { root, path, line, column } of parseTemplate(text, isBare).references) {
    const from = path[0];
    if (root === 'task' && typeof from === 'string' && names.has(from))
      places.set((lines[line - 1] ?? 0) + column - 1, from);
  }
  let renamed = text;
  for (const [place, from] of [...places].sort(([a], [b]) => b - a)) {
    const to = names.get(from) ?? from;
    const rest = renamed.slice(place);
    const member = /^task(\s*\.\s*|\s*\[\s*)(["']?)/.exec(rest);
    if (!member) continue;
    const [head, opening, quote] = member;
    if (!rest.startsWith(from, head.length)) continue;
    const after = rest.slice(head.length + from.length);
    const isDotted = opening?.trim() === '.';
    if (isDotted && !/^[A-Za-z_]\w*$/.test(to)) {
      renamed = `${renamed.slice(0, place)}task[${JSON.stringify(to)}]${after}`;
    } else {
      const name = quote ? JSON.stringify(to).slice(1, -1).replaceAll("'", "\\'") : to;
      renamed = renamed.slice(0, place) + head + name + after;
    }
  }
  return renamed;
}

export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

export function mapTexts(value: Json, key: string, change: (text: string, key: string) => string): Json {
  if (typeof value === 'string') return change(value, key);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => mapTexts(item, key, change));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  const entries = Object.entries(value).map(([name, item]) => [name, mapTexts(item, name, change)] as const);
  return entries.every(([name, item]) => item === value[name]) ? value : Object.fromEntries(entries);
}

/** The tasks that expressions of a definition name. */
export function tasksReferredTo(definition: Definition): Set<string> {
  const found = new Set<string>();
  mapTexts(definition as Json, '', (text, key) => {
    if (!text.includes('task') || (!isBareKey(key) && !/\{[{%]/.test(text))) return text;
    for (const { root, path } of parseTemplate(text, isBareKey(key)).references) {
      const [name] = path;
      if (root === 'task' && typeof name === 'string') found.add(name);
    }
    return text;
  });
  return found;
}
