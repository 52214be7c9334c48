import { isEnded } from '@/engine/execution/status';
import { inTenant } from '../db';
import type { JsonObject } from '../fields';
import { toExecution } from '../executions/rest-schema';
import { findTold } from '../executions/rest-store';
import type { WebhookConfig } from './schema';

/** Waiting for what an event leads to, for callers that want its results and are allowed them. */

/** So many callers of one process wait at a time; more are answered at once. */
const mostWaiters = 50;
const mostExecutions = 100;
const firstPauseMs = 25;
const longestPauseMs = 500;

/** What one rule started: as the REST API tells executions. */
interface OutcomeExecution {
  id: number;
  rule_ref: string | null;
  action_ref: string;
  status: string;
  state: string;
  result: JsonObject;
}

export interface Outcome {
  /** ended: all have; none: no rule matched; pending: time is over; not_waited: too many wait already. */
  outcome: 'ended' | 'none' | 'pending' | 'not_waited';
  /** The one execution, where there is just one. */
  execution: OutcomeExecution | null;
  executions: OutcomeExecution[];
}

/** How many seconds the caller wants to wait, and may; null where it is to be answered at once. */
export function toPatience(config: WebhookConfig, prefer: string | null): number | null {
  const wishes = (prefer ?? '')
    .toLowerCase()
    .split(/[,;]/)
    .map((wish) => wish.trim());
  if (config.response_mode === 'async' || wishes.includes('respond-async')) return null;
  const asked = wishes
    .map((wish) => /^wait\s*=\s*"?(\d{1,6})"?$/.exec(wish)?.[1])
    .find((text) => text !== undefined);
  if (config.response_mode === 'prefer' && asked === undefined) return null;
  return Math.min(config.sync_timeout_seconds, asked === undefined ? Infinity : Number(asked));
}

let waiters = 0;

/** What came of an event, once all that its rules started has ended, or as far as it came until the time was over. */
export async function awaitOutcome(
  event: { tenantId: number; eventId: number },
  patienceSeconds: number,
  isGone: AbortSignal,
): Promise<Outcome> {
  if (waiters >= mostWaiters) return { outcome: 'not_waited', ...toParts([]) };
  waiters += 1;
  try {
    const untilMs = performance.now() + patienceSeconds * 1000;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const { isProcessed, executions } = await look(event);
      const isOver = isProcessed && executions.every(({ state }) => isEnded(state));
      if (isOver) return { outcome: executions.length === 0 ? 'none' : 'ended', ...toParts(executions) };
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0 || isGone.aborted) return { outcome: 'pending', ...toParts(executions) };
      await pause(Math.min(pauseMs, leftMs), isGone);
    }
  } finally {
    waiters -= 1;
  }
}

type Told = ReturnType<typeof toExecution>;

function toParts(told: readonly Told[]): Pick<Outcome, 'execution' | 'executions'> {
  const executions = told.map(({ id, rule_ref, action_ref, status, state, result }) => ({
    ...{ id, rule_ref, action_ref, status, state, result },
  }));
  return { execution: executions.length === 1 ? (executions[0] ?? null) : null, executions };
}

async function look({ tenantId, eventId }: { tenantId: number; eventId: number }) {
  return inTenant(tenantId, async (tx) => {
    const [event] = await tx.query<{ isProcessed: boolean; ids: number[] | null }>(
      `SELECT e.processed_at IS NOT NULL AS "isProcessed",
         (SELECT json_agg(f.execution_id ORDER BY f.id) FROM (
            SELECT id, execution_id FROM enforcement WHERE tenant_id = $1 AND event_id = $2 AND execution_id IS NOT NULL ORDER BY id LIMIT ${mostExecutions}) f) AS ids
       FROM event e WHERE e.tenant_id = $1 AND e.id = $2`,
      [tenantId, eventId],
    );
    const executions: Told[] = [];
    for (const id of event?.ids ?? []) {
      const row = await findTold(tx, tenantId, id);
      if (row) executions.push(toExecution(row, [], []));
    }
    // An event that is gone leads to nothing more.
    return { isProcessed: event?.isProcessed ?? true, executions };
  });
}

function pause(ms: number, isGone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      isGone.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    isGone.addEventListener('abort', end);
  });
}
