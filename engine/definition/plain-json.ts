import { setOwn, type Json } from '../expression/value';
import type { Path } from './reader';

/** Tells what cannot be kept, with its path in what was given. */
type Tell = (
  path: Path,
  code: string,
  message: string,
  repair: string,
  severity?: 'error' | 'warning',
) => void;

/** Levels of lists and maps within each other; the same as for expressions and request bodies. */
export const deepestNesting = 64;
// Characters and entries; what is referred to several times counts as often.
const largest = 8_000_000;

/** A text without what no store takes: NUL and halves of surrogate pairs are replaced. */
export function toPlainText(text: string): string {
  return text.isWellFormed() && !text.includes('\0') ? text : text.toWellFormed().replaceAll('\0', '\ufffd');
}

/**
 * What was given as JSON that can be stored, whatever it was: the very same objects where nothing had to change. What
 * cannot be kept (nesting beyond 64 levels, a value that holds itself, NUL, half a surrogate pair, what is no JSON)
 * is replaced and told. Never throws.
 */
export function toPlainJson(input: unknown, tell: Tell): Json {
  return new Walk(tell).value(input);
}

class Walk {
  private readonly path: (string | number)[] = [];
  private readonly above = new Set<object>();
  private left = largest;

  constructor(private readonly tell: Tell) {}

  value(part: unknown): Json {
    switch (typeof part) {
      case 'string':
        return this.text(part);
      case 'number':
        return this.number(part);
      case 'boolean':
        return part;
      case 'undefined':
        return null;
      case 'object':
        return part === null ? null : this.container(part);
      default:
        this.lose('not_json', `This is a ${typeof part}, which JSON does not know.`, 'Remove it.');
        return null;
    }
  }

  private lose(code: string, message: string, repair: string): void {
    this.tell([...this.path], code, message, repair);
  }

  /** Whether there is still room; says once that there is none. */
  private takes(size: number): boolean {
    const before = this.left;
    this.left -= size;
    if (this.left >= 0) return true;
    if (before >= 0)
      this.lose(
        'too_large',
        `This is larger than ${largest} characters and entries; the rest is left out.`,
        'Keep large data in a key or an artifact.',
      );
    return false;
  }

  private text(text: string): string {
    if (!this.takes(text.length + 1)) return '';
    const plain = toPlainText(text);
    if (plain === text) return text;
    const what = text.includes('\0') ? 'a NUL character' : 'half a surrogate pair, which is no character';
    this.lose('wrong_character', `This holds ${what}; it is replaced here.`, 'Remove it.');
    return plain;
  }

  private number(number: number): number | null {
    if (!Number.isFinite(number)) {
      this.lose('not_json', `${number} is no number in JSON.`, 'Write it as text.');
      return null;
    }
    // Beyond 1e21 nobody writes digits out.
    if (Number.isInteger(number) && !Number.isSafeInteger(number) && Math.abs(number) < 1e21)
      this.tell(
        [...this.path],
        'inexact_number',
        `${number} is beyond 2^53, where numbers lose digits.`,
        'Write it as text, in quotes.',
        'warning',
      );
    return number;
  }

  private container(part: object): Json {
    if (this.above.has(part)) {
      this.lose('contains_itself', 'This refers to what it stands in; it is left out.', 'Write it out.');
      return null;
    }
    if (this.above.size >= deepestNesting) {
      this.lose(
        'too_deep',
        `This is nested more than ${deepestNesting} levels deep; it is left out.`,
        'Flatten it, or move a part into a workflow of its own.',
      );
      return null;
    }
    this.above.add(part);
    const kept = Array.isArray(part) ? this.list(part) : this.map(part as { [key: string]: unknown });
    this.above.delete(part);
    return kept;
  }

  private list(items: readonly unknown[]): Json {
    let copy: Json[] | null = null;
    for (let place = 0; place < items.length; place += 1) {
      if (!this.takes(1)) return copy ?? (items.slice(0, place) as Json[]);
      this.path.push(place);
      const kept = this.value(items[place]);
      this.path.pop();
      if (copy === null && kept !== items[place]) copy = items.slice(0, place) as Json[];
      copy?.push(kept);
    }
    return copy ?? (items as Json[]);
  }

  private map(entries: { [key: string]: unknown }): Json {
    const keys = Object.keys(entries);
    let copy: { [key: string]: Json } | null = null;
    const startCopy = (place: number): { [key: string]: Json } => {
      const made: { [key: string]: Json } = {};
      for (const before of keys.slice(0, place)) setOwn(made, before, entries[before] as Json);
      return made;
    };
    for (const [place, key] of keys.entries()) {
      if (!this.takes(1)) return copy ?? startCopy(place);
      const value = entries[key];
      this.path.push(key);
      const name = this.text(key);
      const kept = this.value(value);
      this.path.pop();
      if (copy === null && (kept !== value || name !== key)) copy = startCopy(place);
      // What is undefined is not there.
      if (copy !== null && value !== undefined) setOwn(copy, name, kept);
    }
    return copy ?? (entries as { [key: string]: Json });
  }
}
