import { compileGraph, type Graph } from '@/engine/definition/graph';
import type { Definition } from '@/engine/definition/schema';
import type { RunState } from '@/engine/execution/state';
import type { Json } from '@/engine/expression/expression';
import type { Sql, Tx } from '../db';
import { resolveAction } from './resolve-action';
import type { ExecutionRow } from './store';

/** A workflow's run as a step needs it. */
export interface Run {
  execution: ExecutionRow;
  graph: Graph;
  state: RunState;
  packConfig: Json;
  /** The event that caused the run, where the definition speaks of it. */
  event: { [key: string]: Json } | null;
  isNew: boolean;
}

interface Revision {
  workflowId: number;
  graph: Graph;
  readsEvent: boolean;
}

// Revisions are immutable, so what is compiled once stays right.
const compiled = new Map<string, Revision>();
const compiledLimit = 200;

async function loadRevision(
  sql: Sql,
  ownerTenantId: number,
  workflowId: number,
  number: number,
): Promise<Revision> {
  const key = `${workflowId}:${number}`;
  const known = compiled.get(key);
  if (known) return known;
  const [row] = await sql.query<{ definition: Definition }>(
    'SELECT definition FROM workflow_revision WHERE tenant_id = $1 AND workflow_id = $2 AND number = $3',
    [ownerTenantId, workflowId, number],
  );
  if (!row) throw new Error(`revision ${number} of workflow ${workflowId} is missing`);
  const text = JSON.stringify(row.definition);
  const revision = {
    workflowId,
    graph: compileGraph(row.definition),
    readsEvent: /\b(event|trigger|rule)\b/.test(text),
  };
  if (compiled.size >= compiledLimit) compiled.delete(compiled.keys().next().value as string);
  compiled.set(key, revision);
  return revision;
}

interface RunRow {
  workflowId: number;
  revision: number;
  state: RunState;
}

/** The run of a workflow's execution, or null before its first step. The caller holds the root's lock. */
export async function loadRun(tx: Tx, execution: ExecutionRow): Promise<Run | null> {
  const [row] = await tx.query<RunRow>(
    `SELECT workflow_id AS "workflowId", revision, state FROM workflow_run WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3`,
    [execution.tenantId, execution.rootId, execution.id],
  );
  return row ? open(tx, execution, row.workflowId, row.revision, row.state) : null;
}

/** Makes the run of a workflow's execution, on the revision that was newest when the execution was asked for. */
export async function createRun(
  tx: Tx,
  execution: ExecutionRow,
  initial: (graph: Graph) => RunState,
): Promise<Run | null> {
  const action = await resolveAction(tx, execution.tenantId, execution.actionRef);
  if (!action?.workflowId || execution.revision === null) return null;
  const revision = await loadRevision(tx, action.tenantId, action.workflowId, execution.revision);
  const state = initial(revision.graph);
  await tx.query(
    `INSERT INTO workflow_run (tenant_id, root_id, execution_id, workflow_id, revision, state) VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      execution.tenantId,
      execution.rootId,
      execution.id,
      action.workflowId,
      execution.revision,
      JSON.stringify(state),
    ],
  );
  return { ...(await open(tx, execution, action.workflowId, execution.revision, state)), isNew: true };
}

async function open(
  tx: Tx,
  execution: ExecutionRow,
  workflowId: number,
  number: number,
  state: RunState,
): Promise<Run> {
  const action = await resolveAction(tx, execution.tenantId, execution.actionRef);
  // A workflow of a standard pack belongs to tenant 1; its runs belong to whoever runs it.
  const [owner] = await tx.query<{ tenantId: number }>(
    'SELECT tenant_id AS "tenantId" FROM workflow WHERE id = $1',
    [workflowId],
  );
  const revision = await loadRevision(tx, owner?.tenantId ?? execution.tenantId, workflowId, number);
  const event = revision.readsEvent && execution.eventId !== null ? await loadEvent(tx, execution) : null;
  return {
    execution,
    graph: revision.graph,
    state,
    packConfig: action?.packConfig ?? {},
    event,
    isNew: false,
  };
}

async function loadEvent(tx: Tx, execution: ExecutionRow): Promise<{ [key: string]: Json } | null> {
  const [row] = await tx.query<{
    id: number;
    payload: Json;
    headers: Json;
    triggerRef: string;
    created: Date;
  }>(
    `SELECT id, payload, headers, trigger_ref AS "triggerRef", created FROM event WHERE tenant_id = $1 AND id = $2`,
    [execution.tenantId, execution.eventId],
  );
  if (!row) return null;
  return {
    id: row.id,
    payload: row.payload,
    headers: row.headers,
    trigger: row.triggerRef,
    created: row.created.toISOString(),
  };
}

export async function saveRun(tx: Tx, run: Run, state: RunState, warnings: readonly string[]): Promise<void> {
  await tx.query(
    `UPDATE workflow_run SET state = $4, updated = now(),
       warnings = CASE WHEN jsonb_array_length(warnings) < 100 THEN warnings || $5::jsonb ELSE warnings END
     WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3`,
    [
      run.execution.tenantId,
      run.execution.rootId,
      run.execution.id,
      JSON.stringify(state),
      JSON.stringify(warnings),
    ],
  );
}

/** What a step changed of one visit of a task. */
export interface TaskRunChange {
  task: string;
  visit: number;
  status: string;
  result: Json;
  error: string | null;
  transitions: { index: number; fired: boolean; to: string[]; error: string | null }[];
}

export async function saveTaskRuns(
  tx: Tx,
  run: ExecutionRow,
  changes: readonly TaskRunChange[],
): Promise<void> {
  if (changes.length === 0) return;
  await tx.query(
    `INSERT INTO task_run (tenant_id, root_id, execution_id, task, visit, status, result, error, transitions, ended_at)
     SELECT $1::bigint, $2::bigint, $3::bigint, c.task, c.visit, c.status, c.result, c.error, c.transitions,
       CASE WHEN c.status <> 'running' THEN clock_timestamp() END
     FROM json_to_recordset($4::json) AS c(task text, visit int, status text, result json, error text, transitions jsonb)
     ON CONFLICT (tenant_id, root_id, execution_id, task, visit) DO UPDATE SET status = excluded.status, result = excluded.result,
       error = excluded.error, transitions = excluded.transitions, ended_at = excluded.ended_at`,
    [run.tenantId, run.rootId, run.id, JSON.stringify(changes)],
  );
}

/** The latest ended visit of each of these tasks. */
export async function readTaskResults(
  tx: Tx,
  run: ExecutionRow,
  names: readonly string[],
): Promise<Map<string, { result: Json; status: string }>> {
  const rows = await tx.query<{ task: string; result: Json; status: string }>(
    `SELECT DISTINCT ON (task) task, result, status FROM task_run
     WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3 AND task = ANY ($4) AND status <> 'running' ORDER BY task, visit DESC`,
    [run.tenantId, run.rootId, run.id, names],
  );
  return new Map(rows.map((row) => [row.task, { result: row.result, status: row.status }]));
}

/** The last attempt's result of every item of a visit, in item order. */
export async function readItemResults(
  tx: Tx,
  run: ExecutionRow,
  task: string,
  visit: number,
): Promise<Json[]> {
  const rows = await tx.query<{ result: Json | null }>(
    `SELECT DISTINCT ON (item_index) item_index, result FROM execution
     WHERE tenant_id = $1 AND root_id = $2 AND parent_id = $3 AND task_name = $4 AND visit = $5 AND item_index IS NOT NULL
     ORDER BY item_index, attempt DESC`,
    [run.tenantId, run.rootId, run.id, task, visit],
  );
  return rows.map((row) => row.result);
}
