import { defaultMaxQueued, type ConcurrencyPolicy } from '@/engine/definition/concurrency';
import type { ExecutionState } from '@/engine/execution/status';
import type { Tx } from '../db';
import type { JsonObject } from '../fields';
import { promoteSoon } from './concurrency';
import { toSlotKey, toSlotName } from './slot-key';
import { listSlotsAbove, lookAtSlot, type SlotLook } from './slots';

/** An execution that is about to be stored, or to become ready after a delay. */
export interface Asked {
  ref: string;
  policy: ConcurrencyPolicy | null;
  /** As they are stored, with masks in place of secrets. */
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

/**
 * Decides who gets a slot, who waits and who is refused, for what one transaction stores: the slots are locked until
 * its end, so nobody else gives them out meanwhile, and what was decided counts for what comes after. It waits for no
 * other transaction but where a policy rejects; a slot that somebody else is giving out is waited for in the queue.
 */
export class Admissions {
  private readonly looks = new Map<string, SlotLook>();
  private readonly above = new Map<number, Map<string, number>>();
  private readonly ending: number[] = [];
  private readonly queues = new Set<string>();

  constructor(
    private readonly tx: Tx,
    private readonly tenantId: number,
  ) {}

  /** Notes that an execution ends in this transaction: what it holds is free for those who come after. */
  end(row: { id: number; slotKey: string | null; state: ExecutionState }): void {
    if (row.slotKey === null || row.state === 'delayed') return;
    this.ending.push(row.id);
    const look = this.looks.get(row.slotKey);
    if (!look) return;
    if (row.state === 'queued') look.queued = Math.max(0, look.queued - 1);
    else look.held -= 1;
  }

  async admit(asked: Asked): Promise<Admission> {
    const { ref, policy, parameters, parent } = asked;
    if (policy === null) return { kind: 'free' };
    const key = toSlotKey(ref, policy, parameters);
    if ('error' in key) return refuse(key.error);
    const { slotKey } = key;
    const holderAbove = parent === null ? null : await this.findHolderAbove(parent, slotKey);
    // Only who cannot queue has to know at once whether there is room.
    const slot = await this.look(slotKey, policy, policy.when_full === 'reject' || holderAbove !== null);
    const admission = decide(ref, slotKey, policy, slot, holderAbove);
    if (admission.kind === 'queued') this.ring(slotKey);
    return admission;
  }

  /** The nearest run above that holds the very slot that is wanted. */
  private async findHolderAbove(
    parent: { rootId: number; id: number },
    slotKey: string,
  ): Promise<number | null> {
    const known = this.above.get(parent.id);
    const held = known ?? (await listSlotsAbove(this.tx, { tenantId: this.tenantId, ...parent }));
    this.above.set(parent.id, held);
    return held.get(slotKey) ?? null;
  }

  private async look(slotKey: string, policy: ConcurrencyPolicy, wait: boolean): Promise<SlotLook | null> {
    const known = this.looks.get(slotKey);
    if (known && (known.isLocked || !wait)) return known;
    const had = locks.get(this.tx) ?? new Set();
    locks.set(this.tx, had);
    if (!had.has(slotKey) && had.size >= mostLocks) return null;
    had.add(slotKey);
    const mostQueued = mostQueuedOf(policy);
    const look = await lookAtSlot(this.tx, this.tenantId, { slotKey, wait, mostQueued }, this.ending);
    this.looks.set(slotKey, look);
    return look;
  }

  /** Whoever gave the slot out meanwhile may have left some of it. */
  private ring(slotKey: string): void {
    if (this.queues.has(slotKey)) return;
    this.queues.add(slotKey);
    this.tx.afterCommit(() => promoteSoon(this.tenantId, slotKey));
  }
}

function mostQueuedOf({ max_queued }: ConcurrencyPolicy): number {
  return max_queued ?? defaultMaxQueued;
}

/** Counts what it gives out into `slot`. */
function decide(
  ref: string,
  slotKey: string,
  policy: ConcurrencyPolicy,
  slot: SlotLook | null,
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
        ? `${name} runs ${limit === 1 ? 'once' : `${limit} times`} already, and more are refused (concurrency of ${ref}: limit ${limit}, when_full reject). Run it again later, or raise the limit.`
        : `${name} is one of more than ${mostLocks} slots that were asked for at once. Give the task fewer items at a time.`,
    );
  }
  if (holderAbove !== null) {
    return refuse(
      `${name} would wait for itself: execution ${holderAbove}, which it is a part of, holds a slot of it until this ends (${limit} of ${limit} run). Raise the limit of ${ref}, or do not start it from inside itself.`,
    );
  }
  const most = mostQueuedOf(policy);
  if (slot && slot.queued >= most) {
    return refuse(
      `The queue of ${name} is full: ${most} wait already for ${limit === 1 ? 'its one slot' : `one of its ${limit} slots`}. Run it again later, or raise max_queued of ${ref}.`,
    );
  }
  if (slot) slot.queued += 1;
  return { kind: 'queued', slotKey, reason: `waits for a free slot of ${name} (${limit} of ${limit} run)` };
}

function refuse(error: string): Admission {
  return { kind: 'refused', error };
}
