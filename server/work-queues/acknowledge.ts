import type { Json } from '@/engine/expression/expression';
import type { JsonObject } from '../fields';
import type { ItemStatus, Tuning } from './schema';

/** What becomes of items when their execution has ended: pure decisions. */

/** One entry of `queue_ack`. */
interface Acknowledged {
  status: string;
  summary: Json;
}

/** How an execution ended, as far as its items care. */
export interface Ending {
  executionId: number;
  /** Its state, or gone where its row was removed. */
  state: string;
  error: string | null;
  result: Json;
  /** It was stopped because its lease ran out, and by nobody who wanted its items dropped. */
  isOverdue: boolean;
}

export interface Settled {
  status: Exclude<ItemStatus, 'queued' | 'leased'>;
  ackSummary: JsonObject | null;
  lastError: JsonObject | null;
  retryInSeconds: number | null;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const mostEntries = 10_000;

/**
 * What the result says of each item, by its id: `queue_ack` beside the result's own fields, or in its data. Entries that
 * are none are passed by; of two for one item the last counts.
 */
export function readAcks(result: Json): Map<number, Acknowledged> {
  const found = new Map<number, Acknowledged>();
  if (!isObject(result)) return found;
  const data = result['data'];
  const ack = result['queue_ack'] ?? (isObject(data) ? data['queue_ack'] : undefined);
  const items = isObject(ack) ? ack['items'] : undefined;
  if (!Array.isArray(items)) return found;
  for (const entry of items.slice(0, mostEntries)) {
    if (!isObject(entry)) continue;
    const id = Number(entry['id']);
    const status = entry['status'];
    if (Number.isSafeInteger(id) && typeof status === 'string')
      found.set(id, { status, summary: entry['summary'] ?? null });
  }
  return found;
}

/**
 * What becomes of one item: as its execution acknowledged it, else by how that ended. What failed without a word, or was
 * acknowledged as `retry`, is tried again as often as the queue says; one that a person cancelled is cancelled.
 */
export function settleItem(
  attemptCount: number,
  ending: Ending,
  ack: Acknowledged | undefined,
  tuning: Tuning,
): Settled {
  const { executionId, state } = ending;
  const outcome = ack ? outcomeOfAck(ack.status) : outcomeOfEnding(ending);
  const ackSummary = ack ? { status: ack.status, summary: ack.summary } : null;
  const tell = (message: string): JsonObject => ({ message, execution: executionId, state });
  if (outcome === null) {
    const message = `It was acknowledged as ${ack?.status.slice(0, 100)}, which is no outcome. Use completed, failed, retry, skipped or cancelled.`;
    return { status: 'failed', ackSummary, lastError: tell(message), retryInSeconds: null };
  }
  if (outcome === 'completed' || outcome === 'skipped')
    return { status: outcome, ackSummary, lastError: null, retryInSeconds: null };
  const said = typeof ack?.summary === 'string' && ack.summary !== '' ? ack.summary : null;
  const lastError = tell(said ?? ending.error ?? sentenceOf(ending, ack));
  if (outcome !== 'retry') return { status: outcome, ackSummary, lastError, retryInSeconds: null };
  const isLast = attemptCount >= tuning.max_attempts;
  if (isLast) return { status: 'failed', ackSummary, lastError, retryInSeconds: null };
  return { status: 'retry', ackSummary, lastError, retryInSeconds: delayAfter(attemptCount, tuning) };
}

function outcomeOfAck(status: string): Settled['status'] | null {
  switch (status) {
    case 'completed':
    case 'failed':
    case 'retry':
    case 'skipped':
    case 'cancelled':
      return status;
    default:
      return null;
  }
}

function outcomeOfEnding({ state, isOverdue }: Ending): 'completed' | 'cancelled' | 'retry' {
  if (state === 'completed') return 'completed';
  return state === 'cancelled' && !isOverdue ? 'cancelled' : 'retry';
}

function sentenceOf({ executionId, state }: Ending, ack: Acknowledged | undefined): string {
  if (ack) return `Execution ${executionId} acknowledged it as ${ack.status}.`;
  if (state === 'gone') return `Execution ${executionId} is gone, and nobody knows how it ended.`;
  return `Execution ${executionId} ended as ${state}.`;
}

/** Seconds until the next attempt. */
function delayAfter(attemptCount: number, tuning: Tuning): number {
  const factor = tuning.retry_backoff === 'fixed' ? 1 : 2 ** Math.min(attemptCount - 1, 30);
  return Math.min(tuning.retry_delay_seconds * factor, tuning.max_retry_delay_seconds);
}

/** RFC 7396: objects are merged, null removes, everything else replaces. */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name) ?? null, value));
  }
  return Object.fromEntries(merged);
}
