import { isSecretSchema } from '@/engine/definition/secret-parameters';
import type { Json } from '@/engine/expression/expression';
import type { JsonSchema } from '@/engine/json-schema';

/** How a property is asked for. `mixed` takes text or another type, told apart by what is typed. */
export type FieldKind =
  | 'text'
  | 'longText'
  | 'secret'
  | 'date'
  | 'dateTime'
  | 'number'
  | 'boolean'
  | 'choice'
  | 'object'
  | 'mixed'
  | 'json';

export function isSchema(value: Json | undefined): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The named fields of an object's schema, required ones first, else in their own order. */
export function fieldsOf(schema: JsonSchema): { name: string; schema: JsonSchema; required: boolean }[] {
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const inherited = isSecretSchema(schema) ? { secret: true } : {};
  return Object.entries(properties)
    .map(([name, property]) => ({
      name,
      schema: isSchema(property) ? { ...property, ...inherited } : inherited,
      required: required.includes(name),
    }))
    .sort((a, b) => Number(b.required) - Number(a.required));
}

export function kindOfField(name: string, schema: JsonSchema): FieldKind {
  // Of a secret object with named fields each field is asked for as a secret.
  if (isSecretSchema(schema) && fieldsOf(schema).length === 0) return 'secret';
  if (Array.isArray(schema['enum'])) return 'choice';
  const types = [schema['type'] ?? []].flat().filter((type) => type !== 'null');
  if (types.length > 1) return types.includes('string') ? 'mixed' : 'json';
  switch (types[0]) {
    case 'string':
      return textKind(name, schema);
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'object':
      return fieldsOf(schema).length > 0 ? 'object' : 'json';
    case undefined:
      return fieldsOf(schema).length > 0
        ? 'object'
        : types.length === 0 && schema['items'] === undefined
          ? 'mixed'
          : 'json';
    default:
      return 'json';
  }
}

const longNames = /^(prompt|message|body|text|note|comment|description|script|content|markdown|reason)$/i;

function textKind(name: string, schema: JsonSchema): FieldKind {
  if (schema['format'] === 'date') return 'date';
  if (schema['format'] === 'date-time') return 'dateTime';
  const maximum = schema['maxLength'];
  const long =
    longNames.test(name) ||
    (typeof maximum === 'number' && maximum > 300) ||
    schema['format'] === 'multiline';
  return long ? 'longText' : 'text';
}

/** What a `mixed` field's text stands for: JSON where it reads as one of the other types, else the text itself. */
export function readMixed(text: string, schema: JsonSchema): Json | undefined {
  if (text === '') return undefined;
  const types = [schema['type'] ?? ['number', 'boolean', 'object', 'array', 'null']].flat();
  try {
    const value = JSON.parse(text) as Json;
    return types.includes(typeOf(value)) || (typeOf(value) === 'number' && types.includes('integer'))
      ? value
      : text;
  } catch {
    return text;
  }
}

export function writeMixed(value: Json | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function typeOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

/** Whether a fixed value holds an expression and is thus shown as one. */
export function isExpression(value: Json | undefined): value is string {
  return typeof value === 'string' && /\{\{|\{%/.test(value);
}

export function labelOf(name: string, schema: JsonSchema): string {
  if (typeof schema['title'] === 'string') return schema['title'];
  const words = name.replaceAll(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a person starts with: the schema's defaults, and nothing where it has none. */
export function startValue(schema: JsonSchema): { [key: string]: Json } {
  return Object.fromEntries(
    fieldsOf(schema).flatMap(({ name, schema: property }) =>
      property['default'] === undefined ? [] : [[name, property['default']]],
    ),
  );
}
