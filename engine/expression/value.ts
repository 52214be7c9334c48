import { EvaluationFault } from './expression-error';

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What a missing name or path reads as: null to the outside, but `is defined` can still tell. */
export class Missing {
  constructor(readonly path: string) {}
}

/** Something that can be called: a function of the scope, or a method of a text, list or object. */
export class Callable {
  constructor(
    readonly name: string,
    readonly call: (positional: Value[], named: Map<string, Value>) => Value,
  ) {}
}

/** A value that came from a secret; whatever reads it becomes secret as well. */
export class Secret {
  constructor(readonly value: Json) {}
}

/** Marks a value as secret, for a scope. */
export function markSecret(value: Json): Secret {
  return new Secret(value);
}

/** What expressions compute with. Nothing of the host is ever among it. */
export type Value = Json | Missing | Callable | ValueList | ValueObject;
type ValueList = Value[];
interface ValueObject {
  [key: string]: Value;
}

export function isObject(value: Value): value is { [key: string]: Json } {
  return (
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    !(value instanceof Missing) &&
    !(value instanceof Callable)
  );
}

/** An object without a prototype to reach, safe for any key. */
export function emptyObject(): { [key: string]: Json } {
  return {};
}

/** Sets an own property, also one that is called `__proto__`. */
export function setOwn(object: { [key: string]: Json }, key: string, value: Json): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

export function getOwn(object: { [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The value as JSON: what is missing is null. @throws EvaluationFault for something to be called */
export function toJson(value: Value): Json {
  if (value instanceof Missing) return null;
  if (value instanceof Callable)
    throw new EvaluationFault('not_a_value', `${value.name} is a function.`, `Call it: ${value.name}().`);
  return value as Json;
}

/** Jinja's truth: null, false, 0, and empty texts, lists and objects are false. */
export function isTruthy(value: Value): boolean {
  if (value instanceof Missing || value === null || value === false || value === 0 || value === '')
    return false;
  if (Array.isArray(value)) return value.length > 0;
  return isObject(value) ? Object.keys(value).length > 0 : true;
}

/** The name of a value's type, as people say it. */
export function typeName(value: Value): string {
  if (value instanceof Missing || value === null) return 'null';
  if (value instanceof Callable) return 'a function';
  if (Array.isArray(value)) return 'a list';
  return (
    { boolean: 'a boolean', number: 'a number', string: 'a text' }[typeof value as string] ?? 'an object'
  );
}

/** Equality by content; booleans equal 1 and 0, as in Python. */
export function isEqual(left: Value, right: Value): boolean {
  if (left instanceof Missing || right instanceof Missing)
    return (left instanceof Missing || left === null) && (right instanceof Missing || right === null);
  if (typeof left === 'boolean' && typeof right === 'number') return Number(left) === right;
  if (typeof left === 'number' && typeof right === 'boolean') return left === Number(right);
  if (Array.isArray(left))
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, place) => isEqual(item, right[place] as Value))
    );
  if (isObject(left)) {
    if (!isObject(right)) return false;
    const keys = Object.keys(left);
    return (
      keys.length === Object.keys(right).length &&
      keys.every((key) => Object.hasOwn(right, key) && isEqual(left[key] as Json, right[key] as Json))
    );
  }
  return left === right;
}

/** -1, 0 or 1. Texts by code point, lists item by item. @throws EvaluationFault where an order makes no sense */
export function compare(left: Value, right: Value, operator: string): number {
  const [a, b] = [
    typeof left === 'boolean' ? Number(left) : left,
    typeof right === 'boolean' ? Number(right) : right,
  ];
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let place = 0; place < Math.min(a.length, b.length); place += 1) {
      if (!isEqual(a[place] as Value, b[place] as Value))
        return compare(a[place] as Value, b[place] as Value, operator);
    }
    return Math.sign(a.length - b.length);
  }
  const missing = [left, right].find((side) => side instanceof Missing);
  throw new EvaluationFault(
    'type',
    `${operator} cannot order ${typeName(left)} and ${typeName(right)}${missing instanceof Missing ? ` (${missing.path} is missing)` : ''}.`,
    left === null || right === null || missing
      ? 'Give a default: | default(0).'
      : 'Turn both into the same type, for example with | int.',
  );
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [[...a], [...b]];
  for (let place = 0; place < Math.min(left.length, right.length); place += 1) {
    const difference = (left[place] as string).codePointAt(0)! - (right[place] as string).codePointAt(0)!;
    if (difference !== 0) return Math.sign(difference);
  }
  return Math.sign(left.length - right.length);
}
