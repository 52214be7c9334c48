import { z } from 'zod';
import { Id, Label, PackRef, Text, Time } from '../fields';

export const CreatePack = z.strictObject({ ref: PackRef, label: Label, description: Text.default(''), version: z.string().min(1).max(50).default('0.1.0') });
export type CreatePack = z.infer<typeof CreatePack>;
export const PackSummary = z.object({
  id: Id, ref: z.string(), label: z.string(), description: z.string(), version: z.string(), isStandard: z.boolean(),
  actions: z.number(), workflows: z.number(), triggers: z.number(), rules: z.number(), created: Time, updated: Time,
});
export type PackSummary = z.infer<typeof PackSummary>;
