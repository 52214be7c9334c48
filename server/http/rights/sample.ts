import type { JsonSchema } from './lines';
import type { Names } from './world';

const toSnake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The least that the schema takes, with the names of things where their fields stand. */
export function sample(schema: JsonSchema, names: Names, field = ''): unknown {
  const known = names[toSnake(field)];
  if (known !== undefined) return known;
  if ('const' in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choice = (schema.anyOf ?? schema.oneOf)?.find(({ type }) => type !== 'null');
  if (choice) return sample(choice, names);
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, sample(schema.properties?.[name] ?? {}, names, name)]),
      );
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items ?? {}, names));
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, 1);
    case 'boolean':
      return false;
    case 'string':
      return 'x'.repeat(Math.max(schema.minLength ?? 1, 1));
    default:
      return 1;
  }
}
