import type { ExecutionState } from '@/engine/execution/status';
import type { Sql } from '../db';
import { mostCounted } from '../http/rest/paging';
import type { Slice } from '../http/rest/rows';
import { columns, type ExecutionRow } from './store';

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

const where = `e.tenant_id = $1 AND ($2::text[] IS NULL OR e.state = ANY ($2))
  AND ($3::boolean IS NULL OR e.state <> 'timeout' OR (e.action_ref = 'core.ask') = $3)
  AND ($4::text IS NULL OR e.action_ref = $4) AND ($5::bigint IS NULL OR e.enforcement_id = $5)
  AND ($6::bigint IS NULL OR e.parent_id = $6) AND ($7::text IS NULL OR e.rule_ref = $7)
  AND ($8::text IS NULL OR e.trigger_ref = $8) AND ($9::bigint IS NULL OR e.requested_by = $9)
  AND (cardinality($10::text[]) = 0 OR split_part(e.action_ref, '.', 1) <> ALL ($10))`;

const valuesOf = (tenantId: number, filter: ToldFilter) => [
  tenantId,
  filter.states,
  filter.isInquiry,
  filter.actionRef,
  filter.enforcement,
  filter.parent,
  filter.ruleRef,
  filter.triggerRef,
  filter.requestedBy,
  filter.hiddenPacks,
];

/** Newest first: after an id, or after so many rows. */
export function listTold(
  sql: Sql,
  tenantId: number,
  filter: ToldFilter,
  part: Slice,
): Promise<ToldExecution[]> {
  return sql.query<ToldExecution>(
    `SELECT ${toldColumns} FROM execution e WHERE ${where} AND ($11::bigint IS NULL OR e.id < $11)
     ORDER BY e.id DESC OFFSET $12 LIMIT $13`,
    [...valuesOf(tenantId, filter), part.before, part.offset, part.limit],
  );
}

/** How many there are, as far as lists count; null for more. */
export async function countTold(sql: Sql, tenantId: number, filter: ToldFilter): Promise<number | null> {
  const [row] = await sql.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (SELECT 1 FROM execution e WHERE ${where} LIMIT ${mostCounted + 1}) counted`,
    valuesOf(tenantId, filter),
  );
  return row && row.count <= mostCounted ? row.count : null;
}

export async function findTold(sql: Sql, tenantId: number, id: number): Promise<ToldExecution | null> {
  const [row] = await sql.query<ToldExecution>(
    `SELECT ${toldColumns} FROM execution e WHERE e.tenant_id = $1 AND e.id = $2`,
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
): Promise<ToldExecution[]> {
  return sql.query<ToldExecution>(
    `SELECT ${toldColumns} FROM execution e WHERE e.tenant_id = $1 AND e.root_id = $2 AND e.id = ANY ($3) ORDER BY e.id`,
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
    `SELECT seq, kind, payload ->> 'state' AS state, created FROM change_feed
     WHERE tenant_id = $1 AND root_id = $2 AND entity_type = 'execution' AND entity_id = $3 ORDER BY seq LIMIT 200`,
    [row.tenantId, row.rootId, row.id],
  );
}
