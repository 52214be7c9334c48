import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@/engine/errors';
import { querySystem, type Sql } from '../db';
import { env } from '../env';

/** Where the bytes of a version lie. */
export type StoredIn = 'database' | 'disk';

export interface Blob {
  tenantId: number;
  versionId: number;
  storedIn: StoredIn;
}

const chunkBytes = 2 ** 20;
/** A file without a row is left by a crash between the two; after so long nobody is writing it any more. */
const orphanMs = 24 * 3_600_000;

export function largestBytes(): number {
  return env().ATTUNE_ARTIFACT_MAX_MB * 2 ** 20;
}

function folderOf(): string | null {
  return env().ATTUNE_ARTIFACTS_FOLDER ?? null;
}

function fileOf({ tenantId, versionId }: Pick<Blob, 'tenantId' | 'versionId'>): string {
  const folder = folderOf();
  if (folder === null)
    throw new DomainError(
      'unavailable',
      'artifact_folder_missing',
      'This file lies in a folder of artifacts, and ATTUNE_ARTIFACTS_FOLDER does not say where. Set it as it was.',
    );
  return join(folder, String(tenantId), String(versionId));
}

/**
 * Stores the bytes as they come, in the folder ATTUNE_ARTIFACTS_FOLDER or, without one, in the caller's transaction; never
 * more than one chunk is held. A file of a transaction that rolls back is removed by {@link removeOrphans}.
 * @throws DomainError too_large beyond ATTUNE_ARTIFACT_MAX_MB
 */
export async function writeBlob(
  sql: Sql,
  place: Pick<Blob, 'tenantId' | 'versionId'>,
  content: AsyncIterable<Uint8Array>,
): Promise<{ sizeBytes: number; sha256: string; storedIn: StoredIn }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const measured = async function* () {
    for await (const part of content) {
      sizeBytes += part.byteLength;
      if (sizeBytes > largestBytes())
        throw new DomainError(
          'too_large',
          'artifact_too_large',
          `The file is larger than ${env().ATTUNE_ARTIFACT_MAX_MB} MB. Raise ATTUNE_ARTIFACT_MAX_MB, or leave a link to it instead.`,
        );
      hash.update(part);
      yield part;
    }
  };
  const storedIn = folderOf() === null ? 'database' : 'disk';
  await (storedIn === 'disk' ? writeFile(place, measured()) : writeChunks(sql, place, measured()));
  return { sizeBytes, sha256: hash.digest('hex'), storedIn };
}

async function writeChunks(
  sql: Sql,
  { tenantId, versionId }: Pick<Blob, 'tenantId' | 'versionId'>,
  content: AsyncIterable<Uint8Array>,
): Promise<void> {
  let seq = 0;
  let parts: Uint8Array[] = [];
  let held = 0;
  const flush = async () => {
    await sql.query(
      'INSERT INTO artifact_chunk (tenant_id, version_id, seq, content) VALUES ($1, $2, $3, $4)',
      [tenantId, versionId, (seq += 1), Buffer.concat(parts)],
    );
    parts = [];
    held = 0;
  };
  for await (const part of content) {
    for (let from = 0; from < part.byteLength;) {
      const piece = part.subarray(from, from + chunkBytes - held);
      from += piece.byteLength;
      held += piece.byteLength;
      parts.push(piece);
      if (held === chunkBytes) await flush();
    }
  }
  if (held > 0) await flush();
}

async function writeFile(
  place: Pick<Blob, 'tenantId' | 'versionId'>,
  content: AsyncIterable<Uint8Array>,
): Promise<void> {
  const path = fileOf(place);
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const part of content) await file.writeFile(part);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** The bytes, a chunk at a time. @throws DomainError artifact_gone when they are not there any more */
export async function* readBlob({ tenantId, versionId, storedIn }: Blob): AsyncGenerator<Uint8Array> {
  if (storedIn === 'disk') {
    const path = fileOf({ tenantId, versionId });
    if (!(await stat(path).catch(() => null)))
      throw new DomainError(
        'unavailable',
        'artifact_gone',
        'The file of this version is not in the folder of artifacts.',
      );
    yield* createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>;
    return;
  }
  for (let seq = 1; ; seq += 1) {
    const [chunk] = await querySystem<{ content: Buffer }>(
      'SELECT content FROM artifact_chunk WHERE tenant_id = $1 AND version_id = $2 AND seq = $3',
      [tenantId, versionId, seq],
    );
    if (!chunk) return;
    yield chunk.content;
  }
}

/** Removes files whose rows are gone; to be called after the commit. */
export async function removeFiles(blobs: readonly Blob[]): Promise<void> {
  for (const blob of blobs) if (blob.storedIn === 'disk') await rm(fileOf(blob), { force: true });
}

/** Removes files that no version names, which crashes may leave. Gives how many. */
export async function removeOrphans(): Promise<number> {
  const folder = folderOf();
  if (folder === null) return 0;
  let removed = 0;
  for (const tenant of await readdir(folder).catch(() => [])) {
    if (!/^\d+$/.test(tenant)) continue;
    const names = (await readdir(join(folder, tenant)).catch(() => [])).filter((name) => /^\d+$/.test(name));
    for (let from = 0; from < names.length; from += 1_000) {
      const batch = names.slice(from, from + 1_000);
      const known = await querySystem<{ id: number }>(
        'SELECT id FROM artifact_version WHERE tenant_id = $1 AND id = ANY ($2)',
        [Number(tenant), batch.map(Number)],
      );
      const kept = new Set(known.map(({ id }) => String(id)));
      for (const name of batch.filter((each) => !kept.has(each))) {
        const path = join(folder, tenant, name);
        const facts = await stat(path).catch(() => null);
        if (!facts || Date.now() - facts.mtimeMs < orphanMs) continue;
        await rm(path, { force: true });
        removed += 1;
      }
    }
  }
  return removed;
}
