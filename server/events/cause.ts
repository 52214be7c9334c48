import { querySystem, type Sql } from '../db';

/** The header by which a program of an execution says whose it is; core.http_request and the helper modules send it. */
export const causeHeader = 'x-attune-execution';
/** A rule that led to itself so many times in a row is stopped. */
export const mostRounds = 20;
/** Further back than this nobody looks. */
const longestChain = 1_000;

/**
 * The execution that a caller says it is, where it is one of the tenant that lives, or ended a moment ago; null for all
 * else. It gives nobody any right: it only makes the event part of that execution's chain.
 */
export async function findCause(tenantId: number, said: string | undefined): Promise<number | null> {
  if (said === undefined || !/^[1-9]\d{0,15}$/.test(said)) return null;
  const [row] = await querySystem<{ id: number }>(
    `SELECT id FROM execution WHERE tenant_id = $1 AND id = $2 AND (ended_at IS NULL OR ended_at > clock_timestamp() - interval '1 minute')`,
    [tenantId, Number(said)],
  );
  return row?.id ?? null;
}

/**
 * How often the rule comes in the chain that led to this execution: from it to the event that asked for it, from that to
 * the execution that brought the event about, and so on; from an execution of a work queue to the one that filled the queue.
 */
export async function countRounds(
  sql: Sql,
  tenantId: number,
  executionId: number,
  ruleRef: string,
): Promise<number> {
  const [row] = await sql.query<{ rounds: number }>(
    `WITH RECURSIVE chain AS (
       SELECT e.event_id, e.root_id, e.rule_ref, 1 AS links FROM execution e WHERE e.tenant_id = $1 AND e.id = $2
       UNION ALL
       SELECT e.event_id, e.root_id, e.rule_ref, chain.links + 1 FROM chain
         CROSS JOIN LATERAL (SELECT CASE WHEN chain.event_id IS NOT NULL
           THEN (SELECT v.execution_id FROM event v WHERE v.tenant_id = $1 AND v.id = chain.event_id)
           ELSE (SELECT d.cause_execution FROM work_queue_dispatch d WHERE d.tenant_id = $1 AND d.execution_id = chain.root_id) END AS id) cause
         JOIN execution e ON e.tenant_id = $1 AND e.id = cause.id
       WHERE chain.links < $4)
     SELECT count(*)::int AS rounds FROM chain WHERE rule_ref = $3`,
    [tenantId, executionId, ruleRef, longestChain],
  );
  return row?.rounds ?? 0;
}
