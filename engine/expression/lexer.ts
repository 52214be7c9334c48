import { ExpressionError, type Place } from './expression-error';

export type TokenKind = 'name' | 'integer' | 'float' | 'string' | 'operator' | 'end';

/** One token of an expression. `value` is the name, the operator, the string's content, or the number's digits. */
export interface Token extends Place {
  kind: TokenKind;
  value: string;
}

/** A stretch of a template: plain text, or the tokens of one `{{ }}` or `{% %}`. */
export type Segment =
  { kind: 'text'; text: string } | { kind: 'output' | 'statement'; tokens: Token[]; place: Place };

const word = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy;
const floatNumber = /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?[eE][+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/y;
const integerNumber = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*/y;
const operator = /\*\*|\/\/|==|!=|<=|>=|[-+*/%~<>=()[\]{}.,:|]/y;
const space = /\s*/y;
const closers: Record<string, string> = { '(': ')', '[': ']', '{': '}' };
const ends = { output: /-?\}\}/y, statement: /[-+]?%\}/y };
const escapes: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};
const mistakes: Record<string, string> = {
  '!': 'Write "not".',
  '&': 'Write "and".',
  '?': 'Write "a if test else b".',
  ';': 'One expression at a time.',
  $: 'Names are written without $.',
};

class Reader {
  at = 0;
  private line = 1;
  private lineStart = 0;
  private seen = 0;
  /** Where the line ends that `seen` is in: looked for once, or every place would go through the rest of the text. */
  private lineEnd: number;

  constructor(readonly source: string) {
    this.lineEnd = this.endOfLine(0);
  }

  /** The place of an offset; offsets mostly grow, so lines are counted once. */
  place(at = this.at): Place {
    if (at < this.seen) [this.line, this.lineStart, this.lineEnd] = [1, 0, this.endOfLine(0)];
    while (this.lineEnd < at) {
      this.line += 1;
      this.lineStart = this.lineEnd + 1;
      this.lineEnd = this.endOfLine(this.lineStart);
    }
    this.seen = at;
    return { line: this.line, column: at - this.lineStart + 1 };
  }

  private endOfLine(from: number): number {
    const found = this.source.indexOf('\n', from);
    return found < 0 ? Number.POSITIVE_INFINITY : found;
  }

  match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.source)?.[0] ?? null;
  }

  take(pattern: RegExp): string | null {
    const found = this.match(pattern);
    if (found !== null) this.at += found.length;
    return found;
  }

  fail(message: string, at = this.at, hint?: string): never {
    throw new ExpressionError('syntax', message, this.source, this.place(at), hint);
  }
}

/** The tokens of a bare expression. @throws ExpressionError */
export function readExpression(source: string): Token[] {
  return readTokens(new Reader(source), null);
}

function readTokens(reader: Reader, tag: 'output' | 'statement' | null): Token[] {
  const tokens: Token[] = [];
  const open: string[] = [];
  for (;;) {
    reader.take(space);
    const start = reader.at;
    const place = reader.place(start);
    const push = (kind: TokenKind, value: string): void => {
      tokens.push({ kind, value, ...place });
    };
    if (start >= reader.source.length) {
      if (tag !== null)
        reader.fail(`This is never closed: ${tag === 'output' ? '}}' : '%}'} is missing.`, start);
      push('end', '');
      return tokens;
    }
    if (tag !== null && open.length === 0 && reader.match(ends[tag]) !== null) {
      push('end', '');
      return tokens;
    }
    const name = reader.take(word);
    if (name !== null) {
      push('name', name);
      continue;
    }
    const float = reader.take(floatNumber);
    const number = float ?? reader.take(integerNumber);
    if (number !== null) {
      push(float === null ? 'integer' : 'float', number.replaceAll('_', ''));
      continue;
    }
    const char = reader.source.charAt(start);
    if (char === '"' || char === "'") {
      push('string', readString(reader, char));
      continue;
    }
    const symbol = reader.take(operator);
    if (symbol === null)
      return reader.fail(`The character ${JSON.stringify(char)} has no meaning here.`, start, mistakes[char]);
    const closer = closers[symbol];
    if (closer !== undefined) open.push(closer);
    else if (symbol === ')' || symbol === ']' || symbol === '}') {
      const expected = open.pop();
      if (expected !== symbol)
        reader.fail(`Unexpected ${symbol}${expected === undefined ? '' : `; expected ${expected}`}.`, start);
    }
    push('operator', symbol);
  }
}

function readString(reader: Reader, mark: string): string {
  const { source } = reader;
  const start = reader.at;
  let text = '';
  let from = start + 1;
  for (let at = from; at < source.length; at += 1) {
    const char = source.charAt(at);
    if (char === mark) {
      reader.at = at + 1;
      return text + source.slice(from, at);
    }
    if (char !== '\\') continue;
    const escape = readEscape(source, at + 1);
    text += source.slice(from, at) + escape.text;
    at += escape.length;
    from = at + 1;
  }
  return reader.fail('This text is never closed: its quote is missing.', start);
}

/** What a backslash and what follows it stand for; Python keeps an escape that it does not know. */
function readEscape(source: string, at: number): { text: string; length: number } {
  const code = source.charAt(at);
  const width = code === 'x' ? 2 : code === 'u' ? 4 : code === 'U' ? 8 : 0;
  const hex = source.slice(at + 1, at + 1 + width);
  if (width > 0 && hex.length === width && /^[0-9a-fA-F]+$/.test(hex)) {
    const point = Number.parseInt(hex, 16);
    if (point <= 0x10ffff) return { text: String.fromCodePoint(point), length: width + 1 };
  }
  const octal = /^[0-7]{1,3}/.exec(source.slice(at, at + 3))?.[0];
  if (octal !== undefined)
    return { text: String.fromCharCode(Number.parseInt(octal, 8)), length: octal.length };
  return { text: escapes[code] ?? `\\${code}`, length: 1 };
}

const tagStart = /\{[{%#]/g;
const rawStart = /\{%[-+]?\s*raw\s*(-?)%\}/y;
const rawEnd = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g;

/** Cuts a template into text and tags, with `-` trimming white space, comments dropped and raw blocks kept. @throws ExpressionError */
export function readTemplate(source: string): Segment[] {
  const reader = new Reader(source);
  const segments: Segment[] = [];
  let isTrimming = false;
  const addText = (text: string, trimsEnd: boolean): void => {
    const kept = isTrimming ? text.trimStart() : text;
    const ready = trimsEnd ? kept.trimEnd() : kept;
    if (ready !== '') segments.push({ kind: 'text', text: ready });
  };
  while (reader.at < source.length) {
    tagStart.lastIndex = reader.at;
    const found = tagStart.exec(source);
    const start = found ? found.index : source.length;
    addText(source.slice(reader.at, start), source.charAt(start + 2) === '-');
    if (!found) break;
    reader.at = start;
    const raw = reader.take(rawStart);
    if (raw !== null) {
      rawEnd.lastIndex = reader.at;
      const end = rawEnd.exec(source);
      if (!end) return reader.fail('This raw block is never closed: {% endraw %} is missing.', start);
      isTrimming = raw.endsWith('-%}');
      addText(source.slice(reader.at, end.index), end[1] === '-');
      isTrimming = end[2] === '-';
      reader.at = end.index + end[0].length;
      continue;
    }
    if (found[0] === '{#') {
      const close = source.indexOf('#}', start + 2);
      if (close < 0) reader.fail('This comment is never closed: #} is missing.', start);
      isTrimming = close > start + 2 && source.charAt(close - 1) === '-';
      reader.at = close + 2;
      continue;
    }
    const kind = found[0] === '{{' ? 'output' : 'statement';
    const place = reader.place(start);
    reader.at += /[-+]/.test(source.charAt(start + 2)) ? 3 : 2;
    const tokens = readTokens(reader, kind);
    isTrimming = reader.take(ends[kind])?.startsWith('-') ?? false;
    segments.push({ kind, tokens, place });
  }
  return segments;
}
