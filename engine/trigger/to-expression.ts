import type { Json } from '../expression/expression';
import { isOperator, type Operator } from './operators';

/** The names that a rule's expressions know; a field that begins with none of them is one of the event. */
const roots = new Set(['event', 'trigger', 'rule', 'config', 'keystore', 'datastore', 'system']);
const groups = ['all', 'any', 'none'] as const;
const deepest = 20;

const signs: Partial<Record<Operator, string>> = {
  equals: '==',
  not_equals: '!=',
  greater: '>',
  less: '<',
  greater_or_equal: '>=',
  less_or_equal: '<=',
  in: 'in',
  not_in: 'not in',
};
const types: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
  object: 'mapping',
  map: 'mapping',
};

/** What cannot be said as an expression. */
class Unsayable extends Error {}

/**
 * Criteria as a Jinja expression without braces that answers alike; null where they say what no expression can, or are
 * none. Inside of groups where one clause may fail beside others, fields that are missing are looked after.
 */
export function toExpression(conditions: Json): string | null {
  try {
    const part = Array.isArray(conditions) ? { all: conditions } : conditions;
    return unwrap(write(part, true, 0));
  } catch (error) {
    if (error instanceof Unsayable) return null;
    throw error;
  }
}

function write(part: Json, isPlain: boolean, depth: number): string {
  if (typeof part !== 'object' || part === null || Array.isArray(part) || depth > deepest)
    throw new Unsayable();
  const group = groups.find((name) => Object.hasOwn(part, name));
  if (group === undefined) return writeClause(part, isPlain);
  const parts = part[group];
  if (!Array.isArray(parts) || parts.length === 0) throw new Unsayable();
  const written = parts.map((each) => write(each, isPlain && group === 'all', depth + 1));
  const joined = written.join(group === 'all' ? ' and ' : ' or ');
  if (group === 'none') return `not (${unwrap(joined)})`;
  return written.length === 1 ? joined : `(${joined})`;
}

/** The outermost brackets say nothing. */
function unwrap(text: string): string {
  if (!text.startsWith('(')) return text;
  let open = 0;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (quote !== '') {
      if (sign === '\\') at += 1;
      else if (sign === quote) quote = '';
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '(') open += 1;
    else if (sign === ')') {
      open -= 1;
      if (open === 0) return at === text.length - 1 ? text.slice(1, -1) : text;
    }
  }
  return text;
}

function writeClause(
  { field, operator = 'equals', value = null }: { [key: string]: Json },
  isPlain: boolean,
) {
  if (typeof field !== 'string' || typeof operator !== 'string' || !isOperator(operator))
    throw new Unsayable();
  const keys = field.match(/[^.[\]"']+/g) ?? [];
  if (keys.length === 0) throw new Unsayable();
  const path = toPath(roots.has(keys[0] ?? '') ? keys : ['event', ...keys]);
  /** An order, or a look into what is not there, is an error to an expression, and false to a clause. */
  const guarded = (text: string, guard = `${path} is not none`) =>
    isPlain ? text : `(${guard} and ${text})`;
  const sign = signs[operator];
  switch (operator) {
    case 'equals':
    case 'not_equals':
    case 'in':
    case 'not_in':
      return `${path} ${sign ?? ''} ${writeValue(value)}`;
    case 'greater':
    case 'less':
    case 'greater_or_equal':
    case 'less_or_equal':
      return guarded(`${path} ${sign ?? ''} ${writeValue(value)}`);
    case 'between': {
      if (!Array.isArray(value) || value.length !== 2) throw new Unsayable();
      const [least = null, most = null] = value;
      const text = `${path} >= ${writeValue(least)} and ${path} <= ${writeValue(most)}`;
      return isPlain ? `(${text})` : guarded(text);
    }
    case 'contains':
      return guarded(`${writeValue(value)} in ${path}`);
    case 'starts':
      return guarded(`${path}.startswith(${writeText(value)})`, `${path} is string`);
    case 'ends':
      return guarded(`${path}.endswith(${writeText(value)})`, `${path} is string`);
    case 'matches':
      return guarded(`${path} | regex_search(${writeText(value)})`, `${path} is string`);
    case 'exists':
      return writeThere(keys, value !== false, isPlain);
    case 'not_exists':
      return writeThere(keys, value === false, isPlain);
    case 'is_type': {
      const name = typeof value === 'string' && Object.hasOwn(types, value) ? types[value] : undefined;
      if (name === undefined) throw new Unsayable();
      return `${path} is ${name}`;
    }
    case 'changed': {
      if (keys[0] !== 'event' && roots.has(keys[0] ?? '')) throw new Unsayable();
      const own = keys[0] === 'event' ? keys.slice(1) : keys;
      const text = `(event.previous is not none and ${path} != ${toPath(['event', 'previous', ...own])})`;
      return value === false ? `not ${text}` : text;
    }
  }
}

/** That a field is there, also as null: to `is defined` null is as good as missing. */
function writeThere(keys: readonly string[], isThere: boolean, isPlain: boolean): string {
  const key = keys.at(-1) ?? '';
  const parents = keys.slice(0, -1);
  if (/^\d+$/.test(key)) throw new Unsayable();
  const parent = toPath(roots.has(keys[0] ?? '') ? parents : ['event', ...parents]);
  if (parent === '') throw new Unsayable();
  const name = JSON.stringify(key);
  if (isThere) return isPlain ? `${name} in ${parent}` : `(${parent} is mapping and ${name} in ${parent})`;
  return `(${parent} is not mapping or ${name} not in ${parent})`;
}

function toPath([root = '', ...keys]: readonly string[]): string {
  const steps = keys.map((key) =>
    /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : /^\d+$/.test(key) ? `[${key}]` : `[${JSON.stringify(key)}]`,
  );
  return root + steps.join('');
}

/** A value as an expression writes it; one that is a template itself, as what stands in its braces. */
function writeValue(value: Json): string {
  if (typeof value === 'string' && /\{[{%#]/.test(value)) {
    const inner = /^\{\{([^{}%#]+)\}\}$/.exec(value.trim())?.[1];
    if (inner === undefined) throw new Unsayable();
    return `(${inner.trim()})`;
  }
  if (Array.isArray(value)) return `[${value.map(writeValue).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, entry]) => `${JSON.stringify(key)}: ${writeValue(entry)}`)
      .join(', ')}}`;
  return value === null ? 'none' : JSON.stringify(value);
}

function writeText(value: Json): string {
  return typeof value === 'string' ? writeValue(value) : JSON.stringify(String(value));
}
