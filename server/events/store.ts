import type { Json } from '@/engine/expression/expression';
import { prepare, type Sql, type Tx } from '../db';
import { appendChanges } from '../feed/store';
import type { JsonObject } from '../fields';
import { announce } from '../live';
import { enqueue } from '../queue';

export interface NewEvent {
  tenantId: number;
  triggerRef: string;
  triggerId: number | null;
  source: 'webhook' | 'manual' | 'alert' | 'timer' | 'queue' | 'sensor';
  /** The one rule that it is for; without it, all rules on the trigger. */
  ruleId?: number;
  payload: Json;
  headers: JsonObject;
  actorId?: number | null;
  /** What brought it about, where an execution did. */
  executionId?: number | null;
  /** The sensor that it came from. */
  sensorId?: number | null;
}

const recordStatement = prepare(
  `SELECT event_id AS "eventId", received_at AS "receivedAt"
   FROM attune_record_event($1::bigint, $2, $3::bigint, $4, $5::json, $6::json, $7::bigint, $8::bigint, $9::bigint, $10::bigint)`,
);

/** Stores an event, its feed row and the job that will ask the rules, in the caller's transaction. */
export async function recordEvent(tx: Tx, event: NewEvent): Promise<{ eventId: number; receivedAt: string }> {
  const [row] = await tx.query<{ eventId: number | bigint; receivedAt: Date }>(recordStatement, [
    ...[event.tenantId, event.triggerRef, event.triggerId, event.source],
    ...[JSON.stringify(event.payload), JSON.stringify(event.headers)],
    ...[event.executionId ?? null, event.ruleId ?? null, event.sensorId ?? null, event.actorId ?? null],
  ]);
  if (!row) throw new Error('no event was made');
  tx.afterCommit(announceEvents);
  return { eventId: Number(row.eventId), receivedAt: row.receivedAt.toISOString() };
}

/** Wakes who reads the feed and who asks the rules; after a commit. */
export function announceEvents(): void {
  announce('attune_feed');
  announce('attune_job', 'event');
}

/** The feed row of a new event and the job that will ask the rules. */
async function tellOfEvent(
  tx: Tx,
  event: Pick<NewEvent, 'tenantId' | 'triggerRef' | 'actorId'> & { id: number },
): Promise<void> {
  await appendChanges(tx, event.tenantId, [
    {
      entityType: 'event',
      entityId: event.id,
      kind: 'created',
      actorId: event.actorId ?? null,
      payload: { id: event.id, triggerRef: event.triggerRef },
    },
  ]);
  await enqueue(tx, 'event', [{ tenantId: event.tenantId, rootId: 0, id: event.id }]);
}

/** The same event once more, as it was stored but for more headers, in the caller's transaction. Null where it is gone. */
export async function recordReplay(
  tx: Tx,
  tenantId: number,
  replay: { of: number; actorId: number | null; executionId: number | null; headers?: JsonObject },
): Promise<number | null> {
  const [row] = await tx.query<{ id: number; triggerRef: string }>(
    `INSERT INTO event (tenant_id, trigger_ref, trigger_id, source, payload, headers, execution_id, rule_id, sensor_id, replay_of)
     SELECT tenant_id, trigger_ref, trigger_id, source, payload, CASE WHEN $4::text IS NULL THEN headers ELSE (headers::jsonb || $4::jsonb)::json END, $3::bigint, rule_id, sensor_id, id
     FROM event WHERE tenant_id = $1 AND id = $2
     RETURNING id, trigger_ref AS "triggerRef"`,
    [tenantId, replay.of, replay.executionId, replay.headers ? JSON.stringify(replay.headers) : null],
  );
  if (!row) return null;
  await tellOfEvent(tx, { tenantId, id: row.id, triggerRef: row.triggerRef, actorId: replay.actorId });
  return row.id;
}

export interface EventRow {
  id: number;
  triggerRef: string;
  source: string;
  ruleRef: string | null;
  executionId: number | null;
  replayOf: number | null;
  created: Date;
  processedAt: Date | null;
  matched: number;
  silent: number;
  failed: number;
}

/** Events from before they were counted have all their evaluations. */
const countOf = (column: string, verdict: string) =>
  `COALESCE(e.${column}, CASE WHEN e.processed_at IS NULL THEN 0
     ELSE (SELECT count(*)::int FROM rule_evaluation v WHERE v.tenant_id = e.tenant_id AND v.event_id = e.id AND v.verdict = '${verdict}') END) AS ${column}`;
const counts = [countOf('matched', 'matched'), countOf('silent', 'silent'), countOf('failed', 'error')].join(
  ', ',
);
const columns = `e.id, e.trigger_ref AS "triggerRef", e.source, (SELECT r.ref FROM rule r WHERE r.id = e.rule_id) AS "ruleRef", e.execution_id AS "executionId", e.replay_of AS "replayOf", e.created, e.processed_at AS "processedAt", ${counts}`;

export async function listEvents(
  sql: Sql,
  tenantId: number,
  filter: { triggerRef: string | null; before: number | null; limit: number },
): Promise<EventRow[]> {
  return sql.query<EventRow>(
    `SELECT ${columns} FROM event e WHERE e.tenant_id = $1 AND ($2::text IS NULL OR e.trigger_ref = $2) AND ($3::bigint IS NULL OR e.id < $3)
     ORDER BY e.id DESC LIMIT $4`,
    [tenantId, filter.triggerRef, filter.before, filter.limit],
  );
}

export async function findEvent(
  sql: Sql,
  tenantId: number,
  id: number,
): Promise<(EventRow & { payload: Json; headers: JsonObject }) | null> {
  const [row] = await sql.query<EventRow & { payload: Json; headers: JsonObject }>(
    `SELECT ${columns}, e.payload, e.headers FROM event e WHERE e.tenant_id = $1 AND e.id = $2`,
    [tenantId, id],
  );
  return row ?? null;
}
