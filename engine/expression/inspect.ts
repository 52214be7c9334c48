import type { Arguments, Expression, Statement } from './ast';
import { ExpressionError } from './expression-error';
import { filters } from './filters';
import { nearest } from './nearest';
import { parseExpression, parseTemplateSource } from './template-parser';
import { tests } from './tests';

export interface ExpressionProblem {
  code: string;
  message: string;
  line: number;
  column: number;
  hint?: string;
}

/** A name that is read, with what is known of the path into it: `task.build.result.x`. */
export interface Reference {
  root: string;
  path: (string | number)[];
  line: number;
  column: number;
}

interface Inspection {
  problems: ExpressionProblem[];
  references: Reference[];
  calls: string[];
  filters: string[];
}

/** What a template (or, without braces and with `isBare`, an expression) reads and calls, and what is wrong with it. Never throws. */
export function inspectTemplate(source: string, isBare = false): Inspection {
  const found: Inspection = { problems: [], references: [], calls: [], filters: [] };
  const local = new Set<string>(['loop', 'range', 'dict']);
  const unknown = (
    code: string,
    what: string,
    name: string,
    known: readonly string[],
    place: { line: number; column: number },
  ) => {
    const near = nearest(name, known);
    found.problems.push({
      code,
      message: `There is no ${what} ${name}.`,
      line: place.line,
      column: place.column,
      ...(near ? { hint: `Did you mean ${near}?` } : {}),
    });
  };
  const args = ({ positional, named }: Arguments) => {
    positional.forEach(expression);
    named.forEach(({ value }) => expression(value));
  };
  const reference = (start: Expression): void => {
    const path: (string | number)[] = [];
    let here = start;
    while (here.kind === 'member') {
      if (
        here.key.kind === 'literal' &&
        (typeof here.key.value === 'string' || typeof here.key.value === 'number')
      )
        path.unshift(here.key.value);
      else {
        // Only what comes before a computed key is known.
        expression(here.key);
        path.length = 0;
      }
      here = here.object;
    }
    if (here.kind === 'name') {
      if (!local.has(here.name))
        found.references.push({ root: here.name, path, line: here.place.line, column: here.place.column });
    } else expression(here);
  };
  const expression = (part: Expression): void => {
    switch (part.kind) {
      case 'literal':
        return;
      case 'name':
      case 'member':
        return reference(part);
      case 'list':
        return part.items.forEach(expression);
      case 'dict':
        return part.entries.forEach(({ key, value }) => (expression(key), expression(value)));
      case 'slice':
        return [part.object, part.start, part.stop, part.step].forEach((inner) => inner && expression(inner));
      case 'call':
        if (part.callee.kind === 'name') found.calls.push(part.callee.name);
        else if (part.callee.kind === 'member') expression(part.callee.object);
        else expression(part.callee);
        return args(part.args);
      case 'filter':
        found.filters.push(part.name);
        if (!Object.hasOwn(filters, part.name))
          unknown('unknown_filter', 'filter', part.name, Object.keys(filters), part.place);
        expression(part.input);
        return args(part.args);
      case 'test':
        if (!Object.hasOwn(tests, part.name))
          unknown('unknown_test', 'test', part.name, Object.keys(tests), part.place);
        expression(part.input);
        return args(part.args);
      case 'unary':
        return expression(part.operand);
      case 'binary':
        expression(part.left);
        return expression(part.right);
      case 'compare':
        expression(part.first);
        return part.rest.forEach(({ right }) => expression(right));
      case 'condition':
        return [part.test, part.then, part.otherwise].forEach((inner) => inner && expression(inner));
    }
  };
  const statements = (body: readonly Statement[]): void => {
    for (const statement of body) {
      if (statement.kind === 'output') expression(statement.expression);
      else if (statement.kind === 'if') {
        for (const branch of statement.branches) {
          expression(branch.test);
          statements(branch.body);
        }
        statements(statement.otherwise);
      } else if (statement.kind === 'for') {
        expression(statement.iterable);
        statement.target.forEach((name) => local.add(name));
        if (statement.filter) expression(statement.filter);
        statements(statement.body);
        statements(statement.otherwise);
      } else if (statement.kind === 'set') {
        expression(statement.value);
        statement.target.forEach((name) => local.add(name));
      } else if (statement.kind === 'capture') {
        statements(statement.body);
        local.add(statement.name);
      }
    }
  };
  try {
    if (isBare && !/^\s*\{[{%]/.test(source)) expression(parseExpression(source));
    else statements(parseTemplateSource(source));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    found.problems.push({
      code: error.code,
      message: error.message,
      line: error.line,
      column: error.column,
      ...(error.hint ? { hint: error.hint } : {}),
    });
  }
  return found;
}
