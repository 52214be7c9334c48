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
}

const columns = `e.id, e.tenant_id AS "tenantId", e.root_id AS "rootId", e.parent_id AS "parentId", e.original_id AS "originalId",
  e.action_ref AS "actionRef", e.kind, e.revision, e.state, e.state_reason AS "stateReason", e.priority, e.parameters, e.result, e.error,
  e.task_name AS "taskName", e.visit, e.item_index AS "itemIndex", e.attempt, e.max_retries AS "maxRetries",
  e.enforcement_id AS "enforcementId", e.event_id AS "eventId", e.rule_ref AS "ruleRef", e.trigger_ref AS "triggerRef",
  e.requested_by AS "requestedBy", e.idempotent, e.timeout_seconds AS "timeoutSeconds", e.cancel_requested AS "cancelRequested",
  e.fence, e.worker_id AS "workerId", e.lease_until AS "leaseUntil", e.available_at AS "availableAt", e.deadline_at AS "deadlineAt",
  e.created, e.started_at AS "startedAt", e.ended_at AS "endedAt",
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

/** What a new execution says of itself; the rest has defaults. */
export interface NewExecution {
  rootId: number | null;
  parentId: number | null;
  originalId: number | null;
  actionRef: string;
  kind: 'action' | 'workflow';
  revision: number | null;
  state: 'requested' | 'delayed';
  priority: number;
  parameters: JsonObject;
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
  delaySeconds: number;
}

/** Inserts executions in order and gives their rows back in that order. A root's id is its root. */
export async function insertExecutions(
  tx: Tx,
  tenantId: number,
  rows: readonly NewExecution[],
): Promise<ExecutionRow[]> {
  if (rows.length === 0) return [];
  const ids = (
    await tx.query<{ id: number | bigint }>(
      `SELECT nextval('execution_id_seq') AS id FROM generate_series(1, $1)`,
      [rows.length],
    )
  ).map(({ id }) => Number(id));
  const values = rows.map((row, place) => ({
    id: ids[place],
    root_id: row.rootId ?? ids[place],
    parent_id: row.parentId,
    original_id: row.originalId,
    action_ref: row.actionRef,
    kind: row.kind,
    revision: row.revision,
    state: row.state,
    priority: row.priority,
    parameters: row.parameters,
    task_name: row.taskName,
    visit: row.visit,
    item_index: row.itemIndex,
    attempt: row.attempt,
    max_retries: row.maxRetries,
    enforcement_id: row.enforcementId,
    event_id: row.eventId,
    rule_ref: row.ruleRef,
    trigger_ref: row.triggerRef,
    requested_by: row.requestedBy,
    idempotent: row.idempotent,
    timeout_seconds: row.timeoutSeconds,
    delay_seconds: row.delaySeconds,
  }));
  return tx.query<ExecutionRow>(
    `WITH given AS (
       SELECT * FROM json_to_recordset($2::json) AS g(id bigint, root_id bigint, parent_id bigint, original_id bigint, action_ref text,
         kind text, revision int, state text, priority int, parameters json, task_name text, visit int, item_index int, attempt int,
         max_retries int, enforcement_id bigint, event_id bigint, rule_ref text, trigger_ref text, requested_by bigint, idempotent boolean,
         timeout_seconds int, delay_seconds double precision)
     ), e AS (
       INSERT INTO execution (id, tenant_id, root_id, parent_id, original_id, action_ref, kind, revision, state, priority, parameters,
         task_name, visit, item_index, attempt, max_retries, enforcement_id, event_id, rule_ref, trigger_ref, requested_by, idempotent,
         timeout_seconds, available_at)
       SELECT id, $1::bigint, root_id, parent_id, original_id, action_ref, kind, revision, state, priority, parameters, task_name, visit,
         item_index, attempt, max_retries, enforcement_id, event_id, rule_ref, trigger_ref, requested_by, idempotent, timeout_seconds,
         now() + make_interval(secs => delay_seconds) FROM given
       RETURNING *
     )
     SELECT ${columns} FROM e ORDER BY e.id`,
    [tenantId, JSON.stringify(values)],
  );
}

/** What a transition writes beside the state. */
export interface Transition {
  state: ExecutionState;
  stateReason?: string | null;
  result?: Json;
  error?: string | null;
  /** Claiming: the worker and how long its lease lasts; the fence grows by one. */
  claim?: { workerId: number; leaseSeconds: number };
  /** Seconds from now until the whole execution must have ended. */
  deadlineSeconds?: number | null;
  cancelRequested?: boolean;
}

const ended: ReadonlySet<string> = new Set(['completed', 'failed', 'timeout', 'cancelled', 'abandoned']);

/**
 * One conditional update: it takes effect only while the row still stands where the caller saw it (state and fence).
 * Gives the new row, or null when somebody else was first. The database's clock stamps it.
 */
export async function changeState(tx: Tx, row: ExecutionRow, to: Transition): Promise<ExecutionRow | null> {
  const ends = ended.has(to.state);
  const [changed] = await tx.query<ExecutionRow>(
    `WITH e AS (
       UPDATE execution SET state = $6, state_reason = $7, result = COALESCE($8::json, result), error = COALESCE($9, error),
         updated = clock_timestamp(),
         started_at = CASE WHEN $6 IN ('running') THEN COALESCE(started_at, clock_timestamp()) ELSE started_at END,
         ended_at = CASE WHEN $10 THEN clock_timestamp() END,
         fence = fence + CASE WHEN $11::bigint IS NULL THEN 0 ELSE 1 END,
         worker_id = COALESCE($11::bigint, worker_id),
         lease_until = CASE WHEN $11::bigint IS NOT NULL THEN clock_timestamp() + make_interval(secs => $12)
                            WHEN $6 = 'canceling' THEN lease_until END,
         deadline_at = CASE WHEN $13::double precision IS NULL THEN deadline_at ELSE clock_timestamp() + make_interval(secs => $13) END,
         cancel_requested = cancel_requested OR $14
       WHERE tenant_id = $1 AND root_id = $2 AND id = $3 AND state = $4 AND fence = $5
       RETURNING *
     )
     SELECT ${columns} FROM e`,
    [
      row.tenantId,
      row.rootId,
      row.id,
      row.state,
      row.fence,
      to.state,
      to.stateReason ?? null,
      to.result === undefined ? null : JSON.stringify(to.result),
      to.error ?? null,
      ends,
      to.claim?.workerId ?? null,
      to.claim?.leaseSeconds ?? 0,
      to.deadlineSeconds ?? null,
      to.cancelRequested ?? false,
    ],
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
