import { conflict, notFound } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { inSystem, inTenant, isUniqueViolation, type Tx } from '../db';
import { env } from '../env';
import type { JsonObject } from '../fields';
import { mostCounted, type Paging, type Part } from '../http/rest/paging';
import { authorOf, requireRight, type Actor } from '../identities/actor';
import { announce } from '../live';
import { targetOf } from '../packs/refs';
import { mergePatch } from './acknowledge';
import { openPayload, toStoredPayload } from './item-secrets';
import { tellItems } from './news';
import { requireRoom } from './room';
import {
  pendingStatuses,
  type ChangeItem,
  type EnqueueItem,
  type ItemPage,
  type ItemStatus,
  type ListItems,
  type QueueItem,
} from './schema';
import {
  cancelItemRow,
  changeItemRow,
  countItemRows,
  deleteEnded,
  findItem,
  findPendingOfKey,
  findQueue,
  insertItem,
  listItemRows,
  lockKey,
  type ItemRow,
  type QueueRow,
} from './store';

/**
 * Adds an item. Where one of its key waits already it is changed instead, as the queue's strategy says; `isMerged` tells.
 * @throws DomainError not_found; queue_closed; queue_full; item_exists; invalid_payload
 */
export async function enqueueItem(
  actor: Actor,
  input: EnqueueItem,
): Promise<{ item: QueueItem; isMerged: boolean }> {
  requireRight(actor, 'execute', 'queues', targetOf(input.queueRef));
  return inTenant(actor.tenantId, async (tx) => {
    const queue = await getQueueRow(tx, actor, input.queueRef);
    if (!queue.acceptingNewItems)
      throw conflict('queue_closed', `The queue ${queue.ref} takes no new items at the moment.`);
    const itemKey = input.itemKey ?? null;
    const waiting = itemKey === null ? null : await findWaiting(tx, queue, itemKey);
    const row = waiting
      ? await change(tx, queue, waiting, {
          priority: input.priority ?? waiting.priority,
          ...merged(queue, waiting, input),
        })
      : await add(tx, actor, queue, { ...input, itemKey });
    await tell(tx, actor, queue, row);
    return { item: toItem(row), isMerged: waiting !== null };
  });
}

/** The item of that key that waits, where it may be changed by another. @throws DomainError item_exists */
async function findWaiting(tx: Tx, queue: QueueRow, itemKey: string): Promise<ItemRow | null> {
  await lockKey(tx, queue, itemKey);
  const waiting = await findPendingOfKey(tx, queue, itemKey);
  if (waiting && (!queue.allowPendingUpdate || queue.updateStrategy === 'immutable'))
    throw conflict(
      'item_exists',
      `An item with the key ${itemKey} waits in ${queue.ref} already (${waiting.id}), and this queue does not change items that wait. Wait until it has gone out, or give another key.`,
    );
  return waiting;
}

interface Content {
  itemKey?: string | null;
  priority: number;
  payload?: Json;
  metadata?: JsonObject;
}

/** What the two make together, by the queue's strategy. */
function merged(
  queue: QueueRow,
  waiting: ItemRow,
  { payload, metadata }: EnqueueItem,
): Pick<Content, 'payload' | 'metadata'> {
  if (queue.updateStrategy === 'replace') return { payload, metadata: metadata ?? {} };
  const opened = openPayload({ tenantId: queue.tenantId, queueId: queue.id }, waiting);
  return {
    payload: mergePatch(opened.payload, payload),
    metadata: metadata ? (mergePatch(waiting.metadata, metadata) as JsonObject) : waiting.metadata,
  };
}

async function add(
  tx: Tx,
  actor: Actor,
  queue: QueueRow,
  { itemKey = null, priority, payload, metadata }: EnqueueItem,
): Promise<ItemRow> {
  const stored = toStoredPayload(placeOf(queue), payload, metadata ?? {}, null);
  await requireRoom(tx, queue);
  return insertItem(tx, queue, {
    ...stored,
    itemKey,
    priority: priority ?? queue.defaultPriority,
    metadata: metadata ?? {},
    identityId: authorOf(actor),
    executionId: actor.execution?.id ?? null,
  });
}

async function change(tx: Tx, queue: QueueRow, row: ItemRow, content: Content): Promise<ItemRow> {
  const { itemKey = row.itemKey, priority, metadata = row.metadata } = content;
  const before = { payload: row.payload, sealed: row.sealed };
  const stored = toStoredPayload(placeOf(queue), content.payload ?? row.payload, metadata, before);
  return changeItemRow(tx, queue.tenantId, row.id, { ...stored, itemKey, priority, metadata });
}

const placeOf = ({ tenantId, id, itemSchema }: QueueRow) => ({ tenantId, queueId: id, itemSchema });

/** Changes an item that waits. @throws DomainError not_found; item_not_pending; item_exists for another's key */
export async function changeItem(actor: Actor, input: ChangeItem): Promise<QueueItem> {
  requireRight(actor, 'execute', 'queues', targetOf(input.queueRef));
  try {
    return await inTenant(actor.tenantId, async (tx) => {
      const queue = await getQueueRow(tx, actor, input.queueRef);
      if (input.itemKey) await lockKey(tx, queue, input.itemKey);
      const row = await getPending(tx, queue, input.id);
      const { itemKey, payload, metadata, priority = row.priority } = input;
      const changed = await change(tx, queue, row, {
        priority,
        ...(itemKey === undefined ? {} : { itemKey }),
        ...(payload === undefined ? {} : { payload }),
        ...(metadata === undefined ? {} : { metadata }),
      });
      await tell(tx, actor, queue, changed);
      return toItem(changed);
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw conflict('item_exists', `Another item with the key ${input.itemKey ?? ''} waits in the queue.`);
  }
}

/** Cancels an item that waits. @throws DomainError not_found; item_not_pending */
export async function cancelItem(actor: Actor, queueRef: string, id: number): Promise<QueueItem> {
  requireRight(actor, 'execute', 'queues', targetOf(queueRef));
  return inTenant(actor.tenantId, async (tx) => {
    const queue = await getQueueRow(tx, actor, queueRef);
    await getPending(tx, queue, id);
    await cancelItemRow(tx, queue.tenantId, id);
    const row = await findItem(tx, queue, id, 'just read');
    if (!row) throw notFound('item', id);
    await tell(tx, actor, queue, row);
    return toItem(row);
  });
}

/** One item. @throws DomainError not_found */
export async function getItem(actor: Actor, queueRef: string, id: number): Promise<QueueItem> {
  requireRight(actor, 'read', 'queues', targetOf(queueRef));
  return inTenant(actor.tenantId, async (tx) => {
    const row = await findItem(tx, await getQueueRow(tx, actor, queueRef), id, 'just read');
    if (!row) throw notFound('item', id);
    return toItem(row);
  });
}

/** Items, the newest first. @throws DomainError not_found */
export async function listItems(actor: Actor, input: ListItems): Promise<ItemPage> {
  requireRight(actor, 'read', 'queues', targetOf(input.queueRef));
  const { cursor = null, limit = 50, statuses = null } = input;
  return inTenant(actor.tenantId, async (tx) => {
    const queue = await getQueueRow(tx, actor, input.queueRef);
    const filter = { statuses, before: cursor, offset: 0, limit: limit + 1 };
    const rows = await listItemRows(tx, queue, filter);
    const page = rows.slice(0, limit);
    return { items: page.map(toItem), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
  });
}

/** The same for the REST API's pages. @throws DomainError not_found */
export async function listItemPart(
  actor: Actor,
  queueRef: string,
  statuses: readonly ItemStatus[] | null,
  paging: Paging,
): Promise<Part<QueueItem>> {
  requireRight(actor, 'read', 'queues', targetOf(queueRef));
  return inTenant(actor.tenantId, async (tx) => {
    const queue = await getQueueRow(tx, actor, queueRef);
    const before = paging.after !== null && /^\d{1,16}$/.test(paging.after) ? Number(paging.after) : null;
    const offset = before === null ? paging.offset : 0;
    const rows = await listItemRows(tx, queue, { statuses, before, offset, limit: paging.size + 1 });
    const page = rows.slice(0, paging.size);
    return {
      items: page.map(toItem),
      total: await countItemRows(tx, queue, statuses, mostCounted),
      hasMore: rows.length > paging.size,
      next: String(page.at(-1)?.id ?? ''),
    };
  });
}

/** Removes what ended longer ago than it is kept, at most `limit` rows. Gives how many. */
export async function purgeItems(limit: number): Promise<number> {
  return inSystem((tx) => deleteEnded(tx, env().ATTUNE_QUEUE_KEEP_DAYS, limit));
}

async function getQueueRow(tx: Tx, actor: Actor, ref: string): Promise<QueueRow> {
  const queue = await findQueue(tx, actor.tenantId, ref);
  if (!queue) throw notFound('queue', ref);
  return queue;
}

async function getPending(tx: Tx, queue: QueueRow, id: number): Promise<ItemRow> {
  const row = await findItem(tx, queue, id, 'for update');
  if (!row) throw notFound('item', id);
  if (!pendingStatuses.includes(row.status))
    throw conflict('item_not_pending', `Item ${id} does not wait any more: it is ${row.status}.`);
  return row;
}

/** The feed's row, and the bell for the workers. */
async function tell(tx: Tx, actor: Actor, queue: QueueRow, { id, status }: ItemRow): Promise<void> {
  await tellItems(tx, queue, [{ id, status }], authorOf(actor));
  tx.afterCommit(() => announce('attune_job', 'work_queue'));
}

function toItem(row: ItemRow): QueueItem {
  const { sealed: _, ...columns } = row;
  return {
    ...columns,
    availableAt: row.availableAt.toISOString(),
    leaseExpiresAt: row.leaseExpiresAt?.toISOString() ?? null,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
  };
}
