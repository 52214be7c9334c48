import { secretMask, type Json } from '../expression/expression';
import { setOwn } from '../expression/value';
import type { JsonSchema } from '../json-schema';

export { secretMask } from '../expression/expression';

/** Parameters as people may see them, and what was taken out: values by JSON pointer (`/auth/token`). */
export interface Hidden {
  shown: JsonSchema;
  secrets: ReadonlyMap<string, Json>;
}

/** Schemas that apply to the same value as the one that names them. */
const beside = ['allOf', 'anyOf', 'oneOf', 'if', 'then', 'else', 'dependentSchemas'];
/** Schemas of what is inside the value. */
const inside = [
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'items',
  'prefixItems',
  'additionalItems',
  'unevaluatedItems',
  'contains',
];

function isObject(value: Json | undefined): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether values of this schema are secret: `secret: true`, or the format of a password. */
export function isSecretSchema(schema: JsonSchema): boolean {
  return schema['secret'] === true || schema['format'] === 'password';
}

/** The schemas under a keyword, whether it holds one, a list or a map of them. */
function under(schema: JsonSchema, keyword: string): JsonSchema[] {
  const value = schema[keyword];
  if (Array.isArray(value)) return value.filter(isObject);
  if (!isObject(value)) return [];
  const isMap = keyword === 'properties' || keyword === 'patternProperties' || keyword === 'dependentSchemas';
  return isMap ? Object.values(value).filter(isObject) : [value];
}

/**
 * The top-level names whose schema holds a secret anywhere, in the schema's order; of names that it does not
 * declare, those that are given.
 */
export function secretNames(schema: JsonSchema, given: JsonSchema = {}): string[] {
  const reader = new SchemaReader(schema);
  if (!reader.mayBeSecret) return [];
  const whole = reader.expand([schema]);
  const names = new Set<string>();
  for (const each of whole) {
    const properties = each['properties'];
    if (isObject(properties)) for (const name of Object.keys(properties)) names.add(name);
  }
  for (const name of Object.keys(given)) names.add(name);
  if ([...whole].some(isSecretSchema)) return [...names];
  return [...names].filter((name) => reader.reachesSecret(reader.member(whole, name)));
}

/**
 * Parameters with a mask in place of each secret: what the schema marks (`secret: true`, flat or at any depth, in
 * JSON Schema form), and what differs from `redacted`, where the engine says that a secret went into it. A null
 * hides nothing and stays. Where a reference can't be followed, and the schema has secrets, all below is hidden.
 */
export function hideSecrets(schema: JsonSchema, parameters: JsonSchema, redacted?: Json): Hidden {
  const reader = new SchemaReader(schema);
  if (!reader.mayBeSecret && redacted === undefined) return { shown: parameters, secrets: new Map() };
  const secrets = new Map<string, Json>();
  const hide = (value: Json, schemas: ReadonlySet<JsonSchema>, seen: Json | undefined, at: string): Json => {
    if (value === null) return null;
    if (at !== '' && (isTainted(value, seen) || [...schemas].some(isSecretSchema))) {
      secrets.set(at, value);
      return secretMask;
    }
    if (Array.isArray(value)) {
      return value.map((entry, index) =>
        hide(
          entry,
          reader.entry(schemas, index),
          Array.isArray(seen) ? seen[index] : undefined,
          `${at}/${index}`,
        ),
      );
    }
    if (!isObject(value)) return value;
    const isTop = at === '';
    const whole = isTop && [...schemas].some(isSecretSchema);
    const shown: JsonSchema = {};
    for (const [name, member] of Object.entries(value)) {
      const own = reader.member(schemas, name);
      const isSeen = isObject(seen) && Object.hasOwn(seen, name);
      // At the top the engine has not seen what defaults filled in since; what else it does not show is hidden.
      const isUnseen = isTop && seen !== undefined && !isSeen && !isDefault(own, member);
      const schemasOf = whole || isUnseen ? new Set([{ secret: true }]) : own;
      const seenOf = isSeen ? seen[name] : undefined;
      setOwn(shown, name, hide(member, schemasOf, seenOf, `${at}/${escape(name)}`));
    }
    return shown;
  };
  return { shown: hide(parameters, reader.expand([schema]), redacted, '') as JsonSchema, secrets };
}

function isDefault(schemas: Iterable<JsonSchema>, value: Json): boolean {
  const text = JSON.stringify(value);
  return [...schemas].some(
    (schema) => Object.hasOwn(schema, 'default') && JSON.stringify(schema['default']) === text,
  );
}

/** Whether the engine shows something else here, so that a secret is in it. What it shows of the inside is compared there. */
function isTainted(value: Json, seen: Json | undefined): boolean {
  if (seen === undefined) return false;
  if (Array.isArray(value)) return !Array.isArray(seen) || seen.length !== value.length;
  if (isObject(value))
    return !isObject(seen) || Object.keys(value).some((name) => !Object.hasOwn(seen, name));
  return value !== seen;
}

/** The parameters with the secrets back in place: only where the mask stands, so that what was edited away stays away. */
export function showSecrets(shown: JsonSchema, secrets: ReadonlyMap<string, Json>): JsonSchema {
  const put = (value: Json, at: string): Json => {
    if (value === secretMask) return secrets.get(at) ?? value;
    if (Array.isArray(value)) return value.map((entry, index) => put(entry, `${at}/${index}`));
    if (!isObject(value)) return value;
    const whole: JsonSchema = {};
    for (const [name, member] of Object.entries(value))
      setOwn(whole, name, put(member, `${at}/${escape(name)}`));
    return whole;
  };
  return put(shown, '') as JsonSchema;
}

function escape(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** A pointer as problems of a schema write their place: `auth.token`. */
export function toDottedPath(pointer: string): string {
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}

/** Finds which schemas apply where, for one root schema. Conditions are not decided: what may apply does. */
class SchemaReader {
  /** Whether a secret is marked anywhere: most schemas have none, and cost one look. */
  readonly mayBeSecret: boolean;

  constructor(private readonly root: JsonSchema) {
    this.mayBeSecret = marksAnywhere(root);
  }

  /** These schemas with all that apply beside them. */
  expand(schemas: Iterable<JsonSchema>): ReadonlySet<JsonSchema> {
    const found = new Set<JsonSchema>();
    const add = (schema: JsonSchema) => {
      if (found.has(schema)) return;
      found.add(schema);
      for (const keyword of ['$ref', '$dynamicRef', '$recursiveRef']) {
        const reference = schema[keyword];
        if (typeof reference === 'string') add(this.follow(reference));
      }
      for (const keyword of beside) for (const other of under(schema, keyword)) add(other);
    };
    for (const schema of schemas) add(schema);
    return found;
  }

  /** The schemas of a named member. */
  member(schemas: ReadonlySet<JsonSchema>, name: string): ReadonlySet<JsonSchema> {
    const found: JsonSchema[] = [];
    for (const schema of schemas) {
      const { properties, patternProperties } = schema;
      const known = found.length;
      if (isObject(properties) && Object.hasOwn(properties, name) && isObject(properties[name]))
        found.push(properties[name]);
      if (isObject(patternProperties)) {
        for (const [pattern, each] of Object.entries(patternProperties))
          if (isObject(each) && matches(pattern, name)) found.push(each);
      }
      const isDeclared = isObject(properties) && Object.hasOwn(properties, name);
      if (found.length === known && !isDeclared) {
        found.push(...under(schema, 'additionalProperties'), ...under(schema, 'unevaluatedProperties'));
      }
    }
    return this.expand(found);
  }

  /** The schemas of a list's entry. */
  entry(schemas: ReadonlySet<JsonSchema>, index: number): ReadonlySet<JsonSchema> {
    const found: JsonSchema[] = [];
    for (const schema of schemas) {
      const { items, prefixItems } = schema;
      const first = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
      if (index < first.length) {
        const own = first[index];
        if (isObject(own)) found.push(own);
      } else {
        if (isObject(items)) found.push(items);
        found.push(...under(schema, 'additionalItems'), ...under(schema, 'unevaluatedItems'));
      }
      found.push(...under(schema, 'contains'));
    }
    return this.expand(found);
  }

  reachesSecret(schemas: Iterable<JsonSchema>, seen = new Set<JsonSchema>()): boolean {
    for (const schema of this.expand(schemas)) {
      if (seen.has(schema)) continue;
      seen.add(schema);
      if (isSecretSchema(schema)) return true;
      if (inside.some((keyword) => this.reachesSecret(under(schema, keyword), seen))) return true;
    }
    return false;
  }

  private follow(reference: string): JsonSchema {
    let here: Json | undefined = reference.startsWith('#') ? this.root : undefined;
    for (const part of reference.replace(/^#\/?/, '').split('/').filter(Boolean)) {
      const name = decode(part);
      here = Array.isArray(here)
        ? here[Number(name)]
        : isObject(here) && Object.hasOwn(here, name)
          ? here[name]
          : undefined;
    }
    if (isObject(here)) return here;
    return this.mayBeSecret ? { secret: true } : {};
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return part;
  }
}

/** As the validator matches; a pattern that cannot be read matches everything. */
function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(name);
  } catch {
    return true;
  }
}

function marksAnywhere(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some(marksAnywhere);
  return isObject(value) && (isSecretSchema(value) || Object.values(value).some(marksAnywhere));
}
