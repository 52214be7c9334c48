import type { Json } from '@/engine/expression/expression';
import type { ExecutionState } from '@/engine/execution/status';
import type { Sql, Tx } from '../db';
import { appendChanges, type Change } from '../feed/store';
import type { JsonObject } from '../fields';
import type { ExecutionSummary } from './schema';

/** A row of `execution`, with the login of who asked for it. */
export interface ExecutionRow {
  id: number;
  tenantId: number;
  rootId: number;
  parentId: number | null;
  originalId: number | null;
  actionRef: string;
  kind: 'action' | 'workflow';
  revision: number | null;
  state: ExecutionState;
  stateReason: string | null;
  priority: number;
  parameters: JsonObject;
  result: Json | null;
  error: string | null;
  taskName: string | null;
  visit: number;
  itemIndex: number | null;
  attempt: number;
  maxRetries: number;
  enforcementId: number | null;
  eventId: number | null;
  ruleRef: string | null;
  triggerRef: string | null;
  requestedBy: number | null;
  idempotent: boolean;
  timeoutSeconds: number | null;
  cancelRequested: boolean;
  fence: number;
  workerId: number | null;
  leaseUntil: Date | null;
  availableAt: Date;
  deadlineAt: Date | null;
  created: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  requestedByLogin: string | null;
  runtime: string;
  slotKey: string | null;
  /** The parameters with their secrets, sealed; null when they hold none. */
  sealed: Buffer | null;
  /** The execution that this one runs again, and the task that it begins from; null for the whole. */
  rerunOf: number | null;
  rerunFrom: string | null;
  /** Its run is paused: it does not start. */
  onHold: boolean;
}

/** Of a row `e`, as {@link ExecutionRow} has it. */
export const columns = `e.id, e.tenant_id AS "tenantId", e.root_id AS "rootId", e.parent_id AS "parentId", e.original_id AS "originalId",
  e.action_ref AS "actionRef", e.kind, e.revision, e.state, e.state_reason AS "stateReason", e.priority, e.parameters, e.result, e.error,
  e.task_name AS "taskName", e.visit, e.item_index AS "itemIndex", e.attempt, e.max_retries AS "maxRetries",
  e.enforcement_id AS "enforcementId", e.event_id AS "eventId", e.rule_ref AS "ruleRef", e.trigger_ref AS "triggerRef",
  e.requested_by AS "requestedBy", e.idempotent, e.timeout_seconds AS "timeoutSeconds", e.cancel_requested AS "cancelRequested",
  e.fence, e.worker_id AS "workerId", e.lease_until AS "leaseUntil", e.available_at AS "availableAt", e.deadline_at AS "deadlineAt",
  e.created, e.started_at AS "startedAt", e.ended_at AS "endedAt", e.runtime, e.slot_key AS "slotKey", e.sealed,
  e.rerun_of AS "rerunOf", e.rerun_from AS "rerunFrom", e.on_hold AS "onHold",
  (SELECT i.login FROM identity i WHERE i.id = e.requested_by) AS "requestedByLogin"`;

const iso = (time: Date | null) => time?.toISOString() ?? null;

/** What lists, trees and the change feed say of an execution. */
export function toSummary(row: ExecutionRow): ExecutionSummary {
  return {
    id: row.id,
    rootId: row.rootId,
    parentId: row.parentId,
    actionRef: row.actionRef,
    kind: row.kind,
    state: row.state,
    stateReason: row.stateReason,
    error: row.error,
    taskName: row.taskName,
    visit: row.visit,
    itemIndex: row.itemIndex,
    attempt: row.attempt,
    maxRetries: row.maxRetries,
    ruleRef: row.ruleRef,
    triggerRef: row.triggerRef,
    eventId: row.eventId,
    enforcementId: row.enforcementId,
    requestedBy: row.requestedByLogin,
    revision: row.revision,
    rerunOf: row.rerunOf,
    rerunFrom: row.rerunFrom,
    created: row.created.toISOString(),
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
  };
}

/** Takes the lock of a tree: every step of any execution in it holds this one, so steps of a tree never deadlock. */
export async function lockRoot(tx: Tx, tenantId: number, rootId: number): Promise<boolean> {
  const rows = await tx.query(
    'SELECT 1 FROM execution WHERE tenant_id = $1 AND root_id = $2 AND id = $2 FOR UPDATE',
    [tenantId, rootId],
  );
  return rows.length === 1;
}

export async function findExecution(sql: Sql, tenantId: number, id: number): Promise<ExecutionRow | null> {
  const [row] = await sql.query<ExecutionRow>(
    `SELECT ${columns} FROM execution e WHERE e.tenant_id = $1 AND e.id = $2`,
    [tenantId, id],
  );
  return row ?? null;
}

/** Like {@link findExecution}, in one partition. */
export async function findInTree(
  sql: Sql,
  tenantId: number,
  rootId: number,
  id: number,
): Promise<ExecutionRow | null> {
  const [row] = await sql.query<ExecutionRow>(
    `SELECT ${columns} FROM execution e WHERE e.tenant_id = $1 AND e.root_id = $2 AND e.id = $3`,
    [tenantId, rootId, id],
  );
  return row ?? null;
}

/** The tree, root first, then by id. */
export async function listTree(
  sql: Sql,
  tenantId: number,
  rootId: number,
  limit: number,
): Promise<ExecutionRow[]> {
  return sql.query<ExecutionRow>(
    `SELECT ${columns} FROM execution e WHERE e.tenant_id = $1 AND e.root_id = $2 ORDER BY e.id LIMIT $3`,
    [tenantId, rootId, limit],
  );
}

/** The children of one run that have not ended. */
export async function listOpenChildren(sql: Sql, parent: ExecutionRow): Promise<ExecutionRow[]> {
  return sql.query<ExecutionRow>(
    `SELECT ${columns} FROM execution e WHERE e.tenant_id = $1 AND e.root_id = $2 AND e.parent_id = $3 AND e.ended_at IS NULL ORDER BY e.id`,
    [parent.tenantId, parent.rootId, parent.id],
  );
}

/** The first attempt of a task's visit, or of one of its items. */
export async function findFirstAttempt(
  sql: Sql,
  run: ExecutionRow,
  token: { task: string; visit: number; item: number | null },
): Promise<number | null> {
  const [row] = await sql.query<{ id: number }>(
    `SELECT id FROM execution WHERE tenant_id = $1 AND root_id = $2 AND parent_id = $3 AND task_name = $4 AND visit = $5
       AND item_index IS NOT DISTINCT FROM $6 AND attempt = 1`,
    [run.tenantId, run.rootId, run.id, token.task, token.visit, token.item],
  );
  return row?.id ?? null;
}

export interface ListFilter {
  states?: readonly string[] | undefined;
  actionRef?: string | undefined;
  ruleRef?: string | undefined;
  rootsOnly: boolean;
  before?: number | undefined;
  limit: number;
}

/** Newest first. */
export async function listExecutions(
  sql: Sql,
  tenantId: number,
  filter: ListFilter,
): Promise<ExecutionRow[]> {
  return sql.query<ExecutionRow>(
    `SELECT ${columns} FROM execution e
     WHERE e.tenant_id = $1 AND ($2::text[] IS NULL OR e.state = ANY ($2)) AND ($3::text IS NULL OR e.action_ref = $3)
       AND ($4::text IS NULL OR e.rule_ref = $4) AND ($5::boolean IS FALSE OR e.parent_id IS NULL) AND ($6::bigint IS NULL OR e.id < $6)
     ORDER BY e.id DESC LIMIT $7`,
    [
      tenantId,
      filter.states ?? null,
      filter.actionRef ?? null,
      filter.ruleRef ?? null,
      filter.rootsOnly,
      filter.before ?? null,
      filter.limit,
    ],
  );
}

/** What a change of state writes beside it. */
export interface Transition {
  state: ExecutionState;
  stateReason?: string | null;
}

const ended: ReadonlySet<string> = new Set(['completed', 'failed', 'timeout', 'cancelled', 'abandoned']);

/**
 * One conditional update to a state that is no end: it takes effect only while the row still stands where the caller
 * saw it (state and fence). Gives the new row, or null when somebody else was first. The database's clock stamps it.
 * What ends an execution is a step (`endExecution`).
 */
export async function changeState(tx: Tx, row: ExecutionRow, to: Transition): Promise<ExecutionRow | null> {
  const [changed] = await tx.query<ExecutionRow>(
    `WITH e AS (
       UPDATE execution SET state = $6, state_reason = $7, updated = clock_timestamp(),
         lease_until = CASE WHEN $6 = 'canceling' THEN lease_until END,
         -- What is handed back under a paused run waits with the others.
         on_hold = CASE WHEN $6 = 'scheduled' THEN EXISTS (
             SELECT FROM execution p WHERE p.tenant_id = $1 AND p.root_id = $2 AND p.id = execution.parent_id AND p.state = 'paused')
           ELSE on_hold END
       WHERE tenant_id = $1 AND root_id = $2 AND id = $3 AND state = $4 AND fence = $5
       RETURNING *
     )
     SELECT ${columns} FROM e`,
    [row.tenantId, row.rootId, row.id, row.state, row.fence, to.state, to.stateReason ?? null],
  );
  if (!changed) return null;
  await appendChanges(tx, row.tenantId, [stateChange(changed)]);
  return changed;
}

/** The feed row of an execution's present state. */
export function stateChange(row: ExecutionRow, kind: 'created' | 'state' = 'state'): Change {
  return {
    entityType: 'execution',
    entityId: row.id,
    rootId: row.rootId,
    kind,
    terminal: ended.has(row.state),
    payload: toSummary(row),
  };
}
