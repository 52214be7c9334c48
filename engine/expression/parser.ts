import type { Arguments, BinaryOperator, Call, CompareOperator, Expression } from './ast';
import { ExpressionError, type Place } from './expression-error';
import type { Token } from './lexer';
import { float, fromDigits, parseInteger, type Numeric } from './number';

/** Levels of brackets, signs and conditions within each other. */
const deepest = 64;
/** Operators, filters and dots in one row: `a + b + c`. */
const longestChain = 256;
const comparisons = new Set(['==', '!=', '<', '<=', '>', '>=']);
const constants: Readonly<Record<string, null | boolean>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
  null: null,
};
/** Words that cannot be a value, nor begin a test's argument. */
const reserved = new Set(['and', 'or', 'not', 'if', 'else', 'in', 'is', 'recursive']);

/** Reads tokens into an expression, by Jinja's own order of precedence. */
export class Parser {
  private at = 0;
  private depth = 0;

  constructor(
    readonly source: string,
    private readonly tokens: readonly Token[],
  ) {}

  get token(): Token {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)] as Token;
  }

  get place(): Place {
    const { line, column } = this.token;
    return { line, column };
  }

  fail(message: string, place: Place = this.place, hint?: string): never {
    throw new ExpressionError('syntax', message, this.source, place, hint);
  }

  isName(...words: string[]): boolean {
    return this.token.kind === 'name' && words.includes(this.token.value);
  }

  isOperator(...values: string[]): boolean {
    return this.token.kind === 'operator' && values.includes(this.token.value);
  }

  isEnd(): boolean {
    return this.token.kind === 'end';
  }

  next(): Token {
    const { token } = this;
    this.at += 1;
    return token;
  }

  skipName(word: string): boolean {
    if (!this.isName(word)) return false;
    this.next();
    return true;
  }

  skipOperator(value: string): boolean {
    if (!this.isOperator(value)) return false;
    this.next();
    return true;
  }

  expectOperator(value: string): void {
    if (!this.skipOperator(value)) this.fail(`Expected ${value}${this.describe()}.`);
  }

  expectName(what: string): string {
    if (this.token.kind !== 'name') this.fail(`Expected ${what}${this.describe()}.`);
    return this.next().value;
  }

  expectEnd(): void {
    if (!this.isEnd())
      this.fail(
        `Unexpected ${this.token.kind === 'string' ? 'text' : this.token.value}.`,
        this.place,
        this.isOperator('=') ? 'Write == to compare.' : 'Two values need an operator between them.',
      );
  }

  private describe(): string {
    const { kind, value } = this.token;
    return kind === 'end'
      ? ' before the end'
      : `, found ${kind === 'string' ? JSON.stringify(value) : value}`;
  }

  /** One level deeper; refuses what is nested beyond reason. */
  private nested<T>(read: () => T): T {
    this.depth += 1;
    if (this.depth > deepest)
      throw new ExpressionError(
        'limit',
        `This is nested more than ${deepest} levels deep.`,
        this.source,
        this.place,
      );
    const result = read();
    this.depth -= 1;
    return result;
  }

  private link(count: number): void {
    if (count > longestChain)
      throw new ExpressionError(
        'limit',
        `More than ${longestChain} operators stand in one row.`,
        this.source,
        this.place,
        'Put parts into a list and use | join or | sum.',
      );
  }

  /** An expression; with commas it is a list, as Jinja's tuples are here. */
  tuple(allowCondition = true): Expression {
    const { place } = this;
    const first = this.one(allowCondition);
    if (!this.isOperator(',')) return first;
    const items = [first];
    while (this.skipOperator(',')) {
      if (this.isEnd() || this.isOperator(')', ']', '}', '=') || this.isName('in')) break;
      items.push(this.one(allowCondition));
    }
    return { kind: 'list', items, place };
  }

  /** One expression without commas. */
  one(allowCondition = true): Expression {
    return this.nested(() => {
      let value = this.or();
      for (let count = 0; allowCondition && this.isName('if'); count += 1) {
        this.link(count);
        const { place } = value;
        this.next();
        const test = this.or();
        const otherwise = this.skipName('else') ? this.one() : null;
        value = { kind: 'condition', test, then: value, otherwise, place };
      }
      return value;
    });
  }

  private chain(operand: () => Expression, operator: () => BinaryOperator | null): Expression {
    let left = operand();
    for (let count = 0; ; count += 1) {
      const { place } = this;
      const found = operator();
      if (found === null) return left;
      this.link(count);
      left = { kind: 'binary', operator: found, left, right: operand(), place };
    }
  }

  private word(word: 'and' | 'or'): BinaryOperator | null {
    return this.skipName(word) ? word : null;
  }

  private symbol(...values: BinaryOperator[]): BinaryOperator | null {
    return this.isOperator(...values) ? (this.next().value as BinaryOperator) : null;
  }

  private readonly or = (): Expression => this.chain(this.and, () => this.word('or'));
  private readonly and = (): Expression => this.chain(this.not, () => this.word('and'));
  private readonly sum = (): Expression => this.chain(this.joined, () => this.symbol('+', '-'));
  private readonly joined = (): Expression => this.chain(this.product, () => this.symbol('~'));
  private readonly product = (): Expression => this.chain(this.power, () => this.symbol('*', '/', '//', '%'));
  /** Jinja's `**` binds to the left, unlike Python's. */
  private readonly power = (): Expression => this.chain(this.unary, () => this.symbol('**'));

  private readonly not = (): Expression => {
    const { place } = this;
    if (!this.skipName('not')) return this.comparison();
    return this.nested(() => ({ kind: 'unary', operator: 'not', operand: this.not(), place }));
  };

  private comparison(): Expression {
    const first = this.sum();
    const rest: { operator: CompareOperator; right: Expression; place: Place }[] = [];
    for (;;) {
      const { place } = this;
      const operator = this.comparisonOperator();
      if (operator === null) break;
      this.link(rest.length);
      rest.push({ operator, right: this.sum(), place });
    }
    return rest.length === 0 ? first : { kind: 'compare', first, rest, place: first.place };
  }

  private comparisonOperator(): CompareOperator | null {
    if (this.token.kind === 'operator' && comparisons.has(this.token.value))
      return this.next().value as CompareOperator;
    if (this.skipName('in')) return 'in';
    const following = this.tokens[this.at + 1];
    if (!this.isName('not') || following?.kind !== 'name' || following.value !== 'in') return null;
    this.at += 2;
    return 'not in';
  }

  private readonly unary = (): Expression => this.filters(this.signed());

  /** A sign binds more tightly than a filter: `-1|abs` is 1. */
  private signed(): Expression {
    const { place } = this;
    if (!this.isOperator('-', '+')) return this.postfix(this.primary());
    const operator = this.next().value as '-' | '+';
    return this.nested(() => this.postfix({ kind: 'unary', operator, operand: this.signed(), place }));
  }

  private primary(): Expression {
    const { token, place } = this;
    switch (token.kind) {
      case 'name':
        return this.name(place);
      case 'integer':
      case 'float':
        this.next();
        return { kind: 'literal', value: numberOf(token), place };
      case 'string': {
        let value = '';
        while (this.token.kind === 'string') value += this.next().value;
        return { kind: 'literal', value, place };
      }
      case 'operator':
        if (token.value === '(') return this.parenthesis(place);
        if (token.value === '[') {
          this.next();
          return { kind: 'list', items: this.items(), place };
        }
        if (token.value === '{') return this.dict(place);
        return this.fail(`Unexpected ${token.value}.`);
      case 'end':
        return this.fail('The expression ends too early.', place, 'A value is missing here.');
    }
  }

  private name(place: Place): Expression {
    const { value } = this.next();
    if (Object.hasOwn(constants, value)) return { kind: 'literal', value: constants[value] ?? null, place };
    if (reserved.has(value) && value !== 'recursive') this.fail(`Unexpected "${value}".`, place);
    return { kind: 'name', name: value, place };
  }

  private parenthesis(place: Place): Expression {
    this.next();
    if (this.skipOperator(')')) return { kind: 'list', items: [], place };
    const inner = this.tuple();
    this.expectOperator(')');
    return inner;
  }

  private items(): Expression[] {
    const items: Expression[] = [];
    while (!this.skipOperator(']')) {
      if (items.length > 0) {
        this.expectOperator(',');
        if (this.skipOperator(']')) break;
      }
      items.push(this.one());
    }
    return items;
  }

  private dict(place: Place): Expression {
    this.next();
    const entries: { key: Expression; value: Expression }[] = [];
    while (!this.skipOperator('}')) {
      if (entries.length > 0) {
        this.expectOperator(',');
        if (this.skipOperator('}')) break;
      }
      const key = this.one();
      this.expectOperator(':');
      entries.push({ key, value: this.one() });
    }
    return { kind: 'dict', entries, place };
  }

  private postfix(start: Expression): Expression {
    let value = start;
    for (let count = 0; ; count += 1) {
      this.link(count);
      const { place } = this;
      if (this.skipOperator('.')) value = this.dotted(value);
      else if (this.skipOperator('[')) value = this.subscript(value, place);
      else if (this.isOperator('('))
        value = { kind: 'call', callee: value, args: this.args(), place: value.place };
      else return value;
    }
  }

  private dotted(object: Expression): Expression {
    const { place } = this;
    if (this.token.kind === 'integer') {
      const key: Expression = { kind: 'literal', value: numberOf(this.next()), place };
      return { kind: 'member', object, key, place };
    }
    const name = this.expectName('a name after the dot');
    if (this.isOperator('(')) return { kind: 'method', object, name, args: this.args(), place };
    return { kind: 'member', object, key: { kind: 'literal', value: name, place }, place };
  }

  private subscript(object: Expression, place: Place): Expression {
    const start = this.isOperator(':') ? null : this.tuple();
    if (start !== null && this.skipOperator(']')) return { kind: 'member', object, key: start, place };
    this.expectOperator(':');
    const stop = this.isOperator(':', ']') ? null : this.one();
    const step = this.skipOperator(':') && !this.isOperator(']') ? this.one() : null;
    this.expectOperator(']');
    return { kind: 'slice', object, start, stop, step, place };
  }

  private args(): Arguments {
    this.expectOperator('(');
    const args: Arguments = { positional: [], named: [] };
    for (let isFirst = true; !this.skipOperator(')'); isFirst = false) {
      if (!isFirst) {
        this.expectOperator(',');
        if (this.skipOperator(')')) break;
      }
      const following = this.tokens[this.at + 1];
      if (this.token.kind === 'name' && following?.kind === 'operator' && following.value === '=') {
        const name = this.next().value;
        this.next();
        if (args.named.some((known) => known.name === name)) this.fail(`${name} is given twice.`);
        args.named.push({ name, value: this.one() });
      } else {
        if (args.named.length > 0) this.fail('A positional argument cannot follow a named one.');
        args.positional.push(this.one());
      }
    }
    return args;
  }

  /** Filters and tests, which bind more tightly than any operator. */
  private filters(start: Expression): Expression {
    let value = start;
    for (let count = 0; ; count += 1) {
      this.link(count);
      if (this.skipOperator('|')) value = { kind: 'filter', input: value, ...this.filterCall() };
      else if (this.isName('is')) value = this.test(value);
      else if (this.isOperator('('))
        value = { kind: 'call', callee: value, args: this.args(), place: value.place };
      else return value;
    }
  }

  /** What follows a `|`. */
  filterCall(): Call {
    const { place } = this;
    const name = this.expectName('the name of a filter');
    return { name, args: this.isOperator('(') ? this.args() : { positional: [], named: [] }, place };
  }

  private test(input: Expression): Expression {
    this.next();
    const isNegated = this.skipName('not');
    const { place } = this;
    const name = this.expectName('the name of a test');
    let args: Arguments = { positional: [], named: [] };
    if (this.isOperator('(')) args = this.args();
    else if (this.takesArgument()) args = { positional: [this.postfix(this.primary())], named: [] };
    return { kind: 'test', name, input, args, isNegated, place };
  }

  private takesArgument(): boolean {
    const { kind, value } = this.token;
    if (kind === 'name') return !reserved.has(value);
    return (
      kind === 'string' ||
      kind === 'integer' ||
      kind === 'float' ||
      (kind === 'operator' && '[{'.includes(value))
    );
  }
}

function numberOf({ kind, value }: Token): Numeric {
  if (kind === 'float') return float(Number(value));
  const base = { x: 16, o: 8, b: 2 }[value.charAt(1).toLowerCase()];
  return base === undefined ? fromDigits(value) : (parseInteger(value, base) ?? 0);
}
