import type { RouterOutputs } from '@/components/trpc';
import type { Json } from '@/engine/expression/expression';
import { fromExpression } from '@/engine/trigger/from-expression';
import { toExpression } from '@/engine/trigger/to-expression';

export type Conditions = RouterOutputs['rules']['get']['conditions'];

export interface Clause {
  field: string;
  operator: string;
  /** As typed: JSON where it reads as JSON, else text. */
  value: string;
}

/** Criteria as the form shows them. */
export type Criteria =
  | { kind: 'always' }
  | { kind: 'clauses'; match: 'all' | 'any' | 'none'; clauses: Clause[] }
  | { kind: 'expression'; expression: string }
  | { kind: 'json'; text: string };

/** Operators that need no value. */
export const withoutValue: ReadonlySet<string> = new Set(['exists', 'not_exists', 'changed']);

function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function toClauses(list: readonly Json[]): Clause[] | null {
  const clauses = list.map((item) =>
    isRecord(item) &&
    typeof item['field'] === 'string' &&
    typeof item['operator'] === 'string' &&
    !('all' in item || 'any' in item || 'none' in item)
      ? { field: item['field'], operator: item['operator'], value: printOperand(item['value'] ?? null) }
      : null,
  );
  return clauses.every((clause) => clause !== null) ? clauses : null;
}

/** Text stays as it is unless it would read as something else; the rest is JSON. */
export function printOperand(value: Json): string {
  if (typeof value !== 'string') return value === null ? '' : JSON.stringify(value);
  const reads = parseOperand(value);
  return typeof reads === 'string' ? value : JSON.stringify(value);
}

export function parseOperand(text: string): Json {
  const trimmed = text.trim();
  if (!/^(-?\d|\[|\{|"|true$|false$|null$)/.test(trimmed)) return text;
  try {
    return JSON.parse(trimmed) as Json;
  } catch {
    return text;
  }
}

/** How stored conditions are shown: simple groups as clauses, nested ones as JSON. */
export function toCriteria(conditions: Conditions): Criteria {
  if (Array.isArray(conditions)) {
    const clauses = toClauses(conditions);
    return clauses
      ? { kind: 'clauses', match: 'all', clauses }
      : { kind: 'json', text: JSON.stringify(conditions, null, 2) };
  }
  const keys = Object.keys(conditions);
  if (keys.length === 0) return { kind: 'always' };
  const { expression } = conditions;
  if (keys.length === 1 && typeof expression === 'string') return { kind: 'expression', expression };
  for (const match of ['all', 'any', 'none'] as const) {
    const list = conditions[match];
    const clauses = keys.length === 1 && Array.isArray(list) ? toClauses(list) : null;
    if (clauses) return { kind: 'clauses', match, clauses };
  }
  return { kind: 'json', text: JSON.stringify(conditions, null, 2) };
}

export const emptyClause: Clause = { field: 'payload.', operator: 'equals', value: '' };

/** The criteria written in another way; what that way cannot say is left behind. */
export function rewrite(criteria: Criteria, kind: Criteria['kind']): Criteria {
  const stored = toConditions(criteria);
  const written = 'value' in stored ? stored.value : {};
  const isExpression = !Array.isArray(written) && typeof written['expression'] === 'string';
  const tree = isExpression ? fromExpression(String(written['expression'])) : null;
  const conditions = isExpression && kind !== 'expression' ? (tree ?? {}) : written;
  switch (kind) {
    case 'always':
      return { kind };
    case 'expression':
      return criteria.kind === kind ? criteria : { kind, expression: toExpression(conditions) ?? '' };
    case 'clauses': {
      const shown = toCriteria(conditions);
      return shown.kind === 'clauses' ? shown : { kind, match: 'all', clauses: [emptyClause] };
    }
    case 'json': {
      const isGroup = !Array.isArray(conditions) && !('expression' in conditions);
      const group = isGroup && Object.keys(conditions).length > 0 ? conditions : { all: [emptyClause] };
      return { kind, text: JSON.stringify(group, null, 2) };
    }
  }
}

/** What is stored, or why the criteria cannot be read. */
export function toConditions(criteria: Criteria): { value: Conditions } | { error: string } {
  switch (criteria.kind) {
    case 'always':
      return { value: {} };
    case 'expression':
      return { value: { expression: criteria.expression } };
    case 'clauses':
      return {
        value: {
          [criteria.match]: criteria.clauses.map(({ field, operator, value }) => ({
            field: field.trim(),
            operator,
            ...(withoutValue.has(operator) ? {} : { value: parseOperand(value) }),
          })),
        },
      };
    case 'json':
      try {
        return { value: JSON.parse(criteria.text) as Conditions };
      } catch (error) {
        return { error: (error as Error).message };
      }
  }
}
