import type { Sql } from '../db';
import type { Actor } from './actor';
import { readGrants } from './held-sets';
import { toHidden } from './store';
import { signToken, type ExecutionClaims } from './tokens';

/** Longer than any attempt may last; the database ends it sooner. */
const longestSeconds = 7 * 86_400;

/** An attempt that is about to run. */
export interface Attempt {
  tenantId: number;
  rootId: number;
  executionId: number;
  fence: number;
  timeoutSeconds: number | null;
}

/** What an attempt calls the API with. It counts while that attempt runs, and gives what the sets give. */
export function signExecutionToken(attempt: Attempt, sets: readonly string[]): Promise<string> {
  const { tenantId, rootId, executionId, fence, timeoutSeconds } = attempt;
  return signToken(
    { kind: 'execution', tenant: tenantId, root: rootId, execution: executionId, fence, sets: [...sets] },
    Math.min(timeoutSeconds === null ? longestSeconds : timeoutSeconds + 300, longestSeconds),
  );
}

interface Row {
  actionRef: string;
  requestedBy: number | null;
  requester: string | null;
  tenantName: string;
  othersPacks: string[] | null;
}

/**
 * The execution as an actor; null once that attempt does not run any more, or whoever asked for it is frozen or gone.
 * What it makes is its requester's.
 */
export async function findExecutionActor(
  sql: Sql,
  claims: ExecutionClaims,
): Promise<Omit<Actor, 'address' | 'requestId'> | null> {
  const [row] = await sql.query<Row>(
    `SELECT e.action_ref AS "actionRef", e.requested_by AS "requestedBy", i.login AS requester, t.name AS "tenantName",
       (SELECT array_agg(p.ref) FROM pack p WHERE p.tenant_id = e.tenant_id AND p.visibility = 'private'
          AND p.created_by IS DISTINCT FROM e.requested_by) AS "othersPacks"
     FROM execution e JOIN tenant t ON t.id = e.tenant_id
     LEFT JOIN identity i ON i.id = e.requested_by AND i.tenant_id = e.tenant_id
     LEFT JOIN identity h ON h.id = i.home_id
     WHERE e.tenant_id = $1 AND e.root_id = $2 AND e.id = $3 AND e.fence = $4 AND e.state IN ('running', 'canceling')
       AND t.suspended_at IS NULL
       AND (e.requested_by IS NULL OR (i.id IS NOT NULL AND NOT i.frozen AND h.frozen IS NOT TRUE))`,
    [claims.tenant, claims.root, claims.execution, claims.fence],
  );
  if (!row) return null;
  const { actionRef } = row;
  const packRef = actionRef.slice(0, actionRef.indexOf('.'));
  const grants = await readGrants(sql, claims.tenant, claims.sets, { ref: actionRef, packRef });
  return {
    identityId: row.requestedBy ?? 0,
    tenantId: claims.tenant,
    tenantName: row.tenantName,
    // No person's login holds a slash, so keys of a person are never an execution's.
    login: `execution/${claims.execution}`,
    displayName: `Execution ${claims.execution} of ${actionRef}`,
    permissionSets: claims.sets,
    grants,
    // What runs sees its own pack, whoever asked for it.
    hiddenPacks: toHidden(row.othersPacks ?? [], grants).filter((ref) => ref !== packRef),
    execution: { id: claims.execution, actionRef, packRef, requester: row.requester },
  };
}
