import { inTenant } from '../db';
import type { FeedRow } from '../feed/store';

/** Who asked for an execution. */
export interface Requester {
  id: number;
  login: string;
}

const maxKept = 20_000;
/** It never changes; null where a rule did. */
const kept = new Map<number, Requester | null>();

/** Who asked for the executions among the rows, by the executions' ids; what nobody asked for is not in it. */
export async function requestersOf(
  tenantId: number,
  rows: readonly FeedRow[],
): Promise<Map<number, Requester>> {
  const executions = rows.filter((row) => row.entityType === 'execution' && row.tenantId === tenantId);
  const unknown = executions.filter(({ entityId }) => !kept.has(entityId));
  if (kept.size + unknown.length > maxKept) kept.clear();
  if (unknown.length > 0) {
    const found = await inTenant(tenantId, (tx) =>
      tx.query<{ id: number; requesterId: number | null; login: string | null }>(
        `SELECT e.id, e.requested_by AS "requesterId", i.login
         FROM unnest($2::bigint[], $3::bigint[]) AS u(root_id, id)
         JOIN execution e ON e.tenant_id = $1 AND e.root_id = u.root_id AND e.id = u.id
         LEFT JOIN identity i ON i.tenant_id = $1 AND i.id = e.requested_by`,
        [tenantId, unknown.map(({ rootId }) => rootId), unknown.map(({ entityId }) => entityId)],
      ),
    );
    for (const { id, requesterId, login } of found)
      kept.set(id, requesterId === null || login === null ? null : { id: requesterId, login });
  }
  const known = new Map<number, Requester>();
  for (const { entityId } of executions) {
    const requester = kept.get(entityId);
    if (requester) known.set(entityId, requester);
  }
  return known;
}
