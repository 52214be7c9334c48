import type { Expression, Statement } from './ast';
import { Evaluator, defaultLimits, type Limits, type Scope } from './evaluator';
import { EvaluationFault, ExpressionError, type Place } from './expression-error';
import { globals } from './globals';
import { runTemplate } from './statements';
import { isSingleTag, parseExpression, parseTemplateSource } from './template-parser';
import { setOwn, type Json } from './value';

export { ExpressionError } from './expression-error';
export type { Limits, Scope } from './evaluator';
export { filterSignatures } from './filters';
export {
  inspectTemplate as parseTemplate,
  type ExpressionProblem,
  type Inspection,
  type Reference,
} from './inspect';
export { isTruthy, markSecret, type Json } from './value';

/** What came of a rendering: its value, what was missing and read as null, and whether a secret went into it. */
export interface Rendered {
  value: Json;
  warnings: string[];
  secret: boolean;
}

type Parsed =
  | { kind: 'text' }
  | { kind: 'expression'; expression: Expression; isHandedOn: boolean }
  | { kind: 'template'; statements: Statement[] };

const remembered = 2_000;
const longestRemembered = 20_000;

/** Remembers what was parsed, the least lately used forgotten first. Parsing is pure, so what was parsed once stays right. */
function memo(parse: (source: string) => Parsed): (source: string) => Parsed {
  const known = new Map<string, Parsed>();
  let last: { source: string; parsed: Parsed } | null = null;
  return (source) => {
    if (last?.source === source) return last.parsed;
    let parsed = known.get(source);
    if (parsed) known.delete(source);
    else parsed = parse(source);
    if (source.length <= longestRemembered) {
      known.set(source, parsed);
      if (known.size > remembered) known.delete(known.keys().next().value ?? '');
    }
    last = { source, parsed };
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

function readTemplate(source: string): Parsed {
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
interface Rest {
  steps: number;
  size: number;
}

function evaluate(
  parsed: Exclude<Parsed, { kind: 'text' }>,
  source: string,
  scope: Scope,
  limits?: Partial<Limits>,
  rest?: Rest,
): Rendered {
  const evaluator = new Evaluator(scope, limits ? { ...defaultLimits, ...limits } : defaultLimits);
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
      warnings: evaluator.warnings.size === 0 ? [] : [...evaluator.warnings],
      secret: evaluator.isSecret,
    };
  } catch (error) {
    if (error instanceof EvaluationFault) {
      const text = evaluator.isSecret ? error.message : error.quoting;
      throw new ExpressionError(error.code, text, source, evaluator.place, error.hint);
    }
    if (error instanceof RangeError)
      throw new ExpressionError('limit', 'This is nested too deeply.', source, evaluator.place);
    throw error;
  }
}

/**
 * Renders a template. One single `{{ }}` gives the value itself, whatever its type; anything else gives text. A text
 * without `{{`, `{%` or `{#` comes back as it is. Output is never rendered again.
 * @throws ExpressionError with its place in the source
 */
export function renderTemplate(source: string, scope: Scope, limits?: Partial<Limits>): Rendered {
  const parsed = readTemplate(source);
  return parsed.kind === 'text'
    ? { value: source, warnings: [], secret: false }
    : evaluate(parsed, source, scope, limits);
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
  return parsed.kind === 'text'
    ? { value: source, warnings: [], secret: false }
    : evaluate(parsed, source, scope, limits);
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

function placeOf({ line, column }: ExpressionError): Place {
  return { line, column };
}

const deepest = 64;
const start: Place = { line: 1, column: 1 };

/**
 * Renders every text within a value; keys stay as they are. Errors and warnings say at which path. The size limit
 * holds for all that is made together, the step limit ten times.
 * @throws ExpressionError with its place in the source of that text
 */
export function renderValue(value: Json, scope: Scope, limits?: Partial<Limits>): Rendered {
  const warnings = new Set<string>();
  const { steps, size, depth } = { ...defaultLimits, ...limits };
  const rest: Rest = { steps: steps * 10, size };
  let secret = false;
  const render = (source: string, path: string): Json => {
    const parsed = readTemplate(source);
    if (parsed.kind === 'text') return source;
    const share = { steps: Math.min(steps, rest.steps), size: rest.size, depth };
    const rendered = evaluate(parsed, source, scope, share, rest);
    for (const warning of rendered.warnings) warnings.add(path === '' ? warning : `${path}: ${warning}`);
    secret ||= rendered.secret;
    return rendered.value;
  };
  const walk = (part: Json, path: string, level: number): Json => {
    if (typeof part === 'string') {
      try {
        return render(part, path);
      } catch (error) {
        if (!(error instanceof ExpressionError) || path === '') throw error;
        throw new ExpressionError(
          error.code,
          `${path}: ${error.text}`,
          error.source,
          placeOf(error),
          error.hint,
        );
      }
    }
    if (part === null || typeof part !== 'object') return part;
    if (level >= deepest)
      throw new ExpressionError(
        'limit',
        `${path}: this is nested more than ${deepest} levels deep.`,
        '',
        start,
      );
    if (Array.isArray(part)) return part.map((item, place) => walk(item, `${path}[${place}]`, level + 1));
    const object: { [key: string]: Json } = {};
    for (const key of Object.keys(part))
      setOwn(object, key, walk(part[key] ?? null, path === '' ? key : `${path}.${key}`, level + 1));
    return object;
  };
  return { value: walk(value, '', 0), warnings: [...warnings], secret };
}
