import type { ConfigurationTx } from '../db';
import { querySystem } from '../db';

const scheme = 'archive:';

/** What `pack.path` says where the files lie in the database. */
export function toArchivePath(contentHash: string): string {
  return scheme + contentHash;
}

export function isArchive(path: string | null): path is string {
  return path?.startsWith(scheme) ?? false;
}

export function hashOfPath(path: string): string {
  return path.slice(scheme.length);
}

/** Keeps an archive; the same content is kept once. What no pack names for a day goes. */
export async function saveArchive(
  tx: ConfigurationTx,
  tenantId: number,
  contentHash: string,
  content: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const where = { tenantId_contentHash: { tenantId, contentHash } };
  const isThere = await tx.prisma.packArchive.count({ where: { tenantId, contentHash } });
  if (isThere === 0)
    await tx.prisma.packArchive.upsert({ where, create: { tenantId, contentHash, content }, update: {} });
  await tx.query(
    `DELETE FROM pack_archive a WHERE a.tenant_id = $1::bigint AND a.content_hash <> $2 AND a.created < now() - interval '1 day'
       AND NOT EXISTS (SELECT FROM pack p WHERE p.tenant_id = a.tenant_id AND p.path = '${scheme}' || a.content_hash)`,
    [tenantId, contentHash],
  );
}

/** For workers, which serve all tenants: the hash comes from a claim. Null when it is gone. */
export async function readArchive(contentHash: string): Promise<Buffer | null> {
  const [row] = await querySystem<{ content: Buffer }>(
    'SELECT content FROM pack_archive WHERE content_hash = $1 LIMIT 1',
    [contentHash],
  );
  return row?.content ?? null;
}
