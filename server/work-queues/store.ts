import type { Json } from '@/engine/expression/expression';
import type { Sql } from '../db';
import type { JsonObject } from '../fields';
import type { ItemStatus } from './schema';

/** A queue as its dispatching and its items need it. */
export interface QueueRow {
  id: number;
  tenantId: number;
  ref: string;
  packRef: string | null;
  label: string;
  dispatchActionRef: string;
  enabled: boolean;
  acceptingNewItems: boolean;
  allowPendingUpdate: boolean;
  updateStrategy: 'immutable' | 'replace' | 'merge_patch';
  batchMode: 'single' | 'batch';
  defaultPriority: number;
  itemSchema: JsonObject;
  actionParams: JsonObject;
  config: JsonObject;
  packConfig: JsonObject;
  active: boolean;
  isResting: boolean;
}

const queueColumns = `q.id, q.tenant_id AS "tenantId", q.ref, q.pack_ref AS "packRef", q.label, q.dispatch_action_ref AS "dispatchActionRef",
  q.enabled, q.accepting_new_items AS "acceptingNewItems", q.allow_pending_update AS "allowPendingUpdate",
  q.update_strategy AS "updateStrategy", q.batch_mode AS "batchMode", q.default_priority AS "defaultPriority",
  q.item_schema AS "itemSchema", q.action_params AS "actionParams", q.config, COALESCE(p.config, '{}') AS "packConfig", q.active,
  q.rest_until IS NOT NULL AND q.rest_until > clock_timestamp() AS "isResting"`;
const fromQueue = 'work_queue q LEFT JOIN pack p ON p.id = q.pack_id';

export async function findQueue(sql: Sql, tenantId: number, ref: string): Promise<QueueRow | null> {
  const [row] = await sql.query<QueueRow>(
    `SELECT ${queueColumns} FROM ${fromQueue} WHERE q.tenant_id = $1 AND q.ref = $2`,
    [tenantId, ref],
  );
  return row ?? null;
}

/** The queue with its lock: one process at a time gives out its items. Null where another does, or it is gone. */
export async function lockQueue(sql: Sql, tenantId: number, id: number): Promise<QueueRow | null> {
  // Not FOR UPDATE: new items refer to the row, and must not wait.
  const [row] = await sql.query<QueueRow>(
    `SELECT ${queueColumns} FROM ${fromQueue} WHERE q.tenant_id = $1 AND q.id = $2 FOR NO KEY UPDATE OF q SKIP LOCKED`,
    [tenantId, id],
  );
  return row ?? null;
}

export interface ItemRow {
  id: number;
  queueId: number;
  queueRef: string;
  itemKey: string | null;
  priority: number;
  payload: Json;
  metadata: JsonObject;
  sealed: Buffer | null;
  status: ItemStatus;
  enqueueSource: string;
  attemptCount: number;
  availableAt: Date;
  leasedExecution: number | null;
  leaseToken: string | null;
  leaseExpiresAt: Date | null;
  lastExecution: number | null;
  ackSummary: Json;
  lastError: JsonObject | null;
  requestedByIdentity: number | null;
  requestedByExecution: number | null;
  requestedByEnforcement: number | null;
  created: Date;
  updated: Date;
}

const itemColumns = `i.id, i.queue_id AS "queueId", (SELECT ref FROM work_queue WHERE id = i.queue_id) AS "queueRef", i.item_key AS "itemKey",
  i.priority, i.payload, i.metadata, i.sealed, i.status, i.enqueue_source AS "enqueueSource", i.attempt_count AS "attemptCount",
  i.available_at AS "availableAt", i.leased_execution AS "leasedExecution", i.lease_token AS "leaseToken",
  i.lease_expires_at AS "leaseExpiresAt", i.last_execution AS "lastExecution", i.ack_summary AS "ackSummary", i.last_error AS "lastError",
  i.requested_by_identity AS "requestedByIdentity", i.requested_by_execution AS "requestedByExecution",
  i.requested_by_enforcement AS "requestedByEnforcement", i.created, i.updated`;

interface Place {
  tenantId: number;
  id: number;
}

export interface NewItem {
  itemKey: string | null;
  priority: number;
  payload: Json;
  metadata: JsonObject;
  sealed: Buffer | null;
  sizeBytes: number;
  identityId: number | null;
  executionId: number | null;
}

/** @throws a unique violation where an item of that key waits already */
export async function insertItem(sql: Sql, queue: Place, item: NewItem): Promise<ItemRow> {
  const [row] = await sql.query<ItemRow>(
    `INSERT INTO work_queue_item AS i (tenant_id, queue_id, item_key, priority, payload, metadata, sealed, size_bytes,
       requested_by_identity, requested_by_execution, requested_by_enforcement)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
       (SELECT e.enforcement_id FROM execution e WHERE e.tenant_id = $1 AND e.id = $10))
     RETURNING ${itemColumns}`,
    [
      queue.tenantId,
      queue.id,
      item.itemKey,
      item.priority,
      JSON.stringify(item.payload),
      JSON.stringify(item.metadata),
      item.sealed,
      item.sizeBytes,
      item.identityId,
      item.executionId,
    ],
  );
  if (!row) throw new Error('no item was stored');
  return row;
}

/** Whoever adds or renames an item of a key holds this until the commit, so that of a key one waits. */
export async function lockKey(sql: Sql, queue: Place, itemKey: string): Promise<void> {
  await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, $2))::text AS locked', [
    itemKey,
    queue.id,
  ]);
}

/** The item of that key that waits, with its lock; the newest where one is tried again beside another. */
export async function findPendingOfKey(sql: Sql, queue: Place, itemKey: string): Promise<ItemRow | null> {
  const [row] = await sql.query<ItemRow>(
    `SELECT ${itemColumns} FROM work_queue_item i WHERE i.tenant_id = $1 AND i.queue_id = $2 AND i.item_key = $3
       AND i.status IN ('queued', 'retry') ORDER BY i.status = 'queued' DESC, i.id DESC LIMIT 1 FOR UPDATE`,
    [queue.tenantId, queue.id, itemKey],
  );
  return row ?? null;
}

export async function findItem(
  sql: Sql,
  queue: Place,
  id: number,
  lock: 'for update' | 'just read',
): Promise<ItemRow | null> {
  const [row] = await sql.query<ItemRow>(
    `SELECT ${itemColumns} FROM work_queue_item i WHERE i.tenant_id = $1 AND i.queue_id = $2 AND i.id = $3
     ${lock === 'for update' ? 'FOR UPDATE' : ''}`,
    [queue.tenantId, queue.id, id],
  );
  return row ?? null;
}

/** In turn: by priority, then the oldest first. */
export async function findItemsById(sql: Sql, tenantId: number, ids: readonly number[]): Promise<ItemRow[]> {
  return sql.query<ItemRow>(
    `SELECT ${itemColumns} FROM work_queue_item i WHERE i.tenant_id = $1 AND i.id = ANY ($2::bigint[]) ORDER BY i.priority DESC, i.id`,
    [tenantId, ids],
  );
}

/** What a pending item is from now on. */
export async function changeItemRow(
  sql: Sql,
  tenantId: number,
  id: number,
  item: Pick<NewItem, 'itemKey' | 'priority' | 'payload' | 'metadata' | 'sealed' | 'sizeBytes'>,
): Promise<ItemRow> {
  const [row] = await sql.query<ItemRow>(
    `UPDATE work_queue_item i SET item_key = $3, priority = $4, payload = $5, metadata = $6, sealed = $7, size_bytes = $8,
       updated = clock_timestamp() WHERE i.tenant_id = $1 AND i.id = $2 AND i.status IN ('queued', 'retry') RETURNING ${itemColumns}`,
    [
      tenantId,
      id,
      item.itemKey,
      item.priority,
      JSON.stringify(item.payload),
      JSON.stringify(item.metadata),
      item.sealed,
      item.sizeBytes,
    ],
  );
  if (!row) throw new Error('the item was not pending any more');
  return row;
}

export async function cancelItemRow(sql: Sql, tenantId: number, id: number): Promise<void> {
  await sql.query(
    `UPDATE work_queue_item SET status = 'cancelled', updated = clock_timestamp()
     WHERE tenant_id = $1 AND id = $2 AND status IN ('queued', 'retry')`,
    [tenantId, id],
  );
}

/** The newest first: below an id, or after so many rows. */
export async function listItemRows(
  sql: Sql,
  queue: Place,
  filter: { statuses: readonly ItemStatus[] | null; before: number | null; offset: number; limit: number },
): Promise<ItemRow[]> {
  return sql.query<ItemRow>(
    `SELECT ${itemColumns} FROM work_queue_item i WHERE i.tenant_id = $1 AND i.queue_id = $2
       AND ($3::text[] IS NULL OR i.status = ANY ($3)) AND ($4::bigint IS NULL OR i.id < $4)
     ORDER BY i.id DESC OFFSET $5 LIMIT $6`,
    [queue.tenantId, queue.id, filter.statuses, filter.before, filter.offset, filter.limit],
  );
}

/** How many there are, as far as lists count; null for more. */
export async function countItemRows(
  sql: Sql,
  queue: Place,
  statuses: readonly ItemStatus[] | null,
  most: number,
): Promise<number | null> {
  const [row] = await sql.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (SELECT 1 FROM work_queue_item i WHERE i.tenant_id = $1 AND i.queue_id = $2
       AND ($3::text[] IS NULL OR i.status = ANY ($3)) LIMIT $4) counted`,
    [queue.tenantId, queue.id, statuses, most + 1],
  );
  return row && row.count <= most ? row.count : null;
}

/** Removes items and dispatches that ended so long ago, at most `limit` of each, across tenants. Gives how many. */
export async function deleteEnded(sql: Sql, keepDays: number, limit: number): Promise<number> {
  const items = await sql.query(
    `DELETE FROM work_queue_item WHERE id IN (SELECT id FROM work_queue_item
       WHERE status IN ('completed', 'failed', 'skipped', 'cancelled') AND updated < clock_timestamp() - make_interval(secs => $1)
       ORDER BY updated LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1`,
    [keepDays * 86_400, limit],
  );
  const dispatches = await sql.query(
    `DELETE FROM work_queue_dispatch WHERE id IN (SELECT id FROM work_queue_dispatch
       WHERE ended_at < clock_timestamp() - make_interval(secs => $1) ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1`,
    [keepDays * 86_400, limit],
  );
  return Math.max(items.length, dispatches.length);
}
