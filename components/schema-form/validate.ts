import type { Json } from '@/engine/expression/expression';
import { checkAgainst, type JsonSchema } from '@/engine/json-schema';

/**
 * What is wrong with a form's value, by path (`regions.0.name`; the empty string is the whole): the sentences that
 * the server would answer with. Empty when the value fits.
 */
export function validateAgainst(schema: JsonSchema, value: unknown): Record<string, string> {
  return Object.fromEntries(
    checkAgainst(schema, toJson(value)).map(({ path, message }) => [
      path,
      /^(must|is|needs|may)\b/.test(message) ? `This ${message}.` : message,
    ]),
  );
}

/** A form's cleared field is `undefined`, which JSON does not have: such a key counts as missing. */
function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null)) as Json;
}
