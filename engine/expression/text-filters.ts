import { RE2JS } from 're2js';
import type { Evaluator } from './evaluator';
import { EvaluationFault } from './expression-error';
import { argument, flagArgument, numberArgument, textArgument, toText, type Filter } from './filter';
import { printValue } from './text';
import { callTextMethod, titleCase } from './text-methods';
import { isObject, toJson, type Value } from './value';

/** A user's pattern in an engine whose time is linear in the text. @throws EvaluationFault when it cannot be read */
export function compilePattern(pattern: string, ignoreCase: boolean): RE2JS {
  try {
    return RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    throw new EvaluationFault(
      'pattern',
      `The pattern ${JSON.stringify(pattern)} cannot be read: ${(error as Error).message}.`,
      'Look-around and back-references are not supported.',
    );
  }
}

const simple = (help: string, change: (text: string, evaluator: Evaluator) => Value): Filter => ({
  signature: '',
  help,
  apply: (input, _, evaluator) => {
    const text = toText(input);
    evaluator.allow(text.length);
    return change(text, evaluator);
  },
});

const method = (name: string, signature: string, help: string): Filter => ({
  signature,
  help,
  apply: (input, { positional, named }, evaluator) =>
    callTextMethod(toText(input), name, positional, named, evaluator),
});

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll("'", '&#39;')
    .replaceAll('"', '&#34;');
}

function quoteUrl(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%2F', '/')
    .replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function wrapWords(text: string, width: number, breakLong: boolean): string {
  const wrapLine = (line: string): string => {
    const lines: string[] = [];
    let current = '';
    for (const word of line.split(/\s+/).filter(Boolean)) {
      let rest = word;
      if (current !== '' && current.length + 1 + rest.length <= width) {
        current += ` ${rest}`;
        continue;
      }
      if (current !== '') lines.push(current);
      while (breakLong && rest.length > width) {
        lines.push(rest.slice(0, width));
        rest = rest.slice(width);
      }
      current = rest;
    }
    if (current !== '') lines.push(current);
    return lines.join('\n');
  };
  return text.split('\n').map(wrapLine).join('\n');
}

const escape = simple('The text with HTML characters escaped.', escapeHtml);

/** Filters over texts. */
export const textFilters: Record<string, Filter> = {
  upper: simple('The text in capitals.', (text) => text.toUpperCase()),
  lower: simple('The text in small letters.', (text) => text.toLowerCase()),
  capitalize: simple(
    'The first letter large, the others small.',
    (text) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase(),
  ),
  title: simple('Each word with a large first letter.', titleCase),
  string: {
    signature: '',
    help: 'The value as text.',
    acceptsMissing: true,
    apply: (input) => toText(input),
  },
  safe: { signature: '', help: 'The value itself.', apply: (input) => input },
  escape,
  e: escape,
  striptags: simple('The text without HTML tags.', (text) =>
    text
      .replaceAll(/<!--[^]*?-->|<[^>]*>/g, '')
      .split(/\s+/)
      .filter(Boolean)
      .join(' '),
  ),
  wordcount: simple('How many words the text has.', (text) => (text.match(/[\p{L}\p{N}_]+/gu) ?? []).length),
  urlencode: {
    signature: '',
    help: 'The text for use in a URL; an object as a query.',
    apply: (input) => {
      const part = (value: Value) =>
        quoteUrl(printValue(value)).replaceAll('/', '%2F').replaceAll('%20', '+');
      if (isObject(input))
        return Object.entries(input)
          .map(([key, value]) => `${part(key)}=${part(value)}`)
          .join('&');
      return quoteUrl(toText(input));
    },
  },
  trim: method('strip', '(chars=none)', 'The text without white space at its ends.'),
  center: {
    signature: '(width=80)',
    help: 'The text in the middle of this many characters.',
    apply: (input, call, evaluator) => {
      const text = toText(input);
      const width = numberArgument(call, 0, 'width', 80);
      evaluator.allow(width);
      const space = Math.max(0, width - text.length);
      const left = Math.floor(space / 2) + (space & width & 1);
      return ' '.repeat(left) + text + ' '.repeat(space - left);
    },
  },
  replace: {
    signature: '(old, new, count=none)',
    help: 'The text with one part replaced by another.',
    apply: (input, call, evaluator) =>
      callTextMethod(
        toText(input),
        'replace',
        [
          printValue(argument(call, 0, 's')),
          printValue(argument(call, 1, 'new')),
          argument(call, 2, 'count', -1),
        ],
        new Map(),
        evaluator,
      ),
  },
  split: method('split', '(mark=none)', 'The parts of a text between marks, or between white space.'),
  truncate: {
    signature: "(length=255, killwords=false, end='...', leeway=5)",
    help: 'The text cut to a length, at a word where possible.',
    apply: (input, call) => {
      const text = toText(input);
      const length = numberArgument(call, 0, 'length', 255);
      const end = textArgument(call, 2, 'end', '...');
      if (text.length <= length + numberArgument(call, 3, 'leeway', 5)) return text;
      const cut = text.slice(0, Math.max(0, length - end.length));
      if (flagArgument(call, 1, 'killwords', false)) return cut + end;
      const space = cut.lastIndexOf(' ');
      return (space < 0 ? cut : cut.slice(0, space)) + end;
    },
  },
  indent: {
    signature: '(width=4, first=false, blank=false)',
    help: 'Each line further to the right, the first one too where asked.',
    apply: (input, call, evaluator) => {
      const width = argument(call, 0, 'width', 4);
      const pad = typeof width === 'string' ? width : ' '.repeat(Math.min(Number(width), 1000));
      const lines = toText(input).split('\n');
      evaluator.allow(lines.length * pad.length);
      const blank = flagArgument(call, 2, 'blank', false);
      return lines
        .map((line, place) =>
          (place === 0 ? flagArgument(call, 1, 'first', false) : line !== '' || blank) ? pad + line : line,
        )
        .join('\n');
    },
  },
  wordwrap: {
    signature: '(width=79, break_long_words=true)',
    help: 'The text in lines of at most this width.',
    apply: (input, call, evaluator) => {
      const text = toText(input);
      evaluator.allow(text.length * 2);
      return wrapWords(
        text,
        Math.max(1, numberArgument(call, 0, 'width', 79)),
        flagArgument(call, 1, 'break_long_words', true),
      );
    },
  },
  format: {
    signature: '(value, …)',
    help: 'printf: %s, %d, %5.2f, %x.',
    apply: (input, { positional, named }) => {
      let next = 0;
      return toText(input).replaceAll(
        /%(?:\((\w+)\))?([-+0 ]*)(\d{0,4})(?:\.(\d{1,2}))?([sdifxXr%])/g,
        (
          _whole,
          key: string | undefined,
          flags: string,
          width: string,
          digits: string | undefined,
          kind: string,
        ) => {
          if (kind === '%') return '%';
          const value = key === undefined ? positional[next++] : named.get(key);
          if (value === undefined) throw new EvaluationFault('type', 'format has fewer values than places.');
          const number = Number(toJson(value));
          const text =
            kind === 's' || kind === 'r'
              ? printValue(value)
              : kind === 'f'
                ? number.toFixed(digits === undefined ? 6 : Number(digits))
                : kind === 'x'
                  ? Math.trunc(number).toString(16)
                  : kind === 'X'
                    ? Math.trunc(number).toString(16).toUpperCase()
                    : String(Math.trunc(number));
          const signed = flags.includes('+') && kind !== 's' && number >= 0 ? `+${text}` : text;
          if (flags.includes('-')) return signed.padEnd(Number(width));
          return flags.includes('0') && kind !== 's'
            ? signed.padStart(Number(width), '0')
            : signed.padStart(Number(width));
        },
      );
    },
  },
  regex_match: {
    signature: '(pattern, ignorecase=false)',
    help: 'Whether the text begins with the pattern.',
    apply: (input, call) =>
      compilePattern(textArgument(call, 0, 'pattern', ''), flagArgument(call, 1, 'ignorecase', false))
        .matcher(toText(input))
        .lookingAt(),
  },
  regex_search: {
    signature: '(pattern, ignorecase=false)',
    help: 'The first part that matches the pattern, or null.',
    apply: (input, call) => {
      const found = compilePattern(
        textArgument(call, 0, 'pattern', ''),
        flagArgument(call, 1, 'ignorecase', false),
      ).matcher(toText(input));
      return found.find() ? (found.group() ?? null) : null;
    },
  },
  regex_replace: {
    signature: "(pattern, replacement='', ignorecase=false)",
    help: 'The text with every match replaced; $1 stands for the first group.',
    apply: (input, call, evaluator) => {
      const text = compilePattern(
        textArgument(call, 0, 'pattern', ''),
        flagArgument(call, 2, 'ignorecase', false),
      )
        .matcher(toText(input))
        .replaceAll(textArgument(call, 1, 'replacement', ''));
      evaluator.allow(text.length);
      return text;
    },
  },
};
