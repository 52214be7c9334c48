import type { Expression, Statement, Target } from './ast';
import { ExpressionError } from './expression-error';
import { readExpression, readTemplate, type Segment } from './lexer';
import { Parser } from './parser';

/** A bare expression. @throws ExpressionError */
export function parseExpression(source: string): Expression {
  const parser = new Parser(source, readExpression(source));
  const expression = parser.expression(true);
  parser.expectEnd();
  return expression;
}

type Tag = Exclude<Segment, { kind: 'text' }>;

/** A template's statements. @throws ExpressionError */
export function parseTemplateSource(source: string): Statement[] {
  return new TemplateParser(source, readTemplate(source)).whole();
}

const deepest = 64;

class TemplateParser {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly source: string,
    private readonly segments: readonly Segment[],
  ) {}

  whole(): Statement[] {
    const { body, end } = this.body([]);
    if (end)
      throw new ExpressionError('syntax', `{% ${end.name} %} closes nothing.`, this.source, end.tag.place);
    return body;
  }

  /** Statements up to one of these words, or the end. */
  private body(ends: readonly string[]): {
    body: Statement[];
    end: { name: string; tag: Tag; parser: Parser } | null;
  } {
    const body: Statement[] = [];
    for (let segment = this.segments[this.at]; segment; segment = this.segments[this.at]) {
      this.at += 1;
      if (segment.kind === 'text') {
        body.push({ kind: 'text', text: segment.text });
        continue;
      }
      const parser = new Parser(this.source, segment.tokens);
      if (segment.kind === 'output') {
        const expression = parser.expression(true);
        parser.expectEnd();
        body.push({ kind: 'output', expression });
        continue;
      }
      const name = parser.expectName('a statement');
      if (ends.includes(name) || /^(end|el)/.test(name)) return { body, end: { name, tag: segment, parser } };
      body.push(this.statement(name, parser, segment));
    }
    return { body, end: null };
  }

  private statement(name: string, parser: Parser, tag: Tag): Statement {
    this.depth += 1;
    if (this.depth > deepest)
      parser.fail(`Statements are nested more than ${deepest} levels deep.`, tag.place);
    try {
      switch (name) {
        case 'if':
          return this.branches(parser, tag);
        case 'for':
          return this.loop(parser, tag);
        case 'set':
          return this.assignment(parser, tag);
        default:
          return parser.fail(
            `The statement {% ${name} %} is not known here.`,
            tag.place,
            'Use if, for, set or raw.',
          );
      }
    } finally {
      this.depth -= 1;
    }
  }

  private close(end: { name: string; tag: Tag; parser: Parser } | null, expected: string, tag: Tag): void {
    if (!end)
      throw new ExpressionError(
        'syntax',
        `This is never closed: {% ${expected} %} is missing.`,
        this.source,
        tag.place,
      );
    if (end.name !== expected)
      throw new ExpressionError(
        'syntax',
        `Expected {% ${expected} %}, found {% ${end.name} %}.`,
        this.source,
        end.tag.place,
      );
    end.parser.expectEnd();
  }

  private branches(first: Parser, tag: Tag): Statement {
    const branches: { test: Expression; body: Statement[] }[] = [];
    let parser = first;
    for (;;) {
      const test = parser.expression(true);
      parser.expectEnd();
      const { body, end } = this.body(['elif', 'else', 'endif']);
      branches.push({ test, body });
      if (end?.name === 'elif') {
        parser = end.parser;
        continue;
      }
      if (end?.name !== 'else') {
        this.close(end, 'endif', tag);
        return { kind: 'if', branches, otherwise: [] };
      }
      end.parser.expectEnd();
      const otherwise = this.body(['endif']);
      this.close(otherwise.end, 'endif', tag);
      return { kind: 'if', branches, otherwise: otherwise.body };
    }
  }

  private targets(parser: Parser): Target {
    const isWrapped = parser.skipOperator('(');
    const names = [parser.expectName('a name')];
    while (parser.skipOperator(','))
      if (!parser.isName('in') && !parser.isOperator('=', ')')) names.push(parser.expectName('a name'));
    if (isWrapped) parser.expectOperator(')');
    return names;
  }

  private loop(parser: Parser, tag: Tag): Statement {
    const target = this.targets(parser);
    if (!parser.skipName('in')) parser.fail('Expected "in".');
    const iterable = parser.expression(true, false);
    const filter = parser.skipName('if') ? parser.expression() : null;
    parser.expectEnd();
    const { body, end } = this.body(['else', 'endfor']);
    if (end?.name !== 'else') {
      this.close(end, 'endfor', tag);
      return { kind: 'for', target, iterable, filter, body, otherwise: [], place: tag.place };
    }
    const otherwise = this.body(['endfor']);
    this.close(otherwise.end, 'endfor', tag);
    return { kind: 'for', target, iterable, filter, body, otherwise: otherwise.body, place: tag.place };
  }

  private assignment(parser: Parser, tag: Tag): Statement {
    const target = this.targets(parser);
    if (parser.skipOperator('=')) {
      const value = parser.expression(true);
      parser.expectEnd();
      return { kind: 'set', target, value };
    }
    const filters = [];
    while (parser.skipOperator('|'))
      filters.push({
        place: { line: parser.token.line, column: parser.token.column },
        ...parser.filterCall(),
      });
    parser.expectEnd();
    const { body, end } = this.body(['endset']);
    this.close(end, 'endset', tag);
    return { kind: 'capture', name: target[0] as string, body, filters };
  }
}
