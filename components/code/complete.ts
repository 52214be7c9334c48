import { filterSignatures, globalSignatures, testSignatures } from '@/engine/expression/expression';
import type { ExpressionScope, ScopeName } from './scope';

/** One thing that the completion offers. */
export interface Offer {
  name: string;
  detail: string;
  help: string;
  kind: 'filter' | 'test' | ScopeName['kind'];
}
export interface Completion {
  /** How many characters before the cursor an offer replaces. */
  replaces: number;
  offers: Offer[];
}
const nothing: Completion = { replaces: 0, offers: [] };
const words = /(?:[A-Za-z_]\w*(?:\(\))?\.)*\w*$/;

/** What may stand at the end of `text`: inside of braces, or everywhere when the whole field is an expression. */
export function complete(text: string, scope: ExpressionScope, isBare = false): Completion {
  const inside = insideOf(text, isBare);
  if (inside === null) return nothing;
  const filter = /\|\s*(\w*)$/.exec(inside);
  if (filter) return { replaces: filter[1]?.length ?? 0, offers: toOffers(filterSignatures, 'filter') };
  const test = /\bis\s+(?:not\s+)?(\w*)$/.exec(inside);
  if (test) return { replaces: test[1]?.length ?? 0, offers: toOffers(testSignatures, 'test') };
  const word = words.exec(inside)?.[0] ?? '';
  return {
    replaces: word.length,
    offers: [
      ...scope.names.map(({ path, detail, kind }) => ({ name: path, detail, help: '', kind })),
      ...(word.includes('.') ? [] : toOffers(globalSignatures, 'function')),
    ],
  };
}

/** The filter, test or function whose arguments are being written at the end of `text`. */
export function openCall(text: string, isBare = false): { signature: string; help: string } | null {
  const inside = insideOf(text, isBare);
  if (inside === null) return null;
  let depth = 0;
  for (let place = inside.length - 1; place >= 0; place--) {
    if (inside[place] === ')') depth += 1;
    else if (inside[place] === '(' && depth > 0) depth -= 1;
    else if (inside[place] === '(') {
      const call = /(\||\bis\s+(?:not\s+)?)?\s*([A-Za-z_]\w*)\s*$/.exec(inside.slice(0, place));
      const table = call?.[1] === '|' ? filterSignatures : call?.[1] ? testSignatures : globalSignatures;
      const name = call?.[2] ?? '';
      return Object.hasOwn(table, name) ? (table[name] ?? null) : null;
    }
  }
  return null;
}

/** The path that lies over a column (from 1) of a line, such as `task.build.result.x`, and where it begins. */
export function pathAt(line: string, column: number): { path: string; from: number; to: number } | null {
  for (const match of line.matchAll(/[A-Za-z_]\w*(?:\(\))?(?:\.\w+(?:\(\))?|\[\d+\])*/g)) {
    const from = match.index + 1;
    if (column < from || column > from + match[0].length) continue;
    // Up to the end of the part that is pointed at: its members are another matter.
    const rest = line.slice(column - 1, from - 1 + match[0].length);
    const cut = /^\w*(?:\(\))?/.exec(rest)?.[0].length ?? 0;
    const path = line.slice(from - 1, column - 1 + cut).replace(/[.[]$/, '');
    return { path, from, to: from + path.length };
  }
  return null;
}

/** What a name, filter, test or function is, for hovering over it. */
export function explain(
  word: string,
  before: string,
  path: string,
  scope: ExpressionScope,
): { title: string; help: string } | null {
  const table = /\|\s*$/.test(before)
    ? filterSignatures
    : /\bis\s+(?:not\s+)?$/.test(before)
      ? testSignatures
      : globalSignatures;
  if (Object.hasOwn(table, word) && !path.includes('.'))
    return { title: table[word]?.signature ?? word, help: table[word]?.help ?? '' };
  const known = scope.names.find((name) => name.path === path || name.path === `${path}()`);
  return known ? { title: known.path, help: known.detail } : null;
}

function toOffers(
  table: Readonly<Record<string, { signature: string; help: string }>>,
  kind: Offer['kind'],
): Offer[] {
  return Object.entries(table).map(([name, { signature, help }]) => ({
    name,
    detail: signature,
    help,
    kind,
  }));
}

function insideOf(text: string, isBare: boolean): string | null {
  const open = Math.max(text.lastIndexOf('{{'), text.lastIndexOf('{%'));
  if (open < 0) return isBare ? text : null;
  return Math.max(text.lastIndexOf('}}'), text.lastIndexOf('%}')) > open ? null : text.slice(open + 2);
}
