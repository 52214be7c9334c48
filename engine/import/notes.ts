import type { Json } from '../expression/expression';

/** What an import says of a place: what was left behind, or became something else. */
export interface ImportNote {
  /** Lost: it is not in what was made. Changed: it is, but look at it. */
  kind: 'lost' | 'changed';
  line: number | null;
  message: string;
}

type JsonObject = { [key: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `a=1 b="two words"` as a map; the texts of numbers, booleans and null as such. */
export function readInline(text: string): JsonObject {
  const found: JsonObject = {};
  const entries = text.matchAll(
    /([A-Za-z_]\w*)=("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|<%[\s\S]*?%>|\{\{[\s\S]*?\}\}|\S+)/g,
  );
  for (const [, name = '', written = ''] of entries) {
    const bare = /^["']/.test(written) ? written.slice(1, -1).replaceAll(/\\(["'])/g, '$1') : written;
    found[name] = /^(?:-?\d+(?:\.\d+)?|true|false|null)$/.test(written)
      ? (JSON.parse(written) as Json)
      : bare;
  }
  return found;
}

/** A list of one-key maps, a map, or names alone, as entries in their order. */
export function toEntries(written: Json | undefined): [string, Json | undefined][] {
  if (typeof written === 'string') return Object.entries(readInline(written));
  if (isObject(written)) return Object.entries(written);
  if (!Array.isArray(written)) return [];
  return written.flatMap((entry): [string, Json | undefined][] =>
    typeof entry === 'string' ? [[entry, undefined]] : isObject(entry) ? Object.entries(entry) : [],
  );
}
