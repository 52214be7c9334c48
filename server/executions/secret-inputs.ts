import type { Json } from '@/engine/expression/expression';
import { open, seal, type Sealed, type Sealing } from '../sealing/seal';
import { textsOf } from './secret-parameters';

const contextOf = (run: { id: number }) => `item-input:${run.id}`;

/** What an item is to be given, and the secrets that went into it. */
interface OpenInput {
  input: Json;
  /** Of `Bearer t0k` the `t0k`: what an action may take out of it again. */
  origins: string[];
}

/** What an item is to be given, sealed until its turn comes, with those of the secrets that went into it. */
export function sealInput(
  run: { tenantId: number; id: number },
  input: Json,
  secretTexts: readonly string[],
): Sealed {
  const texts = textsOf(input);
  const origins = secretTexts.filter((origin) => texts.some((text) => text.includes(origin)));
  return seal(run.tenantId, contextOf(run), [input, ...origins]);
}

/** @throws SealBroken */
export function openInput(run: { tenantId: number; id: number }, sealed: Sealed): OpenInput {
  const { value } = open(run.tenantId, contextOf(run), sealed);
  // An input is an object: one that was sealed before origins were kept stands alone.
  if (!Array.isArray(value)) return { input: value, origins: [] };
  const [input = null, ...origins] = value;
  return { input, origins: origins.flatMap(textsOf) };
}

/** The same with the newest key, or null where it is already. @throws SealBroken */
export function resealInput(
  sealing: Sealing,
  run: { tenantId: number; id: number },
  sealed: Sealed,
): Sealed | null {
  return sealing.reseal(run.tenantId, contextOf(run), sealed);
}
