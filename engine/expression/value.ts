/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What a missing name or path reads as: null to the outside, but `is defined` can still tell. */
export class Missing {
  constructor(readonly path: string) {}
}

/** A function of the scope, waiting to be called. */
export class Callable {
  constructor(
    readonly name: string,
    readonly call: (positional: Value[], named: Named) => Value,
  ) {}
}

/** A floating-point number without a fraction: JSON has no word for `3.0`, but Python prints it so. */
export class Whole {
  constructor(readonly value: number) {}
}

/** What `loop` and `namespace()` are: named slots, nothing else. */
export class Slots {
  constructor(
    readonly kind: 'loop' | 'namespace',
    readonly slots: { get(name: string): Value | undefined },
    /** `loop.cycle`, `loop.changed` and, in a recursive loop, `loop()` itself under ''. */
    readonly methods: ReadonlyMap<string, (positional: Value[]) => Value> = new Map(),
  ) {}
}

/** A value that came from a secret. Its content is private, so that no other code prints it by accident. */
export class Secret {
  readonly #value: Json;

  constructor(value: Json) {
    this.#value = value;
  }

  static open(secret: Secret): Json {
    return secret.#value;
  }

  toJSON(): string {
    return '[secret]';
  }
}

/**
 * Marks a value as secret, for a scope or anywhere inside of one. An evaluation that touches it yields
 * `secret: true`. Only the evaluator can read what is marked; to everybody else it is `[secret]`.
 */
export function markSecret(value: Json): Json {
  return new Secret(value) as unknown as Json;
}

/**
 * What expressions compute with. A `number` that is a safe integer is an integer, any other `number` a float;
 * `Whole` is a float without fraction, `bigint` an integer beyond 2^53. Nothing of the host is ever among them.
 */
export type Value =
  null | boolean | number | bigint | string | Whole | Missing | Callable | Slots | Value[] | ValueObject;
export interface ValueObject {
  [key: string]: Value;
}
export type Named = ReadonlyMap<string, Value>;

/** Counts what an evaluation does, and opens what it reads. */
export interface Meter {
  /** Counts steps. @throws EvaluationFault over the limit */
  spend(steps: number): void;
  /** Refuses a size over the limit. @throws EvaluationFault */
  fit(size: number): void;
  /** Refuses a text or list before it is made, and counts the work of making it. @throws EvaluationFault */
  allow(size: number): void;
  /** What a scope holds as a value: secrets opened and remembered, what is no JSON missing. */
  open(raw: unknown): Value;
  /** Refuses to go further down than the limit. @throws EvaluationFault */
  deepen(depth: number): void;
}

export function isObject(value: Value): value is ValueObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Missing) &&
    !(value instanceof Whole) &&
    !(value instanceof Callable) &&
    !(value instanceof Slots)
  );
}

/** Sets an own property; for `__proto__` plain assignment would change the prototype instead. */
export function setOwn<T>(object: { [key: string]: T }, key: string, value: T): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

/** Jinja's truth, of JSON or a value: null, false, 0, and empty texts, lists and objects are false. */
export function isTruthy(value: unknown, meter?: Meter): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === '' || value === 0n)
    return false;
  if (typeof value !== 'object') return true;
  if (value instanceof Missing) return false;
  if (value instanceof Whole) return value.value !== 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Slots || value instanceof Callable) return true;
  const { length } = Object.keys(value);
  meter?.spend(length / 8);
  return length > 0;
}

/** The name of a value's type, as people say it. */
export function typeName(value: Value): string {
  if (value === null || value instanceof Missing) return 'null';
  if (value instanceof Whole) return 'a number';
  if (value instanceof Callable) return 'a function';
  if (value instanceof Slots) return `a ${value.kind}`;
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'boolean':
      return 'a boolean';
    case 'number':
    case 'bigint':
      return 'a number';
    case 'string':
      return 'a text';
    default:
      return 'an object';
  }
}
