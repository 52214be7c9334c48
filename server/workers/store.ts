import type { Sql } from '../db';
import type { JsonObject } from '../fields';
import type { WorkerSummary } from './schema';

export type WorkerFacts = Omit<WorkerSummary, 'mayManage'>;

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
): Promise<{ isCordoned: boolean }> {
  const [row] = await tx.query<{ isCordoned: boolean }>(
    `UPDATE worker SET heartbeat_at = clock_timestamp(), busy = $2, status = $3 WHERE id = $1
     RETURNING cordoned_at IS NOT NULL AS "isCordoned"`,
    [workerId, busy, status],
  );
  return row ?? { isCordoned: false };
}

/** Null where there is no such worker. */
export async function setCordon(
  tx: Sql,
  workerId: number,
  cordon: { by: string; reason: string } | null,
): Promise<{ id: number } | null> {
  const [row] = await tx.query<{ id: number }>(
    `UPDATE worker SET cordoned_at = CASE WHEN $2::text IS NOT NULL THEN COALESCE(cordoned_at, clock_timestamp()) END,
       cordoned_by = $2, cordon_reason = $3 WHERE tenant_id = 1 AND id = $1 RETURNING id`,
    [workerId, cordon?.by ?? null, cordon?.reason ?? ''],
  );
  return row ?? null;
}

export async function closeWorker(tx: Sql, workerId: number): Promise<void> {
  await tx.query(`UPDATE worker SET status = 'offline', busy = 0 WHERE id = $1`, [workerId]);
}

/** Workers of the last day, the newest first; one that was not heard of for `silentSeconds` counts as offline. `id`: only that one. */
export async function selectWorkers(
  tx: Sql,
  silentSeconds: number,
  id: number | null = null,
): Promise<WorkerFacts[]> {
  const rows = await tx.query<
    Omit<WorkerFacts, 'started' | 'heartbeatAt' | 'cordonedAt'> & {
      started: Date;
      heartbeatAt: Date;
      cordonedAt: Date | null;
    }
  >(
    `SELECT id, name, host, pid, slots, runtimes, sandbox, started, heartbeat_at AS "heartbeatAt",
            extract(epoch FROM clock_timestamp() - heartbeat_at)::float8 AS "heartbeatAgeSeconds",
            cordoned_at AS "cordonedAt", cordoned_by AS "cordonedBy", cordon_reason AS "cordonReason",
            CASE WHEN heartbeat_at < now() - make_interval(secs => $1) THEN 'offline' ELSE status END AS status,
            CASE WHEN heartbeat_at < now() - make_interval(secs => $1) THEN 0 ELSE busy END AS busy
     FROM worker WHERE tenant_id = 1 AND heartbeat_at > now() - interval '1 day' AND ($2::bigint IS NULL OR id = $2)
     ORDER BY id DESC LIMIT 200`,
    [silentSeconds, id],
  );
  return rows.map((row) => ({
    ...row,
    started: row.started.toISOString(),
    heartbeatAt: row.heartbeatAt.toISOString(),
    cordonedAt: row.cordonedAt?.toISOString() ?? null,
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
