import { isDeepStrictEqual } from 'node:util';
import { notFound } from '@/engine/errors';
import type { ActionLimits } from '../actions/limits';
import type { ConfigurationTx, Sql } from '../db';
import type { JsonObject } from '../fields';
import type { Prisma, Sensor as SensorRow } from '../generated/prisma/client';
import { visibleTo } from '../packs/refs';
import type { SensorLog, SensorRuntime, SensorState, SensorStream } from './schema';

/** What a save writes. */
export interface SensorSpec {
  label: string;
  description: string;
  runtime: SensorRuntime;
  entrypoint: string;
  code: string | null;
  triggerRefs: string[];
  paramSchema: JsonObject;
  config: JsonObject;
  limits: ActionLimits;
  enabled: boolean;
}

/** How a sensor runs, as it is read for people. */
export interface SensorStanding {
  sensorId: number;
  state: SensorState;
  worker: string | null;
  startedAt: Date | null;
  failures: number;
  notBefore: Date | null;
  lastError: string | null;
  lastErrorAt: Date | null;
  cursorAt: Date | null;
  events: number;
}

/** After so many ends in a row a sensor counts as failing. */
export const failuresUntilAlert = 5;
/** What is kept of each stream. */
export const keptLog = { characters: 1_048_576, lines: 10_000 };

/** Every sensor by ref. */
export async function listSensorRows(tx: ConfigurationTx, tenantId: number): Promise<SensorRow[]> {
  return tx.prisma.sensor.findMany({ where: visibleTo(tenantId), orderBy: { ref: 'asc' } });
}

/** @throws DomainError not_found */
export async function getSensorRow(tx: ConfigurationTx, tenantId: number, ref: string): Promise<SensorRow> {
  const row = await tx.prisma.sensor.findFirst({
    where: { ref, ...visibleTo(tenantId) },
    orderBy: { tenantId: 'desc' },
  });
  if (!row) throw notFound('sensor', ref);
  return row;
}

/** Saves a sensor of a pack's files. Whether it is on is the file's only at first: later it is what people made it. */
export async function saveFileSensor(
  tx: ConfigurationTx,
  place: { tenantId: number; packId: bigint; packRef: string },
  ref: string,
  spec: SensorSpec,
  isOtherFiles: boolean,
): Promise<void> {
  const where = { tenantId_ref: { tenantId: place.tenantId, ref } };
  const before = await tx.prisma.sensor.findUnique({ where });
  const { enabled, ...columns } = toColumns(spec);
  if (!before) {
    await tx.prisma.sensor.create({ data: { ...place, ref, enabled, ...columns } });
    return;
  }
  const isOther = isOtherFiles || isOtherProcess(before, spec);
  await tx.prisma.sensor.update({
    where,
    data: { ...columns, updated: new Date(), ...(isOther && { revision: { increment: 1 } }) },
  });
}

/** Whether a process of the one does something else than one of the other. */
export function isOtherProcess(before: SensorRow, spec: Partial<SensorSpec>): boolean {
  const parts = ['runtime', 'entrypoint', 'code', 'triggerRefs', 'paramSchema', 'config', 'limits'] as const;
  return parts.some((part) => spec[part] !== undefined && !isDeepStrictEqual(before[part], spec[part]));
}

export function toColumns(spec: SensorSpec) {
  return { ...spec, limits: { ...spec.limits } as Prisma.InputJsonObject };
}

/** How each of the tenant's sensors stands, by the database's clock. */
export async function readStandings(
  sql: Sql,
  tenantId: number,
  ids: readonly number[],
): Promise<Map<number, SensorStanding>> {
  const rows = await sql.query<SensorStanding>(
    `SELECT u.sensor_id::float8 AS "sensorId", w.name AS worker, u.started_at AS "startedAt", u.failures, u.not_before AS "notBefore",
       u.last_error AS "lastError", u.last_error_at AS "lastErrorAt", u.cursor_at AS "cursorAt", u.events::float8 AS events,
       CASE WHEN s.runtime = 'native' THEN 'built_in'
         WHEN NOT s.enabled THEN 'disabled'
         WHEN NOT EXISTS (SELECT FROM rule r WHERE r.tenant_id = $1::bigint AND r.trigger_ref = ANY (s.trigger_refs) AND r.enabled
           AND EXISTS (SELECT FROM trigger t WHERE t.tenant_id IN (1, $1::bigint) AND t.ref = r.trigger_ref AND t.enabled)) THEN 'waiting'
         WHEN u.failures >= $3::int THEN 'failing'
         WHEN u.lease_until > clock_timestamp() THEN CASE WHEN u.started_at IS NULL THEN 'starting' ELSE 'running' END
         WHEN u.not_before > clock_timestamp() THEN 'backing_off'
         ELSE 'pending' END AS state
     FROM sensor_run u JOIN sensor s ON s.id = u.sensor_id
     LEFT JOIN worker w ON w.id = u.worker_id AND u.lease_until > clock_timestamp()
     WHERE u.tenant_id = $1::bigint AND u.sensor_id IN (SELECT x::bigint FROM jsonb_array_elements_text($2::jsonb) AS x)`,
    [tenantId, JSON.stringify(ids), failuresUntilAlert],
  );
  return new Map(rows.map((row) => [row.sensorId, row]));
}

/** The last lines of a stream. */
export async function readLog(
  sql: Sql,
  tenantId: number,
  sensorId: number,
  stream: SensorStream,
  tail: number,
): Promise<SensorLog> {
  const rows = await sql.query<{ content: string }>(
    `SELECT content FROM (
       SELECT id, content, lines, sum(lines) OVER newest AS "linesSo", sum(length(content)) OVER newest AS "charactersSo" FROM sensor_log
       WHERE tenant_id = $1::bigint AND sensor_id = $2::bigint AND stream = $3::text
       WINDOW newest AS (ORDER BY id DESC)) piece
     WHERE "linesSo" - lines < $4::int AND "charactersSo" - length(content) < $5::int ORDER BY id`,
    [tenantId, sensorId, stream, tail, keptLog.characters],
  );
  const whole = rows.map(({ content }) => content).join('');
  const lines = whole.split('\n');
  const isEnded = lines.at(-1) === '';
  const kept = lines.slice(-(tail + (isEnded ? 1 : 0)));
  return { text: kept.join('\n').slice(-keptLog.characters), isCut: kept.length < lines.length };
}
