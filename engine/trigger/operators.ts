import { RE2JS } from 're2js';
import type { Json } from '../expression/expression';

/** How a field is compared. */
export const operators = [
  'equals',
  'not_equals',
  'greater',
  'less',
  'greater_or_equal',
  'less_or_equal',
  'between',
  'in',
  'not_in',
  'contains',
  'starts',
  'ends',
  'matches',
  'exists',
  'not_exists',
  'is_type',
  'changed',
] as const;
export type Operator = (typeof operators)[number];

const words: ReadonlySet<string> = new Set(operators);

export function isOperator(word: string): word is Operator {
  return words.has(word);
}

/**
 * Whether a value compares so. A missing value equals only null and is in no order with anything.
 * @param before the same field of the event before; null where there is none, and then nothing has changed
 * @throws Error when the comparison makes no sense, in words for the person who wrote it
 */
export function test(
  operator: Operator,
  actual: Json | undefined,
  expected: Json,
  before: { value: Json | undefined } | null = null,
): boolean {
  switch (operator) {
    case 'equals':
      return isSame(actual ?? null, expected);
    case 'not_equals':
      return !isSame(actual ?? null, expected);
    case 'greater':
      return isPresent(actual) && order(actual, expected) > 0;
    case 'less':
      return isPresent(actual) && order(actual, expected) < 0;
    case 'greater_or_equal':
      return isPresent(actual) && order(actual, expected) >= 0;
    case 'less_or_equal':
      return isPresent(actual) && order(actual, expected) <= 0;
    case 'between': {
      if (!Array.isArray(expected) || expected.length !== 2) {
        throw new Error('between needs a list of two, the least and the most.');
      }
      const [least, most] = expected as [Json, Json];
      return isPresent(actual) && order(actual, least) >= 0 && order(actual, most) <= 0;
    }
    case 'in':
      return listed(operator, expected).some((each) => isSame(each, actual ?? null));
    case 'not_in':
      return !listed(operator, expected).some((each) => isSame(each, actual ?? null));
    case 'contains':
      return contains(actual, expected);
    case 'starts':
      return typeof actual === 'string' && actual.startsWith(text(operator, expected));
    case 'ends':
      return typeof actual === 'string' && actual.endsWith(text(operator, expected));
    case 'matches':
      return matches(actual, text(operator, expected));
    case 'exists':
      return (actual !== undefined) === (expected !== false);
    case 'not_exists':
      return (actual === undefined) === (expected !== false);
    case 'is_type':
      return typesOf(actual).includes(text(operator, expected));
    case 'changed':
      return (before !== null && !isSame(actual ?? null, before.value ?? null)) === (expected !== false);
  }
}

function isPresent(actual: Json | undefined): actual is Json {
  return actual !== undefined && actual !== null;
}

function isSame(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index] ?? null))
    );
  }
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object' || Array.isArray(b))
    return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key] as Json, b[key] as Json))
  );
}

function order(a: Json, b: Json): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  const left = toNumber(a);
  const right = toNumber(b);
  if (left === null || right === null) {
    throw new Error(
      `${JSON.stringify(a)} and ${JSON.stringify(b)} have no order; compare two numbers or two texts.`,
    );
  }
  return left - right;
}

/** A text that is a number counts as one beside a number: forms and webhooks send texts. */
function toNumber(value: Json): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\s*-?\d+(\.\d+)?([eE][+-]?\d+)?\s*$/.test(value)
    ? Number(value)
    : null;
}

function listed(operator: Operator, expected: Json): Json[] {
  if (Array.isArray(expected)) return expected;
  throw new Error(`${operator} needs a list to look in.`);
}

function contains(actual: Json | undefined, expected: Json): boolean {
  if (typeof actual === 'string')
    return actual.includes(typeof expected === 'string' ? expected : JSON.stringify(expected));
  if (Array.isArray(actual)) return actual.some((each) => isSame(each, expected));
  return (
    typeof actual === 'object' &&
    actual !== null &&
    typeof expected === 'string' &&
    Object.hasOwn(actual, expected)
  );
}

function matches(actual: Json | undefined, pattern: string): boolean {
  if (typeof actual !== 'string') return false;
  try {
    // RE2 takes linear time on any text, whatever the pattern.
    return RE2JS.compile(pattern).matcher(actual).find();
  } catch (error) {
    throw new Error(
      `${JSON.stringify(pattern)} is no pattern: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

function text(operator: Operator, expected: Json): string {
  if (typeof expected === 'string') return expected;
  if (typeof expected === 'number' || typeof expected === 'boolean') return String(expected);
  throw new Error(`${operator} needs a text.`);
}

function typesOf(actual: Json | undefined): string[] {
  if (actual === undefined) return ['missing'];
  if (actual === null) return ['null'];
  if (Array.isArray(actual)) return ['array', 'list'];
  if (typeof actual === 'number') return Number.isInteger(actual) ? ['integer', 'number'] : ['number'];
  return typeof actual === 'object' ? ['object', 'map'] : [typeof actual];
}
