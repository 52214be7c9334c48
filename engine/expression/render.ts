import type { Expression, Statement } from './ast';
import { Evaluator, defaultLimits, type Limits, type Scope } from './evaluator';
import { EvaluationFault, ExpressionError } from './expression-error';
import { globals } from './globals';
import { redactExpression, secretMask } from './redacted';
import { runTemplate } from './statements';
import { isSingleTag, parseExpression, parseTemplateSource } from './template-parser';
import type { Json } from './value';

/** What came of a rendering: its value, what was missing and read as null, and whether a secret went into it. */
export interface Rendered {
  value: Json;
  warnings: readonly string[];
  secret: boolean;
  /** The value with `********` for what came from a secret; without secrets the value itself. */
  redacted: Json;
}

/** A source that was parsed. */
export type Parsed =
  | { kind: 'text' }
  | { kind: 'expression'; expression: Expression; isHandedOn: boolean }
  | { kind: 'template'; statements: Statement[] };

export const noWarnings: readonly string[] = [];
const remembered = 2_000;
const longestRemembered = 20_000;

/**
 * Remembers what was parsed lately. Parsing is pure, so what was parsed once stays right. What is read again moves to
 * the younger half; when that is full, the older one is forgotten.
 */
function memo(parse: (source: string) => Parsed): (source: string) => Parsed {
  let young = new Map<string, Parsed>();
  let old = new Map<string, Parsed>();
  return (source) => {
    const known = young.get(source);
    if (known) return known;
    const parsed = old.get(source) ?? parse(source);
    if (source.length > longestRemembered) return parsed;
    if (young.size >= remembered / 2) [old, young] = [young, new Map<string, Parsed>()];
    young.set(source, parsed);
    return parsed;
  };
}

const readExpression = memo((source) => expressionOf(parseExpression(source)));

const plainText: Parsed = { kind: 'text' };

const readTagged = memo((source) => {
  const statements = parseTemplateSource(source);
  const [only] = statements;
  return statements.length === 1 && only?.kind === 'output' && isSingleTag(source)
    ? expressionOf(only.expression)
    : { kind: 'template', statements };
});

/** A template as it was parsed; plain text is told apart. @throws ExpressionError */
export function readTemplate(source: string): Parsed {
  return /\{[{%#]/.test(source) ? readTagged(source) : plainText;
}

function expressionOf(expression: Expression): Parsed {
  return { kind: 'expression', expression, isHandedOn: isOnlyRead(expression) };
}

/** Whether a value was there before: a path into the scope, or what one of its functions gives. What is made here is bounded. */
function isOnlyRead(expression: Expression): boolean {
  let here = expression;
  while (here.kind === 'member') here = here.object;
  return (
    here.kind === 'name' ||
    (here.kind === 'call' && here.callee.kind === 'name' && !globals.has(here.callee.name))
  );
}

/** What may still be used up while several sources are rendered. */
export interface Rest {
  steps: number;
  size: number;
}

/** What a parsed source gives in a scope. @throws ExpressionError */
export function evaluate(
  parsed: Exclude<Parsed, { kind: 'text' }>,
  source: string,
  scope: Scope,
  limits?: Partial<Limits>,
  rest?: Rest,
): Rendered {
  const bounds = limits ? { ...defaultLimits, ...limits } : defaultLimits;
  const evaluator = new Evaluator(scope, bounds);
  try {
    const value =
      parsed.kind === 'expression'
        ? evaluator.toJson(evaluator.evaluate(parsed.expression), parsed.isHandedOn)
        : runTemplate(parsed.statements, evaluator);
    if (rest) {
      rest.steps -= evaluator.steps;
      rest.size -= typeof value === 'string' && parsed.kind === 'template' ? value.length : evaluator.made;
    }
    return {
      value,
      warnings: evaluator.warnings === null ? noWarnings : [...evaluator.warnings],
      secret: evaluator.isSecret,
      redacted: evaluator.isSecret ? redact(parsed, scope, bounds) : value,
    };
  } catch (error) {
    if (error instanceof EvaluationFault) {
      const { code, hint } = error;
      // A name that is almost right may be the secret itself.
      const advice = evaluator.isSecret && code.startsWith('unknown_') ? undefined : hint;
      const text = evaluator.isSecret ? error.message : error.quoting;
      throw new ExpressionError(code, text, source, evaluator.place, advice);
    }
    if (error instanceof RangeError)
      throw new ExpressionError('limit', 'This is nested too deeply.', source, evaluator.place);
    throw error;
  }
}

function redact(parsed: Exclude<Parsed, { kind: 'text' }>, scope: Scope, limits: Readonly<Limits>): Json {
  return parsed.kind === 'expression' ? redactExpression(parsed.expression, scope, limits) : secretMask;
}

function plain(source: string): Rendered {
  return { value: source, warnings: noWarnings, secret: false, redacted: source };
}

/**
 * Renders a template. One single `{{ }}` gives the value itself, whatever its type; anything else gives text. A text
 * without `{{`, `{%` or `{#` comes back as it is. Output is never rendered again.
 * @throws ExpressionError with its place in the source
 */
export function renderTemplate(source: string, scope: Scope, limits?: Partial<Limits>): Rendered {
  const parsed = readTemplate(source);
  return parsed.kind === 'text' ? plain(source) : evaluate(parsed, source, scope, limits);
}

/**
 * Evaluates an expression, bare or within `{{ }}`: conditions and criteria. White space around it is nothing.
 * @throws ExpressionError with its place in the source
 */
export function evaluateExpression(source: string, scope: Scope, limits?: Partial<Limits>): Rendered {
  if (/^\s*\{[{%#]/.test(source)) {
    const wrapped = source.trimEnd();
    const start = wrapped.length - wrapped.trimStart().length;
    if (start === 0) return renderTemplate(wrapped, scope, limits);
    return renderTrimmed(source, wrapped, scope, limits);
  }
  const parsed = readExpression(source);
  return parsed.kind === 'text' ? plain(source) : evaluate(parsed, source, scope, limits);
}

/** As `renderTemplate`, with places that count from the beginning of the whole source. */
function renderTrimmed(source: string, wrapped: string, scope: Scope, limits?: Partial<Limits>): Rendered {
  try {
    return renderTemplate(wrapped.trimStart(), scope, limits);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const before = source.slice(0, source.length - source.trimStart().length).split('\n');
    const column = error.line === 1 ? error.column + (before.at(-1)?.length ?? 0) : error.column;
    const place = { line: error.line + before.length - 1, column };
    throw new ExpressionError(error.code, error.text, source, place, error.hint);
  }
}
