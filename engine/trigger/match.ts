import {
  evaluateExpression,
  ExpressionError,
  isTruthy,
  renderValue,
  type Json,
  type Scope,
} from '../expression/expression';
import { secretMask } from '../expression/redacted';
import { Secret } from '../expression/value';
import { isOperator, operators, test } from './operators';

/** One comparison as it went; result null where it could not be made. */
export interface Clause {
  path: string;
  operator: string;
  expected: Json;
  actual: Json;
  result: boolean | null;
  error?: string;
}

export interface Match {
  verdict: 'matched' | 'silent' | 'error';
  /** Every comparison, in the order in which it is written, also those that could not change the verdict any more. */
  clauses: Clause[];
  /** Why, in one sentence. */
  reason: string;
}

const deepest = 20;
const groups = ['all', 'any', 'none'] as const;

/**
 * Whether an event meets a rule's criteria, with every clause as it went. Criteria are nothing (always), an
 * `{expression}`, a tree of `all`, `any` and `none` over `{field, operator, value}`, or a list of such (all). An error
 * is no match. Never throws.
 */
export function matchCriteria(conditions: Json, scope: Scope): Match {
  const clauses: Clause[] = [];
  try {
    if (isAlways(conditions)) return { verdict: 'matched', clauses, reason: 'The rule has no criteria.' };
    if (isMap(conditions) && conditions['expression'] !== undefined && conditions['expression'] !== null) {
      return matchExpression(conditions['expression'], scope);
    }
    const isMet = matchPart(Array.isArray(conditions) ? { all: conditions } : conditions, scope, clauses, 0);
    const broken = clauses.find(({ result }) => result === null);
    if (broken)
      return {
        verdict: 'error',
        clauses,
        reason: `${broken.path} could not be compared: ${broken.error ?? ''}`,
      };
    return { verdict: isMet ? 'matched' : 'silent', clauses, reason: tell(isMet, clauses) };
  } catch (error) {
    if (!(error instanceof CriteriaError)) throw error;
    return { verdict: 'error', clauses, reason: error.message };
  }
}

class CriteriaError extends Error {}

function isAlways(conditions: Json): boolean {
  if (conditions === null) return true;
  return typeof conditions === 'object' && Object.keys(conditions).length === 0;
}

function matchExpression(source: Json, scope: Scope): Match {
  if (typeof source !== 'string') {
    throw new CriteriaError('The expression must be a text.');
  }
  if (source.trim() === '') return { verdict: 'matched', clauses: [], reason: 'The rule has no criteria.' };
  const clause = { path: source, operator: 'expression', expected: true };
  try {
    const { value, redacted } = evaluateExpression(source, scope);
    const result = isTruthy(value);
    const reason = result
      ? 'The expression is true.'
      : `The expression is not true: it gives ${show(redacted)}.`;
    return {
      verdict: result ? 'matched' : 'silent',
      clauses: [{ ...clause, actual: redacted, result }],
      reason,
    };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const told = `${error.message} (line ${error.line}, column ${error.column})`;
    return {
      verdict: 'error',
      clauses: [{ ...clause, actual: null, result: null, error: told }],
      reason: `The expression could not be evaluated: ${told}`,
    };
  }
}

function matchPart(part: Json, scope: Scope, clauses: Clause[], depth: number): boolean {
  if (depth > deepest) throw new CriteriaError(`The criteria are nested more than ${deepest} levels deep.`);
  if (!isMap(part))
    throw new CriteriaError(`A criterion is {field, operator, value} or a group, not ${show(part)}.`);
  const group = groups.find((name) => Object.hasOwn(part, name));
  if (group === undefined) return matchClause(part, scope, clauses);
  const parts = part[group];
  if (!Array.isArray(parts)) throw new CriteriaError(`${group} must be a list of criteria.`);
  // All of them, whatever the first says: people want to see every clause.
  const results = parts.map((each) => matchPart(each, scope, clauses, depth + 1));
  switch (group) {
    case 'all':
      return results.every(Boolean);
    case 'any':
      return results.some(Boolean);
    case 'none':
      return !results.some(Boolean);
  }
}

function matchClause(part: { [key: string]: Json }, scope: Scope, clauses: Clause[]): boolean {
  const { field, operator = 'equals' } = part;
  if (typeof field !== 'string' || field === '') {
    throw new CriteriaError(`A criterion needs its field, such as payload.severity: ${show(part)}.`);
  }
  if (typeof operator !== 'string' || !isOperator(operator)) {
    throw new CriteriaError(`There is no operator ${show(operator)}; use one of ${operators.join(', ')}.`);
  }
  const clause: Clause = {
    path: field,
    operator,
    expected: part['value'] ?? null,
    actual: null,
    result: null,
  };
  clauses.push(clause);
  let holdsSecret = false;
  try {
    const expected = renderValue(part['value'] ?? null, scope);
    const { value, isSecret } = lookUp(field, scope);
    // What a secret is compared with may be the same: it is shown as it is written.
    clause.expected = isSecret ? (part['value'] ?? null) : expected.redacted;
    clause.actual = isSecret ? secretMask : (value ?? null);
    holdsSecret = isSecret || expected.secret;
    const before = operator === 'changed' ? lookUpBefore(field, scope) : null;
    // What it is to differ from says more than the clause itself.
    if (before) clause.expected = before.isSecret ? secretMask : (before.value ?? null);
    clause.result = test(operator, value, expected.value, before);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // What is wrong with a secret would say what it is.
    clause.error = holdsSecret ? 'A secret value cannot be compared so.' : error.message;
  }
  return clause.result ?? false;
}

/** The value at a path: `event.payload.disk.used`, or short `payload.disk.used`. Own properties only. */
function lookUp(path: string, scope: Scope): { value: Json | undefined; isSecret: boolean } {
  const keys = path.match(/[^.[\]"']+/g) ?? [];
  const [root] = keys;
  if (root === undefined) return { value: undefined, isSecret: false };
  const isShort = !Object.hasOwn(scope.names, root) && Object.hasOwn(scope.names, 'event');
  let here: unknown = isShort ? scope.names['event'] : scope.names;
  let isSecret = false;
  for (const key of keys) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key))
      return { value: undefined, isSecret };
    here = (here as Record<string, unknown>)[key];
    if (typeof here === 'function') here = (here as () => unknown)();
    if (here instanceof Secret) {
      isSecret = true;
      here = Secret.open(here);
    }
  }
  return { value: here as Json | undefined, isSecret };
}

/** The same in the event before; null where there is none. */
function lookUpBefore(path: string, scope: Scope): ReturnType<typeof lookUp> | null {
  const { names } = scope;
  const event = names['event'];
  if (typeof event !== 'object' || event === null || !Object.hasOwn(event, 'previous')) return null;
  const { previous } = event as { previous?: Json };
  if (previous === undefined || previous === null || !isMap(previous)) return null;
  const trigger = { ref: previous['trigger'] ?? null, data: previous['payload'] ?? null };
  return lookUp(path, { ...scope, names: { ...names, event: previous, trigger } });
}

function tell(isMet: boolean, clauses: readonly Clause[]): string {
  if (isMet) return 'The criteria are met.';
  const first = clauses.find(({ result }) => result === false);
  if (first?.operator === 'changed')
    return `${first.path} changed is false: it is ${show(first.actual)}, as in the event before, if there was one.`;
  if (!first) return 'The criteria are not met: a none group has a clause that holds.';
  return `${first.path} ${first.operator.replaceAll('_', ' ')} ${show(first.expected)} is false: it is ${show(first.actual)}.`;
}

function isMap(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
