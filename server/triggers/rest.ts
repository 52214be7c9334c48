import { z } from 'zod';
import { toFlatParameters, toJsonSchema } from '@/engine/definition/parameters';
import { Id, JsonObject, Label, PackRef, Ref, Text, Time } from '../fields';
import type { Trigger as TriggerRow } from '../generated/prisma/client';
import { FilterBoolean, FilterText, Named, patchedText, PatchText } from '../http/rest/fields';
import { partOf } from '../http/rest/paging';
import { list, one, remove, type Route } from '../http/rest/route';
import type { Actor } from '../identities/actor';
import { packRefOf } from '../packs/refs';
import {
  createTrigger,
  disableWebhook,
  enableWebhook,
  getTrigger,
  getVisibleTrigger,
  listVisibleTriggers,
  regenerateWebhook,
  removeTrigger,
  updateTrigger,
} from './service';
import { maySeeKey } from './store';

const Summary = z.object({
  id: Id,
  ref: z.string(),
  pack_ref: z.string(),
  label: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  is_adhoc: z.boolean(),
  webhook_enabled: z.boolean(),
  created: Time,
  updated: Time,
});
export const TriggerAnswer = Summary.extend({
  pack: Id,
  param_schema: JsonObject.describe('Flat: what rules on it may say, by name'),
  out_schema: JsonObject.describe('Flat: what its events hold, by name'),
  sensor_ref: z.string().nullable(),
  webhook_key: z
    .string()
    .nullable()
    .describe('Begins with wh_; null where the webhook is off, and for whoever may not change the trigger'),
});

const given = {
  enabled: z.boolean().nullish(),
  param_schema: JsonObject.nullish(),
  out_schema: JsonObject.nullish(),
};
const CreateTrigger = z.object({
  ref: Ref,
  label: Label,
  pack_ref: PackRef.nullish().describe('(Default: what stands before the first dot of ref)'),
  description: Text.nullish(),
  ...given,
});
const UpdateTrigger = z.object({ label: Label.nullish(), description: PatchText, ...given });

function toSummary(row: TriggerRow): z.infer<typeof Summary> {
  return {
    id: Number(row.id),
    ref: row.ref,
    pack_ref: row.packRef,
    label: row.label,
    description: row.description,
    enabled: row.enabled,
    is_adhoc: row.isAdhoc,
    webhook_enabled: row.webhookEnabled,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
  };
}

/** The trigger as it stands now. */
export async function getTold(actor: Actor, ref: string): Promise<z.infer<typeof TriggerAnswer>> {
  const row = await getVisibleTrigger(actor, ref);
  return {
    ...toSummary(row),
    pack: Number(row.packId),
    param_schema: toFlat(row.paramSchema),
    out_schema: toFlat(row.outSchema),
    sensor_ref: (await getTrigger(actor, ref)).sensorRef,
    webhook_key: row.webhookEnabled && maySeeKey(row, actor) ? row.webhookKey : null,
  };
}

/** However they were written. */
const toFlat = (schema: unknown) => toFlatParameters(toJsonSchema(schema as JsonObject));

const switches = {
  enable: { work: enableWebhook, summary: 'Gives the trigger a webhook, with a key unless it has one' },
  disable: { work: disableWebhook, summary: 'Takes the webhook away; its key is gone for good' },
  regenerate: { work: regenerateWebhook, summary: 'A new key for the webhook; the old one ends at once' },
} as const;

/** Triggers, below `/api/v1`. */
export const triggerRoutes: readonly Route[] = [
  list(
    {
      path: '/triggers',
      summary: 'Triggers by ref',
      access: { resource: 'triggers', action: 'read' },
      query: z.object({
        pack_ref: FilterText,
        enabled: FilterBoolean,
        webhook_enabled: FilterBoolean,
        search: FilterText.describe('A part of the ref or the label'),
      }),
      item: Summary,
    },
    async ({ actor, query, paging }) => {
      const search = query.search?.toLowerCase() ?? '';
      const rows = (await listVisibleTriggers(actor)).filter(
        (row) =>
          (query.pack_ref ?? row.packRef) === row.packRef &&
          (query.enabled ?? row.enabled) === row.enabled &&
          (query.webhook_enabled ?? row.webhookEnabled) === row.webhookEnabled &&
          `${row.ref}\n${row.label}`.toLowerCase().includes(search),
      );
      return partOf(rows.map(toSummary), paging);
    },
  ),
  one(
    'post',
    {
      path: '/triggers',
      summary: 'A new trigger',
      access: { resource: 'triggers', action: 'create' },
      body: CreateTrigger,
      answer: TriggerAnswer,
      status: 201,
    },
    async ({ actor, body }) => {
      await createTrigger(actor, {
        packRef: body.pack_ref ?? packRefOf(body.ref),
        ref: body.ref,
        label: body.label,
        description: body.description ?? '',
        enabled: body.enabled ?? true,
        paramSchema: body.param_schema ?? {},
        outSchema: body.out_schema ?? {},
        webhook: false,
      });
      return getTold(actor, body.ref);
    },
  ),
  one(
    'get',
    {
      path: '/triggers/{ref}',
      summary: 'A trigger',
      access: { resource: 'triggers', action: 'read' },
      params: Named,
      answer: TriggerAnswer,
    },
    ({ actor, params }) => getTold(actor, params.ref),
  ),
  one(
    'put',
    {
      path: '/triggers/{ref}',
      summary: 'Changes what is given of a trigger',
      access: { resource: 'triggers', action: 'update' },
      params: Named,
      body: UpdateTrigger,
      answer: TriggerAnswer,
    },
    async ({ actor, params, body }) => {
      const description = patchedText(body.description);
      await updateTrigger(actor, {
        ref: params.ref,
        ...(body.label && { label: body.label }),
        ...(description !== undefined && { description }),
        ...(typeof body.enabled === 'boolean' && { enabled: body.enabled }),
        ...(body.param_schema && { paramSchema: body.param_schema }),
        ...(body.out_schema && { outSchema: body.out_schema }),
      });
      return getTold(actor, params.ref);
    },
  ),
  remove(
    {
      path: '/triggers/{ref}',
      summary: 'Removes a trigger that no rule names; its events stay',
      access: { resource: 'triggers', action: 'delete' },
      params: Named,
    },
    async ({ actor, params }) => {
      await removeTrigger(actor, params.ref);
      return `The trigger ${params.ref} is removed.`;
    },
  ),
  ...Object.entries(switches).map(([verb, { work, summary }]) =>
    one(
      'post',
      {
        path: `/triggers/{ref}/webhooks/${verb}`,
        summary,
        access: { resource: 'triggers', action: 'update' },
        params: Named,
        answer: TriggerAnswer,
      },
      async ({ actor, params }) => {
        await work(actor, params.ref);
        return getTold(actor, params.ref);
      },
    ),
  ),
];
