import { z } from 'zod';
import {
  AnyJson,
  Id,
  JsonObject,
  Label,
  PackRef,
  PageInput,
  Priority,
  Ref,
  Text,
  Time,
  pageOf,
} from '../fields';

export const itemStatuses = [
  'queued',
  'leased',
  'retry',
  'completed',
  'failed',
  'skipped',
  'cancelled',
] as const;
export const ItemStatus = z.enum(itemStatuses);
export type ItemStatus = z.infer<typeof ItemStatus>;
/** What waits, and may be changed or cancelled. */
export const pendingStatuses: readonly ItemStatus[] = ['queued', 'retry'];

export const UpdateStrategy = z
  .enum(['immutable', 'replace', 'merge_patch'])
  .describe('What a second item of the same key does to the one that waits');
export const BatchMode = z.enum(['single', 'batch']).describe('One item for each execution, or several');

const Seconds = z.number().min(0).max(31_536_000);

/** How items go out: the keys of a queue's `config` that mean something here; all others are for its templates. */
export const DispatchTuning = z.object({
  concurrency: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(1)
    .describe('How many of its executions there are at a time (Default: 1)'),
  batch_size: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(10)
    .describe(
      'How many items an execution gets at most, where the mode is batch; 1 MB together (Default: 10)',
    ),
  cooldown_seconds: Seconds.default(0).describe(
    'So long nothing goes out after a dispatch has begun or ended (Default: 0)',
  ),
  max_attempts: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(3)
    .describe('How often an item is given out before it has failed (Default: 3)'),
  retry_delay_seconds: Seconds.default(5).describe('How long it waits before it is tried again (Default: 5)'),
  retry_backoff: z
    .enum(['fixed', 'exponential'])
    .default('exponential')
    .describe('Whether that wait doubles with each attempt (Default: exponential)'),
  max_retry_delay_seconds: Seconds.default(3_600).describe('The longest such wait (Default: 3600)'),
  lease_seconds: z
    .number()
    .int()
    .min(1)
    .max(31_536_000)
    .nullable()
    .default(null)
    .describe(
      'How long an execution may have its items; then it is stopped, and they are tried again (Default: until it ends)',
    ),
  max_pending: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(100_000)
    .describe('How many items may wait at most; one more is refused (Default: 100000)'),
  priority: Priority.default(0),
});
export type Tuning = z.infer<typeof DispatchTuning>;

/** Null is as good as left out. */
const withoutNulls = (config: JsonObject) =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));

/** The settings with their defaults. */
export function toTuning(config: JsonObject): Tuning {
  return DispatchTuning.parse(withoutNulls(config));
}

/** Kept as written: a default that changes later holds for it, too. */
export const QueueConfig = JsonObject.superRefine((config, context) => {
  for (const issue of DispatchTuning.safeParse(withoutNulls(config)).error?.issues ?? [])
    context.addIssue({ code: 'custom', path: [...issue.path], message: issue.message });
});

/** More than this and it is not the order of a queue any more. */
export const ItemPriority = z.number().int().min(-1_000_000).max(1_000_000);

const fields = {
  label: Label,
  description: Text,
  dispatchActionRef: Ref.describe('The action or workflow that its items are given to'),
  enabled: z.boolean().describe('Whether its items go out (Default: true)'),
  acceptingNewItems: z.boolean().describe('Whether items may be added (Default: true)'),
  allowPendingUpdate: z
    .boolean()
    .describe('Whether a second item of the same key changes the one that waits (Default: false)'),
  updateStrategy: UpdateStrategy,
  batchMode: BatchMode,
  defaultPriority: ItemPriority.describe('Of items that name none; higher goes first (Default: 0)'),
  itemSchema: JsonObject.describe('What a payload must be; more fields are allowed'),
  actionParams: JsonObject.describe('The parameters of its executions; without them the payload itself'),
  config: QueueConfig.describe('How items go out, and whatever its templates read as config'),
  packRef: PackRef.nullable(),
};

export const CreateQueue = z.strictObject({
  ref: Ref,
  label: fields.label,
  dispatchActionRef: fields.dispatchActionRef,
  description: fields.description.default(''),
  enabled: fields.enabled.default(true),
  acceptingNewItems: fields.acceptingNewItems.default(true),
  allowPendingUpdate: fields.allowPendingUpdate.default(false),
  updateStrategy: UpdateStrategy.default('immutable'),
  batchMode: BatchMode.default('single'),
  defaultPriority: fields.defaultPriority.default(0),
  itemSchema: fields.itemSchema.default({}),
  actionParams: fields.actionParams.default({}),
  config: fields.config.default({}),
  packRef: fields.packRef.default(null),
});
export type CreateQueue = z.input<typeof CreateQueue>;
export type NewQueue = z.output<typeof CreateQueue>;

/** What is left out stays as it is. */
export const UpdateQueue = z.strictObject({ ref: Ref, ...z.strictObject(fields).partial().shape });
export type UpdateQueue = z.infer<typeof UpdateQueue>;

export const QueueSummary = z.object({
  id: Id,
  ref: z.string(),
  packRef: z.string().nullable(),
  label: z.string(),
  description: z.string(),
  dispatchActionRef: z.string(),
  enabled: z.boolean(),
  acceptingNewItems: z.boolean(),
  isAdhoc: z.boolean(),
  /** Items that wait, and items that an execution has; counted up to 10,000. */
  pending: z.number(),
  leased: z.number(),
  created: Time,
  updated: Time,
});
export type QueueSummary = z.infer<typeof QueueSummary>;

export const Dispatch = z.object({
  id: Id,
  executionId: Id,
  itemCount: z.number(),
  /** The state of its execution, or how it ended; gone where it was removed. */
  state: z.string(),
  created: Time,
  endedAt: Time.nullable(),
});
export type Dispatch = z.infer<typeof Dispatch>;

export const Queue = QueueSummary.extend({
  allowPendingUpdate: z.boolean(),
  updateStrategy: UpdateStrategy,
  batchMode: BatchMode,
  defaultPriority: z.number(),
  itemSchema: JsonObject,
  actionParams: JsonObject,
  config: JsonObject,
  packId: Id.nullable(),
  dispatchActionId: Id.nullable(),
  tuning: DispatchTuning,
  /** How many items there are of each status, up to 10,000 of each. */
  counts: z.record(z.string(), z.number()),
  /** The newest first, at most 20. */
  dispatches: z.array(Dispatch),
  mayEdit: z.boolean(),
  mayDelete: z.boolean(),
  mayEnqueue: z.boolean(),
});
export type Queue = z.infer<typeof Queue>;

const ItemKey = z.string().min(1).max(500);
export const EnqueueItem = z.strictObject({
  queueRef: Ref,
  itemKey: ItemKey.nullish().describe('Of one key at most one item waits'),
  priority: ItemPriority.nullish().describe('Higher goes first (Default: the queue’s)'),
  payload: AnyJson,
  metadata: JsonObject.nullish(),
});
export type EnqueueItem = z.infer<typeof EnqueueItem>;

/** What is left out stays as it is. */
export const ChangeItem = z.strictObject({
  queueRef: Ref,
  id: Id,
  itemKey: ItemKey.nullable().optional(),
  priority: ItemPriority.optional(),
  payload: AnyJson.optional(),
  metadata: JsonObject.optional(),
});
export type ChangeItem = z.infer<typeof ChangeItem>;

export const ListItems = PageInput.extend({
  queueRef: Ref,
  statuses: z.array(ItemStatus).max(itemStatuses.length).nullish(),
});
export type ListItems = z.input<typeof ListItems>;

export const QueueItem = z.object({
  id: Id,
  queueId: Id,
  queueRef: z.string(),
  itemKey: z.string().nullable(),
  priority: z.number(),
  payload: AnyJson,
  metadata: JsonObject,
  status: ItemStatus,
  enqueueSource: z.string(),
  attemptCount: z.number(),
  availableAt: Time,
  leasedExecution: Id.nullable(),
  leaseToken: z.string().nullable(),
  leaseExpiresAt: Time.nullable(),
  lastExecution: Id.nullable(),
  ackSummary: AnyJson.nullable(),
  lastError: JsonObject.nullable(),
  requestedByIdentity: Id.nullable(),
  requestedByExecution: Id.nullable(),
  requestedByEnforcement: Id.nullable(),
  created: Time,
  updated: Time,
});
export type QueueItem = z.infer<typeof QueueItem>;
export const ItemPage = pageOf(QueueItem);
export type ItemPage = z.infer<typeof ItemPage>;
