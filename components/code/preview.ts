import {
  evaluateExpression,
  ExpressionError,
  parseTemplate,
  renderTemplate,
  type Json,
} from '@/engine/expression/expression';
import type { ScopeData } from './scope';

/** What an expression gives by real values. */
export type Preview =
  | { kind: 'value'; value: Json; warnings: readonly string[] }
  | { kind: 'error'; message: string; line: number; column: number }
  /** It reads what there is no value of yet: which. */
  | { kind: 'absent'; path: string }
  | { kind: 'none' };

/** While one types, the engine may take only so much of the browser's time. */
const limits = { steps: 20_000, size: 200_000 };

/** The value of a field by the values that are known; `none` for plain text and what cannot be read. */
export function previewOf(source: string, isBare: boolean, data: ScopeData | undefined): Preview {
  const isTemplate = /\{[{%#]/.test(source);
  if (!data || source.trim() === '' || (!isTemplate && !isBare)) return { kind: 'none' };
  const { problems, references, calls } = parseTemplate(source, isBare);
  if (problems.length > 0) return { kind: 'none' };
  const read = [
    ...references.map(({ root, path }) => [root, ...path].join('.')),
    ...calls.map((name) => `${name}()`),
  ];
  const path = data.absent.find((absent) =>
    read.some((one) => one === absent || one.startsWith(`${absent}.`) || one.startsWith(`${absent}(`)),
  );
  if (path !== undefined) return { kind: 'absent', path };
  try {
    const rendered = isBare
      ? evaluateExpression(source, data.scope, limits)
      : renderTemplate(source, data.scope, limits);
    return { kind: 'value', value: rendered.redacted, warnings: rendered.warnings };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { kind: 'error', message: error.text, line: error.line, column: error.column };
  }
}

/** A value on one line: shortened where it is long. */
export function toLine(value: Json, most = 300): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > most ? `${line.slice(0, most)}…` : line;
}
