import type { Expression, Statement } from './ast';
import { Evaluator, defaultLimits, type Limits, type Scope } from './evaluator';
import { EvaluationFault, ExpressionError } from './expression-error';
import { readTemplate } from './lexer';
import { parseExpression, parseTemplateSource } from './template-parser';
import { emptyObject, isTruthy, setOwn, toJson, type Json } from './value';

export { ExpressionError } from './expression-error';
export type { Limits, Scope } from './evaluator';
export { filterSignatures } from './filters';
export { inspectTemplate as parseTemplate, type ExpressionProblem, type Reference } from './inspect';
export { isTruthy, markSecret, type Json } from './value';

/** What came of a rendering: its value, what was missing and read as null, and whether a secret went into it. */
export interface Rendered {
  value: Json;
  warnings: string[];
  secret: boolean;
}

type Parsed =
  | { kind: 'expression'; expression: Expression }
  | { kind: 'template'; statements: Statement[] }
  | { kind: 'text' };

// Parsing is pure, so what was parsed once stays right.
const parsed = new Map<string, Parsed>();
const parsedLimit = 2_000;

function remember(key: string, parse: () => Parsed): Parsed {
  const known = parsed.get(key);
  if (known) return known;
  const fresh = parse();
  if (parsed.size >= parsedLimit) parsed.delete(parsed.keys().next().value as string);
  if (key.length < 20_000) parsed.set(key, fresh);
  return fresh;
}

/** A template that is one single `{{ }}` and nothing else keeps its value's type. */
function parseSource(source: string): Parsed {
  return remember(`t${source}`, () => {
    if (!/\{[{%#]/.test(source)) return { kind: 'text' };
    const trimmed = source.trim();
    if (trimmed.startsWith('{{') && trimmed.endsWith('}}')) {
      const segments = readTemplate(trimmed);
      const [only] = segments;
      if (segments.length === 1 && only?.kind === 'output')
        return { kind: 'expression', expression: firstExpression(source) };
    }
    return { kind: 'template', statements: parseTemplateSource(source) };
  });
}

function firstExpression(source: string): Expression {
  const statement = parseTemplateSource(source).find(({ kind }) => kind === 'output');
  if (statement?.kind !== 'output')
    throw new ExpressionError('syntax', 'There is no expression here.', source, { line: 1, column: 1 });
  return statement.expression;
}

function settle<T extends Json>(
  source: string,
  scope: Scope,
  limits: Partial<Limits> | undefined,
  work: (evaluator: Evaluator) => T,
): Rendered {
  const evaluator = new Evaluator(source, scope, { ...defaultLimits, ...limits });
  try {
    const value = work(evaluator);
    return { value, warnings: [...evaluator.warnings], secret: evaluator.isSecret };
  } catch (error) {
    if (error instanceof EvaluationFault)
      throw new ExpressionError(error.code, error.message, source, { line: 1, column: 1 }, error.hint);
    if (error instanceof RangeError)
      throw new ExpressionError('limit', 'This is nested too deeply.', source, { line: 1, column: 1 });
    throw error;
  }
}

function evaluateParsed(expression: Expression, evaluator: Evaluator): Json {
  const value = evaluator.evaluate(expression);
  evaluator.noteMissing(value);
  return toJson(value);
}

/**
 * Renders a template. One single `{{ }}` gives the value itself, whatever its type; anything else gives text. A text
 * without `{{` or `{%` comes back as it is. Output is never rendered again.
 * @throws ExpressionError with its place in the source
 */
export function renderTemplate(source: string, scope: Scope, limits?: Partial<Limits>): Rendered {
  const what = parseSource(source);
  if (what.kind === 'text') return { value: source, warnings: [], secret: false };
  return settle(source, scope, limits, (evaluator) =>
    what.kind === 'expression' ? evaluateParsed(what.expression, evaluator) : evaluator.run(what.statements),
  );
}

/** Evaluates an expression, bare or within `{{ }}`: conditions and criteria. @throws ExpressionError with its place in the source */
export function evaluateExpression(source: string, scope: Scope, limits?: Partial<Limits>): Rendered {
  if (/^\s*\{[{%]/.test(source)) return renderTemplate(source, scope, limits);
  const what = remember(`e${source}`, () => ({ kind: 'expression', expression: parseExpression(source) }));
  if (what.kind !== 'expression')
    throw new ExpressionError('syntax', 'There is no expression here.', source, { line: 1, column: 1 });
  return settle(source, scope, limits, (evaluator) => evaluateParsed(what.expression, evaluator));
}

const deepest = 64;

/**
 * Renders every text within a value; keys stay as they are. Errors say at which path.
 * @throws ExpressionError
 */
export function renderValue(value: Json, scope: Scope, limits?: Partial<Limits>): Rendered {
  const warnings = new Set<string>();
  let secret = false;
  const walk = (part: Json, path: string, depth: number): Json => {
    if (typeof part === 'string') {
      try {
        const rendered = renderTemplate(part, scope, limits);
        for (const warning of rendered.warnings) warnings.add(path ? `${path}: ${warning}` : warning);
        secret ||= rendered.secret;
        return rendered.value;
      } catch (error) {
        if (!(error instanceof ExpressionError) || path === '') throw error;
        throw new ExpressionError(error.code, `${path}: ${error.message}`, error.source, error);
      }
    }
    if (part === null || typeof part !== 'object') return part;
    if (depth >= deepest)
      throw new ExpressionError('limit', `${path}: this is nested more than ${deepest} levels deep.`, '', {
        line: 1,
        column: 1,
      });
    if (Array.isArray(part)) return part.map((item, place) => walk(item, `${path}[${place}]`, depth + 1));
    const object = emptyObject();
    for (const [key, item] of Object.entries(part))
      setOwn(object, key, walk(item, path ? `${path}.${key}` : key, depth + 1));
    return object;
  };
  return { value: walk(value, '', 0), warnings: [...warnings], secret };
}

/** Whether a condition holds. @throws ExpressionError */
export function holds(source: string, scope: Scope): boolean {
  return isTruthy(evaluateExpression(source, scope).value);
}
