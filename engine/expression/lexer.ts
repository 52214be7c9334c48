import { ExpressionError, type Place } from './expression-error';

export type TokenKind = 'name' | 'integer' | 'float' | 'string' | 'operator' | 'end';

/** One token of an expression. `value` is the name, the operator, the string's content, or the number's digits. */
export interface Token extends Place {
  kind: TokenKind;
  value: string;
  /** Where it begins and ends in the source, in UTF-16 units. */
  start: number;
  end: number;
}

/** A stretch of a template: plain text, or the tokens of one `{{ }}` or `{% %}`. */
export type Segment =
  | { kind: 'text'; text: string }
  | { kind: 'output' | 'statement'; tokens: Token[]; place: Place; start: number; end: number };

const operators = [
  '**',
  '//',
  '==',
  '!=',
  '<=',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '~',
  '<',
  '>',
  '=',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '.',
  ',',
  ':',
  '|',
];
const closers: Record<string, string> = { '(': ')', '[': ']', '{': '}' };
const escapes: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '0': '\0',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};

class Reader {
  at = 0;
  private line = 1;
  private lineStart = 0;
  private seen = 0;

  constructor(readonly source: string) {}

  place(at = this.at): Place {
    if (at < this.seen) {
      this.line = 1;
      this.lineStart = 0;
      this.seen = 0;
    }
    for (; this.seen < at; this.seen += 1) {
      if (this.source.charCodeAt(this.seen) === 10) {
        this.line += 1;
        this.lineStart = this.seen + 1;
      }
    }
    return { line: this.line, column: at - this.lineStart + 1 };
  }

  fail(message: string, at = this.at, hint?: string): never {
    throw new ExpressionError('syntax', message, this.source, this.place(at), hint);
  }
}

/** The tokens of a bare expression. @throws ExpressionError */
export function readExpression(source: string): Token[] {
  const reader = new Reader(source);
  const tokens = readTokens(reader, null);
  return tokens;
}

function readTokens(reader: Reader, close: '}}' | '%}' | null): Token[] {
  const { source } = reader;
  const tokens: Token[] = [];
  const open: string[] = [];
  for (;;) {
    while (/\s/.test(source[reader.at] ?? 'x')) reader.at += 1;
    const start = reader.at;
    if (close !== null && open.length === 0) {
      const stops = [close, `-${close}`, `+${close}`];
      if (stops.some((stop) => source.startsWith(stop, start))) return push(tokens, reader, 'end', '', start);
    }
    if (start >= source.length) {
      if (close !== null) reader.fail(`This is never closed: ${close} is missing.`, start);
      return push(tokens, reader, 'end', '', start);
    }
    const word = /[\p{L}_][\p{L}\p{N}_]*/uy;
    const number =
      /(?:\d[\d_]*\.\d[\d_]*(?:[eE][+-]?\d+)?|\d[\d_]*[eE][+-]?\d+)|0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*/y;
    word.lastIndex = number.lastIndex = start;
    const name = word.exec(source)?.[0];
    const digits = name === undefined ? number.exec(source)?.[0] : undefined;
    const first = source[start] as string;
    if (name !== undefined) {
      reader.at += name.length;
      push(tokens, reader, 'name', name, start);
    } else if (digits !== undefined) {
      reader.at += digits.length;
      const plain = digits.replaceAll('_', '');
      push(
        tokens,
        reader,
        /^0[xXoObB]/.test(plain) || !/[.eE]/.test(plain) ? 'integer' : 'float',
        plain,
        start,
      );
    } else if (first === '"' || first === "'") {
      const content = readString(reader, first);
      push(tokens, reader, 'string', content, start);
    } else {
      const operator = operators.find((candidate) => source.startsWith(candidate, start));
      if (operator === undefined)
        reader.fail(
          `The character ${JSON.stringify(first)} has no meaning here.`,
          start,
          first === '!' ? 'Write "not".' : first === '&' ? 'Write "and".' : undefined,
        );
      reader.at += operator.length;
      if (operator in closers) open.push(closers[operator] as string);
      else if (operator === ')' || operator === ']' || operator === '}') {
        const expected = open.pop();
        if (expected !== operator)
          reader.fail(
            `Unexpected ${operator}${expected === undefined ? '' : `; expected ${expected}`}.`,
            start,
          );
      }
      push(tokens, reader, 'operator', operator, start);
    }
  }
}

function push(tokens: Token[], reader: Reader, kind: TokenKind, value: string, start: number): Token[] {
  tokens.push({ kind, value, start, end: reader.at, ...reader.place(start) });
  return tokens;
}

function readString(reader: Reader, quote: string): string {
  const { source } = reader;
  const start = reader.at;
  let text = '';
  for (let at = start + 1; at < source.length; at += 1) {
    const char = source[at] as string;
    if (char === quote) {
      reader.at = at + 1;
      return text;
    }
    if (char !== '\\') {
      text += char;
      continue;
    }
    at += 1;
    const code = source[at] ?? '';
    const width = code === 'x' ? 2 : code === 'u' ? 4 : code === 'U' ? 8 : 0;
    const hex = source.slice(at + 1, at + 1 + width);
    if (
      width > 0 &&
      hex.length === width &&
      /^[0-9a-fA-F]+$/.test(hex) &&
      Number.parseInt(hex, 16) <= 0x10ffff
    ) {
      text += String.fromCodePoint(Number.parseInt(hex, 16));
      at += width;
    } else text += Object.hasOwn(escapes, code) ? escapes[code] : `\\${code}`;
  }
  return reader.fail('This text is never closed: its quote is missing.', start);
}

/** Cuts a template into text and tags, with `-` trimming white space, comments dropped and raw blocks kept. @throws ExpressionError */
export function readTemplate(source: string): Segment[] {
  const reader = new Reader(source);
  const segments: Segment[] = [];
  let trimNext = false;
  const addText = (text: string) => {
    const kept = trimNext ? text.trimStart() : text;
    if (kept !== '') segments.push({ kind: 'text', text: kept });
  };
  while (reader.at < source.length) {
    const next = /\{\{|\{%|\{#/g;
    next.lastIndex = reader.at;
    const found = next.exec(source);
    if (!found) {
      addText(source.slice(reader.at));
      break;
    }
    const start = found.index;
    const tag = found[0];
    const trimsBefore = source[start + 2] === '-';
    const before = source.slice(reader.at, start);
    addText(trimsBefore ? before.trimEnd() : before);
    reader.at = start + 2 + (/[-+]/.test(source[start + 2] ?? '') && tag !== '{#' ? 1 : 0);
    if (tag === '{#') {
      const close = source.indexOf('#}', reader.at);
      if (close < 0) reader.fail('This comment is never closed: #} is missing.', start);
      trimNext = source[close - 1] === '-';
      reader.at = close + 2;
      continue;
    }
    const close = tag === '{{' ? '}}' : '%}';
    const tokens = readTokens(reader, close);
    trimNext = source[reader.at] === '-';
    reader.at += /[-+]/.test(source[reader.at] ?? '') ? 3 : 2;
    const isStatement = tag === '{%';
    if (isStatement && tokens[0]?.value === 'raw' && tokens[1]?.kind === 'end') {
      const ends = /\{%[-+]?\s*endraw\s*([-+]?)%\}/g;
      ends.lastIndex = reader.at;
      const end = ends.exec(source);
      if (!end) return reader.fail('This raw block is never closed: {% endraw %} is missing.', start);
      const raw = source.slice(reader.at, end.index);
      addText(/^\{%-/.test(end[0]) ? raw.trimEnd() : raw);
      trimNext = end[1] === '-';
      reader.at = end.index + end[0].length;
      continue;
    }
    segments.push({
      kind: isStatement ? 'statement' : 'output',
      tokens,
      place: reader.place(start),
      start,
      end: reader.at,
    });
  }
  return segments;
}
