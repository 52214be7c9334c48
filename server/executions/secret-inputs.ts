import type { Json } from '@/engine/expression/expression';
import { open, seal, type Sealed, type Sealing } from '../sealing/seal';

const contextOf = (run: { id: number }) => `item-input:${run.id}`;

/** What an item is to be given, sealed until its turn comes. */
export function sealInput(run: { tenantId: number; id: number }, input: Json): Sealed {
  return seal(run.tenantId, contextOf(run), input);
}

/** @throws SealBroken */
export function openInput(run: { tenantId: number; id: number }, sealed: Sealed): Json {
  return open(run.tenantId, contextOf(run), sealed).value;
}

/** The same with the newest key, or null where it is already. @throws SealBroken */
export function resealInput(
  sealing: Sealing,
  run: { tenantId: number; id: number },
  sealed: Sealed,
): Sealed | null {
  return sealing.reseal(run.tenantId, contextOf(run), sealed);
}
