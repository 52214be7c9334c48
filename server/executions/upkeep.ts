import { isEnded } from '@/engine/execution/status';
import { inTenant, querySystem } from '../db';
import { expireInquiry } from '../inquiries/expire';
import { log } from '../log';
import { enqueue, type QueueName } from '../queue';
import { makeReady } from './make-ready';
import { toErrorResult } from './resolve-action';
import { endExecution, tellRun } from './steps';
import { changeState, findInTree, lockRoot, type ExecutionRow } from './store';
import type { Tx } from '../db';

interface Due {
  tenantId: number;
  rootId: number;
  id: number;
}

/** Does `work` on each row in a transaction of its own, under its root's lock; one that fails does not stop the rest. */
async function each(
  due: readonly Due[],
  what: string,
  work: (tx: Tx, row: ExecutionRow) => Promise<boolean>,
): Promise<number> {
  let done = 0;
  for (const { tenantId, rootId, id } of due) {
    try {
      const did = await inTenant(tenantId, async (tx) => {
        await lockRoot(tx, tenantId, rootId);
        const row = await findInTree(tx, tenantId, rootId, id);
        return row !== null && !isEnded(row.state) && work(tx, row);
      });
      if (did) done += 1;
    } catch (error) {
      log.error(
        { executionId: id, error: (error as Error).message },
        `${what} failed; it will be tried again`,
      );
    }
  }
  return done;
}

const place = 'tenant_id AS "tenantId", root_id AS "rootId", id';

/**
 * Finds claims whose worker let the lease run out. An idempotent action is handed to another worker; another one has
 * perhaps done its work, so it ends `abandoned`, and its run hears of it. A null lease counts as lost.
 */
export async function reapLostLeases(limit: number): Promise<number> {
  const due = await querySystem<Due>(
    `SELECT ${place} FROM execution WHERE kind = 'action' AND state IN ('running', 'canceling')
       AND (lease_until IS NULL OR lease_until < clock_timestamp()) LIMIT $1`,
    [limit],
  );
  return each(due, 'reaping a lost lease', async (tx, row) => {
    if (row.kind !== 'action' || (row.state !== 'running' && row.state !== 'canceling')) return false;
    const [clock] = await tx.query<{ lost: boolean }>(
      'SELECT $1::timestamptz IS NULL OR $1 < clock_timestamp() AS lost',
      [row.leaseUntil],
    );
    if (!clock?.lost) return false;
    if (row.cancelRequested) {
      const error = row.stateReason ?? 'Cancelled.';
      await endExecution(tx, row, {
        state: row.state === 'canceling' ? 'cancelled' : 'abandoned',
        result: toErrorResult(error),
        error,
      });
      return true;
    }
    if (row.idempotent && row.state === 'running') {
      const again = await changeState(tx, row, {
        state: 'scheduled',
        stateReason: 'its worker died; it is idempotent, so it runs again',
      });
      if (again && !again.onHold)
        await enqueue(tx, 'execution', [
          { tenantId: row.tenantId, rootId: row.rootId, id: row.id, priority: row.priority },
        ]);
      return again !== null;
    }
    const error =
      'The worker that ran this died. The action may have done part of its work; declare it idempotent to have it run again.';
    await endExecution(tx, row, { state: 'abandoned', result: toErrorResult(error), error });
    return true;
  });
}

/** Does what has come due: delayed attempts become ready, deadlines of runs pass, inquiries time out. */
export async function fireDueTimers(limit: number): Promise<number> {
  const delayed = await querySystem<Due>(
    `SELECT ${place} FROM execution WHERE state = 'delayed' AND NOT on_hold AND available_at <= clock_timestamp() ORDER BY available_at LIMIT $1`,
    [limit],
  );
  const ready = await each(delayed, 'waking a delayed execution', makeReady);
  const late = await querySystem<Due>(
    `SELECT ${place} FROM execution WHERE kind = 'workflow' AND ended_at IS NULL AND state <> 'canceling'
       AND deadline_at IS NOT NULL AND deadline_at <= clock_timestamp() LIMIT $1`,
    [limit],
  );
  const timedOut = await each(late, 'timing out a run', async (tx, row) => {
    if (row.state === 'canceling') return false;
    await tellRun(tx, row, { type: 'timeout' });
    return true;
  });
  const expired = await querySystem<Due & { executionId: number }>(
    `SELECT tenant_id AS "tenantId", root_id AS "rootId", id FROM inquiry WHERE status = 'pending' AND timeout_at <= clock_timestamp() LIMIT $1`,
    [limit],
  );
  let inquiries = 0;
  for (const { tenantId, rootId, id } of expired) {
    try {
      if (await expireInquiry(tenantId, rootId, id)) inquiries += 1;
    } catch (error) {
      log.error(
        { inquiryId: id, error: (error as Error).message },
        'timing out an inquiry failed; it will be tried again',
      );
    }
  }
  return ready + timedOut + inquiries;
}

/**
 * Rings again for rows that wait without a job: every job may be lost and nothing is. While the queue still holds
 * jobs it is left alone; they will lead to their rows.
 */
export async function reconcile(limit: number): Promise<number> {
  const [waiting] = await querySystem<{ execution: boolean; event: boolean; news: boolean }>(
    `SELECT EXISTS (SELECT FROM pgboss.job WHERE name = 'execution' AND state < 'active') AS execution,
            EXISTS (SELECT FROM pgboss.job WHERE name = 'event' AND state < 'active') AS event,
            EXISTS (SELECT FROM pgboss.job WHERE name = 'news' AND state < 'active') AS news`,
  );
  let rung = 0;
  if (!waiting?.execution) {
    const rows = await querySystem<Due>(
      `SELECT ${place} FROM execution WHERE state IN ('requested', 'scheduled') AND NOT on_hold AND updated < clock_timestamp() - interval '5 seconds'
       ORDER BY updated LIMIT $1`,
      [limit],
    );
    rung += await ring('execution', rows);
  }
  if (!waiting?.event) {
    const rows = await querySystem<Due>(
      `SELECT tenant_id AS "tenantId", 0::bigint AS "rootId", id FROM event
       WHERE processed_at IS NULL AND created < clock_timestamp() - interval '5 seconds' ORDER BY id LIMIT $1`,
      [limit],
    );
    rung += await ring('event', rows);
  }
  if (!waiting?.news) {
    const rows = await querySystem<Due>(
      `SELECT DISTINCT tenant_id AS "tenantId", root_id AS "rootId", execution_id AS id FROM run_news
       WHERE created < clock_timestamp() - interval '5 seconds' LIMIT $1`,
      [limit],
    );
    rung += await ring('news', rows);
  }
  return rung;
}

async function ring(queue: QueueName, rows: readonly Due[]): Promise<number> {
  const byTenant = Map.groupBy(rows, (row) => row.tenantId);
  for (const [tenantId, own] of byTenant) await inTenant(tenantId, (tx) => enqueue(tx, queue, own));
  return rows.length;
}
