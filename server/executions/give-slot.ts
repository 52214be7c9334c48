import type { ConcurrencyPolicy } from '@/engine/definition/concurrency';
import type { Admissions } from './admissions';
import { toErrorResult } from './resolve-action';
import type { Birth } from './step-writes';

/** A step that starts what is limited has to be decided in the transaction that writes it. */
export class NeedsTransaction extends Error {
  constructor() {
    super('a step that gives out slots is decided in its transaction');
  }
}

/**
 * Has a birth that can start now take a slot, a place in the queue, or a refusal with which it has failed. Without a
 * policy nothing happens; a delayed one is admitted when its delay ends.
 * @throws NeedsTransaction when it is limited and there is none
 */
export async function giveSlot(
  admissions: Admissions | null,
  birth: Birth,
  policy: ConcurrencyPolicy | null,
  rootId: number | null,
): Promise<void> {
  if (policy === null || birth.state !== 'requested') return;
  if (!admissions) throw new NeedsTransaction();
  const { action_ref: ref, parameters, parent_id: id } = birth;
  const parent = rootId === null || id === null ? null : { rootId, id };
  const admission = await admissions.admit({ ref, policy, parameters, parent });
  switch (admission.kind) {
    case 'free':
      return;
    case 'held':
      birth.slot_key = admission.slotKey;
      return;
    case 'queued':
      Object.assign(birth, {
        slot_key: admission.slotKey,
        state: 'queued',
        state_reason: admission.reason,
      } satisfies Partial<Birth>);
      return;
    case 'refused':
      Object.assign(birth, {
        state: 'failed',
        error: admission.error,
        result: toErrorResult(admission.error),
      } satisfies Partial<Birth>);
  }
}
