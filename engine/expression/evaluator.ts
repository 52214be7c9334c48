import type { Arguments, Expression } from './ast';
import { contains, isEqual, isOrdered } from './compare';
import { EvaluationFault, type Place } from './expression-error';
import { applyFilter } from './filters';
import { globals } from './globals';
import { callMethod, member, slice } from './members';
import { nearest } from './nearest';
import { binary } from './operators';
import { negate, toNumeric } from './number';
import { printValue } from './text';
import { applyTest } from './tests';
import {
  Callable,
  Missing,
  Secret,
  Slots,
  Whole,
  isObject,
  isTruthy,
  setOwn,
  typeName,
  type Json,
  type Meter,
  type Named,
  type Value,
  type ValueObject,
} from './value';
import { settle } from './settle';
import { shorten } from './shorten';

/** What an evaluation may use up. Everything is counted; there is no clock, so the same always comes out. */
export interface Limits {
  /** Evaluated parts, and what is gone through within filters (Default: 100,000). */
  steps: number;
  /** Characters of a text, or entries of a list, that may come about; also of the whole result (Default: 1,000,000). */
  size: number;
  /** Levels of lists and objects within each other (Default: 64). */
  depth: number;
}
export const defaultLimits: Readonly<Limits> = { steps: 100_000, size: 1_000_000, depth: 64 };

/** The names an expression may read: values, or thunks that are called when first touched, at most once. */
export interface Scope {
  readonly names: { readonly [name: string]: Json | (() => Json) };
  readonly functions?: {
    readonly [name: string]: (args: Json[], kwargs: { [name: string]: Json }) => Json;
  };
}

/** The names that a loop or block brings in. */
export interface Frame {
  names: Map<string, Value>;
  parent: Frame | null;
}

const start: Place = { line: 1, column: 1 };
const noNames: Named = new Map();
const noValues: Value[] = [];
/** Parts of an expression within each other, that are evaluated or looked at. */
export const deepestExpression = 400;
const mostWarnings = 50;
const longestPath = 200;

/** Evaluates one source. Counts what it does; remembers what was missing and whether a secret was touched. */
export class Evaluator implements Meter {
  /** What was missing and read as null; null while there is nothing to tell. */
  warnings: Set<string> | null = null;
  isSecret = false;
  frame: Frame | null = null;
  /** Where the operation stands that is going on: the place of any error. */
  place: Place = start;
  /** Steps that were taken. */
  steps = 0;
  /** Characters and entries of the result that were made here. */
  made = 0;
  private depth = 0;
  private read: Map<string, Value> | null = null;

  constructor(
    private readonly scope: Scope,
    readonly limits: Readonly<Limits>,
  ) {}

  spend(steps: number): void {
    this.steps += steps;
    if (this.steps > this.limits.steps)
      throw new EvaluationFault(
        'limit',
        `This takes more than ${this.limits.steps} steps.`,
        'Do less at once, or do it in an action.',
      );
  }

  fit(size: number): void {
    if (!(size <= this.limits.size))
      throw new EvaluationFault(
        'limit',
        `This would be larger than ${this.limits.size} characters or entries.`,
      );
  }

  allow(size: number): void {
    this.fit(size);
    this.spend(size / 64);
  }

  deepen(depth: number): void {
    if (depth > this.limits.depth)
      throw new EvaluationFault('limit', `The value is nested more than ${this.limits.depth} levels deep.`);
  }

  open(raw: unknown): Value {
    if (typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'boolean' || raw === null)
      return raw;
    if (typeof raw === 'bigint') return raw;
    if (typeof raw !== 'object') return new Missing('a value that is no JSON');
    if (!(raw instanceof Secret)) return raw as Value;
    this.isSecret = true;
    return this.open(Secret.open(raw));
  }

  /** The JSON that a value is to the outside. @throws EvaluationFault for what JSON cannot hold */
  toJson(value: Value, isHandedOn = false): Json {
    if (typeof value === 'boolean' || value === null || (typeof value === 'string' && isHandedOn))
      return value;
    const { json, size } = settle(value, this, isHandedOn ? null : this.limits.size);
    this.made += size;
    return json;
  }

  /** Keeps a note that something missing was read as null. */
  warn(missing: Missing): void {
    this.warnings ??= new Set();
    if (this.warnings.size < mostWarnings)
      this.warnings.add(`${shorten(missing.path, longestPath)} is missing and read as null`);
  }

  /** The value of an expression, with a warning where it reads a path that is missing. @throws EvaluationFault */
  evaluate(expression: Expression): Value {
    const value = this.peek(expression);
    if (value instanceof Missing && (expression.kind === 'name' || expression.kind === 'member'))
      this.warn(value);
    return value;
  }

  /** The value of an expression; what is missing is no surprise here. @throws EvaluationFault */
  peek(expression: Expression): Value {
    this.spend(1);
    // No `finally`: after a fault this evaluation is over.
    this.depth += 1;
    if (this.depth > deepestExpression)
      throw new EvaluationFault('limit', 'The expression is nested too deeply.');
    const value = this.kinds(expression);
    this.depth -= 1;
    return value;
  }

  private kinds(expression: Expression): Value {
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'name':
        this.place = expression.place;
        return this.name(expression.name);
      case 'member': {
        const object = this.peek(expression.object);
        const key = this.evaluate(expression.key);
        this.place = expression.place;
        return member(object, key, this) ?? new Missing(describe(expression));
      }
      case 'list':
        return expression.items.map((item) => this.evaluate(item));
      case 'dict':
        return this.dict(expression);
      case 'slice': {
        const object = this.evaluate(expression.object);
        const bound = (part: Expression | null): Value => (part === null ? null : this.evaluate(part));
        const bounds = [bound(expression.start), bound(expression.stop), bound(expression.step)] as const;
        this.place = expression.place;
        return slice(object, ...bounds, this);
      }
      case 'call':
        return this.call(expression);
      case 'method': {
        const object = this.evaluate(expression.object);
        const [positional, named] = this.arguments(expression.args);
        this.place = expression.place;
        return callMethod(object, expression.name, positional, named, this);
      }
      case 'filter': {
        const input = this.peek(expression.input);
        const [positional, named] = this.arguments(expression.args);
        this.place = expression.place;
        return this.filter(expression.name, input, positional, named);
      }
      case 'test': {
        const input = this.peek(expression.input);
        const [positional, named] = this.arguments(expression.args);
        this.place = expression.place;
        return this.test(expression.name, input, positional, named) !== expression.isNegated;
      }
      case 'unary': {
        const operand = this.evaluate(expression.operand);
        if (expression.operator === 'not') return !isTruthy(operand, this);
        this.place = expression.place;
        const number = toNumeric(operand, expression.operator);
        return expression.operator === '-' ? negate(number) : number;
      }
      case 'binary': {
        const { operator } = expression;
        // What stands before `or` has a stand-in behind it, as with `default`.
        if (operator === 'or') {
          const left = this.peek(expression.left);
          return isTruthy(left, this) ? left : this.evaluate(expression.right);
        }
        const left = this.evaluate(expression.left);
        if (operator === 'and') return isTruthy(left, this) ? this.evaluate(expression.right) : left;
        const right = this.evaluate(expression.right);
        this.place = expression.place;
        return binary(operator, left, right, this);
      }
      case 'compare': {
        let left = this.evaluate(expression.first);
        for (const { operator, right: side, place } of expression.rest) {
          const right = this.evaluate(side);
          this.place = place;
          if (!this.holds(left, operator, right)) return false;
          left = right;
        }
        return true;
      }
      case 'condition':
        if (isTruthy(this.evaluate(expression.test), this)) return this.evaluate(expression.then);
        return expression.otherwise
          ? this.evaluate(expression.otherwise)
          : new Missing('the value without "else"');
    }
  }

  private dict(expression: Extract<Expression, { kind: 'dict' }>): ValueObject {
    const object: ValueObject = {};
    for (const { key: keyPart, value } of expression.entries) {
      const key = this.evaluate(keyPart);
      this.place = keyPart.place;
      setOwn(object, this.key(key), this.evaluate(value));
    }
    return object;
  }

  /** A key of an object: JSON has texts only. @throws EvaluationFault for a list or object */
  key(value: Value): string {
    if (typeof value === 'string') return value;
    if (value === null || typeof value === 'boolean') return String(value);
    if (typeof value === 'object' && !(value instanceof Whole))
      throw new EvaluationFault('type', `${typeName(value)} cannot be a key.`, 'Keys are texts.');
    return printValue(value, this);
  }

  private name(name: string): Value {
    for (let frame = this.frame; frame !== null; frame = frame.parent) {
      const local = frame.names.get(name);
      if (local !== undefined) return local;
    }
    const { names, functions } = this.scope;
    if (Object.hasOwn(names, name)) {
      const given = names[name];
      return typeof given === 'function' ? this.once(name, given) : this.open(given);
    }
    if (functions && Object.hasOwn(functions, name)) return this.scopeFunction(name);
    return globals.get(name)?.(this) ?? new Missing(name);
  }

  private once(name: string, thunk: () => Json): Value {
    const known = this.read?.get(name);
    if (known !== undefined) return known;
    const value = this.open(thunk());
    (this.read ??= new Map()).set(name, value);
    return value;
  }

  private scopeFunction(name: string): Callable {
    return new Callable(name, (positional, named) => {
      const kwargs: { [name: string]: Json } = {};
      for (const [key, value] of named) setOwn(kwargs, key, this.toJson(value));
      return this.open(
        this.scope.functions?.[name]?.(
          positional.map((value) => this.toJson(value)),
          kwargs,
        ) ?? null,
      );
    });
  }

  private call(expression: Extract<Expression, { kind: 'call' }>): Value {
    const callee = this.peek(expression.callee);
    const [positional, named] = this.arguments(expression.args);
    this.place = expression.place;
    if (callee instanceof Callable) return callee.call(positional, named);
    const again = callee instanceof Slots ? callee.methods.get('') : undefined;
    if (again) return again(positional);
    if (callee instanceof Missing) {
      const near = nearest(callee.path, [...Object.keys(this.scope.functions ?? {}), ...globals.keys()]);
      throw new EvaluationFault(
        'unknown_function',
        `There is no function ${callee.path}.`,
        near ? `Did you mean ${near}()?` : undefined,
      );
    }
    throw new EvaluationFault('type', `${typeName(callee)} cannot be called.`, 'Leave out the parentheses.');
  }

  arguments(args: Arguments): [Value[], Named] {
    const positional =
      args.positional.length === 0 ? noValues : args.positional.map((part) => this.evaluate(part));
    if (args.named.length === 0) return [positional, noNames];
    return [positional, new Map(args.named.map(({ name, value }) => [name, this.evaluate(value)]))];
  }

  filter(name: string, input: Value, positional: Value[], named: Named): Value {
    return applyFilter(name, input, positional, named, this);
  }

  test(name: string, input: Value, positional: Value[], named: Named): boolean {
    return applyTest(name, input, positional, named, this);
  }

  /** Whether a comparison holds. @throws EvaluationFault where it makes no sense */
  holds(
    left: Value,
    operator: '==' | '!=' | 'in' | 'not in' | '<' | '<=' | '>' | '>=',
    right: Value,
  ): boolean {
    switch (operator) {
      case '==':
        return isEqual(left, right, this);
      case '!=':
        return !isEqual(left, right, this);
      case 'in':
        return contains(right, left, this);
      case 'not in':
        return !contains(right, left, this);
      default:
        return isOrdered(left, operator, right, this);
    }
  }

  /** The entries that a loop or filter goes through: of a list, a text's characters, an object's keys. @throws EvaluationFault */
  iterate(value: Value): readonly Value[] {
    if (Array.isArray(value)) {
      this.spend(value.length / 8);
      // Most lists hold nothing to be opened, and are gone through as they are.
      return value.some(
        (item: unknown) => item instanceof Secret || item === undefined || typeof item === 'function',
      )
        ? value.map((item) => this.open(item))
        : value;
    }
    if (value instanceof Missing) return [];
    if (typeof value === 'string') {
      this.allow(value.length);
      return Array.from(value);
    }
    if (isObject(value)) {
      const keys = Object.keys(value);
      this.spend(keys.length / 8);
      return keys;
    }
    throw new EvaluationFault(
      'type',
      `${typeName(value)} cannot be gone through; a list is needed.`,
      value === null ? 'Give a default: | default([], true).' : undefined,
    );
  }
}

/** A path as it was written: `task.build.result[0]`. */
function describe(expression: Expression): string {
  if (expression.kind === 'name') return expression.name;
  if (expression.kind !== 'member') return '…';
  const { key } = expression;
  const before = describe(expression.object);
  if (key.kind !== 'literal') return `${before}[…]`;
  return typeof key.value === 'string' && /^[\p{L}_][\p{L}\p{N}_]*$/u.test(key.value)
    ? `${before}.${key.value}`
    : `${before}[${typeof key.value === 'string' ? JSON.stringify(key.value) : String(key.value)}]`;
}
