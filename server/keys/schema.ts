import { z } from 'zod';
import { AnyJson, Id, Label, Time } from '../fields';

export const ownerTypes = ['system', 'identity', 'pack', 'action', 'sensor'] as const;
export const OwnerType = z.enum(ownerTypes);
export type OwnerType = z.infer<typeof OwnerType>;

/** A free name, dots optional: what expressions and actions call the key. */
export const KeyRef = z
  .string()
  .min(1, 'must not be empty')
  .max(200)
  .regex(/^[^\s\p{C}"'\\]+$/u, 'no spaces, quotes or backslashes');
const Owner = z.string().max(200);
const TtlSeconds = z.number().int().min(1).max(315_360_000);

export const CreateKey = z.strictObject({
  ref: KeyRef.describe('What expressions and actions call it: keystore.<name>'),
  name: Label.describe('What people read'),
  value: AnyJson,
  ownerType: OwnerType.describe('Whose it is; it decides which runs and people see it'),
  owner: Owner.default('').describe(
    'The ref of the pack, action or sensor; empty for the system and yourself',
  ),
  encrypted: z.boolean().default(true).describe('Sealed at rest and redacted everywhere (Default: true)'),
  ttlSeconds: TtlSeconds.nullish().describe('After so many seconds it is gone (Default: never)'),
});
export type CreateKey = z.input<typeof CreateKey>;

/** Which key: by its name, and by its owner where several have one of that name. */
export const KeyName = z.strictObject({
  ref: KeyRef,
  ownerType: OwnerType.optional(),
  owner: Owner.optional(),
});
export type KeyName = z.infer<typeof KeyName>;

/** What is left out stays as it is. */
export const UpdateKey = KeyName.extend({
  name: Label.optional(),
  value: AnyJson.optional(),
  encrypted: z.boolean().optional(),
  /** From now; null for never. */
  ttlSeconds: TtlSeconds.nullable().optional(),
});
export type UpdateKey = z.infer<typeof UpdateKey>;

/** Where a page of the list, which is in the order of the names, goes on. */
const KeyCursor = z.strictObject({ ref: z.string().max(200), id: Id });
export type KeyCursor = z.infer<typeof KeyCursor>;

/** Not strict: a list that is loaded page by page says in which direction, too. */
export const ListKeys = z.object({
  search: z.string().trim().max(200).default(''),
  ownerType: OwnerType.nullish(),
  owner: Owner.nullish(),
  cursor: KeyCursor.nullish(),
  limit: z.number().int().min(1).max(200).default(50).describe('Rows to give back (Default: 50)'),
});
export type ListKeys = z.input<typeof ListKeys>;

export const KeySummary = z.object({
  id: Id,
  ref: z.string(),
  name: z.string(),
  ownerType: OwnerType,
  owner: z.string(),
  encrypted: z.boolean(),
  expiresAt: Time.nullable(),
  created: Time,
  updated: Time,
  updatedBy: z.string().nullable(),
  mayReveal: z.boolean(),
  mayUpdate: z.boolean(),
  mayDelete: z.boolean(),
});
export type KeySummary = z.infer<typeof KeySummary>;
/** Null where there is more to load. */
export const KeyPage = z.object({ items: z.array(KeySummary), next: KeyCursor.nullable() });
export type KeyPage = z.infer<typeof KeyPage>;

/** With its value, unless it is encrypted: that one is asked for by `reveal`. */
export const Key = KeySummary.extend({ value: AnyJson.optional() });
export type Key = z.infer<typeof Key>;
export const RevealedKey = z.object({ value: AnyJson });
export type RevealedKey = z.infer<typeof RevealedKey>;
