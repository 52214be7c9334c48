import type { Sql } from '../db';
import { mostCounted } from '../http/rest/paging';
import type { Slice } from '../http/rest/rows';
import { columns, isShown, joins, type InquiryRow, type Reader } from './store';

/** Inquiries as the REST API tells them. */

export type ToldInquiry = InquiryRow & {
  /** Of the one person that it is assigned to. */
  assigneeId: number | null;
};

export interface ToldFilter {
  status: string | null;
  execution: number | null;
  /** The names of which one must be among the assignees. */
  assignees: readonly string[] | null;
  reader: Reader;
}

const assignee = `(SELECT i.id FROM identity i WHERE jsonb_array_length(q.assigned_to) = 1 AND i.tenant_id = q.tenant_id
  AND q.assigned_to ->> 0 = 'user:' || i.login) AS "assigneeId"`;
const where = `q.tenant_id = $1 AND ($2::text IS NULL OR q.status = $2) AND ($3::bigint IS NULL OR q.execution_id = $3)
  AND ($4::text[] IS NULL OR q.assigned_to ?| $4) AND ${isShown('$5', '$6')}`;
const valuesOf = (tenantId: number, { status, execution, assignees, reader }: ToldFilter) => [
  tenantId,
  status,
  execution,
  assignees,
  reader.hiddenPacks,
  reader.names,
];

export function listTold(
  sql: Sql,
  tenantId: number,
  filter: ToldFilter,
  slice: Slice,
): Promise<ToldInquiry[]> {
  return sql.query<ToldInquiry>(
    `SELECT ${columns}, ${assignee} FROM inquiry q ${joins} WHERE ${where} AND ($7::bigint IS NULL OR q.id < $7)
     ORDER BY q.id DESC OFFSET $8 LIMIT $9`,
    [...valuesOf(tenantId, filter), slice.before, slice.offset, slice.limit],
  );
}

/** How many there are, as far as lists count; null for more. */
export async function countTold(sql: Sql, tenantId: number, filter: ToldFilter): Promise<number | null> {
  const [row] = await sql.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (SELECT 1 FROM inquiry q ${joins} WHERE ${where} LIMIT ${mostCounted + 1}) counted`,
    valuesOf(tenantId, filter),
  );
  return row && row.count <= mostCounted ? row.count : null;
}

export async function findTold(
  sql: Sql,
  tenantId: number,
  id: number,
  reader: Reader,
): Promise<ToldInquiry | null> {
  const [row] = await sql.query<ToldInquiry>(
    `SELECT ${columns}, ${assignee} FROM inquiry q ${joins} WHERE q.tenant_id = $1 AND q.id = $2 AND ${isShown('$3', '$4')}`,
    [tenantId, id, reader.hiddenPacks, reader.names],
  );
  return row ?? null;
}

export async function findLogin(sql: Sql, tenantId: number, id: number): Promise<string | null> {
  const [row] = await sql.query<{ login: string }>(
    'SELECT login FROM identity WHERE tenant_id = $1 AND id = $2',
    [tenantId, id],
  );
  return row?.login ?? null;
}
