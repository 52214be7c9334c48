import type { Sql } from '../db';
import type { Environment, EnvironmentKind, EnvironmentState } from './schema';

/** Characters of a build's log that are kept: the last ones, where the error stands. */
export const keptLogCharacters = 200_000;

/** Which environment, and where. */
export interface EnvironmentKey {
  tenantId: number;
  kind: EnvironmentKind;
  keyHash: string;
  place: string;
  packRef: string;
}

/** The row as a worker sees it. */
export interface HeldEnvironment {
  id: number;
  state: EnvironmentState;
  error: string | null;
  log: string;
  builder: string | null;
  isLeased: boolean;
  /** How long ago it was written. */
  ageSeconds: number;
}

/** The row, made where it was missing, locked until the transaction ends. */
export async function lockEnvironment(tx: Sql, key: EnvironmentKey): Promise<HeldEnvironment> {
  const place = [key.tenantId, key.keyHash, key.place];
  await tx.query(
    `INSERT INTO environment (tenant_id, key_hash, place, kind, pack_refs) VALUES ($1, $2, $3, $4, ARRAY[$5])
     ON CONFLICT (tenant_id, key_hash, place) DO NOTHING`,
    [...place, key.kind, key.packRef],
  );
  const [row] = await tx.query<HeldEnvironment>(
    `SELECT id, state, error, right(log, 4000) AS log, builder, lease_until > clock_timestamp() AS "isLeased",
            extract(epoch FROM clock_timestamp() - updated)::float8 AS "ageSeconds"
     FROM environment WHERE tenant_id = $1 AND key_hash = $2 AND place = $3 FOR UPDATE`,
    place,
  );
  if (!row) throw new Error('the row of an environment vanished while it was being locked');
  return row;
}

export async function hasReady(
  tx: Sql,
  { tenantId, keyHash, place }: Omit<EnvironmentKey, 'kind' | 'packRef'>,
): Promise<boolean> {
  const rows = await tx.query(
    `SELECT FROM environment WHERE tenant_id = $1 AND key_hash = $2 AND place = $3 AND state = 'ready'`,
    [tenantId, keyHash, place],
  );
  return rows.length > 0;
}

/** Notes a use: the pack, and the time. */
export async function touchEnvironment(tx: Sql, id: number, packRef: string): Promise<void> {
  await tx.query(
    `UPDATE environment SET used_at = clock_timestamp(),
       pack_refs = CASE WHEN $2 = ANY (pack_refs) THEN pack_refs ELSE (pack_refs || $2::text)[1:100] END WHERE id = $1`,
    [id, packRef],
  );
}

export async function beginBuild(tx: Sql, id: number, builder: string, leaseSeconds: number): Promise<void> {
  await tx.query(
    `UPDATE environment SET state = 'building', builder = $2, log = '', error = NULL, build_ms = NULL,
       lease_until = clock_timestamp() + make_interval(secs => $3), updated = clock_timestamp() WHERE id = $1`,
    [id, builder, leaseSeconds],
  );
}

/** False when another has taken the build over meanwhile. */
export async function renewBuild(
  tx: Sql,
  id: number,
  builder: string,
  leaseSeconds: number,
): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE environment SET lease_until = clock_timestamp() + make_interval(secs => $3)
     WHERE id = $1 AND builder = $2 AND state = 'building' RETURNING id`,
    [id, builder, leaseSeconds],
  );
  return rows.length > 0;
}

export async function appendBuildLog(tx: Sql, id: number, builder: string, text: string): Promise<void> {
  await tx.query(
    `UPDATE environment SET log = right(log || $3, ${keptLogCharacters}) WHERE id = $1 AND builder = $2 AND state = 'building'`,
    [id, builder, text],
  );
}

export async function endBuild(
  tx: Sql,
  id: number,
  builder: string,
  end: { state: 'ready' | 'failed' | 'stale'; error: string | null; buildMs: number | null },
): Promise<void> {
  await tx.query(
    `UPDATE environment SET state = $3, error = $4, build_ms = $5, builder = NULL, lease_until = clock_timestamp(),
       built_at = CASE WHEN $3 = 'ready' THEN clock_timestamp() ELSE built_at END, updated = clock_timestamp()
     WHERE id = $1 AND builder = $2`,
    [id, builder, end.state, end.error, end.buildMs],
  );
}

/** Environments here that nobody used for so long; their rows go at once, so that a later use builds anew. */
export async function takeUnused(
  tx: Sql,
  place: string,
  unusedSeconds: number,
  limit: number,
): Promise<{ tenantId: number; kind: EnvironmentKind; keyHash: string }[]> {
  return tx.query(
    `DELETE FROM environment WHERE id IN (
       SELECT id FROM environment WHERE place = $1 AND used_at < clock_timestamp() - make_interval(secs => $2)
         AND NOT (state = 'building' AND lease_until > clock_timestamp()) ORDER BY used_at LIMIT $3 FOR UPDATE SKIP LOCKED)
     RETURNING tenant_id AS "tenantId", kind, key_hash AS "keyHash"`,
    [place, unusedSeconds, limit],
  );
}

/** The environments that a pack used, on every machine, the last used first. */
export async function selectEnvironments(tx: Sql, tenantId: number, packRef: string): Promise<Environment[]> {
  const rows = await tx.query<
    Omit<Environment, 'builtAt' | 'usedAt'> & { builtAt: Date | null; usedAt: Date }
  >(
    `SELECT id, kind, key_hash AS "keyHash", place, pack_refs AS "packRefs", state, log, error, build_ms AS "buildMs",
            built_at AS "builtAt", used_at AS "usedAt"
     FROM environment WHERE tenant_id = $1 AND $2 = ANY (pack_refs) ORDER BY used_at DESC, id DESC LIMIT 20`,
    [tenantId, packRef],
  );
  return rows.map((row) => ({
    ...row,
    builtAt: row.builtAt?.toISOString() ?? null,
    usedAt: row.usedAt.toISOString(),
  }));
}

/** False where the pack has no such environment, or it is being built. In a transaction of Prisma too, so types are said. */
export async function markStale(tx: Sql, tenantId: number, packRef: string, id: number): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE environment SET state = 'stale', updated = clock_timestamp()
     WHERE tenant_id = $1::bigint AND id = $2::bigint AND $3::text = ANY (pack_refs)
       AND NOT (state = 'building' AND lease_until > clock_timestamp()) RETURNING id`,
    [tenantId, id, packRef],
  );
  return rows.length > 0;
}
