import type { Json } from '@/engine/expression/expression';
import { withDefaults } from '@/engine/json-schema';
import type { ActionLimits } from '../actions/limits';
import { inSystem, querySystem, type Sql, type Tx } from '../db';
import { raiseAlert } from '../events/alert';
import { appendChanges } from '../feed/store';
import type { JsonObject } from '../fields';
import type { SensorRuntime } from './schema';
import { failuresUntilAlert } from './store';

/** What a worker holds while it runs a sensor. What comes with an older fence is refused. */
export interface SensorHold {
  tenantId: number;
  sensorId: number;
  ref: string;
  fence: number;
  /** What it was started with. */
  wish: string;
}

/** A hold with all that its process needs. */
export interface SensorClaim extends SensorHold {
  packRef: string;
  runtime: Exclude<SensorRuntime, 'native'>;
  entrypoint: string;
  code: string | null;
  packPath: string | null;
  limits: ActionLimits;
  triggerRefs: string[];
  parameters: JsonObject;
  /** The rules that need it. */
  rules: { ref: string; trigger_ref: string; trigger_params: JsonObject }[];
  cursor: Json;
}

interface ClaimRow extends Omit<SensorClaim, 'parameters' | 'rules'> {
  paramSchema: JsonObject;
  config: JsonObject;
  rules: SensorClaim['rules'] | null;
}

const firstBackOffSeconds = 1;
const longestBackOffSeconds = 60;

/** Takes sensors that are to run and that nobody runs, at most `limit`, each with a lease. */
export async function claimSensors(
  worker: { workerId: number; leaseSeconds: number; runtimes: readonly string[] },
  limit: number,
): Promise<SensorClaim[]> {
  const rows = await inSystem(async (tx) => {
    const taken = await tx.query<ClaimRow>(
      `WITH open AS (
         SELECT u.tenant_id, u.sensor_id, w.wish FROM sensor_wish w
         JOIN sensor_run u ON u.tenant_id = w.tenant_id AND u.sensor_id = w.sensor_id
         WHERE w.runtime = ANY ($3) AND NOT EXISTS (SELECT FROM worker k WHERE k.id = $1 AND k.cordoned_at IS NOT NULL)
           AND (u.lease_until IS NULL OR u.lease_until < clock_timestamp())
           AND (u.not_before IS NULL OR u.not_before <= clock_timestamp() OR u.wish IS DISTINCT FROM w.wish)
         ORDER BY u.not_before NULLS FIRST, u.sensor_id LIMIT $4 FOR UPDATE OF u SKIP LOCKED),
       taken AS (
         UPDATE sensor_run u SET fence = u.fence + 1, worker_id = $1, lease_until = clock_timestamp() + make_interval(secs => $2),
           failures = CASE WHEN u.wish IS DISTINCT FROM open.wish THEN 0 ELSE u.failures END,
           wish = open.wish, started_at = NULL, not_before = NULL, piece = 0
         FROM open WHERE u.tenant_id = open.tenant_id AND u.sensor_id = open.sensor_id
         RETURNING u.tenant_id, u.sensor_id, u.fence, u.wish, u.cursor)
       SELECT t.tenant_id AS "tenantId", t.sensor_id AS "sensorId", t.fence, t.wish, t.cursor, s.ref, s.pack_ref AS "packRef", s.runtime,
         s.entrypoint, s.code, s.limits, s.trigger_refs AS "triggerRefs", s.param_schema AS "paramSchema", s.config, p.path AS "packPath",
         (SELECT json_agg(json_build_object('ref', r.ref, 'trigger_ref', r.trigger_ref, 'trigger_params', r.trigger_params) ORDER BY r.id)
          FROM rule r WHERE r.tenant_id = s.tenant_id AND r.trigger_ref = ANY (s.trigger_refs) AND r.enabled) AS rules
       FROM taken t JOIN sensor s ON s.id = t.sensor_id JOIN pack p ON p.id = s.pack_id`,
      [worker.workerId, worker.leaseSeconds, worker.runtimes, limit],
    );
    for (const row of taken) await tell(tx, row, 'claimed');
    return taken;
  });
  return rows.map(({ paramSchema, config, rules, ...row }) => ({
    ...row,
    rules: rules ?? [],
    parameters: withDefaults(paramSchema, config),
  }));
}

/**
 * Renews the leases of what this worker runs, as far as it knows of it. Gives back which of it is still its own, and of that, what is to go on as it
 * is: all else wants another process, or none.
 */
export async function renewSensors(
  workerId: number,
  leaseSeconds: number,
  holds: readonly SensorHold[],
): Promise<Map<number, { fence: number; isWanted: boolean }>> {
  const rows = await querySystem<{ sensorId: number; fence: number; isWanted: boolean }>(
    `UPDATE sensor_run u SET lease_until = clock_timestamp() + make_interval(secs => $2),
       failures = CASE WHEN u.started_at < clock_timestamp() - interval '1 minute' THEN 0 ELSE u.failures END
     FROM unnest($3::bigint[], $4::bigint[], $5::bigint[]) AS mine (tenant_id, sensor_id, fence)
     WHERE u.tenant_id = mine.tenant_id AND u.sensor_id = mine.sensor_id AND u.fence = mine.fence
       AND u.worker_id = $1 AND u.lease_until > clock_timestamp()
     RETURNING u.sensor_id AS "sensorId", u.fence, EXISTS (
       SELECT FROM sensor_wish w WHERE w.tenant_id = u.tenant_id AND w.sensor_id = u.sensor_id AND w.wish = u.wish) AS "isWanted"`,
    [
      workerId,
      leaseSeconds,
      holds.map(({ tenantId }) => tenantId),
      holds.map(({ sensorId }) => sensorId),
      holds.map(({ fence }) => fence),
    ],
  );
  return new Map(rows.map(({ sensorId, ...row }) => [sensorId, row]));
}

/** Notes that its process runs. False where it is not ours any more. */
export async function noteStarted(hold: SensorHold): Promise<boolean> {
  return inSystem(async (tx) => {
    const isOurs = await change(tx, hold, 'started_at = clock_timestamp()');
    if (isOurs) await tell(tx, hold, 'started');
    return isOurs;
  });
}

/** Gives a sensor free, since its worker goes or something else is wanted: whoever may, takes it at once. */
export async function releaseSensor(hold: SensorHold): Promise<void> {
  await inSystem(async (tx) => {
    if (await change(tx, hold, 'worker_id = NULL, lease_until = NULL, started_at = NULL'))
      await tell(tx, hold, 'released');
  });
}

/**
 * Notes that its process ended by itself or could not be started: it is tried again after 1 s, doubling to 60 s, from the
 * beginning where it had run for a minute. The fifth time in a row an event of `core.alert` says so.
 * @returns the seconds until then, and how often in a row; null where it is not ours any more
 */
export async function noteFailed(
  hold: SensorHold,
  error: string,
): Promise<{ seconds: number; failures: number } | null> {
  return inSystem(async (tx) => {
    const [row] = await tx.query<{ failures: number }>(
      `UPDATE sensor_run SET failures = CASE WHEN started_at < clock_timestamp() - interval '1 minute' THEN 1 ELSE failures + 1 END,
         worker_id = NULL, lease_until = NULL, started_at = NULL, last_error = $4, last_error_at = clock_timestamp()
       WHERE tenant_id = $1 AND sensor_id = $2 AND fence = $3 AND worker_id IS NOT NULL RETURNING failures`,
      [hold.tenantId, hold.sensorId, hold.fence, error.slice(0, 10_000)],
    );
    if (!row) return null;
    const { failures } = row;
    const seconds = Math.min(firstBackOffSeconds * 2 ** (failures - 1), longestBackOffSeconds);
    await tx.query(
      'UPDATE sensor_run SET not_before = clock_timestamp() + make_interval(secs => $3) WHERE tenant_id = $1 AND sensor_id = $2',
      [hold.tenantId, hold.sensorId, seconds],
    );
    await tell(tx, hold, 'failed');
    if (failures === failuresUntilAlert) await alert(tx, hold, error, failures);
    return { seconds, failures };
  });
}

async function alert(tx: Tx, hold: SensorHold, error: string, failures: number): Promise<void> {
  await raiseAlert(tx, hold.tenantId, {
    ...{ severity: 'warning', category: 'sensors', failureType: 'sensor_failing' },
    ...{ componentType: 'sensor', componentRef: hold.ref, executionId: null },
    summary: `The sensor ${hold.ref} ended ${failures} times in a row. It is tried again about once a minute.`,
    details: { last_error: error.slice(0, 2_000), failures },
  });
}

/** Changes the row where it is still ours. */
async function change(sql: Sql, { tenantId, sensorId, fence }: SensorHold, set: string): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE sensor_run SET ${set} WHERE tenant_id = $1 AND sensor_id = $2 AND fence = $3 AND worker_id IS NOT NULL RETURNING 1`,
    [tenantId, sensorId, fence],
  );
  return rows.length > 0;
}

async function tell(tx: Tx, { tenantId, sensorId, ref }: SensorHold, kind: string): Promise<void> {
  await appendChanges(tx, tenantId, [{ entityType: 'sensor', entityId: sensorId, kind, payload: { ref } }]);
}
