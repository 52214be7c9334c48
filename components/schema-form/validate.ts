import type { Json } from '@/engine/expression/expression';
import { checkAgainst, type JsonSchema } from '@/engine/json-schema';
import { masksIn } from './masks';

/**
 * What is wrong with a form's value, by path (`regions.0.name`; the empty string is the whole): the sentences that
 * the server would answer with. Empty when the value fits. A masked secret is not judged: nobody here knows it.
 */
export function validateAgainst(schema: JsonSchema, value: unknown): Record<string, string> {
  const given = toJson(value);
  const masked = masksIn(given);
  const isMasked = (path: string) => masked.some((mask) => path === mask || path.startsWith(`${mask}.`));
  return Object.fromEntries(
    checkAgainst(schema, given)
      .filter(({ path }) => !isMasked(path))
      .map(({ path, message }) => [
        path,
        /^(must|is|needs|may)\b/.test(message) ? `This ${message}.` : message,
      ]),
  );
}

/** A form's cleared field is `undefined`, which JSON does not have: such a key counts as missing. */
function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null)) as Json;
}
