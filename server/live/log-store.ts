import { inTenant } from '../db';
import type { LogChunk } from '../executions/schema';

/** The tree and the action of an execution, or null when the tenant has none with this id. */
export async function findLogOwner(
  tenantId: number,
  executionId: number,
): Promise<{ rootId: number; actionRef: string } | null> {
  const [row] = await inTenant(tenantId, (tx) =>
    tx.query<{ rootId: number; actionRef: string }>(
      `SELECT root_id AS "rootId", action_ref AS "actionRef" FROM execution WHERE tenant_id = $1 AND id = $2`,
      [tenantId, executionId],
    ),
  );
  return row ?? null;
}

/** The next chunks, in order. `hasEnded` was true before they were read, so an empty page after it is the end. */
export async function readLogAfter(
  tenantId: number,
  execution: { rootId: number; executionId: number },
  after: number,
  limit: number,
): Promise<{ chunks: LogChunk[]; hasEnded: boolean }> {
  const { rootId, executionId } = execution;
  return inTenant(tenantId, async (tx) => {
    const [row] = await tx.query<{ hasEnded: boolean }>(
      `SELECT ended_at IS NOT NULL AS "hasEnded" FROM execution WHERE tenant_id = $1 AND root_id = $2 AND id = $3`,
      [tenantId, rootId, executionId],
    );
    const rows = await tx.query<Omit<LogChunk, 'created'> & { created: Date }>(
      `SELECT seq, stream, content, created FROM execution_log
       WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3 AND seq > $4 ORDER BY seq LIMIT $5`,
      [tenantId, rootId, executionId, after, limit],
    );
    return {
      chunks: rows.map((chunk) => ({ ...chunk, created: chunk.created.toISOString() })),
      hasEnded: row?.hasEnded ?? true,
    };
  });
}
