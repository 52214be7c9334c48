import type { Json } from '@/engine/expression/expression';
import type { Sql } from '../db';

/** A run: its tenant, its tree, and its execution. */
export interface RunPlace {
  tenantId: number;
  rootId: number;
  id: number;
}

const lastAttempt = `(SELECT e.result FROM execution e WHERE e.tenant_id = t.tenant_id AND e.root_id = t.root_id AND e.parent_id = t.execution_id
  AND e.task_name = t.task AND e.visit = t.visit AND e.item_index IS NULL ORDER BY e.attempt DESC LIMIT 1)`;
const itemResults = `(SELECT json_agg(i.result ORDER BY i.item_index) FROM (SELECT DISTINCT ON (e.item_index) e.item_index, e.result FROM execution e
  WHERE e.tenant_id = t.tenant_id AND e.root_id = t.root_id AND e.parent_id = t.execution_id AND e.task_name = t.task AND e.visit = t.visit
    AND e.item_index IS NOT NULL ORDER BY e.item_index, e.attempt DESC) i)`;

/** The result of a row `t` of `task_run`, wherever it lies: it is stored once. */
export const taskResult = `CASE t.result_from WHEN 'attempt' THEN ${lastAttempt} WHEN 'items' THEN ${itemResults} ELSE t.result END`;

/** The latest ended visit of each of these tasks. */
export async function readTaskResults(
  sql: Sql,
  run: RunPlace,
  names: readonly string[],
): Promise<Map<string, { result: Json; status: string }>> {
  const rows = await sql.query<{ task: string; result: Json; status: string }>(
    `SELECT t.task, t.status, ${taskResult} AS result FROM (
       SELECT DISTINCT ON (task) * FROM task_run
       WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3 AND task = ANY ($4) AND status <> 'running' ORDER BY task, visit DESC) t`,
    [run.tenantId, run.rootId, run.id, names],
  );
  return new Map(rows.map((row) => [row.task, { result: row.result, status: row.status }]));
}

/** The last attempt's result of every item of a visit, by item. */
export async function readItemResults(
  sql: Sql,
  run: RunPlace,
  task: string,
  visit: number,
): Promise<Map<number, Json>> {
  const rows = await sql.query<{ item: number; result: Json | null }>(
    `SELECT DISTINCT ON (item_index) item_index AS item, result FROM execution
     WHERE tenant_id = $1 AND root_id = $2 AND parent_id = $3 AND task_name = $4 AND visit = $5 AND item_index IS NOT NULL
     ORDER BY item_index, attempt DESC`,
    [run.tenantId, run.rootId, run.id, task, visit],
  );
  return new Map(rows.map((row) => [row.item, row.result]));
}

/** What items were to be given, from one on: as many as a step may start. */
export async function readItemInputs(
  sql: Sql,
  run: RunPlace,
  task: string,
  visit: number,
  fromItem: number,
): Promise<{ item: number; input: Json; sealed: Buffer | null }[]> {
  return sql.query(
    `SELECT item, input, sealed FROM item_input WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3 AND task = $4 AND visit = $5
       AND item >= $6 ORDER BY item LIMIT 50`,
    [run.tenantId, run.rootId, run.id, task, visit, fromItem],
  );
}
