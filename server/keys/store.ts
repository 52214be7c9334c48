import type { Json } from '@/engine/expression/expression';
import type { Sql } from '../db';
import { seal, type Sealed, type Sealing } from '../sealing/seal';
import type { KeyCursor, KeyName, OwnerType } from './schema';

/** A key's row as people's calls need it; never one that has expired. */
export interface KeyRow {
  id: number;
  tenantId: number;
  ref: string;
  name: string;
  ownerType: OwnerType;
  owner: string;
  encrypted: boolean;
  expiresAt: Date | null;
  created: Date;
  updated: Date;
  updatedBy: string | null;
}

/** The value as it lies at rest; one of the two is null. */
export interface StoredValue {
  value: Json;
  sealed: Buffer | null;
}

/** An expired key is gone, to the second and by the database's clock, whether or not it has been purged. */
export const isThere = '(k.expires_at IS NULL OR k.expires_at > clock_timestamp())';

const columns = `k.id, k.tenant_id AS "tenantId", k.ref, k.name, k.owner_type AS "ownerType", k.owner, k.encrypted,
  k.expires_at AS "expiresAt", k.created, k.updated, i.login AS "updatedBy"`;
const from = 'key k LEFT JOIN identity i ON i.id = COALESCE(k.updated_by, k.created_by)';

/** What a sealed value is bound to, beside its tenant. */
export function contextOf(id: number): string {
  return `key:${id}`;
}

/** The same value with the newest master key, or null where it is already. @throws SealBroken */
export function resealValue(
  sealing: Sealing,
  { tenantId, id }: { tenantId: number; id: number },
  sealed: Sealed,
): Sealed | null {
  return sealing.reseal(tenantId, contextOf(id), sealed);
}

/** How a value is stored: in one of the two columns, as the table's check demands. */
function toColumns(
  tenantId: number,
  id: number,
  value: Json,
  encrypted: boolean,
): [string | null, Buffer | null] {
  return encrypted ? [null, seal(tenantId, contextOf(id), value)] : [JSON.stringify(value), null];
}

/** Keys by name, after the cursor. */
export async function listKeyRows(
  sql: Sql,
  tenantId: number,
  filter: { search: string; ownerType: OwnerType | null; owner: string | null },
  after: KeyCursor | null,
  limit: number,
): Promise<KeyRow[]> {
  return sql.query<KeyRow>(
    `SELECT ${columns} FROM ${from}
     WHERE k.tenant_id = $1 AND ${isThere}
       AND ($2 = '' OR strpos(lower(k.ref), lower($2)) > 0 OR strpos(lower(k.name), lower($2)) > 0 OR strpos(lower(k.owner), lower($2)) > 0)
       AND ($3::text IS NULL OR k.owner_type = $3) AND ($4::text IS NULL OR k.owner = $4)
       AND ($5::text IS NULL OR (k.ref, k.id) > ($5, $6::bigint))
     ORDER BY k.ref, k.id LIMIT $7`,
    [tenantId, filter.search, filter.ownerType, filter.owner, after?.ref ?? null, after?.id ?? null, limit],
  );
}

/** Every key of that name, and owner where one is named; at most 200, those of the login first, then by width of scope. */
export async function findKeyRows(
  sql: Sql,
  tenantId: number,
  key: KeyName,
  login: string,
): Promise<KeyRow[]> {
  return sql.query<KeyRow>(
    `SELECT ${columns} FROM ${from}
     WHERE k.tenant_id = $1 AND k.ref = $2 AND ${isThere} AND ($3::text IS NULL OR k.owner_type = $3) AND ($4::text IS NULL OR k.owner = $4)
     ORDER BY (k.owner_type = 'identity' AND k.owner = $5) DESC,
       array_position(ARRAY['system', 'pack', 'action', 'sensor', 'identity'], k.owner_type), k.id LIMIT 200`,
    [tenantId, key.ref, key.ownerType ?? null, key.owner ?? null, login],
  );
}

/** The value as it lies there now, and its lock where it is about to be changed; null when it is gone. */
export async function readStoredValue(
  sql: Sql,
  { tenantId, id }: { tenantId: number; id: number },
  lock: 'for update' | 'just read',
): Promise<(StoredValue & { encrypted: boolean }) | null> {
  const [row] = await sql.query<StoredValue & { encrypted: boolean }>(
    `SELECT k.value, k.sealed, k.encrypted FROM key k WHERE k.tenant_id = $1 AND k.id = $2 AND ${isThere}
     ${lock === 'for update' ? 'FOR UPDATE' : ''}`,
    [tenantId, id],
  );
  return row ?? null;
}

export interface NewKey {
  tenantId: number;
  ref: string;
  name: string;
  ownerType: OwnerType;
  owner: string;
  ownerIdentity: number | null;
  encrypted: boolean;
  value: Json;
  ttlSeconds: number | null;
  by: number | null;
}

/** Its id. One of the same name and owner that has expired makes room. @throws a unique violation where there is one */
export async function insertKey(sql: Sql, key: NewKey): Promise<number> {
  await sql.query(
    `DELETE FROM key WHERE tenant_id = $1 AND owner_type = $2 AND owner = $3 AND ref = $4 AND expires_at <= clock_timestamp()`,
    [key.tenantId, key.ownerType, key.owner, key.ref],
  );
  const [next] = await sql.query<{ id: number }>(`SELECT nextval('key_id_seq') AS id`);
  if (!next) throw new Error('the sequence of keys gave nothing');
  const [value, sealed] = toColumns(key.tenantId, next.id, key.value, key.encrypted);
  await sql.query(
    `INSERT INTO key (id, tenant_id, ref, name, owner_type, owner, owner_identity, encrypted, value, sealed, expires_at, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp() + make_interval(secs => $11), $12)`,
    [
      next.id,
      key.tenantId,
      key.ref,
      key.name,
      key.ownerType,
      key.owner,
      key.ownerIdentity,
      key.encrypted,
      value,
      sealed,
      key.ttlSeconds,
      key.by,
    ],
  );
  return next.id;
}

/** What is undefined stays as it is. */
export interface KeyChange {
  name?: string | undefined;
  stored?: { value: Json; encrypted: boolean } | undefined;
  ttlSeconds?: number | null | undefined;
  by: number | null;
}

export async function changeKey(
  sql: Sql,
  { tenantId, id }: { tenantId: number; id: number },
  { name, stored, ttlSeconds, by }: KeyChange,
): Promise<void> {
  const [value, sealed] = stored ? toColumns(tenantId, id, stored.value, stored.encrypted) : [null, null];
  await sql.query(
    `UPDATE key SET name = COALESCE($3, name), updated_by = $4, updated = clock_timestamp(),
       value = CASE WHEN $5 THEN $6::json ELSE value END, sealed = CASE WHEN $5 THEN $7 ELSE sealed END,
       encrypted = COALESCE($8, encrypted),
       expires_at = CASE WHEN $9 THEN clock_timestamp() + make_interval(secs => $10) ELSE expires_at END
     WHERE tenant_id = $1 AND id = $2`,
    [
      tenantId,
      id,
      name ?? null,
      by,
      stored !== undefined,
      value,
      sealed,
      stored?.encrypted ?? null,
      ttlSeconds !== undefined,
      ttlSeconds ?? null,
    ],
  );
}

export async function deleteKey(sql: Sql, { tenantId, id }: { tenantId: number; id: number }): Promise<void> {
  await sql.query('DELETE FROM key WHERE tenant_id = $1 AND id = $2', [tenantId, id]);
}

export interface PurgedKey {
  id: number;
  tenantId: number;
  ref: string;
  ownerType: OwnerType;
  owner: string;
}

/** Removes the keys of a pack, and of the actions and sensors in it. Its numbers are numbers through Prisma, too. */
export async function deleteKeysOfPack(sql: Sql, tenantId: number, packRef: string): Promise<PurgedKey[]> {
  return sql.query<PurgedKey>(
    `DELETE FROM key WHERE tenant_id = $1::bigint
       AND ((owner_type = 'pack' AND owner = $2) OR (owner_type IN ('action', 'sensor') AND starts_with(owner, $2 || '.')))
     RETURNING id::float8 AS id, tenant_id::float8 AS "tenantId", ref, owner_type AS "ownerType", owner`,
    [tenantId, packRef],
  );
}

/** Removes keys that have expired, at most `limit`, across tenants; those that somebody holds are left for later. */
export async function deleteExpiredKeys(sql: Sql, limit: number): Promise<PurgedKey[]> {
  return sql.query<PurgedKey>(
    `DELETE FROM key WHERE id IN (SELECT id FROM key WHERE expires_at <= clock_timestamp() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)
     RETURNING id, tenant_id AS "tenantId", ref, owner_type AS "ownerType", owner`,
    [limit],
  );
}
