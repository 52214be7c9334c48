import type { Json } from '@/engine/expression/expression';
import type { JsonSchema } from '@/engine/json-schema';
import { fieldsOf, kindOfField, labelOf, readMixed, writeMixed } from './field-kind';
import { withField, type FormValue } from './form-value';
import { holdsMask } from './masks';
import { validateAgainst } from './validate';

/** A field that takes a value, with the names that lead to it. */
export interface Place {
  path: readonly string[];
  label: string;
  schema: JsonSchema;
}

/** Every field of a form that can be filled, those inside of others after them. */
export function placesOf(schema: JsonSchema, path: readonly string[] = [], before = ''): Place[] {
  return fieldsOf(schema).flatMap(({ name, schema: own }) => {
    const label = before + labelOf(name, own);
    const at = [...path, name];
    const inner = kindOfField(name, own) === 'object' ? placesOf(own, at, `${label} › `) : [];
    return [{ path: at, label, schema: own }, ...inner];
  });
}

/** A value from elsewhere as a field holds it: text for a field of text, a number where a text reads as one. */
export function fitValue(value: Json, name: string, schema: JsonSchema): Json {
  const types = [schema['type'] ?? []].flat();
  if (types.length === 0 || types.includes(typeOf(value))) return value;
  if (Number.isInteger(value) && types.includes('integer')) return value;
  if (typeof value === 'string') return readMixed(value, schema) ?? value;
  const takesText = types.includes('string') || ['text', 'longText'].includes(kindOfField(name, schema));
  return takesText ? writeMixed(value) : value;
}

function typeOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

/** The form's value with one put into a field of it. */
export function putValue(value: FormValue, { path, schema }: Place, given: Json): FormValue {
  const [first = '', ...rest] = path;
  if (rest.length === 0) return withField(value, first, fitValue(given, first, schema));
  const inner = value[first];
  const whole = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  return { ...value, [first]: putValue(whole, { path: rest, schema, label: '' }, given) };
}

const plainName = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** The fields whose names are in an event's payload, with what stands there and fits; masks never do. */
export function matchNames(schema: JsonSchema, payload: Json): FormValue {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return {};
  const byName = new Map(Object.entries(payload).map(([name, value]) => [plainName(name), value]));
  const found: FormValue = {};
  for (const { name, schema: own } of fieldsOf(schema)) {
    const given = Object.hasOwn(payload, name) ? payload[name] : byName.get(plainName(name));
    if (given === undefined || given === null || holdsMask(given)) continue;
    const fitted = fitValue(given, name, own);
    // What had to be written out as JSON to be a text was hardly meant for it.
    if (typeof given === 'object' && typeof fitted === 'string') continue;
    const only = { type: 'object', properties: { [name]: own } };
    if (Object.keys(validateAgainst(only, { [name]: fitted })).length === 0) found[name] = fitted;
  }
  return found;
}
