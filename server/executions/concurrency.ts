import { defaultMaxQueued, type ConcurrencyPolicy } from '@/engine/definition/concurrency';
import { inTenant, querySystem, type Tx } from '../db';
import type { JsonObject } from '../fields';
import { enqueue } from '../queue';
import { Promotions } from './promotions';
import { toSlotKey, toSlotName } from './slot-key';
import {
  dropFromQueue,
  dropLostSlots,
  firstInQueue,
  limitOf,
  listFreeQueues,
  listSlotsAbove,
  lookAtSlots,
  type SlotLook,
} from './slots';
import { changeState, findInTree, lockRoot } from './store';

/** An execution that is about to be stored, or to become ready after a delay. */
export interface Asked {
  ref: string;
  policy: ConcurrencyPolicy | null;
  parameters: JsonObject;
  /** The run that it belongs to; null for the root of a tree. */
  parent: { rootId: number; id: number } | null;
}

/** What becomes of it. Its row stores `slotKey`, and begins as `queued` with the reason where that is said. */
export type Admission =
  | { kind: 'free' }
  | { kind: 'held'; slotKey: string }
  | { kind: 'queued'; slotKey: string; reason: string }
  | { kind: 'refused'; error: string };

// A lock for each key takes room in the database: what comes beyond this in one transaction waits its turn in the queue.
const mostLocks = 64;
const locks = new WeakMap<Tx, Set<string>>();

interface Wanted {
  slotKey: string;
  policy: ConcurrencyPolicy;
  asked: Asked;
}

/**
 * Decides who gets a slot, who waits and who is refused, in order. It must be the transaction that stores the rows:
 * the slots are locked until its end, so nobody else gives them out meanwhile. It waits for no other transaction but
 * where a policy rejects; a slot that somebody else is giving out is waited for in the queue. Executions of `ending`
 * end in this same transaction, so what they hold is free.
 */
export async function admit(
  tx: Tx,
  tenantId: number,
  asked: readonly Asked[],
  ending: readonly number[] = [],
): Promise<Admission[]> {
  const plans = asked.map((one): Admission | Wanted => {
    if (one.policy === null) return { kind: 'free' };
    const key = toSlotKey(one.ref, one.policy, one.parameters);
    return 'error' in key
      ? { kind: 'refused', error: key.error }
      : { slotKey: key.slotKey, policy: one.policy, asked: one };
  });
  const wanted = plans.filter((plan) => 'asked' in plan);
  if (wanted.length === 0) return plans.filter((plan) => 'kind' in plan);
  const heldAbove = await listHeldAbove(tx, tenantId, wanted);
  const holderOf = ({ slotKey, asked: { parent } }: Wanted) =>
    (parent && heldAbove.get(parent.id)?.get(slotKey)) ?? null;
  const looks = await look(tx, tenantId, wanted, holderOf, ending);
  return plans.map((plan) => {
    if ('kind' in plan) return plan;
    const admission = decide(plan, looks.get(plan.slotKey), holderOf(plan));
    if (admission.kind === 'queued') tx.afterCommit(() => promotions.soon(tenantId, plan.slotKey));
    return admission;
  });
}

/** By run: the slots that it and the runs above it hold. */
async function listHeldAbove(
  tx: Tx,
  tenantId: number,
  wanted: readonly Wanted[],
): Promise<Map<number, Map<string, number>>> {
  const held = new Map<number, Map<string, number>>();
  for (const { parent } of wanted.map(({ asked }) => asked)) {
    if (parent !== null && !held.has(parent.id))
      held.set(parent.id, await listSlotsAbove(tx, { tenantId, ...parent }));
  }
  return held;
}

async function look(
  tx: Tx,
  tenantId: number,
  wanted: readonly Wanted[],
  holderOf: (one: Wanted) => number | null,
  ending: readonly number[],
): Promise<Map<string, SlotLook>> {
  const had = locks.get(tx) ?? new Set();
  locks.set(tx, had);
  const slots = new Map<string, { slotKey: string; wait: boolean; mostQueued: number }>();
  for (const one of wanted) {
    const { slotKey, policy } = one;
    if (!had.has(slotKey) && had.size >= mostLocks) continue;
    had.add(slotKey);
    // Only who cannot queue has to know at once whether there is room.
    const wait = policy.when_full === 'reject' || holderOf(one) !== null;
    const before = slots.get(slotKey);
    slots.set(slotKey, { slotKey, wait: wait || (before?.wait ?? false), mostQueued: mostQueuedOf(policy) });
  }
  // In one order for all: two that wait do so for each other's keys in turn.
  const inOrder = [...slots.values()].sort((a, b) => (a.slotKey < b.slotKey ? -1 : 1));
  const looks = await lookAtSlots(tx, tenantId, inOrder, ending);
  return new Map(looks.map((each) => [each.slotKey, each]));
}

function mostQueuedOf({ max_queued }: ConcurrencyPolicy): number {
  return max_queued ?? defaultMaxQueued;
}

/** Counts what it gives out into `slot`. */
function decide(
  { slotKey, policy, asked }: Wanted,
  slot: SlotLook | undefined,
  holderAbove: number | null,
): Admission {
  const { limit } = policy;
  const name = toSlotName(slotKey);
  if (slot?.isLocked && slot.queued === 0 && slot.held < limit) {
    slot.held += 1;
    return { kind: 'held', slotKey };
  }
  if (policy.when_full === 'reject') {
    return refuse(
      slot
        ? `${name} runs ${times(limit)} already, and more are refused (concurrency of ${asked.ref}: limit ${limit}, when_full reject). Run it again later, or raise the limit.`
        : `${name} is one of more than ${mostLocks} slots that were asked for at once. Give the task fewer items at a time.`,
    );
  }
  if (holderAbove !== null) {
    return refuse(
      `${name} would wait for itself: execution ${holderAbove}, which it is a part of, holds a slot of it until this ends (${limit} of ${limit} run). Raise the limit of ${asked.ref}, or do not start it from inside itself.`,
    );
  }
  const most = mostQueuedOf(policy);
  if (slot && slot.queued >= most) {
    return refuse(
      `The queue of ${name} is full: ${most} wait already for ${limit === 1 ? 'its one slot' : `one of its ${limit} slots`}. Run it again later, or raise max_queued of ${asked.ref}.`,
    );
  }
  if (slot) slot.queued += 1;
  return { kind: 'queued', slotKey, reason: `waits for a free slot of ${name} (${limit} of ${limit} run)` };
}

function refuse(error: string): Admission {
  return { kind: 'refused', error };
}

function times(limit: number): string {
  return limit === 1 ? 'once' : `${limit} times`;
}

/**
 * To be called in the transaction that ends an execution, or sends it back into a delay: after the commit the next in
 * the queue gets the slot. Triggers free the slot itself, so forgetting this only makes the next one wait for the upkeep.
 */
export function release(tx: Tx, row: { tenantId: number; slotKey: string | null }): void {
  const { tenantId, slotKey } = row;
  if (slotKey !== null) tx.afterCommit(() => promotions.soon(tenantId, slotKey));
}

const promotions = new Promotions(promote);

/** Resolves when this process gives out no slot any more: before its database is closed. */
export function promotionsSettled(): Promise<void> {
  return promotions.settled();
}

type Turn = 'promoted' | 'full' | 'empty' | 'again' | 'busy';
const mostTurns = 1_000;
// About as long as until the upkeep comes by.
const mostBusyTurns = 13;

/**
 * Gives what is free of a slot to those in front of its queue, each in a transaction of its own; gives how many. Each
 * becomes `scheduled`, with a job. Where another process does the same, it waits a little and then leaves it to it.
 */
export async function promote(tenantId: number, slotKey: string): Promise<number> {
  let promoted = 0;
  let busy = 0;
  for (let turn = 0; turn < mostTurns; turn += 1) {
    const outcome = await promoteFirst(tenantId, slotKey);
    if (outcome === 'full' || outcome === 'empty') break;
    if (outcome === 'promoted') promoted += 1;
    if (outcome !== 'busy') continue;
    busy += 1;
    if (busy > mostBusyTurns) break;
    await new Promise((resolve) => setTimeout(resolve, Math.min(5 * 2 ** busy, 200) * (0.5 + Math.random())));
  }
  return promoted;
}

async function promoteFirst(tenantId: number, slotKey: string): Promise<Turn> {
  const system = { query: querySystem };
  const first = await firstInQueue(system, tenantId, slotKey);
  if (!first) return 'empty';
  return inTenant(tenantId, async (tx): Promise<Turn> => {
    // The root's lock before the slot's, like every step.
    await lockRoot(tx, tenantId, first.rootId);
    const [slot] = await lookAtSlots(tx, tenantId, [{ slotKey, wait: false, mostQueued: 1 }]);
    if (!slot?.isLocked) return 'busy';
    const limit = await limitOf(tx, tenantId, slotKey);
    if (limit !== null && slot.held >= limit) return 'full';
    const now = await firstInQueue(tx, tenantId, slotKey);
    if (now?.executionId !== first.executionId) return now ? 'again' : 'empty';
    const row = await findInTree(tx, tenantId, first.rootId, first.executionId);
    if (row?.state !== 'queued') {
      await dropFromQueue(tx, tenantId, first.executionId);
      return 'again';
    }
    if (!(await changeState(tx, row, { state: 'scheduled' }))) return 'again';
    await enqueue(tx, 'execution', [{ tenantId, rootId: row.rootId, id: row.id, priority: row.priority }]);
    return 'promoted';
  });
}

/**
 * The safety net of the upkeep: repairs what holds a slot though it has ended, and gives out what is free while
 * somebody waits, for at most `limit` slots. Gives how many executions got one.
 */
export async function promoteAll(limit: number): Promise<number> {
  await dropLostSlots();
  let promoted = 0;
  for (const { tenantId, slotKey } of await listFreeQueues(limit))
    promoted += await promote(tenantId, slotKey);
  return promoted;
}
