import { EvaluationFault } from './expression-error';
import { characters } from './text';

/** What Python takes for white space; JavaScript's own set differs at the edges. */
const whiteSpace = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const gap = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;
const lineEnd = /\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/g;

export function isWhiteSpace(char: string): boolean {
  return whiteSpace.test(char);
}

/** A text without white space, or these characters, at its ends. */
export function stripText(text: string, chars: string | null, sides: 'left' | 'right' | 'both'): string {
  const set = chars === null ? null : new Set(chars);
  const isStripped = (char: string | undefined): boolean =>
    char !== undefined && (set ? set.has(char) : whiteSpace.test(char));
  const all = set ? characters(text) : text;
  let [from, to] = [0, all.length];
  if (sides !== 'right') while (from < to && isStripped(all[from])) from += 1;
  if (sides !== 'left') while (to > from && isStripped(all[to - 1])) to -= 1;
  const kept = all.slice(from, to);
  return typeof kept === 'string' ? kept : kept.join('');
}

/** First letter large, the rest small. */
export function capitalize(text: string): string {
  const point = text.codePointAt(0);
  if (point === undefined) return '';
  const first = String.fromCodePoint(point);
  const [head = '', ...more] = characters(first.toUpperCase());
  return head + more.join('').toLowerCase() + text.slice(first.length).toLowerCase();
}

/** Every run of letters with its first one large, as Python's str.title. */
export function titleCase(text: string): string {
  return text.replaceAll(/[\p{Lu}\p{Ll}\p{Lt}]+/gu, capitalize);
}

export function splitLines(text: string, keepsEnds = false): string[] {
  const lines: string[] = [];
  let from = 0;
  for (const found of text.matchAll(lineEnd)) {
    const end = found.index + found[0].length;
    lines.push(text.slice(from, keepsEnds ? end : found.index));
    from = end;
  }
  if (from < text.length) lines.push(text.slice(from));
  return lines;
}

/** The parts between a mark; at most `most` cuts unless negative. @throws EvaluationFault for an empty mark */
export function splitAt(text: string, mark: string, most: number, fromRight: boolean): string[] {
  if (mark === '')
    throw new EvaluationFault(
      'type',
      'split() needs a mark that is not empty.',
      'Use | list for characters.',
    );
  const parts = text.split(mark);
  const cuts = parts.length - 1;
  if (most < 0 || cuts <= most) return parts;
  return fromRight
    ? [parts.slice(0, cuts - most + 1).join(mark), ...parts.slice(cuts - most + 1)]
    : [...parts.slice(0, most), parts.slice(most).join(mark)];
}

/** The words between white space; at most `most` cuts unless negative. The far end keeps its white space, as in Python. */
export function splitAtSpace(text: string, most: number, fromRight: boolean): string[] {
  const trimmed = stripText(text, null, 'both');
  if (trimmed === '') return [];
  if (most < 0) return trimmed.split(gap);
  const near = stripText(text, null, fromRight ? 'right' : 'left');
  const gaps = [...near.matchAll(gap)].filter((found) =>
    fromRight ? found.index > 0 : found.index + found[0].length < near.length,
  );
  const used = fromRight ? gaps.slice(Math.max(0, gaps.length - most)) : gaps.slice(0, most);
  const parts: string[] = [];
  let from = 0;
  for (const found of used) {
    parts.push(near.slice(from, found.index));
    from = found.index + found[0].length;
  }
  parts.push(near.slice(from));
  // Where the cuts did not run out, the far end is a word like any other.
  if (used.length < most) {
    if (fromRight) parts[0] = stripText(parts[0] ?? '', null, 'left');
    else parts[parts.length - 1] = stripText(parts.at(-1) ?? '', null, 'right');
  }
  return parts;
}
