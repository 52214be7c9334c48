import type { Json } from '@/engine/expression/expression';
import { checkAgainst } from '@/engine/json-schema';
import { inSystem, querySystem, type Tx } from '../db';
import { recordEvent } from '../events/store';
import type { JsonObject } from '../fields';
import type { SensorHold } from './running';
import type { SensorStream } from './schema';
import { keptLog } from './store';

export interface SensorEvent {
  triggerRef: string;
  payload: Json;
  /** What makes it the same as another of this sensor; null where each counts. */
  dedupe: string | null;
}

/** What a sensor said since the last time, which is stored together. */
export interface SensorPiece {
  events: readonly SensorEvent[];
  /** Where it stands after them; undefined where it did not say. */
  cursor: Json | undefined;
  log: readonly { stream: SensorStream; content: string }[];
}

/** Texts about events that could not be taken; null where the sensor is not this worker's any more. */
export type Stored = { problems: string[] } | null;

/**
 * Stores a piece: the events, the cursor behind them and what was printed, in one transaction, and only where the fence is
 * still the newest. `number` counts the pieces of one fence: one that is stored already is not stored twice.
 */
export async function storePiece(hold: SensorHold, number: number, piece: SensorPiece): Promise<Stored> {
  const { tenantId, sensorId, fence } = hold;
  return inSystem(async (tx) => {
    const cursor = piece.cursor === undefined ? null : JSON.stringify(piece.cursor);
    const [row] = await tx.query<{ piece: number }>(
      'SELECT piece FROM sensor_run WHERE tenant_id = $1 AND sensor_id = $2 AND fence = $3 AND worker_id IS NOT NULL FOR UPDATE',
      [tenantId, sensorId, fence],
    );
    if (!row) return null;
    // The answer to its commit was lost.
    if (row.piece >= number) return { problems: [] };
    const { emitted, problems } = await emit(tx, hold, piece.events);
    await tx.query(
      `UPDATE sensor_run SET piece = $3, events = events + $4, cursor = CASE WHEN $5 THEN $6::json ELSE cursor END,
         cursor_at = CASE WHEN $5 THEN clock_timestamp() ELSE cursor_at END WHERE tenant_id = $1 AND sensor_id = $2`,
      [tenantId, sensorId, number, emitted, cursor !== null, cursor],
    );
    for (const { stream, content } of piece.log)
      await tx.query(
        'INSERT INTO sensor_log (tenant_id, sensor_id, stream, content, lines) VALUES ($1, $2, $3, $4, $5)',
        [tenantId, sensorId, stream, content, content.split('\n').length - 1],
      );
    return { problems };
  });
}

async function emit(
  tx: Tx,
  hold: SensorHold,
  events: readonly SensorEvent[],
): Promise<{ emitted: number; problems: string[] }> {
  const problems: string[] = [];
  let emitted = 0;
  const triggers = await findTriggers(tx, hold.tenantId, events);
  for (const { triggerRef, payload, dedupe } of events) {
    const trigger = triggers.get(triggerRef);
    if (!trigger) {
      problems.push(`An event was left out: there is no trigger ${triggerRef} that is on.`);
      continue;
    }
    const wrong = checkAgainst(trigger.outSchema, payload);
    if (wrong.length > 0) {
      const said = wrong
        .slice(0, 5)
        .map(({ path, message }) => (path === '' ? message : `${path} ${message}`));
      problems.push(
        `An event was left out: its payload does not fit the out_schema of ${triggerRef}: ${said.join('; ')}.`,
      );
      continue;
    }
    if (dedupe !== null && !(await isFirst(tx, hold, dedupe))) continue;
    await recordEvent(tx, {
      ...{ tenantId: hold.tenantId, triggerRef, triggerId: trigger.id, payload },
      ...{ source: 'sensor', headers: {}, sensorId: hold.sensorId },
    });
    emitted += 1;
  }
  return { emitted, problems };
}

async function findTriggers(tx: Tx, tenantId: number, events: readonly SensorEvent[]) {
  const refs = [...new Set(events.map(({ triggerRef }) => triggerRef))];
  if (refs.length === 0) return new Map<string, { id: number; outSchema: JsonObject }>();
  const rows = await tx.query<{ id: number; ref: string; outSchema: JsonObject }>(
    `SELECT DISTINCT ON (ref) id, ref, out_schema AS "outSchema" FROM trigger
     WHERE tenant_id IN (1, $1) AND ref = ANY ($2) AND enabled ORDER BY ref, tenant_id DESC`,
    [tenantId, refs],
  );
  return new Map(rows.map((row) => [row.ref, row]));
}

async function isFirst(tx: Tx, { tenantId, sensorId }: SensorHold, key: string): Promise<boolean> {
  const rows = await tx.query(
    'INSERT INTO sensor_dedupe (tenant_id, sensor_id, key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1',
    [tenantId, sensorId, key],
  );
  return rows.length > 0;
}

/** Removes what was printed before what is kept. */
export async function trimLog({ tenantId, sensorId }: SensorHold): Promise<void> {
  await querySystem(
    `DELETE FROM sensor_log l USING (
       SELECT stream, id, lines, length(content) AS characters,
         sum(lines) OVER newest AS "linesSo", sum(length(content)) OVER newest AS "charactersSo" FROM sensor_log
       WHERE tenant_id = $1 AND sensor_id = $2 WINDOW newest AS (PARTITION BY stream ORDER BY id DESC)) old
     WHERE l.tenant_id = $1 AND l.sensor_id = $2 AND l.stream = old.stream AND l.id = old.id
       AND ("linesSo" - old.lines >= $3 OR "charactersSo" - old.characters >= $4)`,
    [tenantId, sensorId, keptLog.lines, keptLog.characters],
  );
}

/** Forgets keys by which events were told apart a week ago. Gives how many. */
export async function purgeDedupes(limit: number): Promise<number> {
  const gone = await querySystem(
    `DELETE FROM sensor_dedupe d USING (
       SELECT tenant_id, sensor_id, key FROM sensor_dedupe WHERE created < clock_timestamp() - interval '7 days' LIMIT $1) old
     WHERE d.tenant_id = old.tenant_id AND d.sensor_id = old.sensor_id AND d.key = old.key RETURNING 1`,
    [limit],
  );
  return gone.length;
}
