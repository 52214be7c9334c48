/** What an expression of the other system may not be carried over for, in words for people. */
export class NotCarried extends Error {}

/** What the names of the other system's context are here. */
export interface Names {
  /** Where a context variable lies: `parameters.x` or `workflow.x`. */
  variable: (name: string) => string;
  /** The name of the item that a task repeats over. */
  item: (name: string | null) => string;
}

type Token = { kind: 'number' | 'text' | 'name' | 'sign' | 'end'; text: string };

const signs = /^(?:=>|!=|<=|>=|=~|!~|\?\.|[=<>+\-*/.,()[\]{}$])/;
const words = new Set(['and', 'or', 'not', 'in', 'mod', 'true', 'false', 'null']);

/** A YAQL expression as one of Jinja. @throws NotCarried when there is no such thing here */
export function yaqlToJinja(source: string, names: Names): string {
  const parser = new Parser(tokenize(source), names);
  const text = parser.expression(0);
  parser.end();
  return text;
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let rest = source.trim();
  while (rest !== '') {
    const number = /^\d+(?:\.\d+)?/.exec(rest)?.[0];
    const text = /^(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/s.exec(rest)?.[0];
    const name = /^[A-Za-z_]\w*/.exec(rest)?.[0];
    const sign = signs.exec(rest)?.[0];
    const found: Token | null =
      number !== undefined
        ? { kind: 'number', text: number }
        : text !== undefined
          ? { kind: 'text', text }
          : name !== undefined
            ? {
                kind:
                  words.has(name) && name !== 'true' && name !== 'false' && name !== 'null' ? 'sign' : 'name',
                text: name,
              }
            : sign !== undefined
              ? { kind: 'sign', text: sign }
              : null;
    if (!found) throw new NotCarried(`It cannot be read from here: ${rest.slice(0, 20)}`);
    tokens.push(found);
    rest = rest.slice(found.text.length).trimStart();
  }
  return [...tokens, { kind: 'end', text: '' }];
}

const binary: Record<string, { power: number; jinja: string }> = {
  or: { power: 1, jinja: 'or' },
  and: { power: 2, jinja: 'and' },
  in: { power: 4, jinja: 'in' },
  '=': { power: 4, jinja: '==' },
  '!=': { power: 4, jinja: '!=' },
  '<': { power: 4, jinja: '<' },
  '>': { power: 4, jinja: '>' },
  '<=': { power: 4, jinja: '<=' },
  '>=': { power: 4, jinja: '>=' },
  '+': { power: 5, jinja: '+' },
  '-': { power: 5, jinja: '-' },
  '*': { power: 6, jinja: '*' },
  '/': { power: 6, jinja: '/' },
  mod: { power: 6, jinja: '%' },
};

/** Functions and methods: what becomes of the value and the arguments. */
const functions: Record<string, (args: string[]) => string> = {
  len: ([value = '']) => `(${value} | length)`,
  str: ([value = '']) => `(${value} | string)`,
  int: ([value = '']) => `(${value} | int)`,
  float: ([value = '']) => `(${value} | float)`,
  bool: ([value = '']) => `(not not ${value})`,
  abs: ([value = '']) => `(${value} | abs)`,
  list: (values) => `[${values.join(', ')}]`,
  coalesce: (values) =>
    `(${values.map((value, index) => (index === 0 ? value : `default(${value}, true)`)).join(' | ')})`,
  join: ([value = '', separator = "''"]) => `(${value} | join(${separator}))`,
  toUpper: ([value = '']) => `(${value} | upper)`,
  toLower: ([value = '']) => `(${value} | lower)`,
  trim: ([value = '']) => `(${value} | trim)`,
  replace: ([value = '', from = "''", to = "''"]) => `(${value} | replace(${from}, ${to}))`,
  split: ([value = '', ...rest]) => `${value}.split(${rest.join(', ')})`,
  startsWith: ([value = '', start = "''"]) => `${value}.startswith(${start})`,
  endsWith: ([value = '', end = "''"]) => `${value}.endswith(${end})`,
  first: ([value = '']) => `(${value} | first)`,
  last: ([value = '']) => `(${value} | last)`,
  sum: ([value = '']) => `(${value} | sum)`,
  min: ([value = '']) => `(${value} | min)`,
  max: ([value = '']) => `(${value} | max)`,
  distinct: ([value = '']) => `(${value} | unique | list)`,
  reverse: ([value = '']) => `(${value} | reverse | list)`,
  toList: ([value = '']) => `(${value} | list)`,
  keys: ([value = '']) => `(${value}.keys() | list)`,
  values: ([value = '']) => `(${value}.values() | list)`,
  items: ([value = '']) => `(${value}.items() | list)`,
  get: ([value = '', ...rest]) => `${value}.get(${rest.join(', ')})`,
  range: (args) => `range(${args.join(', ')})`,
  isList: ([value = '']) => `(${value} is sequence and ${value} is not string and ${value} is not mapping)`,
  isString: ([value = '']) => `(${value} is string)`,
  isDict: ([value = '']) => `(${value} is mapping)`,
  to_json_string: ([value = '']) => `(${value} | tojson)`,
  json_dump: ([value = '']) => `(${value} | tojson)`,
};

class Parser {
  private at = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly names: Names,
  ) {}

  private get token(): Token {
    return this.tokens[this.at] ?? { kind: 'end', text: '' };
  }

  private is(text: string): boolean {
    return this.token.kind === 'sign' && this.token.text === text;
  }

  private take(text: string): boolean {
    if (!this.is(text)) return false;
    this.at += 1;
    return true;
  }

  private need(text: string): void {
    if (!this.take(text)) throw new NotCarried(`A ${text} is missing`);
  }

  end(): void {
    if (this.token.kind !== 'end') throw new NotCarried(`It cannot be read from here: ${this.token.text}`);
  }

  expression(power: number): string {
    let left = this.prefix();
    for (;;) {
      const { token } = this;
      if (token.kind === 'sign' && (token.text === '=~' || token.text === '!~'))
        throw new NotCarried('A comparison with a regular expression (=~)');
      const operator = token.kind === 'sign' ? binary[token.text] : undefined;
      if (!operator || operator.power <= power) return left;
      this.at += 1;
      const right = this.expression(operator.power);
      left = `${left} ${operator.jinja} ${right}`;
    }
  }

  private prefix(): string {
    if (this.take('not')) return `not ${this.expression(3)}`;
    if (this.take('-')) return `-${this.expression(6)}`;
    return this.postfix(this.primary());
  }

  private primary(): string {
    const { token } = this;
    this.at += 1;
    switch (token.kind) {
      case 'number':
      case 'text':
        return token.text;
      case 'name':
        return this.is('(') ? this.call(token.text, null) : token.text;
      case 'end':
        throw new NotCarried('It ends too early');
      case 'sign':
        break;
    }
    if (token.text === '(') {
      const inner = this.expression(0);
      this.need(')');
      return `(${inner})`;
    }
    if (token.text === '[') return `[${this.list(']').join(', ')}]`;
    if (token.text === '{') return this.dict('}');
    if (token.text === '$') throw new NotCarried('A lambda or variable with $');
    throw new NotCarried(`It cannot be read from here: ${token.text}`);
  }

  private postfix(start: string): string {
    let value = start;
    for (;;) {
      if (this.take('.') || this.take('?.')) {
        const { token } = this;
        if (token.kind !== 'name' && token.kind !== 'sign')
          throw new NotCarried('A name is missing after a dot');
        this.at += 1;
        value = this.is('(') ? this.call(token.text, value) : member(value, token.text);
      } else if (this.take('[')) {
        const inner = this.expression(0);
        this.need(']');
        value = `${value}[${inner}]`;
      } else return value;
    }
  }

  private list(close: string): string[] {
    const items: string[] = [];
    while (!this.take(close)) {
      items.push(this.expression(0));
      if (this.is('=>')) throw new NotCarried('A pair (=>) outside of dict()');
      if (!this.take(',') && !this.is(close)) throw new NotCarried(`A ${close} is missing`);
    }
    return items;
  }

  private dict(close: string): string {
    const entries: string[] = [];
    while (!this.take(close)) {
      const key = this.expression(0);
      this.need('=>');
      // A bare word is a text as a key.
      const name = /^[A-Za-z_]\w*$/.test(key) ? `'${key}'` : key;
      entries.push(`${name}: ${this.expression(0)}`);
      if (!this.take(',') && !this.is(close)) throw new NotCarried(`A ${close} is missing`);
    }
    // Braces side by side would close the tag.
    return `dict([${entries.map((entry) => `[${entry.replace(': ', ', ')}]`).join(', ')}])`;
  }

  private call(name: string, receiver: string | null): string {
    this.need('(');
    if (name === 'dict' && receiver === null) return this.dict(')');
    if (receiver === null) {
      const known = this.contextCall(name);
      if (known !== null) return known;
    }
    const args = this.list(')');
    const make = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (!make) throw new NotCarried(`The function ${name}()`);
    return make(receiver === null ? args : [receiver, ...args]);
  }

  /** A name in parentheses, quoted or not: `ctx(name)`, `task('name')`. */
  private bareName(): string | null {
    const { token } = this;
    if (this.take(')')) return null;
    if (token.kind !== 'name' && token.kind !== 'text') throw new NotCarried('A computed name');
    this.at += 1;
    this.need(')');
    return token.kind === 'text' ? token.text.slice(1, -1) : token.text;
  }

  private contextCall(name: string): string | null {
    switch (name) {
      case 'ctx':
        return this.context(this.bareName());
      case 'item':
        return this.names.item(this.bareName());
      case 'result':
      case 'succeeded':
      case 'failed':
        if (this.bareName() !== null) throw new NotCarried(`${name}() with an argument`);
        return name === 'result' ? this.result() : `${name}()`;
      case 'completed':
        if (this.bareName() !== null) throw new NotCarried('completed() with an argument');
        return 'true';
      case 'task': {
        const task = this.bareName();
        if (task === null) throw new NotCarried('task() without a name');
        return member('task', task);
      }
      case 'task_status': {
        const task = this.bareName();
        if (task === null) throw new NotCarried('task_status() without a name');
        return `${member('task', task)}.status`;
      }
      case 'st2kv': {
        const [key, ...options] = this.list(')');
        if (options.length > 1 || !key || !/^['"]/.test(key))
          throw new NotCarried('st2kv() with a computed key');
        return member('keystore', key.slice(1, -1).replace(/^(?:system|user)\./, ''));
      }
      case 'now':
        this.need(')');
        return 'now()';
      default:
        return null;
    }
  }

  private context(name: string | null): string {
    if (name !== null) return name === 'st2' ? this.runtime() : this.names.variable(name);
    if (this.take('.')) {
      const { token } = this;
      if (token.kind !== 'name') throw new NotCarried('ctx() as a whole');
      this.at += 1;
      if (token.text === 'get' && this.take('(')) {
        const [key = '', fallback] = this.list(')');
        if (!/^['"]\w+['"]$/.test(key) && !/^\w+$/.test(key))
          throw new NotCarried('ctx().get() with a computed name');
        const value = this.names.variable(key.replaceAll(/['"]/g, ''));
        return fallback === undefined ? value : `(${value} | default(${fallback}, true))`;
      }
      return token.text === 'st2' ? this.runtime() : this.names.variable(token.text);
    }
    throw new NotCarried('ctx() as a whole');
  }

  /** What the other system says of itself. */
  private runtime(): string {
    this.need('.');
    const { text } = this.token;
    this.at += 1;
    if (text === 'action_execution_id') return 'execution.id';
    throw new NotCarried(`ctx(st2).${text}`);
  }

  /** What its actions gave, in the places where ours give it. */
  private result(): string {
    const [dot, name] = [this.tokens[this.at], this.tokens[this.at + 1]];
    if (dot?.text !== '.' || name?.kind !== 'name') return 'result()';
    const place = { result: 'data', output: '', return_code: 'exit_code' }[name.text];
    if (place === undefined) return 'result()';
    this.at += 2;
    return place === '' ? 'result()' : `result().${place}`;
  }
}

function member(value: string, name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `${value}.${name}` : `${value}[${JSON.stringify(name)}]`;
}
