import type { FormValue } from '@/components/schema-form/form-value';
import { parseJsonText } from '@/components/schema-form/json-text';
import { strings } from '@/components/strings';
import type { RouterInputs, RouterOutputs } from '@/components/trpc';
import type { JsonSchema } from '@/engine/json-schema';

const text = strings.workQueues;
export type Queue = RouterOutputs['queues']['get'];

/** A queue while it is being edited: what the form holds. */
export interface QueueDraft {
  ref: string;
  label: string;
  description: string;
  dispatchActionRef: string;
  enabled: boolean;
  acceptingNewItems: boolean;
  sameKey: Queue['updateStrategy'];
  batchMode: Queue['batchMode'];
  /** As typed. */
  defaultPriority: string;
  /** JSON text, also while it is none yet. */
  itemSchema: string;
  actionParams: FormValue;
  /** With what is for templates only. */
  config: FormValue;
}

export function newQueueDraft(): QueueDraft {
  return {
    ...{ ref: '', label: '', description: '', dispatchActionRef: '', enabled: true, acceptingNewItems: true },
    ...{ sameKey: 'immutable', batchMode: 'single', defaultPriority: '0', itemSchema: '' },
    ...{ actionParams: {}, config: {} },
  };
}

export function toQueueDraft(queue: Queue): QueueDraft {
  const { ref, label, description, dispatchActionRef, enabled, acceptingNewItems, batchMode } = queue;
  return {
    ...{ ref, label, description, dispatchActionRef, enabled, acceptingNewItems, batchMode },
    sameKey: queue.allowPendingUpdate ? queue.updateStrategy : 'immutable',
    defaultPriority: String(queue.defaultPriority),
    itemSchema: Object.keys(queue.itemSchema).length > 0 ? JSON.stringify(queue.itemSchema, null, 2) : '',
    actionParams: queue.actionParams,
    config: queue.config,
  };
}

/** An object written as JSON; nothing is an empty one. */
export function readObject(written: string): { value: FormValue } | { error: string } {
  if (written.trim() === '') return { value: {} };
  const read = parseJsonText(written);
  if ('error' in read) return read;
  const { value } = read;
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { value }
    : { error: text.notObject };
}

/** What is sent, or what is wrong by field. */
export function toQueueInput(
  draft: QueueDraft,
): { value: RouterInputs['queues']['create'] } | { errors: Record<string, string> } {
  const { sameKey, defaultPriority, itemSchema, ...rest } = draft;
  const schema = readObject(itemSchema);
  const priority = Number(defaultPriority);
  const errors = {
    ...(draft.ref.trim() === '' ? { ref: strings.common.required } : {}),
    ...(draft.label.trim() === '' ? { label: strings.common.required } : {}),
    ...(draft.dispatchActionRef === '' ? { dispatchActionRef: strings.common.required } : {}),
    ...(Number.isInteger(priority) ? {} : { defaultPriority: text.whole }),
    ...('error' in schema ? { itemSchema: schema.error } : {}),
  };
  if ('error' in schema || Object.keys(errors).length > 0) return { errors };
  return {
    value: {
      ...rest,
      defaultPriority: priority,
      itemSchema: schema.value,
      updateStrategy: sameKey,
      allowPendingUpdate: sameKey !== 'immutable',
    },
  };
}

const number = (title: string, more: JsonSchema) => ({ type: 'number', title, ...more });

/** The settings of `config` as a form shows them; the server's schema checks them. */
export const tuningSchema: JsonSchema = {
  type: 'object',
  properties: {
    concurrency: number(text.tuning.concurrency, { type: 'integer', minimum: 1, maximum: 1000, default: 1 }),
    batch_size: number(text.tuning.batch_size, { type: 'integer', minimum: 1, maximum: 1000, default: 10 }),
    max_attempts: number(text.tuning.max_attempts, { type: 'integer', minimum: 1, maximum: 100, default: 3 }),
    cooldown_seconds: number(text.tuning.cooldown_seconds, { minimum: 0, default: 0 }),
    retry_delay_seconds: number(text.tuning.retry_delay_seconds, { minimum: 0, default: 5 }),
    retry_backoff: {
      type: 'string',
      title: text.tuning.retry_backoff,
      enum: ['exponential', 'fixed'],
      default: 'exponential',
    },
    max_retry_delay_seconds: number(text.tuning.max_retry_delay_seconds, { minimum: 0, default: 3600 }),
    max_pending: number(text.tuning.max_pending, {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 100_000,
    }),
    lease_seconds: number(text.tuning.lease_seconds, { type: 'integer', minimum: 1 }),
    priority: number(text.tuning.priority, { type: 'integer', minimum: -100, maximum: 100, default: 0 }),
  },
};
