import { parseTemplate, type Json, type Reference } from '../expression/expression';
import { lineStarts, mapTexts } from './rename';

/** Calls `visit` with every reference of every expression in a part of a definition. */
export function eachReference(part: unknown, visit: (reference: Reference) => void): void {
  mapTexts(part as Json, '', (text, key) => {
    for (const reference of inspect(text, key)) visit(reference);
    return text;
  });
}

/**
 * The part with every path that begins with `from`, such as `['task', 'build', 'result']`, beginning with the text `to`
 * instead, in every expression. What is written in a way that cannot be replaced stays, and is given to `missed`.
 */
export function replacePaths<Part>(
  part: Part,
  from: readonly string[],
  to: string,
  missed: (text: string) => void = () => {},
): Part {
  const [root = '', ...path] = from;
  const pattern = new RegExp(
    `^${escape(root)}${path
      .map((name) => `\\s*(?:\\.\\s*${escape(name)}(?!\\w)|\\[\\s*(["'])${escape(name)}\\1\\s*\\])`)
      .join('')
      .replaceAll('\\1', '["\']')}`,
  );
  return mapTexts(part as Json, '', (text, key) => {
    const lines = lineStarts(text);
    const places = inspect(text, key)
      .filter(
        (reference) => reference.root === root && path.every((name, index) => reference.path[index] === name),
      )
      .map(({ line, column }) => (lines[line - 1] ?? 0) + column - 1)
      .sort((a, b) => b - a);
    let replaced = text;
    for (const place of new Set(places)) {
      const found = pattern.exec(replaced.slice(place));
      if (!found) missed(text);
      else replaced = replaced.slice(0, place) + to + replaced.slice(place + found[0].length);
    }
    return replaced;
  }) as Part;
}

function inspect(text: string, key: string): readonly Reference[] {
  const isBare = key === 'when';
  return isBare || /\{[{%]/.test(text) ? parseTemplate(text, isBare).references : [];
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
