import { notFound } from '@/engine/errors';
import { inConfiguration } from '../db';
import { requireRight, type Actor } from '../identities/actor';
import { packFolder, readArchiveFiles } from './archive';
import { hashOfPath, isArchive, readArchive } from './archive-store';
import type { PackFileEntry, PackFileText } from './schema';
import { getPack } from './store';

const shownBytes = 512 * 1024;
const mostFiles = 2_000;

/** The files of a pack by path; empty for a pack that was made here. @throws DomainError pack_not_found */
export async function listPackFiles(actor: Actor, ref: string): Promise<PackFileEntry[]> {
  const files = await openFiles(actor, ref);
  return [...files]
    .map(([path, content]) => ({ path, sizeBytes: content.length }))
    .sort((a, b) => a.path.localeCompare(b.path))
    .slice(0, mostFiles);
}

/** One file of a pack. @throws DomainError file_not_found */
export async function readPackFile(actor: Actor, ref: string, path: string): Promise<PackFileText> {
  const content = (await openFiles(actor, ref)).get(path);
  if (!content) throw notFound('file', path);
  return { path, sizeBytes: content.length, text: toText(content) };
}

function toText(content: Buffer): string | null {
  if (content.length > shownBytes || content.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return null;
  }
}

/** All files of a pack by path. @throws DomainError pack_not_found */
export async function openFiles(actor: Actor, ref: string): Promise<ReadonlyMap<string, Buffer>> {
  requireRight(actor, 'read', 'packs', { ref, packRef: ref });
  const { path } = await inConfiguration(actor.tenantId, (tx) => getPack(tx, actor.tenantId, ref));
  if (path === null) return new Map();
  // A folder may be gone since: then there is nothing to show.
  const archive = isArchive(path)
    ? await readArchive(hashOfPath(path))
    : await packFolder(path).then(
        ({ content }) => content,
        () => null,
      );
  return archive ? readArchiveFiles(archive) : new Map<string, Buffer>();
}
