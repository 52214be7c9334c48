import { printNumber } from './number';
import { Callable, Missing, Slots, Whole, isObject, type Meter, type Value } from './value';

const beyondPlane = /[\ud800-\udfff]/;

/** A text's characters, by code point as in Python. */
export function characters(text: string): string[] {
  return beyondPlane.test(text) ? Array.from(text) : text.split('');
}

/** One character by its place, from the end where negative. */
export function characterAt(text: string, place: number, meter: Meter): string | undefined {
  // Without characters beyond the first plane a place is an offset.
  meter.spend(text.length / 512);
  if (!beyondPlane.test(text)) return text.at(place);
  meter.spend(text.length / 32);
  return Array.from(text).at(place);
}

/** How many characters a text has, by code point. */
export function countCharacters(text: string): number {
  if (!beyondPlane.test(text)) return text.length;
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** A value as text, the way Python's Jinja2 prints it: `True`, `None`, `[1, 'a']`; what is missing is empty. */
export function printValue(value: Value, meter: Meter): string {
  if (typeof value === 'string') return value;
  if (value instanceof Missing) return '';
  return represent(value, meter);
}

/** A value as Python's repr writes it. */
export function represent(value: Value, meter: Meter): string {
  if (typeof value === 'string') meter.allow(value.length);
  if (typeof value !== 'object' || value === null) return scalar(value);
  const out: string[] = [];
  let size = 0;
  const write = (text: string): void => {
    size += text.length;
    meter.fit(size);
    meter.spend(text.length / 64);
    out.push(text);
  };
  const walk = (part: Value, depth: number): void => {
    meter.deepen(depth);
    meter.spend(0.25);
    if (Array.isArray(part)) {
      write('[');
      for (let place = 0; place < part.length; place += 1) {
        if (place > 0) write(', ');
        walk(meter.open(part[place]), depth + 1);
      }
      return write(']');
    }
    if (!isObject(part)) return write(scalar(part));
    write('{');
    let isFirst = true;
    for (const key of Object.keys(part)) {
      write(isFirst ? `${quote(key)}: ` : `, ${quote(key)}: `);
      isFirst = false;
      walk(meter.open(part[key]), depth + 1);
    }
    write('}');
  };
  walk(value, 0);
  return out.join('');
}

function scalar(value: Exclude<Value, Value[]>): string {
  if (value === null || value instanceof Missing) return 'None';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Whole)
    return printNumber(value);
  if (value instanceof Callable) return `<function ${value.name}>`;
  return value instanceof Slots ? `<${value.kind}>` : '';
}

const named: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };
/** What Python escapes in a repr: controls, separators other than the space, unassigned and private characters. */
const unprintable =
  /[\\\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/gu;

/** A text in quotes, escaped as in Python's repr. */
export function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(unprintable, (char) => named[char] ?? escapeCode(char.codePointAt(0) ?? 0));
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
}

function escapeCode(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
