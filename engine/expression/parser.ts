import type { Arguments, BinaryOperator, CompareOperator, Expression } from './ast';
import { ExpressionError, type Place } from './expression-error';
import type { Token } from './lexer';

const deepest = 64;
const comparisons = new Set(['==', '!=', '<', '<=', '>', '>=']);
/** Words that end a test's argument: `x is divisibleby 3 and y`. */
const notArguments = new Set(['and', 'or', 'else', 'if', 'is', 'in', 'not', 'recursive']);

/** Reads tokens into an expression, by Jinja's own order of precedence. */
export class Parser {
  private at = 0;
  private depth = 0;

  constructor(
    readonly source: string,
    private readonly tokens: readonly Token[],
  ) {}

  get token(): Token {
    return (this.tokens[this.at] ?? this.tokens.at(-1)) as Token;
  }

  fail(message: string, place: Place = this.token, hint?: string): never {
    throw new ExpressionError('syntax', message, this.source, place, hint);
  }

  isName(...words: string[]): boolean {
    return this.token.kind === 'name' && words.includes(this.token.value);
  }

  isOperator(...values: string[]): boolean {
    return this.token.kind === 'operator' && values.includes(this.token.value);
  }

  next(): Token {
    const token = this.token;
    if (this.at < this.tokens.length - 1) this.at += 1;
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
    if (this.token.kind !== 'end')
      this.fail(
        `Unexpected ${this.token.kind === 'string' ? 'text' : this.token.value}.`,
        this.token,
        'Two values need an operator between them.',
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
    if (this.depth > deepest) this.fail(`This is nested more than ${deepest} levels deep.`);
    const result = read();
    this.depth -= 1;
    return result;
  }

  /** An expression, with a bare tuple (`a, b`) where `allowTuple`. */
  expression(allowTuple = false, allowCondition = true): Expression {
    const { line, column } = this.token;
    const place = { line, column };
    const first = this.one(allowCondition);
    if (!allowTuple || !this.isOperator(',')) return first;
    const items = [first];
    while (this.skipOperator(',')) {
      if (this.token.kind === 'end' || this.isOperator(')', ']', '}', '=') || this.isName('in')) break;
      items.push(this.one(allowCondition));
    }
    return { kind: 'list', items, isTuple: true, place };
  }

  private one(allowCondition: boolean): Expression {
    return this.nested(() => {
      let value = this.or();
      while (allowCondition && this.isName('if')) {
        const place = value.place;
        this.next();
        const test = this.or();
        const otherwise = this.skipName('else') ? this.one(true) : null;
        value = { kind: 'condition', test, then: value, otherwise, place };
      }
      return value;
    });
  }

  private or(): Expression {
    return this.chain(
      () => this.and(),
      () => (this.skipName('or') ? 'or' : null),
    );
  }

  private and(): Expression {
    return this.chain(
      () => this.not(),
      () => (this.skipName('and') ? 'and' : null),
    );
  }

  private chain(operand: () => Expression, operator: () => BinaryOperator | null): Expression {
    let left = operand();
    for (let found = operator(); found; found = operator())
      left = { kind: 'binary', operator: found, left, right: operand(), place: left.place };
    return left;
  }

  private symbol(...values: BinaryOperator[]): BinaryOperator | null {
    return this.isOperator(...values) ? (this.next().value as BinaryOperator) : null;
  }

  private not(): Expression {
    const { line, column } = this.token;
    if (!this.skipName('not')) return this.comparison();
    return this.nested(() => ({
      kind: 'unary',
      operator: 'not',
      operand: this.not(),
      place: { line, column },
    }));
  }

  private comparison(): Expression {
    const first = this.sum();
    const rest: { operator: CompareOperator; right: Expression }[] = [];
    for (;;) {
      if (this.token.kind === 'operator' && comparisons.has(this.token.value)) {
        const operator = this.next().value as CompareOperator;
        rest.push({ operator, right: this.sum() });
      } else if (this.skipName('in')) rest.push({ operator: 'in', right: this.sum() });
      else if (this.isName('not') && this.tokens[this.at + 1]?.value === 'in') {
        this.next();
        this.next();
        rest.push({ operator: 'not in', right: this.sum() });
      } else break;
    }
    return rest.length === 0 ? first : { kind: 'compare', first, rest, place: first.place };
  }

  private sum(): Expression {
    return this.chain(
      () => this.joined(),
      () => this.symbol('+', '-'),
    );
  }

  private joined(): Expression {
    return this.chain(
      () => this.product(),
      () => this.symbol('~'),
    );
  }

  private product(): Expression {
    return this.chain(
      () => this.unary(),
      () => this.symbol('*', '/', '//', '%'),
    );
  }

  private unary(withFilter = true): Expression {
    return this.nested(() => {
      const { line, column } = this.token;
      const place = { line, column };
      let value: Expression;
      if (this.isOperator('-', '+')) {
        const operator = this.next().value as '-' | '+';
        value = { kind: 'unary', operator, operand: this.unary(false), place };
      } else value = this.primary();
      value = this.postfix(value);
      if (this.isOperator('**')) {
        this.next();
        value = { kind: 'binary', operator: '**', left: value, right: this.unary(), place };
      }
      return withFilter ? this.filters(value) : value;
    });
  }

  private primary(): Expression {
    const token = this.token;
    const place = { line: token.line, column: token.column };
    switch (token.kind) {
      case 'name':
        return this.word(place);
      case 'integer':
      case 'float': {
        this.next();
        const value = Number(token.value);
        if (token.kind === 'integer' && !Number.isSafeInteger(value))
          this.fail(
            `The number ${token.value} is beyond 2^53 and would lose digits.`,
            place,
            'Write it as text.',
          );
        return { kind: 'literal', value, place };
      }
      case 'string': {
        let value = '';
        while (this.token.kind === 'string') value += this.next().value;
        return { kind: 'literal', value, place };
      }
      case 'operator':
        if (token.value === '(') return this.parenthesis(place);
        if (token.value === '[') {
          this.next();
          return { kind: 'list', items: this.items(']'), isTuple: false, place };
        }
        if (token.value === '{') return this.dict(place);
        return this.fail(`Unexpected ${token.value}.`);
      case 'end':
        return this.fail('The expression ends too early.', place, 'A value is missing here.');
    }
  }

  private word(place: Place): Expression {
    const { value } = this.next();
    const constant = {
      true: true,
      True: true,
      false: false,
      False: false,
      none: null,
      None: null,
      null: null,
    } as const;
    if (Object.hasOwn(constant, value))
      return { kind: 'literal', value: constant[value as keyof typeof constant], place };
    if (['and', 'or', 'if', 'else', 'in', 'is'].includes(value)) this.fail(`Unexpected "${value}".`, place);
    return { kind: 'name', name: value, place };
  }

  private parenthesis(place: Place): Expression {
    this.next();
    if (this.skipOperator(')')) return { kind: 'list', items: [], isTuple: true, place };
    const inner = this.expression(true);
    this.expectOperator(')');
    return inner;
  }

  private items(close: string): Expression[] {
    const items: Expression[] = [];
    while (!this.skipOperator(close)) {
      if (items.length > 0) {
        this.expectOperator(',');
        if (this.skipOperator(close)) break;
      }
      items.push(this.one(true));
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
      const key = this.one(true);
      this.expectOperator(':');
      entries.push({ key, value: this.one(true) });
    }
    return { kind: 'dict', entries, place };
  }

  private postfix(start: Expression): Expression {
    let value = start;
    for (;;) {
      const { line, column } = this.token;
      const place = { line, column };
      if (this.skipOperator('.')) {
        if (this.token.kind === 'integer')
          value = {
            kind: 'member',
            object: value,
            key: { kind: 'literal', value: Number(this.next().value), place },
            isDotted: false,
            place: value.place,
          };
        else
          value = {
            kind: 'member',
            object: value,
            key: { kind: 'literal', value: this.expectName('a name after the dot'), place },
            isDotted: true,
            place: value.place,
          };
      } else if (this.skipOperator('[')) value = this.subscript(value);
      else if (this.isOperator('('))
        value = { kind: 'call', callee: value, args: this.args(), place: value.place };
      else return value;
    }
  }

  private subscript(object: Expression): Expression {
    const { place } = object;
    const start = this.isOperator(':') ? null : this.expression(true);
    if (start !== null && this.skipOperator(']'))
      return { kind: 'member', object, key: start, isDotted: false, place };
    this.expectOperator(':');
    const stop = this.isOperator(':', ']') ? null : this.one(true);
    const step = this.skipOperator(':') && !this.isOperator(']') ? this.one(true) : null;
    this.expectOperator(']');
    return { kind: 'slice', object, start, stop, step, place };
  }

  private args(): Arguments {
    this.expectOperator('(');
    const args: Arguments = { positional: [], named: [] };
    let first = true;
    while (!this.skipOperator(')')) {
      if (!first) {
        this.expectOperator(',');
        if (this.skipOperator(')')) break;
      }
      first = false;
      const following = this.tokens[this.at + 1];
      if (this.token.kind === 'name' && following?.kind === 'operator' && following.value === '=') {
        const name = this.next().value;
        this.next();
        args.named.push({ name, value: this.one(true) });
      } else {
        if (args.named.length > 0) this.fail('A positional argument cannot follow a named one.');
        args.positional.push(this.one(true));
      }
    }
    return args;
  }

  /** Filters and tests, which bind more tightly than any operator. */
  private filters(start: Expression): Expression {
    let value = start;
    for (;;) {
      if (this.skipOperator('|')) {
        const place = { line: this.token.line, column: this.token.column };
        const { name, args } = this.filterCall();
        value = { kind: 'filter', name, input: value, args, place };
      } else if (this.isName('is')) value = this.test(value);
      else if (this.isOperator('('))
        value = { kind: 'call', callee: value, args: this.args(), place: value.place };
      else return value;
    }
  }

  /** What follows a `|`. */
  filterCall(): { name: string; args: Arguments } {
    const name = this.expectName('the name of a filter');
    return { name, args: this.isOperator('(') ? this.args() : { positional: [], named: [] } };
  }

  private test(input: Expression): Expression {
    this.next();
    const isNegated = this.skipName('not');
    const place = { line: this.token.line, column: this.token.column };
    const name = this.isOperator('==', '!=', '<', '<=', '>', '>=')
      ? this.next().value
      : this.expectName('the name of a test');
    let args: Arguments = { positional: [], named: [] };
    if (this.isOperator('(')) args = this.args();
    else if (this.takesArgument()) args = { positional: [this.postfix(this.primary())], named: [] };
    return { kind: 'test', name, input, args, isNegated, place };
  }

  private takesArgument(): boolean {
    const { kind, value } = this.token;
    if (kind === 'name') return !notArguments.has(value);
    return (
      kind === 'string' ||
      kind === 'integer' ||
      kind === 'float' ||
      (kind === 'operator' && (value === '[' || value === '{'))
    );
  }
}
