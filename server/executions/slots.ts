import type { ConcurrencyPolicy } from '@/engine/definition/concurrency';
import { querySystem, type Sql, type Tx } from '../db';
import { actionRefOf } from './slot-key';

/** How things stand with one slot, as of when its lock was had. */
export interface SlotLook {
  /** Whether this transaction may give out what is free. */
  isLocked: boolean;
  held: number;
  /** Counted up to what was asked for. */
  queued: number;
}

/**
 * Looks at a slot. Where `wait` is false a lock that somebody else holds is left alone, so that a step never waits for
 * one of another tree. Executions of `ending` end in this transaction: what they have of it counts as free.
 */
export async function lookAtSlot(
  tx: Tx,
  tenantId: number,
  slot: { slotKey: string; wait: boolean; mostQueued: number },
  ending: readonly number[] = [],
): Promise<SlotLook> {
  const [look] = await tx.query<SlotLook>(
    'SELECT is_locked AS "isLocked", held, queued FROM attune_slot($1, $2, $3, $4, $5)',
    [tenantId, slot.slotKey, slot.wait, slot.mostQueued, ending],
  );
  if (!look) throw new Error(`the slot ${slot.slotKey} gave no answer`);
  return look;
}

/** An execution that holds a slot or waits for one. */
export interface SlotRow {
  executionId: number;
  rootId: number;
}

/** The one that waits in front: highest priority, then oldest. */
export async function firstInQueue(sql: Sql, tenantId: number, slotKey: string): Promise<SlotRow | null> {
  const [row] = await sql.query<SlotRow>(
    `SELECT execution_id AS "executionId", root_id AS "rootId" FROM execution_slot
     WHERE tenant_id = $1 AND slot_key = $2 AND NOT is_held ORDER BY rank, execution_id LIMIT 1`,
    [tenantId, slotKey],
  );
  return row ?? null;
}

/** The limit that holds now for a slot; null when its action has none any more. */
export async function limitOf(sql: Sql, tenantId: number, slotKey: string): Promise<number | null> {
  const [row] = await sql.query<{ concurrency: ConcurrencyPolicy | null }>(
    'SELECT concurrency FROM action WHERE tenant_id IN ($1, 1) AND ref = $2 ORDER BY (tenant_id = $1) DESC LIMIT 1',
    [tenantId, actionRefOf(slotKey)],
  );
  return row?.concurrency?.limit ?? null;
}

/** The slots that a run and the runs above it hold, each with its nearest holder. */
export async function listSlotsAbove(
  sql: Sql,
  run: { tenantId: number; rootId: number; id: number },
): Promise<Map<string, number>> {
  const rows = await sql.query<{ slotKey: string; id: number }>(
    `WITH RECURSIVE above AS (
       SELECT id, parent_id, 1 AS height FROM execution WHERE tenant_id = $1 AND root_id = $2 AND id = $3
       UNION ALL
       SELECT e.id, e.parent_id, a.height + 1 FROM above a
         JOIN execution e ON e.tenant_id = $1 AND e.root_id = $2 AND e.id = a.parent_id WHERE a.height < 1000
     )
     SELECT s.slot_key AS "slotKey", a.id FROM above a
       JOIN execution_slot s ON s.tenant_id = $1 AND s.execution_id = a.id AND s.is_held ORDER BY a.height DESC`,
    [run.tenantId, run.rootId, run.id],
  );
  return new Map(rows.map(({ slotKey, id }) => [slotKey, id]));
}

/** Slots of all tenants that are free while somebody waits for them; at most `limit`. */
export async function listFreeQueues(limit: number): Promise<{ tenantId: number; slotKey: string }[]> {
  // From key to key by the index, so that a long queue costs no more than a short one.
  return querySystem(
    `WITH RECURSIVE waiting AS (
       (SELECT tenant_id, slot_key FROM execution_slot WHERE NOT is_held ORDER BY tenant_id, slot_key LIMIT 1)
       UNION ALL
       SELECT next.tenant_id, next.slot_key FROM waiting w, LATERAL (
         SELECT s.tenant_id, s.slot_key FROM execution_slot s
         WHERE NOT s.is_held AND (s.tenant_id, s.slot_key) > (w.tenant_id, w.slot_key) ORDER BY s.tenant_id, s.slot_key LIMIT 1) next
     )
     SELECT w.tenant_id AS "tenantId", w.slot_key AS "slotKey" FROM waiting w
     LEFT JOIN LATERAL (
       SELECT (a.concurrency ->> 'limit')::int AS most FROM action a
       WHERE a.tenant_id IN (w.tenant_id, 1) AND a.ref = split_part(w.slot_key, ':', 1)
       ORDER BY (a.tenant_id = w.tenant_id) DESC LIMIT 1) policy ON true
     WHERE policy.most IS NULL OR policy.most > (
       SELECT count(*) FROM execution_slot h WHERE h.tenant_id = w.tenant_id AND h.slot_key = w.slot_key AND h.is_held)
     LIMIT $1`,
    [limit],
  );
}

/** Takes slots from executions that have ended or are gone with their partition; gives how many. */
export async function dropLostSlots(): Promise<number> {
  const rows = await querySystem(
    `DELETE FROM execution_slot s WHERE s.is_held AND NOT EXISTS (
       SELECT FROM execution e WHERE e.tenant_id = s.tenant_id AND e.root_id = s.root_id AND e.id = s.execution_id
         AND e.ended_at IS NULL AND e.slot_key = s.slot_key)
     RETURNING s.execution_id`,
  );
  return rows.length;
}

/** Says what a row that has no slot yet is counted by; its next change of state takes a slot or a place in the queue. */
export async function storeSlotKey(
  tx: Tx,
  row: { tenantId: number; rootId: number; id: number },
  slotKey: string | null,
): Promise<void> {
  await tx.query('UPDATE execution SET slot_key = $4 WHERE tenant_id = $1 AND root_id = $2 AND id = $3', [
    row.tenantId,
    row.rootId,
    row.id,
    slotKey,
  ]);
}

/** Takes one waiting place out of its queue: for a row that waits no more. */
export async function dropFromQueue(tx: Tx, tenantId: number, executionId: number): Promise<void> {
  await tx.query('DELETE FROM execution_slot WHERE tenant_id = $1 AND execution_id = $2 AND NOT is_held', [
    tenantId,
    executionId,
  ]);
}

/** Where an execution stands in its queue. */
export interface QueuePlace {
  /** 1 is next. */
  position: number;
  slotKey: string;
  /** Executions that hold the slots it waits for, oldest first; at most 5. */
  holders: { id: number; actionRef: string }[];
}

/** The place of a queued execution, counted now; null when it waits for no slot. */
export async function findQueuePlace(
  sql: Sql,
  row: { tenantId: number; id: number },
): Promise<QueuePlace | null> {
  const [place] = await sql.query<QueuePlace>(
    `SELECT 1 + (SELECT count(*) FROM execution_slot o WHERE o.tenant_id = $1 AND o.slot_key = s.slot_key AND NOT o.is_held
         AND (o.rank, o.execution_id) < (s.rank, s.execution_id))::int AS position, s.slot_key AS "slotKey",
       COALESCE((SELECT json_agg(json_build_object('id', h.execution_id, 'actionRef', split_part(s.slot_key, ':', 1)) ORDER BY h.execution_id)
         FROM (SELECT execution_id FROM execution_slot WHERE tenant_id = $1 AND slot_key = s.slot_key AND is_held
           ORDER BY execution_id LIMIT 5) h), '[]') AS holders
     FROM execution_slot s WHERE s.tenant_id = $1 AND s.execution_id = $2 AND NOT s.is_held`,
    [row.tenantId, row.id],
  );
  return place ?? null;
}
