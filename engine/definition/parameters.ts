import { invalid, type ErrorDetail } from '../errors';
import { setOwn } from '../expression/value';
import type { JsonSchema } from '../json-schema';

type Value = JsonSchema[string];

const types = new Set(['string', 'number', 'integer', 'boolean', 'array', 'object', 'null']);

function isObject(value: Value | undefined): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether it is written as JSON Schema; else it is flat: parameter names, each with its own schema. */
function isSchema(written: JsonSchema): boolean {
  const { type, properties } = written;
  if (typeof type === 'string' || Array.isArray(type) || typeof written['$schema'] === 'string') return true;
  return isObject(properties) && typeof properties['type'] !== 'string';
}

/**
 * The JSON Schema of an object, from either form that parameters are written in: JSON Schema as it is, or flat
 * `{name: {type, required?, secret?, default?, enum?, …}}`, where `required: true` stands at the parameter and
 * `any` is a type. Whatever else a parameter says is kept. Applying it to its own result changes nothing.
 * @throws DomainError invalid, one detail per place (`parameters.region`)
 */
export function toJsonSchema(written: JsonSchema): JsonSchema {
  const details: ErrorDetail[] = [];
  const schema = isSchema(written)
    ? withPlainParts(written, [], details)
    : withPlainParts({ type: 'object', properties: written }, [], details, []);
  if (schema['type'] !== undefined && schema['type'] !== 'object') {
    details.push({ path: 'type', message: 'must be object: parameters are always named' });
  }
  if (details.length > 0) {
    const [first] = details;
    throw invalid(
      `The parameters cannot be read: ${first?.path ?? ''} ${first?.message ?? ''}`,
      details,
      'invalid_parameters',
    );
  }
  return { ...schema, type: 'object', properties: schema['properties'] ?? {} };
}

/**
 * The flat form of a schema that `toJsonSchema` gave: a map from names to schemas, with `required: true` at those that are.
 * What a JSON Schema says of the object as a whole has no place in it.
 */
export function toFlatParameters(schema: JsonSchema): JsonSchema {
  const { properties, required } = schema;
  const names = new Set<Value>(Array.isArray(required) ? required : []);
  const flat: JsonSchema = {};
  for (const [name, property] of Object.entries(isObject(properties) ? properties : {}))
    setOwn(flat, name, isObject(property) && names.has(name) ? { ...property, required: true } : property);
  return flat;
}

/** Rewrites one schema and those inside it: `required: true` moves from a property up into its object's list. */
function withPlainParts(
  schema: JsonSchema,
  path: readonly string[],
  details: ErrorDetail[],
  propertiesPath: readonly string[] = [...path, 'properties'],
): JsonSchema {
  const plain: JsonSchema = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'required' && typeof value === 'boolean') continue;
    if (key === 'type') {
      if (value === 'any') continue;
      checkType(value, [...path, 'type'], details);
    }
    setOwn(plain, key, value);
  }
  const { properties, items } = schema;
  if (isObject(items)) plain['items'] = withPlainParts(items, [...path, 'items'], details);
  if (properties === undefined) return plain;
  if (!isObject(properties)) {
    details.push({ path: propertiesPath.join('.'), message: 'must be a map from names to schemas' });
    return plain;
  }
  const required = new Set(
    Array.isArray(schema['required']) ? schema['required'].filter((name) => typeof name === 'string') : [],
  );
  const parts: JsonSchema = {};
  for (const [name, property] of Object.entries(properties)) {
    const place = [...propertiesPath, name];
    if (!isObject(property)) {
      details.push({ path: place.join('.'), message: 'must be a schema, for example {"type": "string"}' });
      continue;
    }
    if (property['required'] === true) required.add(name);
    setOwn(parts, name, withPlainParts(property, place, details));
  }
  plain['properties'] = parts;
  if (required.size > 0) plain['required'] = [...required];
  return plain;
}

function checkType(type: Value, path: readonly string[], details: ErrorDetail[]): void {
  for (const name of Array.isArray(type) ? type : [type]) {
    if (typeof name === 'string' && types.has(name)) continue;
    details.push({
      path: path.join('.'),
      message: `${JSON.stringify(name)} is no type; use ${[...types].join(', ')} or any`,
    });
  }
}
