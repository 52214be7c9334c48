import type { Args } from './arguments';
import { EvaluationFault } from './expression-error';
import { filter, strictTextFilter, textFilter, type Filter } from './filter';
import { formatPercent } from './format';
import { entriesOf } from './methods';
import { capitalize, splitLines, stripText } from './split';
import { characters, countCharacters, printValue } from './text';
import { joinTexts, replaceText, textMethods } from './text-methods';
import { isObject, type Value } from './value';
import { wrapText } from './wrap';

const html: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' };
const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

const escape = textFilter('', 'The text with HTML characters escaped.', (text, _, evaluator) => {
  const escaped = text.replaceAll(/[&<>'"]/g, (char) => html[char] ?? char);
  evaluator.allow(escaped.length);
  return escaped;
});

function unescape(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{1,8}));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? whole;
      const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );
}

/** A text without the stretches from `open` to `close`. */
function without(text: string, open: string, close: string): string {
  const kept: string[] = [];
  let from = 0;
  for (;;) {
    const start = text.indexOf(open, from);
    const end = start < 0 ? -1 : text.indexOf(close, start);
    kept.push(text.slice(from, end < 0 ? undefined : start));
    if (end < 0) return kept.join('');
    from = end + close.length;
  }
}

/** A text for a URL, as Python's quote; slashes stay unless `isPart`. */
function quoteUrl(text: string, isPart: boolean): string {
  const quoted = encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return isPart ? quoted.replaceAll('%20', '+') : quoted.replaceAll('%2F', '/');
}

function truncate(text: string, args: Args): string {
  const length = args.count(0, 255);
  const end = args.text(2, '...');
  const endLength = countCharacters(end);
  const leeway = args.isNothing(3) ? 5 : args.count(3, 5);
  if (length < endLength)
    throw new EvaluationFault('type', `truncate needs a length of at least ${endLength}.`);
  if (leeway < 0) throw new EvaluationFault('type', 'The leeway of truncate cannot be negative.');
  const all = characters(text);
  if (all.length <= length + leeway) return text;
  const cut = all.slice(0, length - endLength).join('');
  if (args.flag(1)) return cut + end;
  const space = cut.lastIndexOf(' ');
  return (space < 0 ? cut : cut.slice(0, space)) + end;
}

function indent(text: string, args: Args): { lines: string[]; pad: string } {
  const width = args.value(0, 4);
  const pad = typeof width === 'string' ? width : ' '.repeat(Math.min(Math.max(args.count(0, 4), 0), 1_000));
  const isBlank = args.flag(2);
  // A newline at the end begins one more line.
  const lines = splitLines(`${text}\n`);
  return {
    pad,
    lines: lines.map((line, place) =>
      (place === 0 ? args.flag(1) : isBlank || line !== '') ? pad + line : line,
    ),
  };
}

/** Filters over texts. */
export const textFilters: Record<string, Filter> = {
  upper: textFilter('', 'The text in capitals.', (text) => text.toUpperCase()),
  lower: textFilter('', 'The text in small letters.', (text) => text.toLowerCase()),
  capitalize: textFilter('', 'The first letter large, the others small.', capitalize),
  title: textFilter('', 'Each word with a large first letter.', (text) =>
    text
      .split(/([-\s({[<]+)/)
      .map(capitalize)
      .join(''),
  ),
  trim: textFilter(
    '(chars=none)',
    'The text without white space, or these characters, at its ends.',
    (text, args) => stripText(text, args.isNothing(0) ? null : args.text(0, ''), 'both'),
  ),
  escape,
  e: escape,
  forceescape: escape,
  striptags: textFilter('', 'The text without HTML tags and comments.', (text) =>
    unescape(
      without(without(text, '<!--', '-->'), '<', '>')
        .split(/\s+/)
        .filter(Boolean)
        .join(' '),
    ),
  ),
  wordcount: textFilter(
    '',
    'How many words the text has.',
    (text) => (text.match(/[\p{L}\p{N}_]+/gu) ?? []).length,
  ),
  urlencode: filter(
    '',
    'The text for use in a URL; an object or a list of pairs as a query.',
    (input, _, evaluator) => {
      const written = (value: Value, isPart: boolean): string => {
        const text = printValue(value, evaluator);
        evaluator.allow(text.length);
        return quoteUrl(text, isPart);
      };
      const part = (value: Value): string => written(value, true);
      if (!isObject(input) && !Array.isArray(input)) return written(input, false);
      const pairs = isObject(input)
        ? entriesOf(input, evaluator)
        : evaluator.iterate(input).map((pair) => evaluator.iterate(pair));
      const parts = pairs.map(([key = null, value = null, ...more]) => {
        if (more.length > 0) throw new EvaluationFault('type', 'urlencode needs pairs of a key and a value.');
        return `${part(key)}=${part(value)}`;
      });
      return joinTexts(parts, '&', evaluator);
    },
  ),
  center: textFilter(
    '(width=80)',
    'The text in the middle of this many characters.',
    (text, args, evaluator) => {
      const width = args.count(0, 80);
      evaluator.allow(width);
      const space = Math.max(0, width - countCharacters(text));
      const left = Math.floor(space / 2) + (space & width & 1);
      return ' '.repeat(left) + text + ' '.repeat(space - left);
    },
  ),
  replace: textFilter(
    '(old, new, count=none)',
    'The text with one part replaced by another.',
    (text, args, evaluator) =>
      replaceText(
        text,
        printValue(args.value(0), evaluator),
        printValue(args.value(1), evaluator),
        args.isNothing(2) ? -1 : args.count(2, -1),
        evaluator,
      ),
  ),
  split: textFilter(
    '(sep=none, maxsplit=-1)',
    'The parts of a text between marks, or between white space.',
    (text, args, evaluator) => textMethods['split']?.call(text, args, evaluator) ?? [],
  ),
  truncate: strictTextFilter(
    "(length=255, killwords=false, end='...', leeway=none)",
    'The text cut to a length, at a word where possible.',
    truncate,
  ),
  indent: strictTextFilter(
    '(width=4, first=false, blank=false)',
    'Each line further to the right; the first one where asked.',
    (text, args, evaluator) => {
      const { lines, pad } = indent(text, args);
      evaluator.allow(text.length + lines.length * pad.length);
      return lines.join('\n');
    },
  ),
  wordwrap: strictTextFilter(
    '(width=79, break_long_words=true, wrapstring=none, break_on_hyphens=true)',
    'The text in lines of at most this width.',
    (text, args, evaluator) => {
      const mark = args.isNothing(2) ? '\n' : args.text(2, '\n');
      evaluator.allow(text.length * (1 + mark.length));
      const width = args.count(0, 79);
      if (width < 1) throw new EvaluationFault('type', 'wordwrap needs a width from 1.');
      return wrapText(text, {
        width,
        breaksLongWords: args.flag(1, true),
        mark,
        breaksOnHyphens: args.flag(3, true),
      });
    },
  ),
  format: textFilter('(…)', 'Values put into a text: %s, %d, %5.2f, %x.', (text, args, evaluator) => {
    if (args.named.size === 0) return formatPercent(text, [...args.positional], evaluator);
    if (args.positional.length > 0)
      throw new EvaluationFault('type', 'format takes values or names, not both.');
    return formatPercent(text, Object.fromEntries(args.named), evaluator);
  }),
};
