import { z } from 'zod';
import { Id, Text } from '../../fields';

/** Fields that the routes of several nouns share. */

/** An id in an address or a query. */
export const IdText = z
  .string()
  .regex(/^\d{1,16}$/, 'must be a number')
  .transform(Number)
  .pipe(Id);
/** A thing addressed by its id. */
export const Numbered = z.object({ id: IdText });
/** A thing addressed by its ref; what nothing can be called is not there. */
export const Named = z.object({ ref: z.string().min(1).max(400) });
/** What a list is narrowed to. */
export const FilterText = z.string().max(200).optional();
export const FilterBoolean = z
  .enum(['true', 'false', '1', '0'], 'must be true or false')
  .transform((text) => text === 'true' || text === '1')
  .optional();

/** A text that can be cleared; null leaves it as it is. */
export const PatchText = z
  .union([
    Text,
    z.discriminatedUnion('op', [
      z.object({ op: z.literal('set'), value: Text }),
      z.object({ op: z.literal('clear') }),
    ]),
  ])
  .nullish();

/** The new text, empty where it is to be cleared; undefined where it stays. */
export function patchedText(patch: z.infer<typeof PatchText>): string | undefined {
  if (patch === undefined || patch === null) return undefined;
  if (typeof patch === 'string') return patch;
  return patch.op === 'set' ? patch.value : '';
}
