import { defaultLimits, type Limits, type Scope } from './evaluator';
import { ExpressionError } from './expression-error';
import { evaluate, noWarnings, readTemplate, type Rendered, type Rest } from './render';
import { shorten } from './shorten';
import { findUnstorable } from './storable';
import { setOwn, type Json } from './value';

const longestPath = 200;
const deepest = 64;
const start = { line: 1, column: 1 };

/**
 * Renders every text within a value; keys stay as they are. Errors and warnings say at which path. The size limit
 * holds for all that is made together, the step limit ten times. What comes of it can be stored.
 * @throws ExpressionError with its place in the source of that text
 */
export function renderValue(value: Json, scope: Scope, limits?: Partial<Limits>): Rendered {
  const renderer = new ValueRenderer(scope, limits ? { ...defaultLimits, ...limits } : defaultLimits);
  const rendered = renderer.render(value);
  return {
    value: rendered,
    warnings: renderer.warnings.size === 0 ? noWarnings : [...renderer.warnings],
    secret: renderer.isSecret,
    redacted: renderer.isSecret ? renderer.shown : rendered,
  };
}

/** Goes through a value once. Its path is kept as a stack and written out only where something is told. */
class ValueRenderer {
  readonly warnings = new Set<string>();
  isSecret = false;
  /** What may be shown of the part that was rendered last. */
  shown: Json = null;
  private readonly path: (string | number)[] = [];
  private readonly rest: Rest;

  constructor(
    private readonly scope: Scope,
    private readonly limits: Readonly<Limits>,
  ) {
    this.rest = { steps: limits.steps * 10, size: limits.size };
  }

  render(part: Json): Json {
    if (typeof part === 'string') return this.text(part);
    if (part === null || typeof part !== 'object') return (this.shown = part);
    if (this.path.length >= deepest)
      throw new ExpressionError(
        'limit',
        `${this.at()}: this is nested more than ${deepest} levels deep.`,
        '',
        start,
      );
    return Array.isArray(part) ? this.list(part) : this.object(part);
  }

  private text(source: string): Json {
    const parsed = readTemplate(source);
    if (parsed.kind === 'text') return (this.shown = source);
    const { steps, depth } = this.limits;
    const share = { steps: Math.min(steps, this.rest.steps), size: this.rest.size, depth };
    try {
      const { value, warnings, secret, redacted } = evaluate(parsed, source, this.scope, share, this.rest);
      for (const warning of warnings)
        this.warnings.add(this.path.length === 0 ? warning : `${this.at()}: ${warning}`);
      if (secret) this.isSecret = true;
      this.shown = redacted;
      // What was only handed on has been stored before.
      if (parsed.kind === 'template' || !parsed.isHandedOn) requireStorable(value, source);
      return value;
    } catch (error) {
      if (!(error instanceof ExpressionError) || this.path.length === 0) throw error;
      throw new ExpressionError(error.code, `${this.at()}: ${error.text}`, error.source, error, error.hint);
    }
  }

  private list(items: readonly Json[]): Json {
    const rendered: Json[] = [];
    let shown: Json[] | null = null;
    for (const [place, item] of items.entries()) {
      this.path.push(place);
      const value = this.render(item);
      this.path.pop();
      if (shown === null && this.shown !== value) shown = rendered.slice();
      shown?.push(this.shown);
      rendered.push(value);
    }
    this.shown = shown ?? rendered;
    return rendered;
  }

  private object(entries: { readonly [key: string]: Json }): Json {
    const rendered: { [key: string]: Json } = {};
    let shown: { [key: string]: Json } | null = null;
    for (const key of Object.keys(entries)) {
      this.path.push(key);
      const value = this.render(entries[key] ?? null);
      this.path.pop();
      if (shown === null && this.shown !== value) shown = { ...rendered };
      if (shown !== null) setOwn(shown, key, this.shown);
      setOwn(rendered, key, value);
    }
    this.shown = shown ?? rendered;
    return rendered;
  }

  /** Where it stands: `a[0].b`. */
  private at(): string {
    let path = '';
    for (const part of this.path)
      path += typeof part === 'number' ? `[${part}]` : path === '' ? part : `.${part}`;
    return shorten(path, longestPath);
  }
}

/** @throws ExpressionError */
function requireStorable(value: Json, source: string): void {
  const found = findUnstorable(value);
  if (!found) return;
  throw new ExpressionError(
    'not_a_value',
    `The result holds ${found.what}, which cannot be stored.`,
    source,
    start,
    `Leave it out, or replace it: replace('${found.written}', '').`,
  );
}
