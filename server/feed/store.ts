import type { Json } from '@/engine/expression/expression';
import { prepare, querySystem, type Sql, type Tx } from '../db';
import { auditOf } from '../audit/of-change';
import { recordAudit } from '../audit/record';
import { announce } from '../live';

export const entityTypes = [
  'execution',
  'inquiry',
  'event',
  'enforcement',
  'rule',
  'action',
  'workflow',
  'trigger',
  'sensor',
  'pack',
  'identity',
  'worker',
  'key',
  'artifact',
  'work_queue',
  'work_queue_item',
] as const;
export type EntityType = (typeof entityTypes)[number];

export interface Change {
  entityType: EntityType;
  entityId: number;
  /** What happened: `created`, `state`, `updated`, `deleted`, `answered`, … */
  kind: string;
  /** The tree it belongs to; 0 for what belongs to no execution. */
  rootId?: number;
  /** The end of an execution: the database takes one per execution. */
  terminal?: boolean;
  actorId?: number | null;
  /** The delta: what a reader needs to bring a list or a page up to date. Never a secret. */
  payload: { [key: string]: Json };
}

export interface FeedRow extends Required<Omit<Change, 'actorId'>> {
  id: number;
  tenantId: number;
  seq: number;
  actorId: number | null;
  xid: string;
  created: Date;
}

/**
 * Writes one row per change in the caller's transaction and announces them after its commit; what matters for trust goes to
 * the audit log in the same one.
 * Rows of one tree get gapless sequence numbers; that takes the root's row lock, which steps hold anyway.
 */
export async function appendChanges(tx: Tx, tenantId: number, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  const perRoot = new Map<number, number>();
  for (const { rootId = 0 } of changes) if (rootId !== 0) perRoot.set(rootId, (perRoot.get(rootId) ?? 0) + 1);
  const next = new Map<number, number>();
  for (const [rootId, count] of perRoot) {
    const [row] = await tx.query<{ last: number | bigint }>(
      'UPDATE execution SET feed_seq = feed_seq + $3 WHERE tenant_id = $1 AND root_id = $2 AND id = $2 RETURNING feed_seq AS last',
      [tenantId, rootId, count],
    );
    next.set(rootId, Number(row?.last ?? count) - count);
  }
  const rows = changes.map((change) => {
    const rootId = change.rootId ?? 0;
    const seq = rootId === 0 ? 0 : (next.get(rootId) ?? 0) + 1;
    if (rootId !== 0) next.set(rootId, seq);
    return {
      root_id: rootId,
      seq,
      entity_type: change.entityType,
      entity_id: change.entityId,
      kind: change.kind,
      terminal: change.terminal ?? false,
      actor_id: change.actorId ?? null,
      payload: change.payload,
    };
  });
  await tx.query(
    `INSERT INTO change_feed (tenant_id, root_id, seq, entity_type, entity_id, kind, terminal, actor_id, payload)
     SELECT $1::bigint, r.root_id, r.seq, r.entity_type, r.entity_id, r.kind, r.terminal, r.actor_id, r.payload
     FROM jsonb_to_recordset($2::jsonb) AS r(root_id bigint, seq bigint, entity_type text, entity_id bigint, kind text, terminal boolean, actor_id bigint, payload jsonb)`,
    [tenantId, JSON.stringify(rows)],
  );
  const audited = changes.map(auditOf).filter((entry) => entry !== null);
  await recordAudit(tx, tenantId, audited);
  tx.afterCommit(() => announce('attune_feed'));
}

const columns = `id, tenant_id AS "tenantId", root_id AS "rootId", seq, entity_type AS "entityType", entity_id AS "entityId",
  kind, terminal, actor_id AS "actorId", payload, xid::text AS xid, created`;

// Sorted by change_feed.xid: a bare xid would mean the text that is selected, and "1000" sorts before "999".
/** A place in the feed: everything up to it has been read. Ordered by transaction, then id. */
export interface Cursor {
  xid: string;
  id: number;
}

export function printCursor(cursor: Cursor): string {
  return `${cursor.xid}-${cursor.id}`;
}

export function parseCursor(text: string | null | undefined): Cursor | null {
  const match = /^(\d{1,20})-(\d{1,16})$/.exec(text ?? '');
  return match ? { xid: match[1] as string, id: Number(match[2]) } : null;
}

/** Negative when `a` lies before `b`. Transaction ids outgrow numbers, so they are compared as what they are. */
export function compareCursors(a: Cursor, b: Cursor): number {
  const [left, right] = [BigInt(a.xid), BigInt(b.xid)];
  return left === right ? a.id - b.id : left < right ? -1 : 1;
}

/** Where the feed ends now: rows of transactions that are still open lie behind it. */
export async function currentCursor(): Promise<Cursor> {
  const [row] = await querySystem<{ xid: string }>(
    'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xid',
  );
  return { xid: row?.xid ?? '0', id: 0 };
}

const changesAfter = prepare(
  `SELECT ${columns} FROM change_feed
   WHERE (xid, id) > ($1::xid8, $2::bigint) AND xid < pg_snapshot_xmin(pg_current_snapshot())
   ORDER BY change_feed.xid, change_feed.id LIMIT $3`,
);

/**
 * Rows after the cursor, oldest first, at most `limit`. Only rows of transactions older than every open one are
 * given, so that a cursor never passes a row that has yet to appear.
 */
export async function readChanges(after: Cursor, limit: number): Promise<FeedRow[]> {
  return querySystem<FeedRow>(changesAfter, [after.xid, after.id, limit]);
}

/** The same for one tenant, up to and with `until`; rows of the standard tenant come along. */
export async function readTenantChanges(
  tenantId: number,
  after: Cursor,
  until: Cursor,
  limit: number,
): Promise<FeedRow[]> {
  return querySystem<FeedRow>(
    `SELECT ${columns} FROM change_feed
     WHERE tenant_id IN ($1, 1) AND (xid, id) > ($2::xid8, $3::bigint) AND (xid, id) <= ($4::xid8, $5::bigint)
       AND xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY change_feed.xid, change_feed.id LIMIT $6`,
    [tenantId, after.xid, after.id, until.xid, until.id, limit],
  );
}

/** The last change of one thing of a tree, up to and with a place in the feed; null where nothing is kept of it. */
export async function findLatestChange(
  tenantId: number,
  rootId: number,
  entityType: EntityType,
  entityId: number,
  until: Cursor,
): Promise<FeedRow | null> {
  const [row] = await querySystem<FeedRow>(
    `SELECT ${columns} FROM change_feed
     WHERE tenant_id = $1 AND root_id = $2 AND entity_type = $3 AND entity_id = $4 AND (xid, id) <= ($5::xid8, $6::bigint)
     ORDER BY seq DESC LIMIT 1`,
    [tenantId, rootId, entityType, entityId, until.xid, until.id],
  );
  return row ?? null;
}

/** One tree's changes in order, after a sequence number: its timeline. */
export async function readTimeline(
  sql: Sql,
  tenantId: number,
  rootId: number,
  afterSeq: number,
  limit: number,
): Promise<FeedRow[]> {
  return sql.query<FeedRow>(
    `SELECT ${columns} FROM change_feed WHERE tenant_id = $1 AND root_id = $2 AND seq > $3 ORDER BY seq LIMIT $4`,
    [tenantId, rootId, afterSeq, limit],
  );
}
