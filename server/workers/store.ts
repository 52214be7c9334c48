import type { Sql } from '../db';
import type { JsonObject } from '../fields';
import type { WorkerSummary } from './schema';

/** What a worker says of itself when it registers. */
export interface NewWorker {
  name: string;
  host: string;
  pid: number;
  slots: number;
  /** Each runtime that this worker can run, with the interpreter behind it. */
  runtimes: JsonObject;
  /** The level of the walls and what they hold, for people. */
  sandbox: string;
}

export async function insertWorker(tx: Sql, worker: NewWorker): Promise<number> {
  const [row] = await tx.query<{ id: number }>(
    `INSERT INTO worker (tenant_id, name, host, pid, runtimes, slots, sandbox)
     VALUES (1, $1, $2, $3, $4::jsonb, $5, $6) RETURNING id`,
    [worker.name, worker.host, worker.pid, JSON.stringify(worker.runtimes), worker.slots, worker.sandbox],
  );
  if (!row) throw new Error('the new worker got no id');
  return row.id;
}

export async function touchWorker(
  tx: Sql,
  workerId: number,
  busy: number,
  status: 'active' | 'draining',
): Promise<void> {
  await tx.query(`UPDATE worker SET heartbeat_at = clock_timestamp(), busy = $2, status = $3 WHERE id = $1`, [
    workerId,
    busy,
    status,
  ]);
}

export async function closeWorker(tx: Sql, workerId: number): Promise<void> {
  await tx.query(`UPDATE worker SET status = 'offline', busy = 0 WHERE id = $1`, [workerId]);
}

/** Workers of the last day, the newest first; one that was not heard of for `silentSeconds` counts as offline. */
export async function selectWorkers(tx: Sql, silentSeconds: number): Promise<WorkerSummary[]> {
  const rows = await tx.query<
    Omit<WorkerSummary, 'started' | 'heartbeatAt'> & { started: Date; heartbeatAt: Date }
  >(
    `SELECT id, name, host, pid, slots, runtimes, sandbox, started, heartbeat_at AS "heartbeatAt",
            CASE WHEN heartbeat_at < now() - make_interval(secs => $1) THEN 'offline' ELSE status END AS status,
            CASE WHEN heartbeat_at < now() - make_interval(secs => $1) THEN 0 ELSE busy END AS busy
     FROM worker WHERE tenant_id = 1 AND heartbeat_at > now() - interval '1 day'
     ORDER BY id DESC LIMIT 200`,
    [silentSeconds],
  );
  return rows.map((row) => ({
    ...row,
    started: row.started.toISOString(),
    heartbeatAt: row.heartbeatAt.toISOString(),
  }));
}

/** Of the executions named, those that somebody asked to cancel. */
export async function selectCancelRequests(
  tx: Sql,
  executions: readonly { tenantId: number; rootId: number; executionId: number }[],
): Promise<number[]> {
  const rows = await tx.query<{ id: number }>(
    `SELECT e.id FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS mine (tenant_id, root_id, id)
     JOIN execution e USING (tenant_id, root_id, id)
     WHERE e.cancel_requested`,
    [
      executions.map((one) => one.tenantId),
      executions.map((one) => one.rootId),
      executions.map((one) => one.executionId),
    ],
  );
  return rows.map((row) => row.id);
}
