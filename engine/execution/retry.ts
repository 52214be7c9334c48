import type { GraphRetry } from '../definition/graph';
import type { Outcome } from './state';

/** Whether an outcome is one that a retry answers; `retry.when` is asked apart. */
export function mayRetry(
  retry: GraphRetry,
  outcome: Outcome,
  attempt: number,
  isIdempotent: boolean,
): boolean {
  if (attempt > retry.count) return false;
  switch (outcome) {
    case 'failed':
    case 'timeout':
      return retry.on === null || retry.on.has(outcome);
    case 'abandoned':
      // The body may have run in part: only an idempotent action may run again, whatever `on` says.
      return isIdempotent && (retry.on === null || retry.on.has(outcome));
    case 'completed':
    case 'cancelled':
      return false;
  }
}

/** The seconds to wait before the attempt that follows `attempt`, to the millisecond; `random` is 0 to below 1. */
export function retryDelaySeconds(retry: GraphRetry, attempt: number, random: () => number): number {
  const { delaySeconds, backoff, maxDelaySeconds, jitter } = retry;
  const grown = {
    constant: delaySeconds,
    linear: delaySeconds * attempt,
    exponential: delaySeconds * 2 ** Math.min(attempt - 1, 60),
  }[backoff];
  const spread = jitter > 0 ? grown * (1 + jitter * (2 * random() - 1)) : grown;
  const longest = Math.min(maxDelaySeconds ?? Number.POSITIVE_INFINITY, 31_536_000);
  return Math.round(Math.max(0, Math.min(spread, longest)) * 1000) / 1000;
}
