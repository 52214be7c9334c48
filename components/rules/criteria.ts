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

export const matches = ['all', 'any', 'none'] as const;

/** Clauses and groups of them, of which all, any or none must hold. */
export interface Group {
  match: (typeof matches)[number];
  parts: (Clause | Group)[];
}

export function isGroup(part: Clause | Group): part is Group {
  return 'parts' in part;
}

/** Criteria as the form shows them. */
export type Criteria =
  | { kind: 'always' }
  | { kind: 'clauses'; group: Group }
  | { kind: 'expression'; expression: string }
  | { kind: 'json'; text: string };

/** Operators that need no value. */
export const withoutValue: ReadonlySet<string> = new Set(['exists', 'not_exists', 'changed']);

function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** A group of clauses and groups; null for what the form has no place for. */
function toGroup(value: Json): Group | null {
  if (!isRecord(value)) return null;
  const match = matches.find((name) => Object.hasOwn(value, name));
  const list = match && value[match];
  if (!match || !Array.isArray(list) || Object.keys(value).length !== 1) return null;
  const parts = list.map((item) => toClause(item) ?? toGroup(item));
  return parts.every((part) => part !== null) ? { match, parts } : null;
}

function toClause(item: Json): Clause | null {
  if (!isRecord(item)) return null;
  const { field, operator = 'equals', value = null, ...others } = item;
  if (typeof field !== 'string' || typeof operator !== 'string' || Object.keys(others).length > 0)
    return null;
  return { field, operator, value: printOperand(value) };
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

/** How stored conditions are shown: groups as they are nested, what they cannot show as JSON. */
export function toCriteria(conditions: Conditions): Criteria {
  const keys = Object.keys(conditions);
  if (!Array.isArray(conditions)) {
    if (keys.length === 0) return { kind: 'always' };
    const { expression } = conditions;
    if (keys.length === 1 && typeof expression === 'string') return { kind: 'expression', expression };
  }
  const group = toGroup(Array.isArray(conditions) ? { all: conditions } : conditions);
  return group ? { kind: 'clauses', group } : { kind: 'json', text: JSON.stringify(conditions, null, 2) };
}

export const emptyClause: Clause = { field: 'payload.', operator: 'equals', value: '' };
export const emptyGroup: Group = { match: 'all', parts: [emptyClause] };

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
      return shown.kind === 'clauses' ? shown : { kind, group: emptyGroup };
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
      return { value: fromGroup(criteria.group) };
    case 'json':
      try {
        return { value: JSON.parse(criteria.text) as Conditions };
      } catch (error) {
        return { error: (error as Error).message };
      }
  }
}

function fromGroup({ match, parts }: Group): { [match: string]: Json } {
  return { [match]: parts.map((part) => (isGroup(part) ? fromGroup(part) : fromClause(part))) };
}

function fromClause({ field, operator, value }: Clause): Json {
  return {
    field: field.trim(),
    operator,
    ...(withoutValue.has(operator) ? {} : { value: parseOperand(value) }),
  };
}
