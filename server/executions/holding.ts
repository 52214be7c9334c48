import type { ExecutionState } from '@/engine/execution/status';
import type { Sql, Tx } from '../db';
import { columns, type ExecutionRow } from './store';

/** The workflow runs in this state from a run downwards, itself first, through runs in this state only. */
export async function listRunsBelow(
  sql: Sql,
  top: ExecutionRow,
  state: 'running' | 'paused',
): Promise<ExecutionRow[]> {
  return sql.query<ExecutionRow>(
    `WITH RECURSIVE below AS (
       SELECT id FROM execution WHERE tenant_id = $1 AND root_id = $2 AND id = $3
       UNION ALL
       SELECT c.id FROM below b JOIN execution c ON c.tenant_id = $1 AND c.root_id = $2 AND c.parent_id = b.id
       WHERE c.kind = 'workflow' AND c.state = $4
     )
     SELECT ${columns} FROM execution e WHERE e.tenant_id = $1 AND e.root_id = $2 AND e.id IN (SELECT id FROM below) ORDER BY e.id`,
    [top.tenantId, top.rootId, top.id, state],
  );
}

/**
 * Puts the children of these runs that nobody has begun on hold. Their fence grows: a worker that has a nested run in
 * hand to begin it is refused.
 */
export async function holdChildren(tx: Tx, top: ExecutionRow, runs: readonly ExecutionRow[]): Promise<void> {
  await tx.query(
    `UPDATE execution SET on_hold = true, fence = fence + 1 WHERE tenant_id = $1 AND root_id = $2 AND parent_id = ANY ($3)
       AND state IN ('requested', 'scheduled', 'delayed', 'queued')`,
    [top.tenantId, top.rootId, runs.map(({ id }) => id)],
  );
}

/** Lets the children of these runs that are on hold begin; gives them. */
export async function releaseChildren(
  tx: Tx,
  top: ExecutionRow,
  runs: readonly ExecutionRow[],
): Promise<{ id: number; state: ExecutionState; priority: number; slotKey: string | null }[]> {
  return tx.query(
    `UPDATE execution SET on_hold = false, updated = clock_timestamp() WHERE tenant_id = $1 AND root_id = $2 AND parent_id = ANY ($3)
       AND on_hold AND ended_at IS NULL RETURNING id, state, priority, slot_key AS "slotKey"`,
    [top.tenantId, top.rootId, runs.map(({ id }) => id)],
  );
}
