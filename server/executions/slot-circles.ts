import { inTenant, querySystem } from '../db';
import { toErrorResult } from './resolve-action';
import { toSlotName } from './slot-key';
import { endExecution } from './steps';
import { findInTree, lockRoot } from './store';

/** A run that holds one slot while something inside it waits for another; `waiter` is the youngest that does. */
export interface HeldAndWanted {
  holder: number;
  held: string;
  wanted: string;
  waiter: number;
  rootId: number;
}

/** A slot that is waited for from inside such runs. */
export interface WantedSlot {
  slotKey: string;
  /** Null: no limit any more. */
  limit: number | null;
  holders: number[];
}

/**
 * The youngest execution of a circle that nothing but its end can open, or null. A slot is stuck when all of it is held
 * by stuck runs, and a run is stuck when something inside it waits for a stuck slot. Slots that only wait for others'
 * work to end are not.
 */
export function findCircle(
  edges: readonly HeldAndWanted[],
  slots: readonly WantedSlot[],
): HeldAndWanted | null {
  // All are taken for stuck; those that may come free are ruled out until nothing changes.
  let stuck = new Map(slots.map((slot) => [slot.slotKey, slot]));
  for (;;) {
    const stuckRuns = new Set(edges.filter(({ wanted }) => stuck.has(wanted)).map(({ holder }) => holder));
    const next = new Map(
      [...stuck].filter(
        ([, { limit, holders }]) =>
          limit !== null && holders.length >= limit && holders.every((holder) => stuckRuns.has(holder)),
      ),
    );
    if (next.size === stuck.size) break;
    stuck = next;
  }
  const inCircle = edges.filter(({ held, wanted }) => stuck.has(held) && stuck.has(wanted));
  return inCircle.sort((a, b) => b.waiter - a.waiter)[0] ?? null;
}

/**
 * Fails one execution of each tenant whose runs wait for each other's slots in a circle, so that the rest can go on.
 * Gives how many. A workflow that waits for itself is refused before it is stored and never comes here.
 */
export async function breakCircles(): Promise<number> {
  const tenants = await querySystem<{ tenantId: number; edges: HeldAndWanted[]; slots: WantedSlot[] }>(
    `WITH RECURSIVE place AS (
       SELECT tenant_id, root_id, parent_id, slot_key, max(execution_id) AS waiter FROM execution_slot
       WHERE NOT is_held AND parent_id IS NOT NULL GROUP BY tenant_id, root_id, parent_id, slot_key
     ), above AS (
       SELECT p.tenant_id, p.root_id, p.slot_key, p.waiter, p.parent_id AS id, 1 AS height FROM place p
       UNION ALL
       SELECT a.tenant_id, a.root_id, a.slot_key, a.waiter, e.parent_id, a.height + 1 FROM above a
         JOIN execution e ON e.tenant_id = a.tenant_id AND e.root_id = a.root_id AND e.id = a.id
       WHERE e.parent_id IS NOT NULL AND a.height < 1000
     ), edge AS (
       SELECT a.tenant_id, a.root_id, a.id AS holder, h.slot_key AS held, a.slot_key AS wanted, max(a.waiter) AS waiter
       FROM above a JOIN execution_slot h ON h.tenant_id = a.tenant_id AND h.execution_id = a.id AND h.is_held
       GROUP BY 1, 2, 3, 4, 5
     ), slot AS (
       SELECT w.tenant_id, w.wanted,
         (SELECT (a.concurrency ->> 'limit')::int FROM action a WHERE a.tenant_id IN (w.tenant_id, 1)
            AND a.ref = split_part(w.wanted, ':', 1) ORDER BY (a.tenant_id = w.tenant_id) DESC LIMIT 1) AS most,
         (SELECT COALESCE(json_agg(h.execution_id), '[]') FROM execution_slot h
            WHERE h.tenant_id = w.tenant_id AND h.slot_key = w.wanted AND h.is_held) AS holders
       FROM (SELECT DISTINCT tenant_id, wanted FROM edge) w
     )
     SELECT e.tenant_id AS "tenantId",
       json_agg(json_build_object('holder', e.holder, 'held', e.held, 'wanted', e.wanted, 'waiter', e.waiter, 'rootId', e.root_id)) AS edges,
       (SELECT json_agg(json_build_object('slotKey', s.wanted, 'limit', s.most, 'holders', s.holders)) FROM slot s
          WHERE s.tenant_id = e.tenant_id) AS slots
     FROM edge e GROUP BY e.tenant_id`,
  );
  let broken = 0;
  for (const { tenantId, edges, slots } of tenants) {
    const circle = findCircle(edges, slots);
    if (circle && (await failWaiter(tenantId, circle))) broken += 1;
  }
  return broken;
}

async function failWaiter(tenantId: number, circle: HeldAndWanted): Promise<boolean> {
  const { rootId, waiter, wanted, held, holder } = circle;
  return inTenant(tenantId, async (tx) => {
    await lockRoot(tx, tenantId, rootId);
    const row = await findInTree(tx, tenantId, rootId, waiter);
    if (row?.state !== 'queued') return false;
    const error = `It could never get a slot of ${toSlotName(wanted)}: those who hold them wait, in a circle, for a slot of ${toSlotName(held)}, which execution ${holder} above it holds. Raise one of the two limits, or do not nest the two in opposite orders.`;
    await endExecution(tx, row, { state: 'failed', result: toErrorResult(error), error });
    return true;
  });
}
