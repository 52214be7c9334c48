import type { Json } from '@/engine/expression/expression';
import type { Sql, Tx } from '../db';
import type { ExecutionRow } from '../executions/store';
import { appendChanges, type Change } from '../feed/store';
import type { JsonObject } from '../fields';

/** What comes when the time is up: it changes as an inquiry is escalated. */
export type OnTimeout = 'default' | 'fail' | 'escalate';

export interface InquiryRow {
  id: number;
  tenantId: number;
  rootId: number;
  executionId: number;
  prompt: string;
  responseSchema: JsonObject;
  assignedTo: string[];
  quorum: number;
  status: 'pending' | 'responded' | 'timeout' | 'cancelled';
  response: Json | null;
  respondedByName: string | null;
  respondedAt: Date | null;
  timeoutAt: Date | null;
  onTimeout: OnTimeout;
  defaultResponse: Json | null;
  escalateTo: string[];
  periodSeconds: number | null;
  escalatedAt: Date | null;
  /** Whom it was assigned to before it was escalated. */
  escalatedFrom: string[] | null;
  /** Whether its execution waits for it. */
  endsExecution: boolean;
  respondedById: number | null;
  created: Date;
  updated: Date;
  taskName: string | null;
  workflowRef: string | null;
}

export const columns = `q.id, q.tenant_id AS "tenantId", q.root_id AS "rootId", q.execution_id AS "executionId", q.prompt,
  q.response_schema AS "responseSchema", q.assigned_to AS "assignedTo", q.quorum, q.status, q.response,
  (SELECT i.display_name FROM identity i WHERE i.id = q.responded_by) AS "respondedByName", q.responded_at AS "respondedAt",
  q.timeout_at AS "timeoutAt", q.on_timeout AS "onTimeout", q.default_response AS "defaultResponse",
  q.escalate_to AS "escalateTo", q.period_seconds AS "periodSeconds", q.escalated_at AS "escalatedAt", q.escalated_from AS "escalatedFrom", q.ends_execution AS "endsExecution", q.responded_by AS "respondedById", q.created, q.updated,
  e.task_name AS "taskName", p.action_ref AS "workflowRef"`;
export const joins = `LEFT JOIN execution e ON e.tenant_id = q.tenant_id AND e.root_id = q.root_id AND e.id = q.execution_id
  LEFT JOIN execution p ON p.tenant_id = e.tenant_id AND p.root_id = e.root_id AND p.id = e.parent_id`;

/** `reader`: only where they may know of it. (Default: whoever asks is ours) */
export async function findInquiry(
  sql: Sql,
  tenantId: number,
  id: number,
  reader: Reader = { hiddenPacks: [], names: [] },
): Promise<InquiryRow | null> {
  const [row] = await sql.query<InquiryRow>(
    `SELECT ${columns} FROM inquiry q ${joins} WHERE q.tenant_id = $1 AND q.id = $2 AND ${isShown('$3', '$4')}`,
    [tenantId, id, reader.hiddenPacks, reader.names],
  );
  return row ?? null;
}

/** Whom inquiries are shown to: not all that is asked in packs that are hidden from them. */
export interface Reader {
  hiddenPacks: readonly string[];
  /** By which an inquiry may be theirs: then it is shown, whatever it was asked by. */
  names: readonly string[];
}

/** Whether a reader may know of an inquiry; `hidden` and `names` are the parameters with what {@link Reader} says. */
export function isShown(hidden: string, names: string): string {
  return `NOT (split_part(COALESCE(p.action_ref, e.action_ref), '.', 1) = ANY (${hidden}::text[]) AND NOT q.assigned_to ?| ${names}::text[])`;
}

/** Those of them that are hidden from a reader. */
export async function findHidden(
  sql: Sql,
  tenantId: number,
  ids: readonly number[],
  { hiddenPacks, names }: Reader,
): Promise<ReadonlySet<number>> {
  const rows = await sql.query<{ id: number }>(
    `SELECT q.id FROM inquiry q ${joins} WHERE q.tenant_id = $1 AND q.id = ANY ($2) AND NOT ${isShown('$3', '$4')}`,
    [tenantId, ids, hiddenPacks, names],
  );
  return new Set(rows.map(({ id }) => id));
}

export interface InquiryFilter {
  statuses: readonly string[];
  /** Names of which one must be among the assignees (an inquiry for everybody has none); null for all. */
  assignees: readonly string[] | null;
  before: number | null;
  limit: number;
  reader: Reader;
}

/** Pending ones by what is due first, others newest first. */
export async function listInquiries(
  sql: Sql,
  tenantId: number,
  filter: InquiryFilter,
): Promise<InquiryRow[]> {
  return sql.query<InquiryRow>(
    `SELECT ${columns} FROM inquiry q ${joins}
     WHERE q.tenant_id = $1 AND q.status = ANY ($2) AND ($3::bigint IS NULL OR q.id < $3)
       AND ($4::text[] IS NULL OR q.assigned_to = '[]'::jsonb OR q.assigned_to ?| $4) AND ${isShown('$6', '$7')}
     ORDER BY q.id DESC LIMIT $5`,
    [
      ...[tenantId, filter.statuses, filter.before, filter.assignees, filter.limit],
      ...[filter.reader.hiddenPacks, filter.reader.names],
    ],
  );
}

export async function countPending(
  sql: Sql,
  tenantId: number,
  { names, hiddenPacks }: Reader,
): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `SELECT count(*) AS count FROM inquiry q ${joins} WHERE q.tenant_id = $1 AND q.status = 'pending'
       AND (q.assigned_to = '[]'::jsonb OR q.assigned_to ?| $2) AND ${isShown('$3', '$2')}`,
    [tenantId, names, hiddenPacks],
  );
  return row?.count ?? 0;
}

export interface NewInquiry {
  prompt: string;
  responseSchema: JsonObject;
  assignedTo: readonly string[];
  quorum: number;
  timeoutSeconds: number | null;
  onTimeout: OnTimeout;
  defaultResponse: Json | null;
  escalateTo: readonly string[];
  /** How long each round lasts, where it may be escalated. */
  periodSeconds: number | null;
}

/** One that is added to an execution that does not wait for it. */
export interface AddedInquiry extends NewInquiry {
  timeoutAt: Date | null;
  createdBy: number | null;
}

export async function insertInquiry(
  tx: Tx,
  execution: Pick<ExecutionRow, 'tenantId' | 'rootId' | 'id'>,
  inquiry: NewInquiry | AddedInquiry,
): Promise<number> {
  const added = 'timeoutAt' in inquiry ? inquiry : null;
  const [row] = await tx.query<{ id: number }>(
    `INSERT INTO inquiry (tenant_id, root_id, execution_id, prompt, response_schema, assigned_to, quorum, timeout_at, on_timeout, default_response,
       escalate_to, period_seconds, ends_execution, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, COALESCE($13::timestamptz, clock_timestamp() + make_interval(secs => $8::double precision)), $9, $10,
       $11, $12, $14, $15)
     RETURNING id`,
    [
      execution.tenantId,
      execution.rootId,
      execution.id,
      inquiry.prompt,
      JSON.stringify(inquiry.responseSchema),
      JSON.stringify(inquiry.assignedTo),
      inquiry.quorum,
      inquiry.timeoutSeconds,
      inquiry.onTimeout,
      inquiry.defaultResponse === null ? null : JSON.stringify(inquiry.defaultResponse),
      JSON.stringify(inquiry.escalateTo),
      inquiry.periodSeconds,
      added?.timeoutAt ?? null,
      added === null,
      added?.createdBy ?? null,
    ],
  );
  const id = row?.id ?? 0;
  await appendChanges(tx, execution.tenantId, [
    inquiryChange({ id, rootId: execution.rootId, executionId: execution.id }, 'created', 'pending', null),
  ]);
  return id;
}

export function inquiryChange(
  inquiry: { id: number; rootId: number; executionId: number },
  kind: string,
  status: string,
  actorId: number | null,
): Change {
  return {
    entityType: 'inquiry',
    entityId: inquiry.id,
    rootId: inquiry.rootId,
    kind,
    actorId,
    payload: { id: inquiry.id, status, executionId: inquiry.executionId, rootId: inquiry.rootId },
  };
}

/** Whether the time of a pending inquiry is up by the database's clock. The caller holds its lock. */
export async function isDue(tx: Tx, inquiry: InquiryRow): Promise<boolean> {
  const [row] = await tx.query<{ due: boolean }>('SELECT $1::timestamptz <= clock_timestamp() AS due', [
    inquiry.timeoutAt,
  ]);
  return row?.due ?? false;
}

/**
 * Asks others for one more period, or as long as the execution's own time lasts: then only that ends it.
 */
export async function escalateInquiry(
  tx: Tx,
  inquiry: InquiryRow,
  executionDeadline: Date | null,
): Promise<void> {
  await tx.query(
    `UPDATE inquiry SET escalated_from = assigned_to, assigned_to = escalate_to, escalated_at = clock_timestamp(),
       timeout_at = LEAST(clock_timestamp() + make_interval(secs => period_seconds), $3::timestamptz), updated = clock_timestamp(),
       on_timeout = CASE WHEN default_response IS NULL OR $3 < clock_timestamp() + make_interval(secs => period_seconds)
         THEN 'fail' ELSE 'default' END
     WHERE tenant_id = $1 AND id = $2 AND status = 'pending'`,
    [inquiry.tenantId, inquiry.id, executionDeadline],
  );
  await appendChanges(tx, inquiry.tenantId, [inquiryChange(inquiry, 'escalated', 'pending', null)]);
}

/** Takes the row's lock and gives its status: the one place where a decision is made. */
export async function lockInquiry(tx: Tx, tenantId: number, id: number): Promise<string | null> {
  const [row] = await tx.query<{ status: string }>(
    'SELECT status FROM inquiry WHERE tenant_id = $1 AND id = $2 FOR UPDATE',
    [tenantId, id],
  );
  return row?.status ?? null;
}

/** Decides a pending inquiry. The database refuses a second decision. */
export async function decideInquiry(
  tx: Tx,
  inquiry: InquiryRow,
  decision: {
    status: 'responded' | 'timeout' | 'cancelled';
    response: Json | null;
    respondedBy: number | null;
  },
): Promise<void> {
  await tx.query(
    `UPDATE inquiry SET status = $3, response = $4, responded_by = $5,
       responded_at = CASE WHEN $3 = 'responded' THEN clock_timestamp() END, updated = clock_timestamp()
     WHERE tenant_id = $1 AND id = $2 AND status = 'pending'`,
    [
      inquiry.tenantId,
      inquiry.id,
      decision.status,
      decision.response === null ? null : JSON.stringify(decision.response),
      decision.respondedBy,
    ],
  );
  const kind = decision.status === 'responded' ? 'answered' : decision.status;
  await appendChanges(tx, inquiry.tenantId, [
    inquiryChange(inquiry, kind, decision.status, decision.respondedBy),
  ]);
}

/** Cancels what executions of one tree still ask, and what is still asked of them. */
export async function cancelInquiriesOf(
  tx: Tx,
  tree: { tenantId: number; rootId: number },
  executionIds: readonly number[],
): Promise<void> {
  const rows = await tx.query<{ id: number; rootId: number; executionId: number }>(
    `UPDATE inquiry SET status = 'cancelled', updated = clock_timestamp()
     WHERE tenant_id = $1 AND root_id = $2 AND execution_id = ANY ($3) AND status = 'pending'
     RETURNING id, root_id AS "rootId", execution_id AS "executionId"`,
    [tree.tenantId, tree.rootId, executionIds],
  );
  await appendChanges(
    tx,
    tree.tenantId,
    rows.map((row) => inquiryChange(row, 'cancelled', 'cancelled', null)),
  );
}
