import type { Json } from '@/engine/expression/expression';
import type { Sql } from '../db';
import type { Settled } from './acknowledge';
import type { QueueRow } from './store';

/** A queue that has something to do. */
export interface DueQueue {
  tenantId: number;
  id: number;
}

const open = `d.tenant_id = q.tenant_id AND d.queue_id = q.id AND d.ended_at IS NULL`;
const waits = `i.tenant_id = q.tenant_id AND i.queue_id = q.id AND i.status IN ('queued', 'retry')`;
const hasEnded = `(e.id IS NULL OR e.ended_at IS NOT NULL)`;
const itsExecution = `execution e ON e.tenant_id = d.tenant_id AND e.root_id = d.execution_id AND e.id = d.execution_id`;

/**
 * Queues of which an execution has ended, or that may give out items now, or that have become empty: worked out from the
 * rows, so that whatever ended the execution, and whoever forgot to say so, nothing stays behind.
 */
export async function listDueQueues(sql: Sql, limit: number): Promise<DueQueue[]> {
  return sql.query<DueQueue>(
    `SELECT q.tenant_id AS "tenantId", q.id FROM work_queue q
     WHERE EXISTS (SELECT 1 FROM work_queue_dispatch d LEFT JOIN ${itsExecution} WHERE ${open} AND ${hasEnded})
       OR (q.enabled AND (q.rest_until IS NULL OR q.rest_until <= clock_timestamp())
           AND (SELECT count(*) FROM work_queue_dispatch d WHERE ${open}) < COALESCE((q.config ->> 'concurrency')::int, 1)
           AND EXISTS (SELECT 1 FROM work_queue_item i WHERE ${waits} AND i.available_at <= clock_timestamp()))
       OR (q.active AND NOT EXISTS (SELECT 1 FROM work_queue_dispatch d WHERE ${open})
           AND NOT EXISTS (SELECT 1 FROM work_queue_item i WHERE ${waits}))
     ORDER BY random() LIMIT $1`,
    [limit],
  );
}

/** Whether any execution of a queue is under way. */
export async function isAnyOut(sql: Sql): Promise<boolean> {
  const [row] = await sql.query<{ any: boolean }>(
    'SELECT EXISTS (SELECT 1 FROM work_queue_dispatch WHERE ended_at IS NULL) AS any',
  );
  return row?.any ?? false;
}

export interface EndedDispatch {
  id: number;
  executionId: number;
  isOverdue: boolean;
  state: string | null;
  error: string | null;
  result: Json;
}

export async function listEndedDispatches(
  sql: Sql,
  queue: QueueRow,
  limit: number,
): Promise<EndedDispatch[]> {
  return sql.query<EndedDispatch>(
    `SELECT d.id, d.execution_id AS "executionId", d.is_overdue AS "isOverdue", e.state, e.error, e.result
     FROM work_queue_dispatch d LEFT JOIN ${itsExecution}
     WHERE d.tenant_id = $1 AND d.queue_id = $2 AND d.ended_at IS NULL AND ${hasEnded} ORDER BY d.id LIMIT $3`,
    [queue.tenantId, queue.id, limit],
  );
}

/** The items that an execution has, with their lock. */
export async function listLeased(
  sql: Sql,
  tenantId: number,
  executionId: number,
): Promise<{ id: number; attemptCount: number }[]> {
  return sql.query(
    `SELECT id, attempt_count AS "attemptCount" FROM work_queue_item
     WHERE tenant_id = $1 AND leased_execution = $2 AND status = 'leased' ORDER BY id FOR UPDATE`,
    [tenantId, executionId],
  );
}

export async function writeSettled(
  sql: Sql,
  tenantId: number,
  settled: readonly (Settled & { id: number })[],
): Promise<void> {
  if (settled.length === 0) return;
  const rows = settled.map(({ id, status, ackSummary, lastError, retryInSeconds }) => ({
    ...{ id, status, ack_summary: ackSummary, last_error: lastError, retry_in: retryInSeconds },
  }));
  await sql.query(
    `UPDATE work_queue_item i SET status = s.status, ack_summary = s.ack_summary, last_error = COALESCE(s.last_error, i.last_error),
       leased_execution = NULL, lease_token = NULL, lease_expires_at = NULL, updated = clock_timestamp(),
       available_at = clock_timestamp() + make_interval(secs => COALESCE(s.retry_in, 0))
     FROM json_to_recordset($2::json) AS s(id bigint, status text, ack_summary json, last_error json, retry_in float8)
     WHERE i.tenant_id = $1 AND i.id = s.id AND i.status = 'leased'`,
    [tenantId, JSON.stringify(rows)],
  );
}

export async function endDispatch(sql: Sql, tenantId: number, id: number, outcome: string): Promise<void> {
  await sql.query(
    'UPDATE work_queue_dispatch SET ended_at = clock_timestamp(), outcome = $3 WHERE tenant_id = $1 AND id = $2',
    [tenantId, id, outcome],
  );
}

export async function countOut(sql: Sql, queue: QueueRow): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM work_queue_dispatch WHERE tenant_id = $1 AND queue_id = $2 AND ended_at IS NULL',
    [queue.tenantId, queue.id],
  );
  return row?.count ?? 0;
}

/** The next items in turn, with their lock; those that somebody is changing right now are passed by. */
export async function takeNext(
  sql: Sql,
  queue: QueueRow,
  limit: number,
): Promise<{ id: number; sizeBytes: number }[]> {
  return sql.query(
    `SELECT id, size_bytes AS "sizeBytes" FROM work_queue_item
     WHERE tenant_id = $1 AND queue_id = $2 AND status IN ('queued', 'retry') AND available_at <= clock_timestamp()
     ORDER BY priority DESC, id LIMIT $3 FOR UPDATE SKIP LOCKED`,
    [queue.tenantId, queue.id, limit],
  );
}

export async function insertDispatch(
  sql: Sql,
  queue: QueueRow,
  executionId: number,
  itemIds: readonly number[],
  leaseSeconds: number | null,
): Promise<number> {
  const [row] = await sql.query<{ id: number }>(
    `WITH d AS (INSERT INTO work_queue_dispatch (tenant_id, queue_id, execution_id, item_count, lease_expires_at, cause_execution)
       VALUES ($1, $2, $3, cardinality($4::bigint[]), clock_timestamp() + make_interval(secs => $5),
         (SELECT max(requested_by_execution) FROM work_queue_item WHERE tenant_id = $1 AND id = ANY ($4::bigint[]))) RETURNING id, lease_expires_at),
     token AS MATERIALIZED (SELECT gen_random_uuid() AS token),
     leased AS (UPDATE work_queue_item i SET status = 'leased', leased_execution = $3, last_execution = $3, lease_token = token.token,
       lease_expires_at = d.lease_expires_at, attempt_count = i.attempt_count + 1, updated = clock_timestamp()
       FROM d, token WHERE i.tenant_id = $1 AND i.id = ANY ($4::bigint[]))
     SELECT id FROM d`,
    [queue.tenantId, queue.id, executionId, itemIds, leaseSeconds],
  );
  if (!row) throw new Error('no dispatch was stored');
  return row.id;
}

/** Starts the cooldown, and notes whether the queue is at work. */
export async function markQueue(
  sql: Sql,
  queue: QueueRow,
  { active, restSeconds }: { active: boolean; restSeconds: number },
): Promise<void> {
  await sql.query(
    `UPDATE work_queue SET active = $3, rest_until = CASE WHEN $4::float8 > 0 THEN clock_timestamp() + make_interval(secs => $4) ELSE rest_until END
     WHERE tenant_id = $1 AND id = $2`,
    [queue.tenantId, queue.id, active, restSeconds],
  );
}

/** Whether nothing waits and nothing is out. */
export async function isEmpty(sql: Sql, queue: QueueRow): Promise<boolean> {
  const [row] = await sql.query<{ empty: boolean }>(
    `SELECT NOT EXISTS (SELECT 1 FROM work_queue_dispatch WHERE tenant_id = $1 AND queue_id = $2 AND ended_at IS NULL)
       AND NOT EXISTS (SELECT 1 FROM work_queue_item WHERE tenant_id = $1 AND queue_id = $2 AND status IN ('queued', 'retry')) AS empty`,
    [queue.tenantId, queue.id],
  );
  return row?.empty ?? false;
}

export interface LastDispatch {
  id: number;
  executionId: number;
  itemCount: number;
}

/** The newest dispatch; null where none is remembered. */
export async function findLastDispatch(sql: Sql, queue: QueueRow): Promise<LastDispatch | null> {
  const [row] = await sql.query<LastDispatch>(
    `SELECT id, execution_id AS "executionId", item_count AS "itemCount" FROM work_queue_dispatch
     WHERE tenant_id = $1 AND queue_id = $2 ORDER BY id DESC LIMIT 1`,
    [queue.tenantId, queue.id],
  );
  return row ?? null;
}

/** Executions that have had their items for longer than their lease, and were not told so yet. */
export async function listOverdue(
  sql: Sql,
  limit: number,
): Promise<{ tenantId: number; id: number; executionId: number }[]> {
  return sql.query(
    `SELECT tenant_id AS "tenantId", id, execution_id AS "executionId" FROM work_queue_dispatch
     WHERE ended_at IS NULL AND NOT is_overdue AND lease_expires_at <= clock_timestamp() ORDER BY lease_expires_at LIMIT $1`,
    [limit],
  );
}

/** Null where somebody was first, or it has ended. */
export async function markOverdue(sql: Sql, tenantId: number, id: number): Promise<boolean> {
  const rows = await sql.query(
    'UPDATE work_queue_dispatch SET is_overdue = true WHERE tenant_id = $1 AND id = $2 AND NOT is_overdue AND ended_at IS NULL RETURNING 1',
    [tenantId, id],
  );
  return rows.length > 0;
}
