import { createHash } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readArchiveFiles, writeFiles } from '@/server/packs/archive';
import { hashOfPath, isArchive, readArchive } from '@/server/packs/archive-store';
import { openUp, type Workspace } from './sandbox/workspace';

const opening = new Map<string, Promise<string>>();

/**
 * The folder with a pack's files as executions see it: on disk, or unpacked from the database once per content.
 * @throws Error with the reason
 */
export async function openPackFiles(workspace: Workspace, path: string): Promise<string> {
  if (!isArchive(path)) return workspace.openPack(path);
  const target = join(workspace.root, 'packs', hashOfPath(path));
  if (await stat(target).catch(() => null)) return target;
  const folder = opening.get(target) ?? unpack(hashOfPath(path), target);
  opening.set(target, folder);
  return folder.finally(() => opening.delete(target));
}

async function unpack(contentHash: string, target: string): Promise<string> {
  const content = await readArchive(contentHash);
  if (!content) throw new Error('its files are no longer in the database');
  if (createHash('sha256').update(content).digest('hex') !== contentHash)
    throw new Error('its files in the database are damaged');
  const draft = `${target}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft);
  await writeFiles(draft, await readArchiveFiles(content));
  await openUp(draft);
  await rename(draft, target).catch(() => rm(draft, { recursive: true, force: true }));
  return target;
}
