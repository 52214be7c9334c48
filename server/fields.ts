import { z } from 'zod';
import type { Json } from '@/engine/expression/expression';

/** Field schemas that several nouns share, with the maxima that bound every input. */

export const Id = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
export const Ref = z
  .string()
  .max(200)
  .regex(
    /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/,
    'must be pack.name: letters, digits, _ and - with dots between',
  );
export const PackRef = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, _ and - only');
export const Label = z.string().trim().min(1, 'must not be empty').max(200);
export const Text = z.string().max(10_000);
export const Priority = z
  .number()
  .int()
  .min(-100)
  .max(100)
  .describe('Who goes first: -100 to 100, higher first; children inherit it (Default: 0)');
/** ISO 8601 in UTC with milliseconds. */
export const Time = z.string();

/** Any JSON value. Depth, size, NUL and lone surrogates are checked where the body is read. */
export const AnyJson: z.ZodType<Json> = z.custom<Json>((value) => value !== undefined);
export const JsonObject = z
  .custom<{ [key: string]: Json }>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object',
  )
  .meta({ type: 'object' });
export type JsonObject = z.infer<typeof JsonObject>;

/** A page of a list that shows the newest first: `cursor` is the smallest id of the page above. */
export const PageInput = z.object({
  cursor: Id.nullish(),
  limit: z.number().int().min(1).max(200).default(50).describe('Rows to give back (Default: 50)'),
});

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: Id.nullable() });
}
