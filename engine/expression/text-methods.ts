import type { Args } from './arguments';
import type { Evaluator } from './evaluator';
import { EvaluationFault } from './expression-error';
import { formatBraces } from './format';
import { method, type Method } from './methods';
import { capitalize, isWhiteSpace, splitAt, splitAtSpace, splitLines, stripText, titleCase } from './split';
import { characters, countCharacters } from './text';
import { isObject, typeName, type Value } from './value';

const text = (signature: string, call: (object: string, args: Args, evaluator: Evaluator) => Value): Method =>
  method<string>(signature, (object, args, evaluator) => {
    evaluator.spend(object.length / 64);
    return call(object, args, evaluator);
  });

const every = (pattern: RegExp): Method => text('', (object) => pattern.test(object));

function chars(args: Args): string | null {
  return args.isNothing(0) ? null : args.text(0, '');
}

/** The stretch that `start` and `end` name, and how many characters stand before it. */
function stretch(object: string, args: Args): { part: string; before: number } {
  if (args.given(1) === undefined && args.given(2) === undefined) return { part: object, before: 0 };
  const all = characters(object);
  const clamp = (place: number): number =>
    Math.min(Math.max(place < 0 ? place + all.length : place, 0), all.length);
  const start = args.given(1) === null ? 0 : clamp(args.count(1, 0));
  const end = args.given(2) === null ? all.length : clamp(args.count(2, all.length));
  return { part: all.slice(start, end).join(''), before: start };
}

function affix(check: (part: string, affix: string) => boolean): Method {
  return text('(affix, start=0, end=none)', (object, args) => {
    const given = args.value(0);
    const { part } = stretch(object, args);
    return (Array.isArray(given) ? given : [given]).some((one) => {
      if (typeof one !== 'string')
        throw new EvaluationFault('type', `A text is needed, and got ${typeName(one)}.`);
      return check(part, one);
    });
  });
}

function find(fromRight: boolean, mustBeThere: boolean): Method {
  return text('(part, start=0, end=none)', (object, args) => {
    const { part, before } = stretch(object, args);
    const wanted = args.text(0, '');
    const place = fromRight ? part.lastIndexOf(wanted) : part.indexOf(wanted);
    if (place >= 0) return before + countCharacters(part.slice(0, place));
    if (mustBeThere)
      throw new EvaluationFault(
        'type',
        'The text does not hold this part.',
        'Ask with "in" first, or use find().',
      );
    return -1;
  });
}

function split(fromRight: boolean): Method {
  return text('(sep=none, maxsplit=-1)', (object, args, evaluator) => {
    const mark = chars(args);
    const parts =
      mark === null
        ? splitAtSpace(object, args.count(1, -1), fromRight)
        : splitAt(object, mark, args.count(1, -1), fromRight);
    evaluator.allow(parts.length);
    return parts;
  });
}

function partition(fromRight: boolean): Method {
  return text('(sep)', (object, args) => {
    const mark = args.text(0, '');
    if (mark === '') throw new EvaluationFault('type', 'The mark must not be empty.');
    const place = fromRight ? object.lastIndexOf(mark) : object.indexOf(mark);
    if (place < 0) return fromRight ? ['', '', object] : [object, '', ''];
    return [object.slice(0, place), mark, object.slice(place + mark.length)];
  });
}

function justify(place: (space: number, width: number) => number): Method {
  return text("(width, fill=' ')", (object, args, evaluator) => {
    const width = args.count(0, 0);
    const fill = args.text(1, ' ');
    if (countCharacters(fill) !== 1)
      throw new EvaluationFault('type', 'One character is needed to fill with.');
    evaluator.allow(width);
    const space = Math.max(0, width - countCharacters(object));
    const left = place(space, width);
    return fill.repeat(left) + object + fill.repeat(space - left);
  });
}

/** Replaces a part, at most so often; an empty part stands between all characters. */
export function replaceText(
  object: string,
  from: string,
  to: string,
  most: number,
  evaluator: Evaluator,
): string {
  const parts = from === '' ? ['', ...characters(object), ''] : object.split(from);
  const count = most < 0 ? parts.length - 1 : Math.min(most, parts.length - 1);
  evaluator.allow(object.length + count * Math.max(0, to.length - from.length));
  return (
    parts.slice(0, count + 1).join(to) +
    (count < parts.length - 1 ? from + parts.slice(count + 1).join(from) : '')
  );
}

/** The entries as one text. @throws EvaluationFault over the limit */
export function joinTexts(parts: readonly string[], mark: string, evaluator: Evaluator): string {
  let size = 0;
  for (const part of parts) size += part.length + mark.length;
  evaluator.allow(size);
  return parts.join(mark);
}

/** The methods of Python's str that a text has here. */
export const textMethods: Record<string, Method> = {
  upper: text('', (object) => object.toUpperCase()),
  lower: text('', (object) => object.toLowerCase()),
  casefold: text('', (object) => object.toLowerCase().replaceAll('ß', 'ss')),
  title: text('', titleCase),
  capitalize: text('', capitalize),
  swapcase: text('', (object) =>
    characters(object)
      .map((char) => (/\p{Lu}/u.test(char) ? char.toLowerCase() : char.toUpperCase()))
      .join(''),
  ),
  strip: text('(chars=none)', (object, args) => stripText(object, chars(args), 'both')),
  lstrip: text('(chars=none)', (object, args) => stripText(object, chars(args), 'left')),
  rstrip: text('(chars=none)', (object, args) => stripText(object, chars(args), 'right')),
  split: split(false),
  rsplit: split(true),
  splitlines: text('(keepends=false)', (object, args) => splitLines(object, args.flag(0))),
  replace: text('(old, new, count=-1)', (object, args, evaluator) =>
    replaceText(object, args.text(0, ''), args.text(1, ''), args.count(2, -1), evaluator),
  ),
  startswith: affix((part, one) => part.startsWith(one)),
  endswith: affix((part, one) => part.endsWith(one)),
  removeprefix: text('(prefix)', (object, args) =>
    object.startsWith(args.text(0, '')) ? object.slice(args.text(0, '').length) : object,
  ),
  removesuffix: text('(suffix)', (object, args) => {
    const suffix = args.text(0, '');
    return suffix !== '' && object.endsWith(suffix) ? object.slice(0, -suffix.length) : object;
  }),
  join: text('(parts)', (object, args, evaluator) => {
    const parts = evaluator.iterate(args.value(0)).map((part) => {
      if (typeof part === 'string') return part;
      throw new EvaluationFault(
        'type',
        `join() needs texts, and got ${typeName(part)}.`,
        'The filter join takes any values.',
      );
    });
    return joinTexts(parts, object, evaluator);
  }),
  count: text('(part, start=0, end=none)', (object, args) => {
    const { part } = stretch(object, args);
    const wanted = args.text(0, '');
    return wanted === '' ? countCharacters(part) + 1 : part.split(wanted).length - 1;
  }),
  find: find(false, false),
  rfind: find(true, false),
  index: find(false, true),
  rindex: find(true, true),
  zfill: text('(width)', (object, args, evaluator) => {
    const width = args.count(0, 0);
    evaluator.allow(width);
    const zeros = '0'.repeat(Math.max(0, width - countCharacters(object)));
    return /^[+-]/.test(object) ? object.charAt(0) + zeros + object.slice(1) : zeros + object;
  }),
  ljust: justify(() => 0),
  rjust: justify((space) => space),
  center: justify((space, width) => Math.floor(space / 2) + (space & width & 1)),
  partition: partition(false),
  rpartition: partition(true),
  expandtabs: text('(tabsize=8)', (object, args, evaluator) => {
    const size = args.count(0, 8);
    let column = 0;
    const out: string[] = [];
    for (const char of characters(object)) {
      const spaces = char === '\t' ? (size > 0 ? size - (column % size) : 0) : 1;
      column = char === '\n' || char === '\r' ? 0 : column + spaces;
      evaluator.allow(spaces);
      out.push(char === '\t' ? ' '.repeat(spaces) : char);
    }
    return joinTexts(out, '', evaluator);
  }),
  format: text('(…)', (object, args, evaluator) =>
    formatBraces(
      object,
      args.positional,
      args.named,
      (from, key) => {
        if (Array.isArray(from)) return typeof key === 'number' ? evaluator.iterate(from)[key] : undefined;
        return isObject(from) && Object.hasOwn(from, String(key))
          ? evaluator.open(from[String(key)])
          : undefined;
      },
      evaluator,
    ),
  ),
  isdigit: every(/^[\p{Nd}\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089\u2460-\u2468]+$/u),
  isdecimal: every(/^\p{Nd}+$/u),
  isnumeric: every(/^\p{N}+$/u),
  isalpha: every(/^\p{L}+$/u),
  isalnum: every(/^[\p{L}\p{N}]+$/u),
  isascii: text('', (object) => /^[^\u0080-\uffff]*$/.test(object)),
  isidentifier: every(/^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u),
  isprintable: text('', (object) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u00a0]/u.test(object)),
  isspace: text('', (object) => object !== '' && characters(object).every(isWhiteSpace)),
  isupper: text('', (object) => /\p{Lu}/u.test(object) && !/[\p{Ll}\p{Lt}]/u.test(object)),
  islower: text('', (object) => /\p{Ll}/u.test(object) && !/[\p{Lu}\p{Lt}]/u.test(object)),
  istitle: text('', (object) => /[\p{Lu}\p{Ll}\p{Lt}]/u.test(object) && titleCase(object) === object),
};
