import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readArchiveFiles, writeFiles } from '@/server/packs/archive';
import { hashOfPath, isArchive, readArchive } from '@/server/packs/archive-store';
import { openUp, touch, type Workspace } from './sandbox/workspace';

const opening = new Map<string, Promise<string>>();
/** How many attempts under way see a folder. */
const held = new Map<string, number>();
/** What no attempt saw for so long is unpacked again when somebody needs it. */
const keptSeconds = 86_400;

/**
 * The folder with a pack's files as executions see it: on disk, or unpacked from the database once per content.
 * @throws Error with the reason
 */
export async function openPackFiles(workspace: Workspace, path: string): Promise<string> {
  if (!isArchive(path)) return workspace.openPack(path);
  const target = join(workspace.root, 'packs', hashOfPath(path));
  if (await touch(target)) return target;
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

/** Keeps a folder that `openPackFiles` gave from being collected until what comes back is called. */
export function holdPackFiles(folder: string): () => void {
  held.set(folder, (held.get(folder) ?? 0) + 1);
  return () => {
    const count = (held.get(folder) ?? 1) - 1;
    if (count > 0) held.set(folder, count);
    else held.delete(folder);
  };
}

/**
 * Removes copies of packs' files that nobody on this machine used for a while: workers of the same home tell each other by
 * the folder's time. Gives back how many.
 */
export async function collectPackFiles(workspace: Workspace, unusedSeconds = keptSeconds): Promise<number> {
  const place = join(workspace.root, 'packs');
  let collected = 0;
  for (const folder of held.keys()) await touch(folder);
  for (const name of await readdir(place)) {
    const folder = join(place, name);
    if (held.has(folder) || !(await isUnused(folder, unusedSeconds))) continue;
    const gone = join(place, `gone-${process.pid}-${name}`);
    await rename(folder, gone).catch(() => null);
    // Opened at the last moment: put back before anything in it was read.
    if (!(await isUnused(gone, unusedSeconds))) await rename(gone, folder).catch(() => null);
    else {
      await rm(gone, { recursive: true, force: true });
      collected += 1;
    }
  }
  return collected;
}

async function isUnused(folder: string, unusedSeconds: number): Promise<boolean> {
  const facts = await stat(folder).catch(() => null);
  return facts !== null && Date.now() - facts.mtimeMs >= unusedSeconds * 1000;
}
