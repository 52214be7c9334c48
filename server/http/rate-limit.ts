import { DomainError } from '@/engine/errors';
import type { Actor } from '../identities/actor';
import { env } from '../env';

/**
 * How much one caller may ask of this process: a bucket of tokens per identity (or execution), and per address for those
 * who are nobody yet or whose token is none. Each process counts for itself: with several behind one address a caller gets as
 * many times the limit. A bucket holds a tenth of a minute's worth, so that a page's first calls, or a burst, go through.
 */

const burstShare = 0.1;
/** Callers remembered at most; beyond it those whose bucket is full again are forgotten, then all. */
const mostBuckets = 50_000;

interface Bucket {
  tokens: number;
  at: number;
}

/** Buckets of one size. `now` in milliseconds. */
export class RateLimit {
  readonly #buckets = new Map<string, Bucket>();

  constructor(
    private readonly perMinute: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get #burst(): number {
    return Math.max(1, this.perMinute * burstShare);
  }

  /** Takes so many; the seconds to wait where there are too few, else 0. A limit of 0 is none. */
  take(caller: string, count = 1): number {
    if (this.perMinute === 0) return 0;
    const at = this.now();
    const perMs = this.perMinute / 60_000;
    const before = this.#buckets.get(caller);
    const tokens = before ? Math.min(this.#burst, before.tokens + (at - before.at) * perMs) : this.#burst;
    // A call that counts for more than a full bucket empties it, else it could never be made.
    const wanted = Math.min(count, this.#burst);
    const isEnough = tokens >= wanted;
    if (!before && this.#buckets.size >= mostBuckets) this.#forget(at, perMs);
    this.#buckets.set(caller, { tokens: isEnough ? tokens - wanted : tokens, at });
    return isEnough ? 0 : Math.max(1, Math.ceil((wanted - tokens) / perMs / 1000));
  }

  #forget(at: number, perMs: number): void {
    for (const [caller, { tokens, at: from }] of this.#buckets)
      if (tokens + (at - from) * perMs >= this.#burst) this.#buckets.delete(caller);
    if (this.#buckets.size >= mostBuckets) this.#buckets.clear();
  }
}

let limits: { known: RateLimit; anonymous: RateLimit } | undefined;

function limitsOfProcess() {
  const { ATTUNE_RATE_PER_MINUTE, ATTUNE_RATE_ANONYMOUS_PER_MINUTE } = env();
  limits ??= {
    known: new RateLimit(ATTUNE_RATE_PER_MINUTE),
    anonymous: new RateLimit(ATTUNE_RATE_ANONYMOUS_PER_MINUTE),
  };
  return limits;
}

/**
 * Counts a call (a batch as so many) for whoever makes it: an actor, or an address where nobody is signed in.
 * @throws DomainError too_many, with when to come back
 */
export function chargeCall(caller: Actor | string, count = 1): void {
  const { known, anonymous } = limitsOfProcess();
  const seconds =
    typeof caller === 'string'
      ? anonymous.take(caller, count)
      : known.take(caller.execution ? `execution ${caller.execution.id}` : String(caller.identityId), count);
  if (seconds === 0) return;
  throw new DomainError('too_many', 'rate_limited', `Too many calls. Try again in ${seconds} s.`, {
    retryAfterSeconds: seconds,
  });
}
