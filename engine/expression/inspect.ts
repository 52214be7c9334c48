import type { Arguments, Call, Expression, Statement, Target } from './ast';
import { deepestExpression } from './evaluator';
import { ExpressionError, type Place } from './expression-error';
import { filters, suggestFilter } from './filters';
import { globals } from './globals';
import { isSingleTag, parseExpression, parseTemplateSource } from './template-parser';
import { suggestTest, tests } from './tests';

export interface ExpressionProblem {
  code: string;
  message: string;
  line: number;
  column: number;
  hint?: string;
}

/** A name that is read, with what is known of the path into it: `task.build.result.x`. The place is the name's. */
export interface Reference {
  root: string;
  path: (string | number)[];
  line: number;
  column: number;
}

export interface Inspection {
  problems: ExpressionProblem[];
  references: Reference[];
  /** Functions that are called by name. */
  calls: string[];
  /** Where each of the calls stands. */
  callPlaces: Place[];
  filters: string[];
  /** Whether a rendering gives text whatever is in it: there is more than one single `{{ }}`. */
  isText: boolean;
  /** The path that it is, where it is nothing else. */
  only: Reference | null;
}

/**
 * What a template (or, with `isBare` and without braces, an expression) reads and calls, and what is wrong with it.
 * References and calls come in the order they are written; names that the template itself sets are none. Never throws.
 */
export function inspectTemplate(source: string, isBare = false): Inspection {
  const inspector = new Inspector();
  try {
    if (isBare && !/^\s*\{[{%#]/.test(source)) inspector.whole(parseExpression(source));
    else {
      const statements = parseTemplateSource(source);
      // White space around a condition is nothing.
      const [first, ...others] = isBare ? statements.filter((each) => !isBlank(each)) : statements;
      if (first?.kind === 'output' && others.length === 0 && isSingleTag(isBare ? source.trim() : source))
        inspector.whole(first.expression);
      else inspector.statements(statements);
    }
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { code, message, line, column, hint } = error;
    inspector.found.problems.push({ code, message, line, column, ...(hint === undefined ? {} : { hint }) });
  }
  return inspector.found;
}

function isBlank(statement: Statement): boolean {
  return statement.kind === 'text' && statement.text.trim() === '';
}

class Inspector {
  readonly found: Inspection = {
    problems: [],
    references: [],
    calls: [],
    callPlaces: [],
    filters: [],
    isText: true,
    only: null,
  };
  private depth = 0;
  /** The names that are set, block within block. */
  private readonly locals: Set<string>[] = [new Set()];

  /** An expression that is the whole source. */
  whole(part: Expression): void {
    this.found.isText = false;
    this.expression(part);
    let root = part;
    while (root.kind === 'member' && root.key.kind === 'literal') root = root.object;
    if (root.kind === 'name') this.found.only = this.found.references[0] ?? null;
  }

  expression(part: Expression): void {
    this.depth += 1;
    if (this.depth <= deepestExpression) this.visit(part);
    else if (!this.found.problems.some(({ code }) => code === 'limit'))
      this.problem('limit', 'The expression is nested too deeply.', part.place, undefined);
    this.depth -= 1;
  }

  private visit(part: Expression): void {
    switch (part.kind) {
      case 'literal':
        return;
      case 'name':
      case 'member':
        return this.reference(part);
      case 'list':
        return part.items.forEach((item) => this.expression(item));
      case 'dict':
        for (const { key, value } of part.entries) {
          this.expression(key);
          this.expression(value);
        }
        return;
      case 'slice':
        return this.each(part.object, part.start, part.stop, part.step);
      case 'call':
        if (part.callee.kind !== 'name') this.expression(part.callee);
        else if (!this.isLocal(part.callee.name)) {
          this.found.calls.push(part.callee.name);
          this.found.callPlaces.push(part.place);
        }
        return this.args(part.args);
      case 'method':
        this.expression(part.object);
        return this.args(part.args);
      case 'filter':
        this.expression(part.input);
        return this.filter(part);
      case 'test':
        this.expression(part.input);
        if (!Object.hasOwn(tests, part.name))
          this.problem('unknown_test', `There is no test ${part.name}.`, part.place, suggestTest(part.name));
        return this.args(part.args);
      case 'unary':
        return this.expression(part.operand);
      case 'binary':
        return this.each(part.left, part.right);
      case 'compare':
        return this.each(part.first, ...part.rest.map(({ right }) => right));
      case 'condition':
        return this.each(part.then, part.test, part.otherwise);
    }
  }

  statements(body: readonly Statement[]): void {
    for (const statement of body) this.statement(statement);
  }

  private statement(statement: Statement): void {
    switch (statement.kind) {
      case 'text':
        return;
      case 'output':
        return this.expression(statement.expression);
      case 'if':
        for (const { test, body } of statement.branches) {
          this.expression(test);
          this.statements(body);
        }
        return this.statements(statement.otherwise);
      case 'for':
        this.expression(statement.iterable);
        this.within(() => {
          this.assign('loop');
          this.assign(statement.target);
          if (statement.filter) this.expression(statement.filter);
          this.statements(statement.body);
        });
        return this.within(() => this.statements(statement.otherwise));
      case 'set':
        this.expression(statement.value);
        return this.assign(statement.target);
      case 'capture':
        this.within(() => this.statements(statement.body));
        statement.filters.forEach((call) => this.filter(call));
        return this.assign(statement.target);
      case 'with':
        statement.assignments.forEach(({ value }) => this.expression(value));
        return this.within(() => {
          statement.assignments.forEach(({ target }) => this.assign(target));
          this.statements(statement.body);
        });
      case 'filtered':
        this.within(() => this.statements(statement.body));
        return statement.filters.forEach((call) => this.filter(call));
    }
  }

  private each(...parts: (Expression | null)[]): void {
    for (const part of parts) if (part) this.expression(part);
  }

  private args({ positional, named }: Arguments): void {
    this.each(...positional, ...named.map(({ value }) => value));
  }

  private filter({ name, args, place }: Call): void {
    this.found.filters.push(name);
    if (!Object.hasOwn(filters, name))
      this.problem('unknown_filter', `There is no filter ${name}.`, place, suggestFilter(name));
    this.args(args);
  }

  private reference(start: Expression): void {
    let path: (string | number)[] = [];
    const computed: Expression[] = [];
    let here = start;
    for (; here.kind === 'member'; here = here.object) {
      const { key } = here;
      if (key.kind === 'literal' && (typeof key.value === 'string' || typeof key.value === 'number'))
        path.unshift(key.value);
      else {
        // Only what comes before a computed key is known.
        computed.unshift(key);
        path = [];
      }
    }
    if (here.kind !== 'name') this.expression(here);
    else if (!this.isLocal(here.name)) this.found.references.push({ root: here.name, path, ...here.place });
    computed.forEach((key) => this.expression(key));
  }

  private assign(target: Target): void {
    if (typeof target === 'string') this.locals.at(-1)?.add(target);
    else if (Array.isArray(target)) target.forEach((part) => this.assign(part));
  }

  private isLocal(name: string): boolean {
    return globals.has(name) || this.locals.some((names) => names.has(name));
  }

  /** Names that are set inside are gone afterwards. */
  private within(work: () => void): void {
    this.locals.push(new Set());
    work();
    this.locals.pop();
  }

  private problem(code: string, message: string, { line, column }: Place, hint: string | undefined): void {
    this.found.problems.push({ code, message, line, column, ...(hint === undefined ? {} : { hint }) });
  }
}
