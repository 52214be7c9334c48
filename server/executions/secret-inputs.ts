import type { Json } from '@/engine/expression/expression';
import { open, seal, type Sealed } from '../sealing/seal';

const contextOf = (run: { id: number }) => `item-input:${run.id}`;

/** What an item is to be given, sealed until its turn comes. */
export function sealInput(run: { tenantId: number; id: number }, input: Json): Sealed {
  return seal(run.tenantId, contextOf(run), input);
}

/** @throws SealBroken */
export function openInput(run: { tenantId: number; id: number }, sealed: Sealed): Json {
  return open(run.tenantId, contextOf(run), sealed).value;
}
