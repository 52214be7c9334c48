import { Validator, type OutputUnit } from '@cfworker/json-schema';
import type { ErrorDetail } from './errors';
import type { Json } from './expression/expression';

export type JsonSchema = { [key: string]: Json };

const keywordSentences: Record<string, (unit: OutputUnit, schema: JsonSchema) => string> = {
  type: (_, schema) => `must be ${article(schema['type'])}`,
  enum: (_, schema) => `must be one of ${list(schema['enum'])}`,
  minimum: (_, schema) => `must be at least ${String(schema['minimum'])}`,
  maximum: (_, schema) => `must be at most ${String(schema['maximum'])}`,
  exclusiveMinimum: (_, schema) => `must be greater than ${String(schema['exclusiveMinimum'])}`,
  exclusiveMaximum: (_, schema) => `must be less than ${String(schema['exclusiveMaximum'])}`,
  multipleOf: (_, schema) => `must be a multiple of ${String(schema['multipleOf'])}`,
  minLength: (_, schema) => `must have at least ${String(schema['minLength'])} characters`,
  maxLength: (_, schema) => `must have at most ${String(schema['maxLength'])} characters`,
  minItems: (_, schema) => `must have at least ${String(schema['minItems'])} entries`,
  maxItems: (_, schema) => `must have at most ${String(schema['maxItems'])} entries`,
  pattern: (_, schema) => `must match ${String(schema['pattern'])}`,
  format: (_, schema) => `must be a valid ${String(schema['format'])}`,
  const: (_, schema) => `must be ${JSON.stringify(schema['const'])}`,
};

function article(type: Json | undefined): string {
  const one = (name: Json) =>
    name === 'null' ? 'null' : /^[aeio]/.test(String(name)) ? `an ${String(name)}` : `a ${String(name)}`;
  return Array.isArray(type) ? type.map(one).join(' or ') : one(type ?? 'value');
}

function list(values: Json | undefined): string {
  return Array.isArray(values)
    ? values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(', ')
    : '';
}

function at(root: JsonSchema, pointer: string): JsonSchema {
  let here: Json | undefined = root;
  for (const part of pointer.replace(/^#\/?/, '').split('/').filter(Boolean)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    here = Array.isArray(here)
      ? here[Number(key)]
      : here !== null && typeof here === 'object'
        ? here[key]
        : undefined;
  }
  return here !== null && typeof here === 'object' && !Array.isArray(here) ? here : {};
}

function toPath(pointer: string): string {
  return pointer
    .replace(/^#\/?/, '')
    .split('/')
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}

const wrappers = new Set([
  'properties',
  'items',
  'prefixItems',
  'additionalProperties',
  'allOf',
  'anyOf',
  'oneOf',
  '$ref',
  'not',
  'if',
  'then',
  'else',
  'false',
]);

/**
 * What is wrong with a value by its JSON Schema, without ever quoting the value: one entry per place, path first (`region`, `disks.0.size`; empty
 * for the value itself). Empty when it fits. The same on both sides; it generates no code. Never throws: a schema
 * that cannot be read is told as a problem of its own.
 */
export function checkAgainst(schema: JsonSchema, value: Json): ErrorDetail[] {
  let units: OutputUnit[];
  try {
    const result = new Validator(schema, '2020-12', false).validate(value);
    if (result.valid) return [];
    units = result.errors;
  } catch (error) {
    return [
      {
        path: '',
        message: `the schema cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      },
    ];
  }
  const found = new Map<string, string>();
  for (const unit of units) {
    const base = toPath(unit.instanceLocation);
    if (unit.keyword === 'required') {
      const name = /"([^"]+)"/.exec(unit.error)?.[1] ?? '';
      found.set(base ? `${base}.${name}` : name, 'is required');
    } else if (!wrappers.has(unit.keyword)) {
      const holder = at(schema, unit.keywordLocation.replace(/\/[^/]*$/, ''));
      const sentence = keywordSentences[unit.keyword]?.(unit, holder) ?? unit.error;
      if (!found.has(base)) found.set(base, sentence);
    }
  }
  if (found.size === 0)
    for (const unit of units.slice(-1)) found.set(toPath(unit.instanceLocation), unit.error);
  return [...found].map(([path, message]) => ({ path, message }));
}

/** The value with the schema's defaults filled in where a property is missing; nothing that is there changes. */
export function withDefaults(schema: JsonSchema, value: { [key: string]: Json }): { [key: string]: Json } {
  const properties = schema['properties'];
  if (properties === null || typeof properties !== 'object' || Array.isArray(properties)) return value;
  const filled = { ...value };
  for (const [name, property] of Object.entries(properties)) {
    if (property === null || typeof property !== 'object' || Array.isArray(property)) continue;
    if (!Object.hasOwn(filled, name) && property['default'] !== undefined) filled[name] = property['default'];
  }
  return filled;
}
