import type { Json } from './value';

/** What no database keeps in a text, with its name. */
export interface Unstorable {
  /** As people read it: `a NUL character`. */
  what: string;
  /** As it is written in an expression. */
  written: string;
}

/** The first character in a value, its names included, that cannot be stored; null when all of it can. */
export function findUnstorable(value: Json): Unstorable | null {
  if (typeof value === 'string') return inText(value);
  if (value === null || typeof value !== 'object') return null;
  if (Array.isArray(value)) return firstOf(value, findUnstorable);
  return firstOf(Object.keys(value), (key) => inText(key) ?? findUnstorable(value[key] ?? null));
}

function firstOf<Part>(parts: readonly Part[], find: (part: Part) => Unstorable | null): Unstorable | null {
  for (const part of parts) {
    const found = find(part);
    if (found) return found;
  }
  return null;
}

function inText(text: string): Unstorable | null {
  if (text.includes('\0')) return { what: 'a NUL character', written: String.raw`\x00` };
  if (text.isWellFormed()) return null;
  const half = /\p{Surrogate}/u.exec(text)?.[0] ?? '';
  const written = String.raw`\u${half.charCodeAt(0).toString(16)}`;
  return { what: `half of a character (${written})`, written };
}
