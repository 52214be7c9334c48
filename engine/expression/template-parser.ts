import type { Call, Expression, Statement, Target } from './ast';
import { EvaluationFault, ExpressionError, type Place } from './expression-error';
import { readExpression, readTemplate, type Segment } from './lexer';
import { nearest } from './nearest';
import { Parser } from './parser';

/** A bare expression. @throws ExpressionError */
export function parseExpression(source: string): Expression {
  return placed(source, () => {
    const parser = new Parser(source, readExpression(source));
    const expression = parser.one();
    parser.expectEnd();
    return expression;
  });
}

/** Nothing beside the one tag, not even a comment or white space that was trimmed away. */
export function isSingleTag(source: string): boolean {
  return source.startsWith('{{') && source.endsWith('}}');
}

/** A template's statements. @throws ExpressionError */
export function parseTemplateSource(source: string): Statement[] {
  return placed(source, () => new TemplateParser(source, readTemplate(source)).whole());
}

function placed<T>(source: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof EvaluationFault)) throw error;
    throw new ExpressionError(error.code, error.message, source, { line: 1, column: 1 }, error.hint);
  }
}

type Tag = Exclude<Segment, { kind: 'text' }>;
interface End {
  name: string;
  place: Place;
  parser: Parser;
}

const deepest = 64;
const statementNames = ['if', 'for', 'set', 'with', 'filter', 'raw'];
/** Words of Jinja that are left out on purpose: templates here neither define nor load anything. */
const leftOut = new Set([
  'macro',
  'call',
  'include',
  'import',
  'from',
  'extends',
  'block',
  'do',
  'autoescape',
]);

class TemplateParser {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly source: string,
    private readonly segments: readonly Segment[],
  ) {}

  whole(): Statement[] {
    const { body, end } = this.body();
    if (end) this.fail(`{% ${end.name} %} closes nothing.`, end.place);
    return body;
  }

  private fail(message: string, place: Place, hint?: string): never {
    throw new ExpressionError('syntax', message, this.source, place, hint);
  }

  /** Statements up to a tag that ends or divides a block, or the end. */
  private body(): { body: Statement[]; end: End | null } {
    const body: Statement[] = [];
    for (let segment = this.segments[this.at]; segment; segment = this.segments[this.at]) {
      this.at += 1;
      if (segment.kind === 'text') {
        body.push(segment);
        continue;
      }
      const parser = new Parser(this.source, segment.tokens);
      if (segment.kind === 'output') {
        const expression = parser.tuple();
        parser.expectEnd();
        body.push({ kind: 'output', expression });
        continue;
      }
      const name = parser.expectName('a statement');
      if (/^(?:end.*|elif|else)$/.test(name)) return { body, end: { name, place: segment.place, parser } };
      body.push(this.statement(name, parser, segment));
    }
    return { body, end: null };
  }

  private statement(name: string, parser: Parser, tag: Tag): Statement {
    this.depth += 1;
    if (this.depth > deepest)
      throw new ExpressionError(
        'limit',
        `Statements are nested more than ${deepest} levels deep.`,
        this.source,
        tag.place,
      );
    const statement = this.read(name, parser, tag.place);
    this.depth -= 1;
    return statement;
  }

  private read(name: string, parser: Parser, place: Place): Statement {
    switch (name) {
      case 'if':
        return this.branches(parser, place);
      case 'for':
        return this.loop(parser, place);
      case 'set':
        return this.assignment(parser, place);
      case 'with':
        return this.scope(parser, place);
      case 'filter': {
        const filters = this.filterChain(parser);
        return { kind: 'filtered', filters, body: this.block('endfilter', place), place };
      }
      default: {
        const near = nearest(name, statementNames);
        return this.fail(
          leftOut.has(name) ? `{% ${name} %} is left out here.` : `There is no statement {% ${name} %}.`,
          place,
          near !== null && !leftOut.has(name)
            ? `Did you mean ${near}?`
            : `There are ${statementNames.join(', ')}.`,
        );
      }
    }
  }

  /** The statements up to a block's own end. */
  private block(expected: string, place: Place): Statement[] {
    const { body, end } = this.body();
    this.close(end, expected, place);
    return body;
  }

  private close(end: End | null, expected: string, place: Place): void {
    if (!end) return this.fail(`This is never closed: {% ${expected} %} is missing.`, place);
    if (end.name !== expected) this.fail(`Expected {% ${expected} %}, found {% ${end.name} %}.`, end.place);
    end.parser.expectEnd();
  }

  private branches(first: Parser, place: Place): Statement {
    const branches: { test: Expression; body: Statement[] }[] = [];
    for (let parser = first; ;) {
      const test = parser.tuple(false);
      parser.expectEnd();
      const { body, end } = this.body();
      branches.push({ test, body });
      if (end?.name === 'elif') {
        parser = end.parser;
        continue;
      }
      return { kind: 'if', branches, otherwise: this.otherwise(end, 'endif', place) };
    }
  }

  /** What stands between `else` and the end; nothing where the end has come already. */
  private otherwise(end: End | null, expected: string, place: Place): Statement[] {
    if (end?.name !== 'else') {
      this.close(end, expected, place);
      return [];
    }
    end.parser.expectEnd();
    return this.block(expected, place);
  }

  /** What is assigned to, up to `in`, `=` or the end. */
  private target(parser: Parser, allowsSlot: boolean): Target {
    const first = this.oneTarget(parser, allowsSlot);
    if (!parser.isOperator(',')) return first;
    const targets = [first];
    while (parser.skipOperator(',')) {
      if (parser.isName('in') || parser.isOperator('=', ')') || parser.isEnd()) break;
      targets.push(this.oneTarget(parser, false));
    }
    return targets;
  }

  private oneTarget(parser: Parser, allowsSlot: boolean): Target {
    const { place } = parser;
    if (parser.skipOperator('(')) {
      const inner = this.target(parser, false);
      parser.expectOperator(')');
      return inner;
    }
    const name = parser.expectName('a name to assign to');
    if (/^(?:true|false|none|null|True|False|None|in|and|or|not|if|else|is)$/.test(name))
      this.fail(`Nothing can be assigned to ${name}.`, place);
    if (allowsSlot && parser.skipOperator('.')) return { namespace: name, slot: parser.expectName('a name') };
    return name;
  }

  private loop(parser: Parser, place: Place): Statement {
    const target = this.target(parser, false);
    if (target === 'loop') this.fail('loop is the name of the loop itself.', place, 'Take another name.');
    if (!parser.skipName('in')) parser.fail('Expected "in".');
    const iterable = parser.tuple(false);
    const filter = parser.skipName('if') ? parser.one() : null;
    const isRecursive = parser.skipName('recursive');
    parser.expectEnd();
    const { body, end } = this.body();
    const otherwise = this.otherwise(end, 'endfor', place);
    return { kind: 'for', target, iterable, filter, isRecursive, body, otherwise, place };
  }

  private assignment(parser: Parser, place: Place): Statement {
    const target = this.target(parser, true);
    if (parser.skipOperator('=')) {
      const value = parser.tuple();
      parser.expectEnd();
      return { kind: 'set', target, value, place };
    }
    const filters = parser.skipOperator('|') ? this.filterChain(parser) : [];
    parser.expectEnd();
    return { kind: 'capture', target, filters, body: this.block('endset', place), place };
  }

  private filterChain(parser: Parser): Call[] {
    const filters = [parser.filterCall()];
    while (parser.skipOperator('|')) filters.push(parser.filterCall());
    parser.expectEnd();
    return filters;
  }

  private scope(parser: Parser, place: Place): Statement {
    const assignments: { target: Target; value: Expression }[] = [];
    while (!parser.isEnd()) {
      if (assignments.length > 0) parser.expectOperator(',');
      const target = this.oneTarget(parser, false);
      parser.expectOperator('=');
      assignments.push({ target, value: parser.one() });
    }
    return { kind: 'with', assignments, body: this.block('endwith', place), place };
  }
}
