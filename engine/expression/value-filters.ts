import { EvaluationFault } from './expression-error';
import { argument, flagArgument, numberArgument, textArgument, toNumber, type Filter } from './filter';
import {
  Missing,
  emptyObject,
  isObject,
  isTruthy,
  setOwn,
  toJson,
  typeName,
  type Json,
  type Value,
} from './value';

const fallback: Filter = {
  signature: "(value='', boolean=false)",
  help: 'The value, or this one where it is missing. With boolean=true also where it is empty, 0 or false.',
  acceptsMissing: true,
  apply: (input, call) => {
    const empty =
      input instanceof Missing ||
      input === null ||
      (flagArgument(call, 1, 'boolean', false) && !isTruthy(input));
    return empty ? argument(call, 0, 'default_value', '') : input;
  },
};

function round(value: number, digits: number, method: string): number {
  const scale = 10 ** digits;
  if (method === 'ceil') return Math.ceil(value * scale) / scale;
  if (method === 'floor') return Math.floor(value * scale) / scale;
  // Python rounds half to even.
  const scaled = value * scale;
  const floor = Math.floor(scaled);
  const isHalf = Math.abs(scaled - floor - 0.5) < 1e-9;
  return (isHalf ? (floor % 2 === 0 ? floor : floor + 1) : Math.round(scaled)) / scale;
}

/** JSON as Python writes it: a space after commas and colons, keys in order where asked. */
export function printJson(value: Json, indent: number | null, sorted: boolean): string {
  const write = (item: Json, level: number): string => {
    if (item === null || typeof item !== 'object') return JSON.stringify(item);
    const parts = Array.isArray(item)
      ? item.map((entry) => write(entry, level + 1))
      : (sorted ? Object.keys(item).sort() : Object.keys(item)).map(
          (key) => `${JSON.stringify(key)}: ${write(item[key] ?? null, level + 1)}`,
        );
    const [open, close] = Array.isArray(item) ? '[]' : '{}';
    if (parts.length === 0) return `${open}${close}`;
    if (indent === null) return `${open}${parts.join(', ')}${close}`;
    const pad = '\n' + ' '.repeat(indent * (level + 1));
    return `${open}${pad}${parts.join(`,${pad}`)}\n${' '.repeat(indent * level)}${close}`;
  };
  return write(value, 0);
}

function parseJson(input: Value): Json {
  if (typeof input !== 'string')
    throw new EvaluationFault('type', `from_json needs a text, and got ${typeName(input)}.`);
  try {
    return JSON.parse(input) as Json;
  } catch (error) {
    throw new EvaluationFault('type', `This text is not JSON: ${(error as Error).message}.`);
  }
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function unbase64(text: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(
      Uint8Array.from(atob(text), (char) => char.charCodeAt(0)),
    );
  } catch {
    throw new EvaluationFault('type', 'This text is not base64 of UTF-8.');
  }
}

/** Filters over any value: defaults, numbers, JSON. */
export const valueFilters: Record<string, Filter> = {
  default: fallback,
  d: fallback,
  abs: {
    signature: '',
    help: 'The number without its sign.',
    apply: (input) => Math.abs(toNumber(input, 'abs')),
  },
  int: {
    signature: '(default=0, base=10)',
    help: 'The value as a whole number, or the default where it is none.',
    acceptsMissing: true,
    apply: (input, call) => {
      const base = numberArgument(call, 1, 'base', 10);
      if (typeof input === 'string') {
        const text = input.trim().replaceAll('_', '');
        const digits =
          base === 10
            ? /^[+-]?\d+$/
            : base === 16
              ? /^[+-]?(0x)?[0-9a-f]+$/i
              : base === 8
                ? /^[+-]?(0o)?[0-7]+$/i
                : /^[+-]?(0b)?[01]+$/i;
        const value = digits.test(text)
          ? Number.parseInt(text.replace(/0[xob]/i, ''), base)
          : base === 10 && text !== ''
            ? Math.trunc(Number(text))
            : Number.NaN;
        if (Number.isFinite(value) && !Number.isSafeInteger(value))
          throw new EvaluationFault('limit', 'The number is beyond 2^53 and would lose digits.');
        return Number.isNaN(value) || !Number.isFinite(value) ? argument(call, 0, 'default', 0) : value;
      }
      if (typeof input === 'boolean') return Number(input);
      return typeof input === 'number' ? Math.trunc(input) : argument(call, 0, 'default', 0);
    },
  },
  float: {
    signature: '(default=0.0)',
    help: 'The value as a number, or the default where it is none.',
    acceptsMissing: true,
    apply: (input, call) => {
      const value =
        typeof input === 'string' && input.trim() !== ''
          ? Number(input)
          : typeof input === 'number' || typeof input === 'boolean'
            ? Number(input)
            : Number.NaN;
      return Number.isFinite(value) ? value : argument(call, 0, 'default', 0);
    },
  },
  round: {
    signature: "(precision=0, method='common')",
    help: "The number rounded; method is 'common', 'ceil' or 'floor'.",
    apply: (input, call) =>
      round(
        toNumber(input, 'round'),
        numberArgument(call, 0, 'precision', 0),
        textArgument(call, 1, 'method', 'common'),
      ),
  },
  filesizeformat: {
    signature: '(binary=false)',
    help: 'A number of bytes as people read it.',
    apply: (input, call) => {
      const bytes = typeof input === 'string' ? Number(input) : toNumber(input, 'filesizeformat');
      const binary = flagArgument(call, 0, 'binary', false);
      const base = binary ? 1024 : 1000;
      if (bytes === 1) return '1 Byte';
      if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
      const units = binary
        ? ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB']
        : ['kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
      let power = 1;
      while (power < units.length && bytes >= base ** (power + 1)) power += 1;
      return `${(bytes / base ** power).toFixed(1)} ${units[power - 1]}`;
    },
  },
  tojson: {
    signature: '(indent=none)',
    help: 'The value as JSON text.',
    acceptsMissing: true,
    apply: (input, call) => {
      const indent = argument(call, 0, 'indent');
      const text = printJson(toJson(input), typeof indent === 'number' ? Math.min(indent, 16) : null, true);
      return text
        .replaceAll('<', '\\u003c')
        .replaceAll('>', '\\u003e')
        .replaceAll('&', '\\u0026')
        .replaceAll("'", '\\u0027');
    },
  },
  to_json: {
    signature: '(indent=none)',
    help: 'The value as JSON text, with nothing escaped for HTML.',
    acceptsMissing: true,
    apply: (input, call) => {
      const indent = argument(call, 0, 'indent');
      return typeof indent === 'number'
        ? JSON.stringify(toJson(input), null, Math.min(indent, 16))
        : JSON.stringify(toJson(input));
    },
  },
  from_json: { signature: '', help: 'The value that a JSON text holds.', apply: (input) => parseJson(input) },
  b64encode: {
    signature: '',
    help: 'The text as base64.',
    apply: (input) => base64(new TextEncoder().encode(String(toJson(input) ?? ''))),
  },
  b64decode: {
    signature: '',
    help: 'The text that base64 holds.',
    apply: (input) => unbase64(String(toJson(input) ?? '')),
  },
  type_of: {
    signature: '',
    help: 'null, boolean, number, string, list or object.',
    acceptsMissing: true,
    apply: (input) =>
      input === null || input instanceof Missing ? 'null' : Array.isArray(input) ? 'list' : typeof input,
  },
  combine: {
    signature: '(other, …)',
    help: 'One object of several; later ones win.',
    apply: (input, { positional }) => {
      const merged = emptyObject();
      for (const part of [input, ...positional]) {
        if (!isObject(part))
          throw new EvaluationFault('type', `combine needs objects, and got ${typeName(part)}.`);
        for (const [key, value] of Object.entries(part)) setOwn(merged, key, value);
      }
      return merged;
    },
  },
  attr: {
    signature: '(name)',
    help: 'A property by name.',
    apply: (input, call) => {
      const name = textArgument(call, 0, 'name', '');
      return isObject(input) && Object.hasOwn(input, name) ? (input[name] as Json) : new Missing(name);
    },
  },
  dictsort: {
    signature: "(case_sensitive=false, by='key', reverse=false)",
    help: 'Pairs of an object in order of their keys, or of their values.',
    apply: (input, call, evaluator) => {
      if (!isObject(input))
        throw new EvaluationFault('type', `dictsort needs an object, and got ${typeName(input)}.`);
      const place = textArgument(call, 1, 'by', 'key') === 'value' ? 1 : 0;
      const fold = (value: Value) =>
        typeof value === 'string' && !flagArgument(call, 0, 'case_sensitive', false)
          ? value.toLowerCase()
          : value;
      const pairs = Object.entries(input).map(([key, value]): [string, Json] => [key, value]);
      evaluator.spend(pairs.length);
      pairs.sort((a, b) =>
        evaluator.holds(fold(a[place]), '<', fold(b[place]))
          ? -1
          : evaluator.holds(fold(b[place]), '<', fold(a[place]))
            ? 1
            : 0,
      );
      return flagArgument(call, 2, 'reverse', false) ? pairs.reverse() : pairs;
    },
  },
  items: {
    signature: '',
    help: 'Pairs of key and value.',
    acceptsMissing: true,
    apply: (input) => (isObject(input) ? Object.entries(input) : []),
  },
};
