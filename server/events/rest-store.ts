import type { Json } from '@/engine/expression/expression';
import type { Sql } from '../db';
import type { JsonObject } from '../fields';
import { mostCounted } from '../http/rest/paging';
import type { Slice } from '../http/rest/rows';

/** Events and enforcements as the REST API tells them. */

export interface ToldEvent {
  id: number;
  triggerId: number | null;
  sensorId: number | null;
  sensorRef: string | null;
  triggerRef: string;
  ruleId: number | null;
  ruleRef: string | null;
  source: string;
  hasPayload: boolean;
  replayOf: number | null;
  created: Date;
}
export type WholeEvent = ToldEvent & { payload: Json; headers: JsonObject; executionId: number | null };

export interface EventFilter {
  triggerId: number | null;
  triggerRef: string | null;
  ruleRef: string | null;
  source: string | null;
}

const eventColumns = `e.id, e.sensor_id AS "sensorId", (SELECT s.ref FROM sensor s WHERE s.id = e.sensor_id) AS "sensorRef", e.trigger_id AS "triggerId", e.trigger_ref AS "triggerRef", e.rule_id AS "ruleId",
  (SELECT r.ref FROM rule r WHERE r.tenant_id = e.tenant_id AND r.id = e.rule_id) AS "ruleRef", e.source,
  e.replay_of AS "replayOf", e.payload::text <> 'null' AS "hasPayload", e.created`;
const eventWhere = `e.tenant_id = $1 AND ($2::bigint IS NULL OR e.trigger_id = $2) AND ($3::text IS NULL OR e.trigger_ref = $3)
  AND ($4::text IS NULL OR e.rule_id = (SELECT r.id FROM rule r WHERE r.tenant_id = $1 AND r.ref = $4)) AND ($5::text IS NULL OR e.source = $5)`;
const eventValues = (tenantId: number, filter: EventFilter) => [
  tenantId,
  filter.triggerId,
  filter.triggerRef,
  filter.ruleRef,
  filter.source,
];

export function listToldEvents(
  sql: Sql,
  tenantId: number,
  filter: EventFilter,
  slice: Slice,
): Promise<ToldEvent[]> {
  return sql.query<ToldEvent>(
    `SELECT ${eventColumns} FROM event e WHERE ${eventWhere} AND ($6::bigint IS NULL OR e.id < $6)
     ORDER BY e.id DESC OFFSET $7 LIMIT $8`,
    [...eventValues(tenantId, filter), slice.before, slice.offset, slice.limit],
  );
}

/** How many there are, as far as lists count; null for more. */
export function countToldEvents(sql: Sql, tenantId: number, filter: EventFilter): Promise<number | null> {
  return countUpTo(sql, `FROM event e WHERE ${eventWhere}`, eventValues(tenantId, filter));
}

export async function findToldEvent(sql: Sql, tenantId: number, id: number): Promise<WholeEvent | null> {
  const [row] = await sql.query<WholeEvent>(
    `SELECT ${eventColumns}, e.payload, e.headers, e.execution_id AS "executionId" FROM event e WHERE e.tenant_id = $1 AND e.id = $2`,
    [tenantId, id],
  );
  return row ?? null;
}

export interface ToldEnforcement {
  id: number;
  ruleId: number;
  ruleRef: string;
  triggerRef: string;
  eventId: number;
  status: 'created' | 'processed' | 'disabled';
  condition: 'all' | 'any';
  executionId: number | null;
  error: string | null;
  created: Date;
  resolvedAt: Date | null;
}
export type WholeEnforcement = ToldEnforcement & {
  conditions: Json;
  config: JsonObject;
  payload: Json;
};

export interface EnforcementFilter {
  ruleId: number | null;
  ruleRef: string | null;
  eventId: number | null;
  status: string | null;
  triggerRef: string | null;
}

const enforcementColumns = `f.id, f.rule_id AS "ruleId", f.rule_ref AS "ruleRef", f.trigger_ref AS "triggerRef", f.event_id AS "eventId", f.status,
  f.condition, f.execution_id AS "executionId", f.error, f.created, f.resolved_at AS "resolvedAt"`;
const enforcementWhere = `f.tenant_id = $1 AND ($2::bigint IS NULL OR f.rule_id = $2) AND ($3::text IS NULL OR f.rule_ref = $3)
  AND ($4::bigint IS NULL OR f.event_id = $4) AND ($5::text IS NULL OR f.status = $5) AND ($6::text IS NULL OR f.trigger_ref = $6)`;
const enforcementValues = (tenantId: number, filter: EnforcementFilter) => [
  tenantId,
  filter.ruleId,
  filter.ruleRef,
  filter.eventId,
  filter.status,
  filter.triggerRef,
];

export function listToldEnforcements(
  sql: Sql,
  tenantId: number,
  filter: EnforcementFilter,
  slice: Slice,
): Promise<ToldEnforcement[]> {
  return sql.query<ToldEnforcement>(
    `SELECT ${enforcementColumns} FROM enforcement f WHERE ${enforcementWhere} AND ($7::bigint IS NULL OR f.id < $7)
     ORDER BY f.id DESC OFFSET $8 LIMIT $9`,
    [...enforcementValues(tenantId, filter), slice.before, slice.offset, slice.limit],
  );
}

/** How many there are, as far as lists count; null for more. */
export function countToldEnforcements(
  sql: Sql,
  tenantId: number,
  filter: EnforcementFilter,
): Promise<number | null> {
  return countUpTo(sql, `FROM enforcement f WHERE ${enforcementWhere}`, enforcementValues(tenantId, filter));
}

export async function findToldEnforcement(
  sql: Sql,
  tenantId: number,
  id: number,
): Promise<WholeEnforcement | null> {
  const [row] = await sql.query<WholeEnforcement>(
    `SELECT ${enforcementColumns}, f.config, e.payload,
       COALESCE((SELECT r.conditions FROM rule r WHERE r.tenant_id = f.tenant_id AND r.id = f.rule_id), '{}') AS conditions
     FROM enforcement f LEFT JOIN event e ON e.tenant_id = f.tenant_id AND e.id = f.event_id
     WHERE f.tenant_id = $1 AND f.id = $2`,
    [tenantId, id],
  );
  return row ?? null;
}

async function countUpTo(sql: Sql, from: string, values: readonly unknown[]): Promise<number | null> {
  const [row] = await sql.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (SELECT 1 ${from} LIMIT ${mostCounted + 1}) counted`,
    values,
  );
  return row && row.count <= mostCounted ? row.count : null;
}
