import type { Expression } from '../expression/ast';
import { ExpressionError, type Json } from '../expression/expression';
import { parseExpression } from '../expression/template-parser';

type Tree = { [key: string]: Json };

/** What the tree of criteria has no words for. */
class Unsayable extends Error {}

const signs: Readonly<Record<string, string>> = {
  '==': 'equals',
  '!=': 'not_equals',
  '>': 'greater',
  '<': 'less',
  '>=': 'greater_or_equal',
  '<=': 'less_or_equal',
  in: 'in',
  'not in': 'not_in',
};
/** The same with its sides exchanged. */
const mirrored: Readonly<Record<string, string>> = {
  '==': '==',
  '!=': '!=',
  '>': '<',
  '<': '>',
  '>=': '<=',
  '<=': '>=',
};
const types: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
  mapping: 'object',
};

/**
 * A Jinja expression as a tree of criteria; null where it computes what criteria cannot say, or cannot be read. Comparisons of a
 * field with a fixed value, joined by and, or, not.
 */
export function fromExpression(source: string): Tree | null {
  try {
    const inner = /^\s*\{\{([\s\S]*)\}\}\s*$/.exec(source)?.[1] ?? source;
    const tree = read(parseExpression(inner));
    return 'field' in tree ? { all: [tree] } : tree;
  } catch (error) {
    if (error instanceof Unsayable || error instanceof ExpressionError) return null;
    throw error;
  }
}

function read(part: Expression): Tree {
  switch (part.kind) {
    case 'binary': {
      if (part.operator !== 'and' && part.operator !== 'or') throw new Unsayable();
      const group = part.operator === 'and' ? 'all' : 'any';
      // `a and b and c` is one group.
      const parts = [part.left, part.right].map(read);
      return { [group]: parts.flatMap((each) => (Array.isArray(each[group]) ? each[group] : [each])) };
    }
    case 'unary': {
      if (part.operator !== 'not') throw new Unsayable();
      const inner = read(part.operand);
      return { none: Array.isArray(inner['any']) ? inner['any'] : [inner] };
    }
    case 'compare':
      return readCompare(part);
    case 'test':
      return readTest(part);
    case 'method': {
      const operator = part.name === 'startswith' ? 'starts' : part.name === 'endswith' ? 'ends' : null;
      if (operator === null) throw new Unsayable();
      return { field: toField(part.object), operator, value: only(part.args) };
    }
    case 'filter':
      if (part.name !== 'regex_search') throw new Unsayable();
      return { field: toField(part.input), operator: 'matches', value: only(part.args) };
    default:
      throw new Unsayable();
  }
}

function readCompare({ first, rest }: Extract<Expression, { kind: 'compare' }>): Tree {
  const [one, ...more] = rest;
  if (!one || more.length > 0) throw new Unsayable();
  const { operator, right } = one;
  if (isField(first)) return { field: toField(first), operator: signOf(operator), value: toValue(right) };
  if (operator === 'in') return { field: toField(right), operator: 'contains', value: toValue(first) };
  const mirror = Object.hasOwn(mirrored, operator) ? mirrored[operator] : undefined;
  if (mirror === undefined) throw new Unsayable();
  return { field: toField(right), operator: signOf(mirror), value: toValue(first) };
}

function signOf(operator: string): string {
  const sign = Object.hasOwn(signs, operator) ? signs[operator] : undefined;
  if (sign === undefined) throw new Unsayable();
  return sign;
}

function readTest({ name, input, args, isNegated }: Extract<Expression, { kind: 'test' }>): Tree {
  if (args.positional.length > 0 || args.named.length > 0) throw new Unsayable();
  const field = toField(input);
  // What is null is as good as missing to an expression.
  if (name === 'none' || name === 'null' || name === 'undefined')
    return { field, operator: isNegated ? 'not_equals' : 'equals', value: null };
  if (name === 'defined') return { field, operator: isNegated ? 'equals' : 'not_equals', value: null };
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  if (type === undefined) throw new Unsayable();
  const clause = { field, operator: 'is_type', value: type };
  return isNegated ? { none: [clause] } : clause;
}

function isField(part: Expression): boolean {
  return part.kind === 'member' || part.kind === 'name';
}

/** A path of fixed keys, below `event` in short. */
function toField(part: Expression): string {
  const keys = keysOf(part);
  const [root, ...own] = keys;
  // Of the event before, only the operator changed can speak.
  if (root === 'event' && own[0] === 'previous') throw new Unsayable();
  const short = root === 'event' && own[0] !== undefined && /^(payload|headers)$/.test(own[0]) ? own : keys;
  return short
    .map((key, at) => (at > 0 && /^\d+$/.test(key) ? `[${key}]` : at > 0 ? `.${key}` : key))
    .join('');
}

function keysOf(part: Expression): string[] {
  if (part.kind === 'name') return [part.name];
  if (part.kind !== 'member' || part.key.kind !== 'literal') throw new Unsayable();
  const { value } = part.key;
  const key = typeof value === 'number' ? String(value) : value;
  // What separates the keys of a path can stand in none of them.
  if (typeof key !== 'string' || !/^[^.[\]"']+$/.test(key)) throw new Unsayable();
  return [...keysOf(part.object), key];
}

function only({ positional, named }: { positional: Expression[]; named: unknown[] }): Json {
  const [value, ...more] = positional;
  if (!value || more.length > 0 || named.length > 0) throw new Unsayable();
  return toValue(value);
}

function toValue(part: Expression): Json {
  switch (part.kind) {
    case 'literal':
      if (typeof part.value === 'object' && part.value !== null) throw new Unsayable();
      if (typeof part.value === 'bigint') throw new Unsayable();
      // Braces in a value would be a template.
      if (typeof part.value === 'string' && /\{[{%#]/.test(part.value)) throw new Unsayable();
      return part.value;
    case 'unary': {
      const value = toValue(part.operand);
      if (part.operator !== '-' || typeof value !== 'number') throw new Unsayable();
      return -value;
    }
    case 'list':
      return part.items.map(toValue);
    default:
      throw new Unsayable();
  }
}
