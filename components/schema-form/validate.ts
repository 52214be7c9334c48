import { Validator, type OutputUnit, type Schema } from '@cfworker/json-schema';
import type { Json } from '@/engine/expression/expression';

export type JsonSchema = { [key: string]: Json };

/** Keywords that only repeat what a keyword below them has already said. */
const echoes = new Set([
  'properties',
  'patternProperties',
  'items',
  'prefixItems',
  'additionalItems',
  'additionalProperties',
  'unevaluatedProperties',
  'allOf',
  'if',
  'then',
  'else',
  '$ref',
  'dependentSchemas',
]);

/**
 * What is wrong with `value`, by path (`regions.0.name`, the empty string is the whole): one sentence each,
 * written for the person who fills in the form. Empty when the value fits. A schema that cannot be used
 * gives one message at the whole.
 */
export function validateAgainst(schema: JsonSchema, value: unknown): Record<string, string> {
  let errors: OutputUnit[];
  try {
    errors = new Validator(schema as Schema, '2020-12', false).validate(withoutUndefined(value)).errors;
  } catch (error) {
    return { '': `The schema cannot be used: ${error instanceof Error ? error.message : String(error)}` };
  }
  const messages: Record<string, string> = {};
  for (const unit of errors) {
    if (unit.keyword === 'required') {
      const missing = /required property "(.*)"/.exec(unit.error)?.[1];
      if (missing !== undefined) messages[join(toPath(unit.instanceLocation), missing)] ??= 'This is required.';
      continue;
    }
    if (echoes.has(unit.keyword)) continue;
    messages[toPath(unit.instanceLocation)] ??= toSentence(unit, limitOf(schema, unit.keywordLocation));
  }
  return messages;
}

function toSentence(unit: OutputUnit, limit: unknown): string {
  switch (unit.keyword) {
    case 'type':
      return `This must be ${Array.isArray(limit) ? limit.map(article).join(' or ') : article(String(limit))}.`;
    case 'enum':
      return `This must be one of ${list(limit)}.`;
    case 'const':
      return `This must be ${JSON.stringify(limit)}.`;
    case 'minLength':
      return limit === 1 ? 'This must not be empty.' : `This needs at least ${String(limit)} characters.`;
    case 'maxLength':
      return `This may have at most ${String(limit)} characters.`;
    case 'minimum':
      return `This must be ${String(limit)} or more.`;
    case 'maximum':
      return `This must be ${String(limit)} or less.`;
    case 'exclusiveMinimum':
      return `This must be more than ${String(limit)}.`;
    case 'exclusiveMaximum':
      return `This must be less than ${String(limit)}.`;
    case 'multipleOf':
      return `This must be a multiple of ${String(limit)}.`;
    case 'minItems':
      return `This needs at least ${count(limit, 'entry', 'entries')}.`;
    case 'maxItems':
      return `This may have at most ${count(limit, 'entry', 'entries')}.`;
    case 'uniqueItems':
      return 'Each entry may be there only once.';
    case 'minProperties':
      return `This needs at least ${count(limit, 'key', 'keys')}.`;
    case 'maxProperties':
      return `This may have at most ${count(limit, 'key', 'keys')}.`;
    case 'pattern':
      return `This does not have the form ${String(limit)}.`;
    case 'format':
      return `This is not a valid ${formats[String(limit)] ?? String(limit)}.`;
    case 'anyOf':
    case 'oneOf':
      return 'This fits none of the allowed forms.';
    case 'false':
      return 'This is not one of the parameters; remove it.';
    default:
      return unit.error;
  }
}

const formats: Record<string, string> = {
  'date-time': 'date and time, such as 2026-03-01T09:30:00Z',
  date: 'date, such as 2026-03-01',
  time: 'time, such as 09:30:00Z',
  email: 'e-mail address',
  uri: 'address, such as https://example.com',
  uuid: 'UUID',
  ipv4: 'IPv4 address',
  ipv6: 'IPv6 address',
  hostname: 'host name',
  regex: 'regular expression',
};

const articles: Record<string, string> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'yes or no (true or false)',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

function article(type: string): string {
  return articles[type] ?? type;
}

function list(values: unknown): string {
  if (!Array.isArray(values)) return String(values);
  return values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(', ');
}

function count(limit: unknown, one: string, many: string): string {
  return `${String(limit)} ${limit === 1 ? one : many}`;
}

function toPath(pointer: string): string {
  return pointer
    .replace(/^#\/?/, '')
    .split('/')
    .map((part) => decodeURIComponent(part.replaceAll('~1', '/').replaceAll('~0', '~')))
    .join('.');
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** The keyword's own value, such as the 3 of `minLength: 3`; undefined below a `$ref`. */
function limitOf(schema: JsonSchema, pointer: string): unknown {
  let at: unknown = schema;
  for (const part of pointer.replace(/^#\/?/, '').split('/')) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string, unknown>)[decodeURIComponent(part.replaceAll('~1', '/').replaceAll('~0', '~'))];
  }
  return at;
}

/** A form's cleared field is `undefined`, which JSON does not have: such a key counts as missing. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, child]) =>
      child === undefined ? [] : [[key, withoutUndefined(child)]],
    ),
  );
}
