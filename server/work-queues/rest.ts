import { z } from 'zod';
import { invalid } from '@/engine/errors';
import { AnyJson, Id, JsonObject, Label, PackRef, Ref, Text, Time } from '../fields';
import { IdText, Named } from '../http/rest/fields';
import { partOf } from '../http/rest/paging';
import { list, one, remove, type Route } from '../http/rest/route';
import { getPackRow } from '../packs/service';
import * as items from './items';
import {
  BatchMode,
  DispatchTuning,
  ItemPriority,
  ItemStatus,
  itemStatuses,
  QueueConfig,
  UpdateStrategy,
  type Queue as StoredQueue,
  type QueueItem as StoredItem,
  type QueueSummary as StoredSummary,
} from './schema';
import * as service from './service';

const Summary = z.object({
  id: Id,
  ref: z.string(),
  pack_ref: z.string().nullable(),
  label: z.string(),
  description: z.string(),
  dispatch_action_ref: z.string(),
  enabled: z.boolean(),
  accepting_new_items: z.boolean(),
  is_adhoc: z.boolean(),
  created: Time,
  updated: Time,
});
const Queue = Summary.extend({
  pack: Id.nullable(),
  dispatch_action: Id.nullable(),
  allow_pending_update: z.boolean(),
  update_strategy: UpdateStrategy,
  batch_mode: BatchMode,
  default_priority: z.number().int(),
  item_schema: JsonObject,
  action_params: JsonObject,
  config: JsonObject,
  resolved_dispatch_tuning: DispatchTuning.describe('The config with its defaults'),
});
const Item = z.object({
  id: Id,
  queue: Id,
  queue_ref: z.string(),
  item_key: z.string().nullable(),
  priority: z.number().int(),
  payload: AnyJson.describe('What the queue’s schema calls secret is masked'),
  metadata: JsonObject,
  status: ItemStatus,
  enqueue_source: z.string(),
  attempt_count: z.number().int(),
  available_at: Time.describe('A retry waits until then'),
  leased_execution: Id.nullable(),
  lease_token: z.string().nullable(),
  lease_expires_at: Time.nullable(),
  last_execution: Id.nullable(),
  ack_summary: AnyJson.nullable(),
  last_error: JsonObject.nullable(),
  requested_by_identity: Id.nullable(),
  requested_by_execution: Id.nullable(),
  requested_by_enforcement: Id.nullable(),
  created: Time,
  updated: Time,
});

const details = {
  enabled: z.boolean().nullish(),
  accepting_new_items: z.boolean().nullish(),
  allow_pending_update: z.boolean().nullish(),
  update_strategy: UpdateStrategy.nullish(),
  batch_mode: BatchMode.nullish(),
  default_priority: ItemPriority.nullish(),
  item_schema: JsonObject.nullish(),
  action_params: JsonObject.nullish(),
  config: QueueConfig.nullish(),
};
const CreateQueue = z.object({
  ref: Ref,
  label: Label,
  description: Text.nullish(),
  dispatch_action_ref: Ref,
  pack_ref: PackRef.nullish(),
  ...details,
});
/** A text that can be cleared. */
const patched = <Value extends z.ZodType>(value: Value) =>
  z.union([value, z.object({ op: z.literal('set'), value }), z.object({ op: z.literal('clear') })]).nullish();
const UpdateQueue = z.object({
  label: Label.nullish(),
  description: patched(Text),
  dispatch_action_ref: Ref.nullish(),
  pack_ref: patched(PackRef),
  ...details,
});
const ItemKey = z.string().min(1).max(500);
const Enqueue = z.object({
  item_key: ItemKey.nullish(),
  priority: ItemPriority.nullish(),
  payload: AnyJson,
  metadata: JsonObject.nullish(),
});
const ChangeItem = z.object({
  item_key: patched(ItemKey),
  priority: ItemPriority.nullish(),
  payload: AnyJson.nullish(),
  metadata: JsonObject.nullish(),
});

const NamedItem = Named.extend({ id: IdText });

/** Undefined where nothing is said; null where it is cleared. */
function fromPatch(
  given: string | { op: 'set'; value: string } | { op: 'clear' } | null | undefined,
): string | null | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given === 'string') return given;
  return given.op === 'set' ? given.value : null;
}

function toDetails(body: { [Key in keyof typeof details]?: z.output<(typeof details)[Key]> }) {
  const written = {
    enabled: body.enabled,
    acceptingNewItems: body.accepting_new_items,
    allowPendingUpdate: body.allow_pending_update,
    updateStrategy: body.update_strategy,
    batchMode: body.batch_mode,
    defaultPriority: body.default_priority,
    itemSchema: body.item_schema,
    actionParams: body.action_params,
    config: body.config,
  };
  return given(written);
}

/** Null is as good as left out. */
function given<Written extends object>(
  written: Written,
): { [Key in keyof Written]?: NonNullable<Written[Key]> } {
  return Object.fromEntries(
    Object.entries(written).filter(([, value]) => value !== undefined && value !== null),
  ) as { [Key in keyof Written]?: NonNullable<Written[Key]> };
}

function toSummary(queue: StoredSummary): z.infer<typeof Summary> {
  const { id, ref, label, description, enabled, created, updated } = queue;
  return {
    ...{ id, ref, label, description, enabled, created, updated },
    pack_ref: queue.packRef,
    dispatch_action_ref: queue.dispatchActionRef,
    accepting_new_items: queue.acceptingNewItems,
    is_adhoc: queue.isAdhoc,
  };
}

function toQueue(queue: StoredQueue): z.infer<typeof Queue> {
  return {
    ...toSummary(queue),
    pack: queue.packId,
    dispatch_action: queue.dispatchActionId,
    allow_pending_update: queue.allowPendingUpdate,
    update_strategy: queue.updateStrategy,
    batch_mode: queue.batchMode,
    default_priority: queue.defaultPriority,
    item_schema: queue.itemSchema,
    action_params: queue.actionParams,
    config: queue.config,
    resolved_dispatch_tuning: queue.tuning,
  };
}

function toItem(item: StoredItem): z.infer<typeof Item> {
  const { id, priority, payload, metadata, status, created, updated } = item;
  return {
    ...{ id, priority, payload, metadata, status, created, updated },
    queue: item.queueId,
    queue_ref: item.queueRef,
    item_key: item.itemKey,
    enqueue_source: item.enqueueSource,
    attempt_count: item.attemptCount,
    available_at: item.availableAt,
    leased_execution: item.leasedExecution,
    lease_token: item.leaseToken,
    lease_expires_at: item.leaseExpiresAt,
    last_execution: item.lastExecution,
    ack_summary: item.ackSummary,
    last_error: item.lastError,
    requested_by_identity: item.requestedByIdentity,
    requested_by_execution: item.requestedByExecution,
    requested_by_enforcement: item.requestedByEnforcement,
  };
}

function parseStatuses(text: string | undefined): ItemStatus[] | null {
  const words = (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length === 0) return null;
  return words.map((word) => {
    const status = itemStatuses.find((one) => one === word);
    if (status) return status;
    throw invalid(`statuses: ${word.slice(0, 50)} is no status of an item. Use ${itemStatuses.join(', ')}.`, [
      { path: 'statuses', message: 'is no status' },
    ]);
  });
}

const read = { resource: 'queues', action: 'read' } as const;
const fill = { resource: 'queues', action: 'execute' } as const;

const definitions: readonly Route[] = [
  list(
    { path: '/queues', summary: 'Work queues by ref', access: read, item: Summary },
    async ({ actor, paging }) => partOf((await service.listQueues(actor)).map(toSummary), paging),
  ),
  list(
    {
      path: '/packs/{ref}/queues',
      summary: 'The work queues of a pack',
      access: read,
      params: Named,
      item: Summary,
    },
    async ({ actor, params, paging }) => {
      await getPackRow(actor, params.ref);
      return partOf((await service.listQueues(actor, params.ref)).map(toSummary), paging);
    },
  ),
  one(
    'post',
    {
      path: '/queues',
      summary: 'A new work queue',
      access: { resource: 'queues', action: 'create' },
      body: CreateQueue,
      answer: Queue,
      status: 201,
    },
    async ({ actor, body }) =>
      toQueue(
        await service.createQueue(actor, {
          ...{ ref: body.ref, label: body.label, dispatchActionRef: body.dispatch_action_ref },
          ...{ description: body.description ?? '', packRef: body.pack_ref ?? null },
          ...toDetails(body),
        }),
      ),
  ),
  one(
    'get',
    { path: '/queues/{ref}', summary: 'A work queue', access: read, params: Named, answer: Queue },
    async ({ actor, params }) => toQueue(await service.getQueue(actor, params.ref)),
  ),
  one(
    'put',
    {
      path: '/queues/{ref}',
      summary: 'Changes what is given of a work queue',
      access: { resource: 'queues', action: 'update' },
      params: Named,
      body: UpdateQueue,
      answer: Queue,
    },
    async ({ actor, params, body }) => {
      const description = fromPatch(body.description);
      const packRef = fromPatch(body.pack_ref);
      return toQueue(
        await service.updateQueue(actor, {
          ref: params.ref,
          ...given({ label: body.label, dispatchActionRef: body.dispatch_action_ref }),
          ...(description === undefined ? {} : { description: description ?? '' }),
          ...(packRef === undefined ? {} : { packRef }),
          ...toDetails(body),
        }),
      );
    },
  ),
  remove(
    {
      path: '/queues/{ref}',
      summary: 'Removes a work queue with its items',
      access: { resource: 'queues', action: 'delete' },
      params: Named,
    },
    async ({ actor, params }) => {
      await service.removeQueue(actor, params.ref);
      return `The queue ${params.ref} is removed.`;
    },
  ),
];

const ofItems: readonly Route[] = [
  list(
    {
      path: '/queues/{ref}/items',
      summary: 'Items of a work queue, newest first',
      access: read,
      params: Named,
      query: z.object({
        statuses: z
          .string()
          .max(200)
          .optional()
          .describe(`With commas between: ${itemStatuses.join(', ')}`),
      }),
      item: Item,
    },
    async ({ actor, params, query, paging }) => {
      const part = await items.listItemPart(actor, params.ref, parseStatuses(query.statuses), paging);
      return { ...part, items: part.items.map(toItem) };
    },
  ),
  one(
    'post',
    {
      path: '/queues/{ref}/items',
      summary: 'Adds an item (201), or changes the one of the same key that waits (200)',
      access: fill,
      params: Named,
      body: Enqueue,
      answer: Item,
      status: 201,
    },
    async ({ actor, params, body, answerWith }) => {
      const { item, isMerged } = await items.enqueueItem(actor, {
        queueRef: params.ref,
        ...{
          itemKey: body.item_key,
          priority: body.priority,
          payload: body.payload,
          metadata: body.metadata,
        },
      });
      if (isMerged) answerWith(200);
      return toItem(item);
    },
  ),
  one(
    'get',
    {
      path: '/queues/{ref}/items/{id}',
      summary: 'An item of a work queue',
      access: read,
      params: NamedItem,
      answer: Item,
    },
    async ({ actor, params }) => toItem(await items.getItem(actor, params.ref, params.id)),
  ),
  one(
    'put',
    {
      path: '/queues/{ref}/items/{id}',
      summary: 'Changes what is given of an item that waits',
      access: fill,
      params: NamedItem,
      body: ChangeItem,
      answer: Item,
    },
    async ({ actor, params, body }) => {
      const itemKey = fromPatch(body.item_key);
      return toItem(
        await items.changeItem(actor, {
          ...{ queueRef: params.ref, id: params.id },
          ...given({ priority: body.priority, metadata: body.metadata }),
          ...(body.payload === undefined || body.payload === null ? {} : { payload: body.payload }),
          ...(itemKey === undefined ? {} : { itemKey }),
        }),
      );
    },
  ),
  remove(
    {
      path: '/queues/{ref}/items/{id}',
      summary: 'Cancels an item that waits',
      access: fill,
      params: NamedItem,
    },
    async ({ actor, params }) => {
      await items.cancelItem(actor, params.ref, params.id);
      return `The item ${params.id} is cancelled.`;
    },
  ),
];

/** Work queues and their items, below `/api/v1`. */
export const workQueueRoutes: readonly Route[] = [...definitions, ...ofItems];
