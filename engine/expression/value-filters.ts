import type { Args } from './arguments';
import { EvaluationFault } from './expression-error';
import { filter, lenient, type Filter } from './filter';
import { parseJson, printJson } from './json-text';
import { printValue, represent } from './text';
import { Missing, Slots, isTruthy, typeName, type Value } from './value';

const fallback = lenient(
  "(default_value='', boolean=false)",
  'The value, or this one where it is missing. With boolean=true also where it is null, empty, 0 or false.',
  (input, args, evaluator) =>
    input instanceof Missing || (args.flag(1) && !isTruthy(input, evaluator)) ? args.value(0, '') : input,
);

function indentOf(args: Args): number | null {
  return args.isNothing(0) ? null : Math.min(Math.max(args.count(0, 0), 0), 16);
}

function base64(text: string): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function unbase64(text: string): string {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return new TextDecoder('utf-8', { fatal: true }).decode(
      Uint8Array.from(binary, (char) => char.charCodeAt(0)),
    );
  } catch {
    throw new EvaluationFault('type', 'This text is not base64 of UTF-8 text.');
  }
}

function kindOf(value: Value): string {
  if (value === null || value instanceof Missing) return 'null';
  if (value instanceof Slots) return value.kind;
  return { text: 'string' }[typeName(value).replace(/^an? /, '')] ?? typeName(value).replace(/^an? /, '');
}

/** Filters over any value: stand-ins, types, JSON, base64. */
export const valueFilters: Record<string, Filter> = {
  default: fallback,
  d: fallback,
  string: lenient('', 'The value as text.', (input, _, evaluator) => printValue(input, evaluator)),
  safe: lenient('', 'The value as text; nothing is escaped here unasked.', (input, _, evaluator) =>
    printValue(input, evaluator),
  ),
  pprint: lenient('', 'The value as Python writes it.', (input, _, evaluator) => represent(input, evaluator)),
  type_of: lenient('', 'null, boolean, number, string, list or object.', kindOf),
  tojson: lenient(
    '(indent=none)',
    'The value as JSON text, keys in order, safe within HTML.',
    (input, args, evaluator) =>
      printJson(input, { indent: indentOf(args), isSorted: true, isAscii: true, isCompact: false }, evaluator)
        .replaceAll('<', '\\u003c')
        .replaceAll('>', '\\u003e')
        .replaceAll('&', '\\u0026')
        .replaceAll("'", '\\u0027'),
  ),
  to_json: lenient(
    '(indent=none)',
    'The value as JSON text, as it is, with nothing escaped for HTML.',
    (input, args, evaluator) =>
      printJson(
        input,
        { indent: indentOf(args), isSorted: false, isAscii: false, isCompact: true },
        evaluator,
      ),
  ),
  from_json: filter('', 'The value that a JSON text holds.', (input, _, evaluator) => {
    if (typeof input !== 'string')
      throw new EvaluationFault('type', `from_json needs a text, and got ${typeName(input)}.`);
    return parseJson(input, evaluator);
  }),
  b64encode: filter('', 'The text as base64.', (input, _, evaluator) => {
    const text = printValue(input, evaluator);
    evaluator.allow(text.length * 2);
    return base64(text);
  }),
  b64decode: filter('', 'The text that base64 holds.', (input, _, evaluator) => {
    const text = printValue(input, evaluator);
    evaluator.allow(text.length);
    return unbase64(text);
  }),
};
