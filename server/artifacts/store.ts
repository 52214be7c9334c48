import type { Json } from '@/engine/expression/expression';
import type { Sql } from '../db';
import type { Blob, StoredIn } from './blobs';
import type { ArtifactType, RetentionPolicy, Scope, Visibility } from './schema';

export interface VersionRow {
  id: number;
  number: number;
  fileName: string;
  contentType: string;
  sizeBytes: number;
  sha256: string;
  storedIn: StoredIn;
  executionId: number | null;
  created: Date;
}

export interface ArtifactRow {
  id: number;
  tenantId: number;
  ref: string;
  scope: Scope;
  owner: string;
  type: ArtifactType;
  name: string;
  description: string;
  contentType: string | null;
  visibility: Visibility;
  retentionPolicy: RetentionPolicy;
  retentionLimit: number;
  url: string | null;
  executionId: number | null;
  entryCount: number;
  lastVersion: number;
  createdBy: string | null;
  created: Date;
  updated: Date;
  latest: (Omit<VersionRow, 'created'> & { created: string }) | null;
}

const versionColumns = `v.id, v.number, v.file_name AS "fileName", v.content_type AS "contentType", v.size_bytes AS "sizeBytes", v.sha256,
  v.stored_in AS "storedIn", v.execution_id AS "executionId", v.created`;
const columns = `a.id, a.tenant_id AS "tenantId", a.ref, a.scope, a.owner, a.type, a.name, a.description, a.content_type AS "contentType",
  a.visibility, a.retention_policy AS "retentionPolicy", a.retention_limit AS "retentionLimit", a.url, a.execution_id AS "executionId",
  a.entry_count AS "entryCount", a.last_version AS "lastVersion", i.login AS "createdBy", a.created, a.updated, row_to_json(latest) AS latest`;
const from = `artifact a LEFT JOIN identity i ON i.id = a.created_by
  LEFT JOIN LATERAL (SELECT ${versionColumns} FROM artifact_version v WHERE v.tenant_id = a.tenant_id AND v.artifact_id = a.id
    ORDER BY v.number DESC LIMIT 1) latest ON true`;

/** Newest first, below the id. */
export async function listArtifactRows(
  sql: Sql,
  tenantId: number,
  filter: { search: string; type: ArtifactType | null; executionId: number | null; rootId: number | null },
  below: number | null,
  limit: number,
): Promise<ArtifactRow[]> {
  return sql.query<ArtifactRow>(
    `SELECT ${columns} FROM ${from}
     WHERE a.tenant_id = $1 AND ($2 = '' OR strpos(lower(a.ref), lower($2)) > 0 OR strpos(lower(a.name), lower($2)) > 0)
       AND ($3::text IS NULL OR a.type = $3) AND ($4::bigint IS NULL OR a.id < $4)
       AND ($5::bigint IS NULL OR a.execution_id = $5
         OR EXISTS (SELECT FROM artifact_version v WHERE v.tenant_id = $1 AND v.artifact_id = a.id AND v.execution_id = $5))
       AND ($6::bigint IS NULL OR a.id IN (
         SELECT made.id FROM execution e JOIN artifact made ON made.tenant_id = $1 AND made.execution_id = e.id WHERE e.tenant_id = $1 AND e.root_id = $6
         UNION SELECT v.artifact_id FROM execution e JOIN artifact_version v ON v.tenant_id = $1 AND v.execution_id = e.id
           WHERE e.tenant_id = $1 AND e.root_id = $6))
     ORDER BY a.id DESC LIMIT $7`,
    [tenantId, filter.search, filter.type, below, filter.executionId, filter.rootId, limit],
  );
}

export async function findArtifactRow(
  sql: Sql,
  tenantId: number,
  by: { id: number } | { ref: string },
): Promise<ArtifactRow | null> {
  const [row] = await sql.query<ArtifactRow>(
    `SELECT ${columns} FROM ${from} WHERE a.tenant_id = $1 AND ($2::bigint IS NULL OR a.id = $2) AND ($3::text IS NULL OR a.ref = $3)`,
    [tenantId, 'id' in by ? by.id : null, 'ref' in by ? by.ref : null],
  );
  return row ?? null;
}

export interface NewArtifact {
  ref: string;
  scope: Scope;
  owner: string;
  type: ArtifactType;
  name: string;
  description: string;
  contentType: string | null;
  visibility: Visibility;
  retentionPolicy: RetentionPolicy;
  retentionLimit: number;
  url: string | null;
  executionId: number | null;
  createdBy: number | null;
}

/** Its id. @throws a unique violation where there is one of that ref */
export async function insertArtifact(sql: Sql, tenantId: number, made: NewArtifact): Promise<number> {
  const [row] = await sql.query<{ id: number }>(
    `INSERT INTO artifact (tenant_id, ref, scope, owner, type, name, description, content_type, visibility, retention_policy, retention_limit,
       url, execution_id, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id`,
    [
      tenantId,
      made.ref,
      made.scope,
      made.owner,
      made.type,
      made.name,
      made.description,
      made.contentType,
      made.visibility,
      made.retentionPolicy,
      made.retentionLimit,
      made.url,
      made.executionId,
      made.createdBy,
    ],
  );
  if (!row) throw new Error('an artifact was not stored');
  return row.id;
}

/** What is undefined stays as it is. */
export interface ArtifactChange {
  name?: string | undefined;
  description?: string | undefined;
  visibility?: Visibility | undefined;
  retentionPolicy?: RetentionPolicy | undefined;
  retentionLimit?: number | undefined;
  url?: string | undefined;
}

export async function changeArtifact(
  sql: Sql,
  tenantId: number,
  id: number,
  to: ArtifactChange,
): Promise<void> {
  await sql.query(
    `UPDATE artifact SET name = COALESCE($3, name), description = COALESCE($4, description), visibility = COALESCE($5, visibility),
       retention_policy = COALESCE($6, retention_policy), retention_limit = COALESCE($7, retention_limit), url = COALESCE($8, url),
       updated = clock_timestamp()
     WHERE tenant_id = $1 AND id = $2`,
    [
      tenantId,
      id,
      to.name ?? null,
      to.description ?? null,
      to.visibility ?? null,
      to.retentionPolicy ?? null,
      to.retentionLimit ?? null,
      to.url ?? null,
    ],
  );
}

/** Takes the number of the next version, and with it the artifact's lock. */
export async function takeVersionNumber(
  sql: Sql,
  tenantId: number,
  id: number,
): Promise<{ number: number; versionId: number } | null> {
  const [row] = await sql.query<{ number: number; versionId: number }>(
    `UPDATE artifact SET last_version = last_version + 1, updated = clock_timestamp() WHERE tenant_id = $1 AND id = $2
     RETURNING last_version AS number, nextval('artifact_version_id_seq') AS "versionId"`,
    [tenantId, id],
  );
  return row ?? null;
}

export async function insertVersion(
  sql: Sql,
  tenantId: number,
  artifactId: number,
  made: Omit<VersionRow, 'created'> & { createdBy: number | null },
): Promise<VersionRow> {
  const [row] = await sql.query<VersionRow>(
    `INSERT INTO artifact_version AS v (id, tenant_id, artifact_id, number, file_name, content_type, size_bytes, sha256, stored_in, execution_id, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING ${versionColumns}`,
    [
      made.id,
      tenantId,
      artifactId,
      made.number,
      made.fileName,
      made.contentType,
      made.sizeBytes,
      made.sha256,
      made.storedIn,
      made.executionId,
      made.createdBy,
    ],
  );
  if (!row) throw new Error('a version was not stored');
  return row;
}

/** Newest first, below the number. */
export async function listVersionRows(
  sql: Sql,
  tenantId: number,
  artifactId: number,
  below: number | null,
  limit: number,
): Promise<VersionRow[]> {
  return sql.query<VersionRow>(
    `SELECT ${versionColumns} FROM artifact_version v WHERE v.tenant_id = $1 AND v.artifact_id = $2 AND ($3::int IS NULL OR v.number < $3)
     ORDER BY v.number DESC LIMIT $4`,
    [tenantId, artifactId, below, limit],
  );
}

const blobColumns = 'tenant_id AS "tenantId", id AS "versionId", stored_in AS "storedIn"';

/** Removes all versions but the newest `kept`. Gives where their bytes lay. */
export async function deleteOldVersions(
  sql: Sql,
  tenantId: number,
  artifactId: number,
  kept: number,
): Promise<Blob[]> {
  return sql.query<Blob>(
    `DELETE FROM artifact_version WHERE tenant_id = $1 AND artifact_id = $2 AND number <= (
       SELECT number FROM artifact_version WHERE tenant_id = $1 AND artifact_id = $2 ORDER BY number DESC OFFSET $3 LIMIT 1)
     RETURNING ${blobColumns}`,
    [tenantId, artifactId, kept],
  );
}

/** Removes an artifact with all that belongs to it. Gives where its bytes lay. */
export async function deleteArtifact(sql: Sql, tenantId: number, id: number): Promise<Blob[]> {
  const blobs = await sql.query<Blob>(
    `DELETE FROM artifact_version WHERE tenant_id = $1 AND artifact_id = $2 RETURNING ${blobColumns}`,
    [tenantId, id],
  );
  await sql.query('DELETE FROM artifact WHERE tenant_id = $1 AND id = $2', [tenantId, id]);
  return blobs;
}

/** How many bytes a tenant's files have together. */
export async function sumBytes(sql: Sql, tenantId: number): Promise<number> {
  const [row] = await sql.query<{ bytes: number }>(
    'SELECT COALESCE(sum(size_bytes), 0)::bigint AS bytes FROM artifact_version WHERE tenant_id = $1',
    [tenantId],
  );
  return row?.bytes ?? 0;
}

/** Adds a line of progress, and removes the oldest beyond `kept`. Gives its number. */
export async function insertEntry(
  sql: Sql,
  tenantId: number,
  artifactId: number,
  { entry, executionId }: { entry: Json; executionId: number | null },
  kept: number,
): Promise<{ seq: number; created: Date }> {
  const [row] = await sql.query<{ seq: number; created: Date }>(
    `WITH counted AS (
       UPDATE artifact SET entry_count = entry_count + 1, updated = clock_timestamp() WHERE tenant_id = $1 AND id = $2 RETURNING entry_count)
     INSERT INTO artifact_entry (tenant_id, artifact_id, seq, entry, execution_id) SELECT $1::bigint, $2::bigint, entry_count, $3::json, $4::bigint
     FROM counted RETURNING seq, created`,
    [tenantId, artifactId, JSON.stringify(entry), executionId],
  );
  if (!row) throw new Error('a line of progress was not stored');
  await sql.query('DELETE FROM artifact_entry WHERE tenant_id = $1 AND artifact_id = $2 AND seq <= $3', [
    tenantId,
    artifactId,
    row.seq - kept,
  ]);
  return row;
}

/** Newest first. */
export async function listEntryRows(
  sql: Sql,
  tenantId: number,
  artifactId: number,
  limit: number,
): Promise<{ seq: number; entry: Json; executionId: number | null; created: Date }[]> {
  return sql.query(
    `SELECT seq, entry, execution_id AS "executionId", created FROM artifact_entry WHERE tenant_id = $1 AND artifact_id = $2
     ORDER BY seq DESC LIMIT $3`,
    [tenantId, artifactId, limit],
  );
}

/** Artifacts that were not touched for as long as they are kept, across tenants; those that somebody holds are left for later. */
export async function findOutdated(
  sql: Sql,
  limit: number,
): Promise<
  { id: number; tenantId: number; ref: string; scope: Scope; owner: string; visibility: Visibility }[]
> {
  return sql.query(
    `SELECT id, tenant_id AS "tenantId", ref, scope, owner, visibility FROM artifact
     WHERE retention_policy <> 'versions' AND updated < clock_timestamp() - make_interval(
       days => CASE WHEN retention_policy = 'days' THEN retention_limit ELSE 0 END,
       hours => CASE WHEN retention_policy = 'hours' THEN retention_limit ELSE 0 END,
       mins => CASE WHEN retention_policy = 'minutes' THEN retention_limit ELSE 0 END)
     ORDER BY updated LIMIT $1 FOR UPDATE SKIP LOCKED`,
    [limit],
  );
}

/** Versions beyond the age that their artifact keeps, but for the newest; at most `limit`. Gives where their bytes lay. */
export async function deleteOutdatedVersions(sql: Sql, limit: number): Promise<Blob[]> {
  return sql.query<Blob>(
    `DELETE FROM artifact_version d USING (
       SELECT v.tenant_id, v.id FROM artifact a JOIN artifact_version v ON v.tenant_id = a.tenant_id AND v.artifact_id = a.id
       WHERE a.retention_policy <> 'versions' AND v.number < a.last_version AND v.created < clock_timestamp() - make_interval(
         days => CASE WHEN a.retention_policy = 'days' THEN a.retention_limit ELSE 0 END,
         hours => CASE WHEN a.retention_policy = 'hours' THEN a.retention_limit ELSE 0 END,
         mins => CASE WHEN a.retention_policy = 'minutes' THEN a.retention_limit ELSE 0 END)
       LIMIT $1 FOR UPDATE OF v SKIP LOCKED) due
     WHERE d.tenant_id = due.tenant_id AND d.id = due.id
     RETURNING d.tenant_id AS "tenantId", d.id AS "versionId", d.stored_in AS "storedIn"`,
    [limit],
  );
}
