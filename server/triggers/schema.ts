import { z } from 'zod';
import { AnyJson, Id, JsonObject, Label, PackRef, Ref, Text, Time } from '../fields';

export const CreateTrigger = z.strictObject({
  packRef: PackRef,
  ref: Ref,
  label: Label,
  description: Text.default(''),
  webhook: z.boolean().default(true).describe('Give it a webhook address at once'),
  enabled: z.boolean().default(true),
  paramSchema: JsonObject.default({}).describe('What rules on it may say, by name'),
  outSchema: JsonObject.default({}).describe('What its events hold, by name'),
});
export type CreateTrigger = z.input<typeof CreateTrigger>;
export const UpdateTrigger = z.strictObject({
  ref: Ref,
  label: Label.optional(),
  description: Text.optional(),
  enabled: z.boolean().optional(),
  paramSchema: JsonObject.optional(),
  outSchema: JsonObject.optional(),
});
export type UpdateTrigger = z.infer<typeof UpdateTrigger>;
/** An event as if something had happened: for trying a rule out. */
export const EmitEvent = z.strictObject({ ref: Ref, payload: AnyJson });
export type EmitEvent = z.infer<typeof EmitEvent>;

export const TriggerSummary = z.object({
  id: Id,
  ref: z.string(),
  packRef: z.string(),
  label: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  isAdhoc: z.boolean(),
  webhookEnabled: z.boolean(),
  rules: z.number(),
  lastEvent: Time.nullable(),
  updated: Time,
});
export type TriggerSummary = z.infer<typeof TriggerSummary>;
export const Trigger = TriggerSummary.extend({
  /** The address to post to, where the webhook is on and the reader may see it. */
  webhookUrl: z.string().nullable(),
  paramSchema: JsonObject,
  outSchema: JsonObject,
  /** The sensor that brings its events. */
  sensorRef: z.string().nullable(),
  mayEdit: z.boolean(),
});
export type Trigger = z.infer<typeof Trigger>;
