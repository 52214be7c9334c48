import {
  ExpressionError,
  markSecret,
  renderValue,
  type Json,
  type Scope,
} from '@/engine/expression/expression';
import type { Sql } from '../db';
import type { JsonObject } from '../fields';
import { NamedKeys } from '../keys/named';
import { decideWithKeys } from '../rules/scope';
import { openPayload } from './item-secrets';
import type { ItemRow, QueueRow } from './store';

/** What a dispatch gives to its execution. */
export interface DispatchParameters {
  parameters: JsonObject;
  /** The same with masks where a secret went in; undefined where none did. */
  redacted: Json | undefined;
  origins: readonly string[];
  /** Why they could not be made. */
  error: string | null;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The parameters of the execution that gets these items: the queue's `action_params`, rendered, or, where it has none, the
 * payload's own keys for one object, `{item}` for anything else, `{items}` for a batch.
 */
export async function toParameters(
  sql: Sql,
  queue: QueueRow,
  items: readonly ItemRow[],
): Promise<DispatchParameters> {
  const opened = items.map((item) => openPayload({ tenantId: queue.tenantId, queueId: queue.id }, item));
  const origins = opened.flatMap(({ secretTexts }) => secretTexts);
  if (Object.keys(queue.actionParams).length === 0) {
    const shown = plainParameters(
      queue,
      items.map(({ payload }) => payload),
    );
    const parameters = plainParameters(
      queue,
      opened.map(({ payload }) => payload),
    );
    return { parameters, redacted: origins.length > 0 ? shown : undefined, origins, error: null };
  }
  const keys = new NamedKeys({ tenantId: queue.tenantId, packRef: queue.packRef ?? '', actionRef: null });
  const payloads = opened.map(({ payload, secretNames }) =>
    isObject(payload) && secretNames.length > 0
      ? Object.fromEntries(
          Object.entries(payload).map(([name, value]) => [
            name,
            secretNames.includes(name) ? markSecret(value) : value,
          ]),
        )
      : payload,
  );
  const scope = toScope(queue, items, payloads, keys);
  try {
    const rendered = await decideWithKeys(sql, keys, () => renderValue(queue.actionParams, scope));
    return {
      parameters: rendered.value as JsonObject,
      redacted: rendered.secret ? rendered.redacted : undefined,
      origins: [...origins, ...keys.secretTexts],
      error: null,
    };
  } catch (failure) {
    if (!(failure instanceof ExpressionError)) throw failure;
    const where = `line ${failure.line}, column ${failure.column} of ${failure.source}`;
    const error = `The queue's action_params could not be rendered: ${failure.message} (${where}).`;
    return { parameters: {}, redacted: undefined, origins: [], error };
  }
}

function plainParameters(queue: QueueRow, payloads: readonly Json[]): JsonObject {
  const [first] = payloads;
  if (queue.batchMode === 'batch') return { items: [...payloads] };
  return isObject(first) ? first : { item: first ?? null };
}

/** `item` and `queue_item` stand for the first of a batch as well, so that one template serves both modes. */
function toScope(
  queue: QueueRow,
  items: readonly ItemRow[],
  payloads: readonly Json[],
  keys: NamedKeys,
): Scope {
  const queueItems = items.map((item, index) => ({
    id: item.id,
    item_key: item.itemKey,
    priority: item.priority,
    attempt_count: item.attemptCount,
    payload: payloads[index] ?? null,
    metadata: item.metadata,
  }));
  const { id, ref, label, batchMode, config } = queue;
  const keystore = keys.values;
  return {
    names: {
      item: payloads[0] ?? null,
      items: [...payloads],
      queue_item: queueItems[0] ?? null,
      queue_items: queueItems,
      queue: { id, ref, label, batch_mode: batchMode, config },
      config: { ...queue.packConfig, ...config },
      keystore,
      datastore: keystore,
      system: {},
    },
    functions: { now: () => new Date().toISOString() },
  };
}
