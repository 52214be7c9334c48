import { EvaluationFault } from './expression-error';
import {
  isInteger,
  isNumeric,
  parseFloatText,
  printFloat,
  printNumber,
  toFixed,
  toFloat,
  toNumeric,
  truncate,
} from './number';
import { countCharacters, printValue, represent } from './text';
import { Missing, Whole, isObject, typeName, type Meter, type Named, type Value } from './value';

interface Spec {
  fill: string;
  align: '<' | '>' | '^' | '=' | '';
  sign: string;
  isAlternate: boolean;
  width: number;
  group: string;
  precision: number | null;
  type: string;
}

const specPattern = /^(?:(.)?([<>=^]))?([-+ ]?)(#?)(0?)(\d*)([,_]?)(?:\.(\d+))?([a-zA-Z%]?)$/su;
const mostDecimals = 60;

/** A value written by a format specification: the part after the colon in `{:>8.2f}`. @throws EvaluationFault */
export function formatValue(value: Value, spec: string, meter: Meter): string {
  if (spec === '') return printValue(value, meter);
  const [
    ,
    fill,
    align = '',
    sign = '',
    alternate = '',
    zero = '',
    width = '',
    group = '',
    precision,
    type = '',
  ] =
    specPattern.exec(spec) ??
    fail('The format cannot be read.', `The format ${JSON.stringify(spec)} cannot be read.`);
  const parsed: Spec = {
    fill: fill ?? (zero === '' ? ' ' : '0'),
    align: (align === '' && zero !== '' ? '=' : align) as Spec['align'],
    sign,
    isAlternate: alternate !== '',
    width: Number(width),
    group,
    precision: precision === undefined ? null : Number(precision),
    type,
  };
  meter.allow(parsed.width + (parsed.precision ?? 0));
  if (typeof value === 'boolean' && type === '') return pad(value ? 'True' : 'False', parsed, '<');
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (isNumeric(number)) return formatNumber(number, parsed);
  if (typeof value !== 'string')
    fail(
      `${typeName(value)} cannot be formatted so.`,
      `${typeName(value)} cannot be formatted with ${JSON.stringify(spec)}.`,
    );
  if (type !== '' && type !== 's') fail(`A text cannot be formatted as ${type}.`);
  if (sign !== '' || parsed.align === '=') fail('A text has no sign.');
  const cut = parsed.precision === null ? value : Array.from(value).slice(0, parsed.precision).join('');
  return pad(cut, parsed, '<');
}

function fail(message: string, quoting?: string): never {
  throw new EvaluationFault('type', message, undefined, quoting);
}

function pad(text: string, spec: Spec, usual: '<' | '>'): string {
  const space = spec.width - countCharacters(text);
  if (space <= 0) return text;
  switch (spec.align || usual) {
    case '<':
      return text + spec.fill.repeat(space);
    case '^':
      return spec.fill.repeat(Math.floor(space / 2)) + text + spec.fill.repeat(Math.ceil(space / 2));
    case '=': {
      const sign = /^[-+ ]?(?:0[xXob])?/.exec(text)?.[0] ?? '';
      return sign + spec.fill.repeat(space) + text.slice(sign.length);
    }
    default:
      return spec.fill.repeat(space) + text;
  }
}

function formatNumber(value: number | bigint | Whole, spec: Spec): string {
  const isWhole = isInteger(value);
  const isNegative = isWhole ? value < 0 : toFloat(value) < 0 || Object.is(toFloat(value), -0);
  const digits =
    isWhole && /^[bcdoxXn]?$/.test(spec.type)
      ? integerDigits(value, spec)
      : floatDigits(toFloat(value), spec);
  const sign = isNegative ? '-' : spec.sign === '-' ? '' : spec.sign;
  return pad(sign + grouped(digits, spec.group), spec, '>');
}

function integerDigits(value: number | bigint, { type, isAlternate, precision }: Spec): string {
  if (precision !== null) fail('A whole number has no precision.');
  const size = value < 0 ? -BigInt(value) : BigInt(value);
  switch (type) {
    case 'b':
      return (isAlternate ? '0b' : '') + size.toString(2);
    case 'o':
      return (isAlternate ? '0o' : '') + size.toString(8);
    case 'x':
      return (isAlternate ? '0x' : '') + size.toString(16);
    case 'X':
      return (isAlternate ? '0X' : '') + size.toString(16).toUpperCase();
    case 'c':
      return String.fromCodePoint(Math.min(Number(size), 0x10ffff));
    default:
      return size.toString();
  }
}

function floatDigits(value: number, { type, precision }: Spec): string {
  const size = Math.abs(value);
  const decimals = Math.min(precision ?? 6, mostDecimals);
  switch (type) {
    case 'f':
    case 'F':
      return toFixed(size, decimals);
    case 'e':
      return exponential(size, decimals);
    case 'E':
      return exponential(size, decimals).toUpperCase();
    case 'g':
    case 'G':
      return type === 'g' ? general(size, decimals) : general(size, decimals).toUpperCase();
    case '%':
      return `${toFixed(size * 100, decimals)}%`;
    case '':
      if (precision === null) return printFloat(size);
      return /^\d+$/.test(general(size, decimals)) ? `${general(size, decimals)}.0` : general(size, decimals);
    default:
      return fail(`A number with a fraction cannot be formatted as ${type}.`);
  }
}

function exponential(size: number, decimals: number): string {
  if (!Number.isFinite(size)) return printFloat(size);
  return size.toExponential(decimals).replace(/e([+-])(\d)$/, 'e$10$2');
}

function general(size: number, precision: number): string {
  if (!Number.isFinite(size)) return printFloat(size);
  const digits = Math.max(1, precision);
  const exponent = size === 0 ? 0 : Number(size.toExponential(digits - 1).split('e')[1]);
  if (exponent < -4 || exponent >= digits) return exponential(size, digits - 1).replace(/\.?0*e/, 'e');
  const text = toFixed(size, Math.max(0, digits - 1 - exponent));
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function grouped(digits: string, mark: string): string {
  if (mark === '') return digits;
  const [, whole = '', rest = ''] = /^(\d*)(.*)$/s.exec(digits) ?? [];
  return whole.replace(/\B(?=(\d{3})+$)/g, mark) + rest;
}

const field = /\{\{|\}\}|\{([^{}!:]*)(?:!([rsa]))?(?::((?:[^{}]|\{[^{}]*\})*))?\}|[{}]/g;

/** `'{0} {name:>8}'.format(…)`: fields by place, name and path; own properties only. @throws EvaluationFault */
export function formatBraces(
  text: string,
  positional: readonly Value[],
  named: Named,
  read: (object: Value, key: Value) => Value | undefined,
  meter: Meter,
): string {
  let next = 0;
  let size = text.length;
  const valueOf = (path: string): Value => {
    const [, first = '', rest = ''] = /^([^.[\]]*)(.*)$/s.exec(path) ?? [];
    const start =
      first === '' ? positional[next++] : /^\d+$/.test(first) ? positional[Number(first)] : named.get(first);
    if (start === undefined) return fail('format() lacks a value.', `format() has no value for {${path}}.`);
    let value: Value = start;
    for (const [, dotted, indexed] of rest.matchAll(/\.([^.[\]]+)|\[([^\]]+)\]/g)) {
      const key = dotted ?? indexed ?? '';
      const found = read(value, /^\d+$/.test(key) && !isObject(value) ? Number(key) : key);
      if (found === undefined)
        return fail('format() finds nothing there.', `format() finds nothing at {${path}}.`);
      value = found;
    }
    return value;
  };
  const out = text.replaceAll(
    field,
    (whole, path: string | undefined, conversion: string | undefined, spec = '') => {
      if (whole === '{{' || whole === '}}') return whole.charAt(0);
      if (path === undefined) return fail(`A single ${whole} stands in the format.`);
      const value = valueOf(path);
      const inner = String(spec).replaceAll(/\{([^{}]*)\}/g, (_, name: string) =>
        printValue(valueOf(name), meter),
      );
      const shown =
        conversion === undefined
          ? value
          : conversion === 's'
            ? printValue(value, meter)
            : represent(value, meter);
      const written = formatValue(shown, inner, meter);
      size += written.length;
      meter.fit(size);
      meter.spend(1 + written.length / 64);
      return written;
    },
  );
  return out;
}

// Every repetition is bounded, so that no text makes the search for directives slow.
const directive =
  /%(?:\(([^()]{0,200})\))?([-+0 #]{0,8})(\*|\d{1,10})?(?:\.(\d{1,10}))?[hlL]?([diouxXeEfFgGcrsa%])|%/g;

/** `'%s %05.1f' % values`, and the filter `format`. @throws EvaluationFault */
export function formatPercent(text: string, values: Value, meter: Meter): string {
  const list = Array.isArray(values) ? values : [values];
  meter.spend(text.length / 64);
  let next = 0;
  let size = text.length;
  const take = (name: string | undefined): Value => {
    if (name !== undefined) {
      if (!isObject(values) || !Object.hasOwn(values, name))
        return fail('The format needs a value that is not there.', `The format needs ${name}.`);
      return meter.open(values[name]);
    }
    if (next >= list.length) return fail('The format has fewer values than places.');
    return meter.open(list[next++]);
  };
  const out = text.replaceAll(
    directive,
    (
      whole,
      name: string | undefined,
      flags = '',
      width: string | undefined,
      digits: string | undefined,
      kind?: string,
    ) => {
      if (kind === undefined) return fail('A single % stands in the format; write %%.');
      if (kind === '%') return '%';
      const given = width === '*' ? toFloat(toNumeric(take(undefined), '%*')) : Number(width ?? 0);
      const written = writeDirective(
        take(name),
        kind,
        String(flags),
        given,
        digits === undefined ? null : Number(digits),
        meter,
      );
      size += written.length;
      meter.fit(size);
      meter.spend(1 + written.length / 64);
      return written;
    },
  );
  if (!isObject(values) && next < list.length && !(values instanceof Missing && next === 0 && text === ''))
    fail('The format has more values than places.');
  return out;
}

function writeDirective(
  value: Value,
  kind: string,
  flags: string,
  width: number,
  precision: number | null,
  meter: Meter,
): string {
  meter.allow(width + (precision ?? 0));
  const isLeft = flags.includes('-');
  const isText = 'rsac'.includes(kind);
  const spec: Spec = {
    fill: flags.includes('0') && !isLeft && !isText ? '0' : ' ',
    align: isLeft ? '<' : flags.includes('0') && !isText ? '=' : '>',
    sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '',
    isAlternate: flags.includes('#'),
    width,
    group: '',
    precision,
    type: kind,
  };
  if (kind === 'c')
    return pad(
      typeof value === 'string'
        ? value
        : integerDigits(truncate(toNumeric(value, '%c')), { ...spec, precision: null }),
      spec,
      '>',
    );
  if (isText) {
    const text = kind === 's' ? printValue(value, meter) : represent(value, meter);
    return pad(precision === null ? text : Array.from(text).slice(0, precision).join(''), spec, '>');
  }
  if ('diu'.includes(kind)) {
    const whole = truncate(toNumeric(value, `%${kind}`));
    return formatNumber(whole, { ...spec, type: 'd', precision: null });
  }
  if ('oxX'.includes(kind)) {
    const whole = toNumeric(value, `%${kind}`);
    if (!isInteger(whole)) return fail(`%${kind} needs a whole number.`);
    return formatNumber(whole, { ...spec, precision: null });
  }
  const number = toNumeric(value, `%${kind}`);
  return formatNumber(isInteger(number) ? new Whole(Number(number)) : number, spec);
}

const sizes = {
  decimal: ['kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'],
  binary: ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'],
};

/** A number of bytes as people read it. */
export function formatSize(value: Value, isBinary: boolean): string {
  const given =
    typeof value === 'string'
      ? (parseFloatText(value) ?? fail('This text is no number of bytes.'))
      : toFloat(toNumeric(value, 'filesizeformat'));
  const base = isBinary ? 1024 : 1000;
  if (given === 1) return '1 Byte';
  if (given < base) return `${printNumber(truncate(given))} Bytes`;
  const units = isBinary ? sizes.binary : sizes.decimal;
  let power = 1;
  while (power < units.length && given >= base ** (power + 1)) power += 1;
  return `${toFixed(given / base ** power, 1)} ${units[power - 1] ?? ''}`;
}
