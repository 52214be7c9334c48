import type { ExecutionState } from '@/engine/execution/status';
import { prepare, type Sql } from '../db';
import { mostCounted } from '../http/rest/paging';
import type { Slice } from '../http/rest/rows';
import { columns, type ExecutionRow } from './store';

/** What lists tell of an execution, and what decides who sees it. */
export interface ToldSummary extends Pick<
  ExecutionRow,
  | (
      | 'id'
      | 'rootId'
      | 'parentId'
      | 'originalId'
      | 'actionRef'
      | 'state'
      | 'stateReason'
      | 'taskName'
      | 'itemIndex'
    )
  | ('attempt' | 'maxRetries' | 'enforcementId' | 'ruleRef' | 'triggerRef' | 'requestedByLogin')
  | ('created' | 'startedAt')
> {
  updated: Date;
}

/** A row as the REST API tells it. */
export interface ToldExecution extends ExecutionRow {
  updated: Date;
  actionId: number | null;
  permissionSetRefs: string[] | null;
}

const toldColumns = `${columns}, e.updated, e.permission_set_refs AS "permissionSetRefs",
  (SELECT a.id FROM action a WHERE a.tenant_id IN (e.tenant_id, 1) AND a.ref = e.action_ref
   ORDER BY (a.tenant_id = e.tenant_id) DESC LIMIT 1) AS "actionId"`;

export interface ToldFilter {
  states: readonly ExecutionState[] | null;
  /** Only with `timeout` among the states: of inquiries (true) or of everything else. */
  isInquiry: boolean | null;
  actionRef: string | null;
  enforcement: number | null;
  parent: number | null;
  ruleRef: string | null;
  triggerRef: string | null;
  /** Whose rows are not shown; empty mostly. */
  hiddenPacks: readonly string[];
  /** Only what this identity asked for; null for all. */
  requestedBy: number | null;
}

/** Without parameters and results, which may be long. */
const summaryColumns = `e.id, e.root_id AS "rootId", e.parent_id AS "parentId", e.original_id AS "originalId", e.action_ref AS "actionRef",
  e.state, e.state_reason AS "stateReason", e.task_name AS "taskName", e.item_index AS "itemIndex", e.attempt,
  e.max_retries AS "maxRetries", e.enforcement_id AS "enforcementId", e.rule_ref AS "ruleRef", e.trigger_ref AS "triggerRef",
  i.login AS "requestedByLogin", e.created, e.started_at AS "startedAt", e.updated`;

interface Asked {
  where: string;
  values: unknown[];
}

/** Only what is asked for stands in the statement, so that each kind of list is prepared and planned by itself. */
function toWhere(tenantId: number, filter: ToldFilter): Asked {
  const values: unknown[] = [tenantId];
  const terms = ['e.tenant_id = $1'];
  const add = (value: unknown, term: (place: string) => string) => {
    if (value === null) return;
    values.push(value);
    terms.push(term(`$${values.length}`));
  };
  add(filter.states, (place) => `e.state = ANY (${place}::text[])`);
  add(filter.isInquiry, (place) => `(e.state <> 'timeout' OR (e.action_ref = 'core.ask') = ${place})`);
  add(filter.actionRef, (place) => `e.action_ref = ${place}`);
  add(filter.enforcement, (place) => `e.enforcement_id = ${place}`);
  add(filter.parent, (place) => `e.parent_id = ${place}`);
  add(filter.ruleRef, (place) => `e.rule_ref = ${place}`);
  add(filter.triggerRef, (place) => `e.trigger_ref = ${place}`);
  add(filter.requestedBy, (place) => `e.requested_by = ${place}`);
  const hidden = filter.hiddenPacks.length > 0 ? filter.hiddenPacks : null;
  add(hidden, (place) => `split_part(e.action_ref, '.', 1) <> ALL (${place}::text[])`);
  return { where: terms.join(' AND '), values };
}

/** Newest first: after an id, or after so many rows. */
export function listTold(
  sql: Sql,
  tenantId: number,
  filter: ToldFilter,
  part: Slice,
): Promise<ToldSummary[]> {
  const { where, values } = toWhere(tenantId, filter);
  const at = values.length;
  const before = part.before === null ? '' : ` AND e.id < $${at + 3}`;
  return sql.query<ToldSummary>(
    prepare(
      `SELECT ${summaryColumns} FROM execution e LEFT JOIN identity i ON i.id = e.requested_by
       WHERE ${where}${before} ORDER BY e.id DESC OFFSET $${at + 1} LIMIT $${at + 2}`,
    ),
    [...values, part.offset, part.limit, ...(part.before === null ? [] : [part.before])],
  );
}

/** How many there are, as far as lists count; null for more. */
export async function countTold(sql: Sql, tenantId: number, filter: ToldFilter): Promise<number | null> {
  const { where, values } = toWhere(tenantId, filter);
  const [row] = await sql.query<{ count: number }>(
    prepare(
      `SELECT count(*)::int AS count FROM (SELECT 1 FROM execution e WHERE ${where} LIMIT ${mostCounted + 1}) counted`,
    ),
    values,
  );
  return row && row.count <= mostCounted ? row.count : null;
}

export async function findTold(sql: Sql, tenantId: number, id: number): Promise<ToldExecution | null> {
  const [row] = await sql.query<ToldExecution>(
    prepare(`SELECT ${toldColumns} FROM execution e WHERE e.tenant_id = $1 AND e.id = $2`),
    [tenantId, id],
  );
  return row ?? null;
}

/** Those of one tree with these ids, in order of their ids. */
export function listToldOfTree(
  sql: Sql,
  tenantId: number,
  rootId: number,
  ids: readonly number[],
): Promise<ToldSummary[]> {
  return sql.query<ToldSummary>(
    `SELECT ${summaryColumns} FROM execution e LEFT JOIN identity i ON i.id = e.requested_by WHERE e.tenant_id = $1 AND e.root_id = $2 AND e.id = ANY ($3) ORDER BY e.id`,
    [tenantId, rootId, ids],
  );
}

export interface TimelineRow {
  seq: number;
  kind: string;
  state: string | null;
  created: Date;
}

/** An execution's own changes, oldest first, at most 200. */
export function readOwnTimeline(sql: Sql, row: ExecutionRow): Promise<TimelineRow[]> {
  return sql.query<TimelineRow>(
    prepare(
      `SELECT seq, kind, payload ->> 'state' AS state, created FROM change_feed
     WHERE tenant_id = $1 AND root_id = $2 AND entity_type = 'execution' AND entity_id = $3 ORDER BY seq LIMIT 200`,
    ),
    [row.tenantId, row.rootId, row.id],
  );
}
