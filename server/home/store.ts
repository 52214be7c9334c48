import type { Tx } from '../db';

/** Ended executions are counted among the newest roots only, so that the page costs the same in a year. */
const rootsLookedAt = 10_000;

export interface Counts {
  running: number;
  waiting: number;
  endedToday: number;
  failedToday: number;
}

/** How many roots run and wait now, and how many ended since midnight UTC. */
export async function countExecutions(tx: Tx, tenantId: number): Promise<Counts> {
  const [row] = await tx.query<Counts>(
    `SELECT
       count(*) FILTER (WHERE state IN ('requested','delayed','queued','scheduled','running','canceling'))::int AS running,
       count(*) FILTER (WHERE state IN ('waiting','paused'))::int AS waiting,
       count(*) FILTER (WHERE ended_at >= date_trunc('day', now(), 'UTC'))::int AS "endedToday",
       count(*) FILTER (WHERE ended_at >= date_trunc('day', now(), 'UTC') AND state IN ('failed','timeout','abandoned'))::int AS "failedToday"
     FROM (SELECT state, ended_at FROM execution WHERE tenant_id = $1 AND parent_id IS NULL ORDER BY id DESC LIMIT $2) AS newest`,
    [tenantId, rootsLookedAt],
  );
  return row ?? { running: 0, waiting: 0, endedToday: 0, failedToday: 0 };
}

/** Workers that were heard of within the last 15 seconds. They belong to the installation. */
export async function countWorkers(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ workers: number }>(
    `SELECT count(*)::int AS workers FROM worker WHERE status <> 'offline' AND heartbeat_at > now() - interval '15 seconds'`,
  );
  return row?.workers ?? 0;
}

export interface ExampleRow {
  packPath: string | null;
  triggerRef: string;
  triggerId: number;
  webhookKey: string | null;
  lastExecutionId: number | null;
}

/** The example story's parts, or null when its trigger or its workflow is gone. */
export async function findExample(
  tx: Tx,
  tenantId: number,
  refs: { triggerRef: string; workflowRef: string },
): Promise<ExampleRow | null> {
  const [row] = await tx.query<ExampleRow>(
    `SELECT p.path AS "packPath", t.ref AS "triggerRef", t.id AS "triggerId",
       CASE WHEN t.webhook_enabled THEN t.webhook_key END AS "webhookKey",
       (SELECT e.id FROM execution e WHERE e.tenant_id = $1 AND e.action_ref = $3 AND e.parent_id IS NULL ORDER BY e.id DESC LIMIT 1) AS "lastExecutionId"
     FROM trigger t JOIN pack p ON p.id = t.pack_id
     JOIN workflow w ON w.tenant_id = t.tenant_id AND w.ref = $3 AND w.published IS NOT NULL
     WHERE t.tenant_id = $1 AND t.ref = $2 AND t.enabled`,
    [tenantId, refs.triggerRef, refs.workflowRef],
  );
  return row ?? null;
}
