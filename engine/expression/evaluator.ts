import type { Arguments, BinaryOperator, Expression, Statement, Target } from './ast';
import { EvaluationFault, ExpressionError } from './expression-error';
import { filters } from './filters';
import { member, slice } from './members';
import { nearest } from './nearest';
import { printValue } from './text';
import { tests } from './tests';
import {
  Callable,
  Missing,
  Secret,
  compare,
  emptyObject,
  isEqual,
  isObject,
  isTruthy,
  setOwn,
  toJson,
  typeName,
  type Json,
  type Value,
} from './value';

export interface Limits {
  /** Evaluated parts (Default: 100,000). */
  steps: number;
  /** Characters of one text, and entries of one list, that may come about (Default: 1,000,000). */
  size: number;
  /** Levels of nesting while evaluating (Default: 64). */
  depth: number;
}
export const defaultLimits: Limits = { steps: 100_000, size: 1_000_000, depth: 64 };

/** The names an expression may read: values, or thunks that are called when first touched, and functions to call. */
export interface Scope {
  readonly names: { readonly [name: string]: Json | Secret | (() => Json | Secret) };
  readonly functions?: {
    readonly [name: string]: (args: Json[], kwargs: { [name: string]: Json }) => Json | Secret;
  };
}

/** Positional and named arguments of a filter or test, checked for what it knows. */
export type Call = { positional: Value[]; named: Map<string, Value> };

/** Evaluates one source. Counts what it does; remembers what was missing and whether a secret was touched. */
export class Evaluator {
  readonly warnings = new Set<string>();
  isSecret = false;
  private steps = 0;
  private depth = 0;
  private readonly locals: Map<string, Value>[] = [];
  private readonly read = new Map<string, Value>();

  constructor(
    private readonly source: string,
    private readonly scope: Scope,
    readonly limits: Limits,
  ) {}

  /** Counts work that grows with its input. @throws EvaluationFault over the limit */
  spend(steps: number): void {
    this.steps += steps;
    if (this.steps > this.limits.steps)
      throw new EvaluationFault(
        'limit',
        `This takes more than ${this.limits.steps} steps.`,
        'Do less at once, or do it in an action.',
      );
  }

  /** Refuses a text or list before it is made. @throws EvaluationFault */
  allow(size: number): void {
    if (size > this.limits.size)
      throw new EvaluationFault(
        'limit',
        `This would be larger than ${this.limits.size} characters or entries.`,
      );
    this.spend(Math.ceil(size / 64));
  }

  evaluate(expression: Expression): Value {
    this.depth += 1;
    try {
      this.spend(1);
      if (this.depth > this.limits.depth * 4)
        throw new EvaluationFault('limit', 'This is nested too deeply.');
      return this.kinds(expression);
    } catch (error) {
      if (error instanceof EvaluationFault)
        throw new ExpressionError(error.code, error.message, this.source, expression.place, error.hint);
      throw error;
    } finally {
      this.depth -= 1;
    }
  }

  private kinds(expression: Expression): Value {
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'name':
        return this.name(expression.name);
      case 'list':
        return expression.items.map((item) => this.evaluate(item));
      case 'dict': {
        const object = emptyObject();
        for (const { key, value } of expression.entries)
          setOwn(object, printValue(this.evaluate(key)), toJson(this.evaluate(value)));
        return object;
      }
      case 'member':
        return this.member(expression);
      case 'slice': {
        const bound = (part: Expression | null) => (part === null ? null : toJson(this.evaluate(part)));
        return slice(
          this.evaluate(expression.object),
          bound(expression.start),
          bound(expression.stop),
          bound(expression.step),
        );
      }
      case 'call': {
        const callee = this.evaluate(expression.callee);
        if (callee instanceof Callable) return callee.call(...this.call(expression.args));
        if (callee instanceof Missing)
          throw new EvaluationFault(
            'unknown_function',
            `There is no function ${callee.path}.`,
            this.suggestFunction(callee.path),
          );
        throw new EvaluationFault(
          'type',
          `${typeName(callee)} cannot be called.`,
          'Leave out the parentheses.',
        );
      }
      case 'filter':
        return this.filter(expression.name, this.evaluate(expression.input), expression.args);
      case 'test': {
        const result = this.test(
          expression.name,
          this.evaluate(expression.input),
          this.arguments(expression.args),
        );
        return expression.isNegated ? !result : result;
      }
      case 'unary':
        return this.unary(expression.operator, this.evaluate(expression.operand));
      case 'binary':
        return this.binary(expression.operator, expression.left, expression.right);
      case 'compare':
        return this.comparisons(expression);
      case 'condition':
        if (isTruthy(this.evaluate(expression.test))) return this.evaluate(expression.then);
        return expression.otherwise ? this.evaluate(expression.otherwise) : new Missing('the other branch');
    }
  }

  private name(name: string): Value {
    for (let place = this.locals.length - 1; place >= 0; place -= 1) {
      const local = this.locals[place]?.get(name);
      if (local !== undefined) return local;
    }
    const known = this.read.get(name);
    if (known !== undefined) return known;
    const value = this.fromScope(name);
    this.read.set(name, value);
    return value;
  }

  private fromScope(name: string): Value {
    if (Object.hasOwn(this.scope.names, name)) {
      const given = this.scope.names[name];
      return this.open(typeof given === 'function' ? given() : (given as Json | Secret));
    }
    const functions = this.scope.functions;
    if (functions && Object.hasOwn(functions, name)) {
      return new Callable(name, (positional, named) => {
        const kwargs = emptyObject();
        for (const [key, value] of named) setOwn(kwargs, key, toJson(value));
        return this.open(
          (functions[name] as NonNullable<Scope['functions']>[string])(positional.map(toJson), kwargs),
        );
      });
    }
    return globals(name, this) ?? new Missing(name);
  }

  private open(value: Json | Secret): Json {
    if (!(value instanceof Secret)) return value;
    this.isSecret = true;
    return value.value;
  }

  private member(expression: Extract<Expression, { kind: 'member' }>): Value {
    const object = this.evaluate(expression.object);
    const key = toJson(this.evaluate(expression.key));
    const found = member(object, key, expression.isDotted, this);
    if (found instanceof Secret) return this.open(found);
    return found;
  }

  private call(args: Arguments): [Value[], Map<string, Value>] {
    const { positional, named } = this.arguments(args);
    return [positional, named];
  }

  private arguments(args: Arguments): Call {
    return {
      positional: args.positional.map((argument) => this.evaluate(argument)),
      named: new Map(args.named.map(({ name, value }) => [name, this.evaluate(value)])),
    };
  }

  /** Applies a filter. @throws EvaluationFault for one that is unknown */
  filter(name: string, input: Value, args: Arguments): Value {
    return this.applyFilter(name, input, this.arguments(args));
  }

  applyFilter(name: string, input: Value, call: Call): Value {
    const filter = Object.hasOwn(filters, name) ? filters[name] : undefined;
    if (!filter) {
      const near = nearest(name, Object.keys(filters));
      throw new EvaluationFault(
        'unknown_filter',
        `There is no filter ${name}.`,
        near ? `Did you mean ${near}?` : undefined,
      );
    }
    if (input instanceof Missing && filter.acceptsMissing !== true) this.warn(input);
    return filter.apply(input, call, this);
  }

  test(name: string, input: Value, call: Call): boolean {
    const test = Object.hasOwn(tests, name) ? tests[name] : undefined;
    if (!test) {
      const near = nearest(name, Object.keys(tests));
      throw new EvaluationFault(
        'unknown_test',
        `There is no test ${name}.`,
        near ? `Did you mean ${near}?` : undefined,
      );
    }
    return test(input, call.positional, this);
  }

  /** Keeps a note that something missing was read as null. */
  warn(missing: Missing): void {
    if (this.warnings.size < 50) this.warnings.add(`${missing.path} is missing and read as null`);
  }

  noteMissing(value: Value): void {
    if (value instanceof Missing) this.warn(value);
  }

  private suggestFunction(path: string): string | undefined {
    const near = nearest(path, Object.keys(this.scope.functions ?? {}));
    return near ? `Did you mean ${near}()?` : undefined;
  }

  private number(value: Value, operator: string): number {
    if (typeof value === 'number') return value;
    if (typeof value === 'boolean') return Number(value);
    if (value instanceof Missing)
      throw new EvaluationFault(
        'type',
        `${operator} needs numbers, and ${value.path} is missing.`,
        'Give a default: | default(0).',
      );
    throw new EvaluationFault(
      'type',
      `${operator} needs numbers, and got ${typeName(value)}.`,
      typeof value === 'string' ? 'Turn it into a number with | int or | float.' : undefined,
    );
  }

  private finite(value: number): number {
    if (
      Number.isFinite(value) &&
      (!Number.isInteger(value) || Number.isSafeInteger(value) || Math.abs(value) > 1e300)
    )
      return value;
    if (!Number.isFinite(value)) throw new EvaluationFault('limit', 'The number is too large.');
    if (Number.isInteger(value))
      throw new EvaluationFault('limit', 'The number is beyond 2^53 and would lose digits.');
    return value;
  }

  private unary(operator: '-' | '+' | 'not', operand: Value): Value {
    if (operator === 'not') return !isTruthy(operand);
    const value = this.number(operand, operator);
    return operator === '-' ? -value : value;
  }

  private binary(operator: BinaryOperator, leftSide: Expression, rightSide: Expression): Value {
    const left = this.evaluate(leftSide);
    if (operator === 'and') return isTruthy(left) ? this.evaluate(rightSide) : left;
    if (operator === 'or') return isTruthy(left) ? left : this.evaluate(rightSide);
    const right = this.evaluate(rightSide);
    if (operator === '~') {
      const [a, b] = [printValue(left), printValue(right)];
      this.allow(a.length + b.length);
      return a + b;
    }
    if (operator === '+' && typeof left === 'string' && typeof right === 'string') {
      this.allow(left.length + right.length);
      return left + right;
    }
    if (operator === '+' && Array.isArray(left) && Array.isArray(right)) {
      this.allow(left.length + right.length);
      return [...left, ...right];
    }
    if (operator === '*' && (typeof left === 'string' || Array.isArray(left)) && typeof right === 'number')
      return this.repeat(left, right);
    if (operator === '*' && (typeof right === 'string' || Array.isArray(right)) && typeof left === 'number')
      return this.repeat(right, left);
    if (operator === '+' && (typeof left === 'string' || typeof right === 'string')) {
      throw new EvaluationFault(
        'type',
        `+ cannot join ${typeName(left)} and ${typeName(right)}.`,
        'Use ~ to join texts, or | int to add numbers.',
      );
    }
    return this.arithmetic(operator, this.number(left, operator), this.number(right, operator));
  }

  private repeat(value: string | Value[], times: number): Value {
    const count = Math.max(0, Math.trunc(times));
    this.allow(value.length * count);
    return typeof value === 'string'
      ? value.repeat(count)
      : Array.from({ length: count }, () => value).flat();
  }

  private arithmetic(operator: BinaryOperator, left: number, right: number): number {
    if ((operator === '/' || operator === '//' || operator === '%') && right === 0)
      throw new EvaluationFault('type', 'Division by zero.');
    switch (operator) {
      case '+':
        return this.finite(left + right);
      case '-':
        return this.finite(left - right);
      case '*':
        return this.finite(left * right);
      case '/':
        return this.finite(left / right);
      case '//':
        return this.finite(Math.floor(left / right));
      case '%':
        return this.finite(left - right * Math.floor(left / right));
      case '**':
        return this.finite(left ** right);
      default:
        throw new EvaluationFault('type', `${operator} is no arithmetic.`);
    }
  }

  private comparisons({ first, rest }: Extract<Expression, { kind: 'compare' }>): boolean {
    let left = this.evaluate(first);
    for (const { operator, right: side } of rest) {
      const right = this.evaluate(side);
      if (!this.holds(left, operator, right)) return false;
      left = right;
    }
    return true;
  }

  holds(left: Value, operator: string, right: Value): boolean {
    switch (operator) {
      case '==':
        return isEqual(left, right);
      case '!=':
        return !isEqual(left, right);
      case 'in':
        return this.contains(right, left);
      case 'not in':
        return !this.contains(right, left);
      default: {
        const order = compare(left, right, operator);
        return operator === '<'
          ? order < 0
          : operator === '<='
            ? order <= 0
            : operator === '>'
              ? order > 0
              : order >= 0;
      }
    }
  }

  private contains(holder: Value, item: Value): boolean {
    if (holder instanceof Missing) {
      this.warn(holder);
      return false;
    }
    if (holder === null) return false;
    if (typeof holder === 'string') {
      if (typeof item !== 'string')
        throw new EvaluationFault(
          'type',
          `in needs a text on its left to look for in a text, and got ${typeName(item)}.`,
        );
      this.spend(Math.ceil(holder.length / 64));
      return holder.includes(item);
    }
    if (Array.isArray(holder)) {
      this.spend(holder.length);
      return holder.some((entry) => isEqual(entry as Value, item));
    }
    if (isObject(holder)) return typeof item === 'string' && Object.hasOwn(holder, item);
    throw new EvaluationFault('type', `in cannot look into ${typeName(holder)}.`);
  }

  /** The entries that a loop or filter goes through. @throws EvaluationFault for what has none */
  iterate(value: Value): Value[] {
    if (value instanceof Missing) {
      this.warn(value);
      return [];
    }
    if (Array.isArray(value)) return value as Value[];
    if (typeof value === 'string') {
      this.allow(value.length);
      return [...value];
    }
    if (isObject(value)) return Object.keys(value);
    throw new EvaluationFault(
      'type',
      `${typeName(value)} cannot be gone through; a list is needed.`,
      value === null ? 'Give a default: | default([]).' : undefined,
    );
  }

  /** Runs a template and gives its text. */
  run(statements: readonly Statement[]): string {
    const out: string[] = [];
    let size = 0;
    const write = (text: string) => {
      size += text.length;
      if (size > this.limits.size)
        throw new EvaluationFault('limit', `The text would be longer than ${this.limits.size} characters.`);
      out.push(text);
    };
    this.within(new Map(), () => this.statements(statements, write));
    return out.join('');
  }

  private within(names: Map<string, Value>, work: () => void): void {
    this.locals.push(names);
    try {
      work();
    } finally {
      this.locals.pop();
    }
  }

  private statements(statements: readonly Statement[], write: (text: string) => void): void {
    for (const statement of statements) {
      this.spend(1);
      switch (statement.kind) {
        case 'text':
          write(statement.text);
          break;
        case 'output': {
          const value = this.evaluate(statement.expression);
          if (value instanceof Missing) this.warn(value);
          write(printValue(value));
          break;
        }
        case 'if': {
          const branch = statement.branches.find(({ test }) => isTruthy(this.evaluate(test)));
          this.statements(branch ? branch.body : statement.otherwise, write);
          break;
        }
        case 'for':
          this.loop(statement, write);
          break;
        case 'set':
          this.assign(
            this.locals.at(-1) as Map<string, Value>,
            statement.target,
            this.evaluate(statement.value),
          );
          break;
        case 'capture': {
          let value: Value = this.run(statement.body);
          for (const { name, args } of statement.filters) value = this.filter(name, value, args);
          this.locals.at(-1)?.set(statement.name, value);
          break;
        }
      }
    }
  }

  private assign(names: Map<string, Value>, target: Target, value: Value): void {
    if (target.length === 1) {
      names.set(target[0] as string, value);
      return;
    }
    const parts = this.iterate(value);
    if (parts.length !== target.length)
      throw new EvaluationFault(
        'type',
        `${target.join(', ')} needs ${target.length} values, and got ${parts.length}.`,
      );
    target.forEach((name, place) => names.set(name, parts[place] as Value));
  }

  private loop(statement: Extract<Statement, { kind: 'for' }>, write: (text: string) => void): void {
    const entries = this.iterate(this.evaluate(statement.iterable));
    const kept =
      statement.filter === null ? entries : entries.filter((entry) => this.keeps(statement, entry));
    if (kept.length === 0) {
      this.within(new Map(), () => this.statements(statement.otherwise, write));
      return;
    }
    kept.forEach((entry, index) => {
      const names = new Map<string, Value>();
      const last = kept.length - 1;
      names.set('loop', {
        index: index + 1,
        index0: index,
        revindex: last - index + 1,
        revindex0: last - index,
        first: index === 0,
        last: index === last,
        length: kept.length,
        depth: 1,
        depth0: 0,
        previtem: index > 0 ? toJson(kept[index - 1] as Value) : null,
        nextitem: index < last ? toJson(kept[index + 1] as Value) : null,
      });
      this.assign(names, statement.target, entry);
      this.within(names, () => this.statements(statement.body, write));
    });
  }

  private keeps(statement: Extract<Statement, { kind: 'for' }>, entry: Value): boolean {
    const names = new Map<string, Value>();
    let kept = false;
    this.assign(names, statement.target, entry);
    this.within(names, () => (kept = isTruthy(this.evaluate(statement.filter as Expression))));
    return kept;
  }
}

function globals(name: string, evaluator: Evaluator): Callable | null {
  if (name === 'range') {
    return new Callable('range', (positional) => {
      const [a, b, c] = positional.map((value) => {
        if (typeof value !== 'number' || !Number.isInteger(value))
          throw new EvaluationFault('type', 'range needs whole numbers.');
        return value;
      });
      if (a === undefined) throw new EvaluationFault('type', 'range needs a number.');
      const [start, stop, step] = b === undefined ? [0, a, 1] : [a, b, c ?? 1];
      if (step === 0) throw new EvaluationFault('type', 'range cannot go in steps of 0.');
      const count = Math.max(0, Math.ceil((stop - start) / step));
      evaluator.allow(count);
      return Array.from({ length: count }, (_, place) => start + place * step);
    });
  }
  if (name === 'dict') {
    return new Callable('dict', (positional, named) => {
      const object = emptyObject();
      const first = positional[0];
      if (first !== undefined && isObject(first))
        for (const [key, value] of Object.entries(first)) setOwn(object, key, value);
      for (const [key, value] of named) setOwn(object, key, toJson(value));
      return object;
    });
  }
  return null;
}
