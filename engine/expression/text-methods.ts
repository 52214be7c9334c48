import type { Evaluator } from './evaluator';
import { EvaluationFault } from './expression-error';
import { printValue } from './text';
import { typeName, type Value } from './value';

/** The methods of Python's str that a text has here. */
export const textMethods: ReadonlySet<string> = new Set([
  'upper',
  'lower',
  'title',
  'capitalize',
  'swapcase',
  'strip',
  'lstrip',
  'rstrip',
  'split',
  'rsplit',
  'splitlines',
  'replace',
  'startswith',
  'endswith',
  'join',
  'count',
  'find',
  'rfind',
  'index',
  'zfill',
  'ljust',
  'rjust',
  'center',
  'isdigit',
  'isalpha',
  'isalnum',
  'isspace',
  'isupper',
  'islower',
  'isnumeric',
  'removeprefix',
  'removesuffix',
  'partition',
  'rpartition',
  'format',
  'casefold',
]);

export function titleCase(text: string): string {
  return text.toLowerCase().replaceAll(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1));
}

/** Calls one of {@link textMethods}. */
export function callTextMethod(
  text: string,
  name: string,
  args: Value[],
  named: Map<string, Value>,
  evaluator: Evaluator,
): Value {
  const word = (place: number, fallback?: string): string => {
    const value = args[place] ?? fallback;
    if (typeof value !== 'string')
      throw new EvaluationFault(
        'type',
        `${name}() needs a text, and got ${value === undefined ? 'nothing' : typeName(value)}.`,
      );
    return value;
  };
  const number = (place: number, fallback: number): number => {
    const value = args[place];
    return typeof value === 'number' ? Math.trunc(value) : fallback;
  };
  const prefixes = (): string[] =>
    Array.isArray(args[0]) ? (args[0] as Value[]).map(printValue) : [word(0)];
  evaluator.spend(Math.ceil(text.length / 64));
  switch (name) {
    case 'upper':
      return text.toUpperCase();
    case 'lower':
    case 'casefold':
      return text.toLowerCase();
    case 'title':
      return titleCase(text);
    case 'capitalize':
      return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
    case 'swapcase':
      return [...text]
        .map((char) => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase()))
        .join('');
    case 'strip':
    case 'lstrip':
    case 'rstrip':
      return strip(text, typeof args[0] === 'string' ? args[0] : null, name !== 'rstrip', name !== 'lstrip');
    case 'split':
    case 'rsplit':
      return split(
        text,
        typeof args[0] === 'string' ? args[0] : null,
        number(1, Number(named.get('maxsplit') ?? -1)),
        name === 'rsplit',
        evaluator,
      );
    case 'splitlines':
      return text
        .replace(/(\r\n|\n|\r)$/, '')
        .split(/\r\n|\n|\r/)
        .slice(0, text === '' ? 0 : undefined);
    case 'replace': {
      const [from, to] = [word(0), word(1)];
      const most = number(2, -1);
      const parts = from === '' ? ['', ...text, ''] : text.split(from);
      evaluator.allow(text.length + parts.length * to.length);
      if (most < 0 || parts.length - 1 <= most) return parts.join(to);
      return [parts.slice(0, most + 1).join(to), ...parts.slice(most + 1)].join(from);
    }
    case 'startswith':
      return prefixes().some((prefix) => text.startsWith(prefix));
    case 'endswith':
      return prefixes().some((suffix) => text.endsWith(suffix));
    case 'join': {
      const parts = evaluator.iterate(args[0] ?? []).map(printValue);
      evaluator.allow(parts.reduce((size, part) => size + part.length + text.length, 0));
      return parts.join(text);
    }
    case 'count':
      return text.split(word(0)).length - 1;
    case 'find':
      return text.indexOf(word(0), number(1, 0));
    case 'rfind':
      return text.lastIndexOf(word(0));
    case 'index': {
      const place = text.indexOf(word(0));
      if (place < 0)
        throw new EvaluationFault(
          'type',
          'The text does not hold this part.',
          'Ask with "in" first, or use find().',
        );
      return place;
    }
    case 'zfill':
    case 'ljust':
    case 'rjust':
    case 'center': {
      const width = number(0, 0);
      evaluator.allow(width);
      const fill = name === 'zfill' ? '0' : word(1, ' ');
      if (name === 'zfill')
        return /^[+-]/.test(text)
          ? text.charAt(0) + text.slice(1).padStart(width - 1, '0')
          : text.padStart(width, '0');
      if (name === 'ljust') return text.padEnd(width, fill);
      if (name === 'rjust') return text.padStart(width, fill);
      const left = Math.floor(Math.max(0, width - text.length) / 2);
      return text.padStart(text.length + left, fill).padEnd(width, fill);
    }
    case 'isdigit':
    case 'isnumeric':
      return /^\p{Nd}+$/u.test(text);
    case 'isalpha':
      return /^\p{L}+$/u.test(text);
    case 'isalnum':
      return /^[\p{L}\p{N}]+$/u.test(text);
    case 'isspace':
      return /^\s+$/.test(text);
    case 'isupper':
      return text !== text.toLowerCase() && text === text.toUpperCase();
    case 'islower':
      return text !== text.toUpperCase() && text === text.toLowerCase();
    case 'removeprefix':
      return text.startsWith(word(0)) ? text.slice(word(0).length) : text;
    case 'removesuffix':
      return word(0) !== '' && text.endsWith(word(0)) ? text.slice(0, -word(0).length) : text;
    case 'partition':
    case 'rpartition': {
      const mark = word(0);
      const place = name === 'partition' ? text.indexOf(mark) : text.lastIndexOf(mark);
      if (place < 0) return name === 'partition' ? [text, '', ''] : ['', '', text];
      return [text.slice(0, place), mark, text.slice(place + mark.length)];
    }
    case 'format': {
      let next = 0;
      return text.replaceAll(/\{\{|\}\}|\{([^{}:]*)\}/g, (whole, key: string | undefined) => {
        if (whole === '{{' || whole === '}}') return whole.charAt(0);
        const value =
          key === '' || key === undefined
            ? args[next++]
            : /^\d+$/.test(key)
              ? args[Number(key)]
              : named.get(key);
        if (value === undefined) throw new EvaluationFault('type', `format() has no value for ${whole}.`);
        return printValue(value);
      });
    }
    default:
      throw new EvaluationFault('type', `A text has no method ${name}.`);
  }
}

function strip(text: string, chars: string | null, left: boolean, right: boolean): string {
  if (chars === null) return left && right ? text.trim() : left ? text.trimStart() : text.trimEnd();
  const set = new Set(chars);
  const all = [...text];
  let [from, to] = [0, all.length];
  while (left && from < to && set.has(all[from] as string)) from += 1;
  while (right && to > from && set.has(all[to - 1] as string)) to -= 1;
  return all.slice(from, to).join('');
}

function split(
  text: string,
  mark: string | null,
  most: number,
  fromRight: boolean,
  evaluator: Evaluator,
): string[] {
  if (mark === '') throw new EvaluationFault('type', 'split() needs a mark that is not empty.');
  const parts = mark === null ? text.trim().split(/\s+/).filter(Boolean) : text.split(mark);
  evaluator.allow(parts.length);
  if (most < 0 || parts.length - 1 <= most) return parts;
  const glue = mark ?? ' ';
  if (fromRight) return [parts.slice(0, parts.length - most).join(glue), ...parts.slice(parts.length - most)];
  return [...parts.slice(0, most), parts.slice(most).join(glue)];
}
