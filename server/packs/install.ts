import { mkdir, mkdtemp, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { conflict, DomainError, forbidden, invalid } from '@/engine/errors';
import { inConfiguration, type ConfigurationTx } from '../db';
import { env } from '../env';
import { requireRight, type Actor } from '../identities/actor';
import { requireHeld } from '../identities/held-sets';
import { forgetActions } from '../executions/action-facts';
import { saveArchive, toArchivePath } from './archive-store';
import { packFolder, readArchiveFiles, toPackRoot, writeFiles } from './archive';
import { tellChange } from './changes';
import { fetchRepository } from './git';
import { readPack, type PackSource } from './read-pack';
import { defaultTenantId } from './refs';
import { savePack } from './save-pack';
import { keepHeldSets, saveFilePermissionSet } from './save-permission-set';
import type { Installed, PackOrigin, RegisterFolder, RegisterGit } from './schema';
import { getPackSummary, hasStandardPack } from './store';
import { toProblem } from './yaml-file';

/** The pack of an uploaded tar or tar.gz. @throws DomainError archive_refused, too_large, invalid_pack, older_version, pack_exists */
export async function uploadPack(
  actor: Actor,
  bytes: Uint8Array,
  name: string,
  isForced: boolean,
): Promise<Installed> {
  requireRight(actor, 'install', 'packs');
  const files = toPackRoot(await readArchiveFiles(bytes));
  return installFiles(actor, files, { kind: 'upload', from: name.slice(0, 200) }, isForced);
}

/**
 * The pack in a folder of this server, copied as it is now.
 * @throws DomainError forbidden for a folder that holds the studio's own things, or for people of another tenant than the default one
 */
export async function registerFolder(actor: Actor, { path, force }: RegisterFolder): Promise<Installed> {
  requireRight(actor, 'install', 'packs');
  if (actor.tenantId !== defaultTenantId)
    throw forbidden('Folders of this server belong to the default tenant. Upload the pack as tar.gz.');
  const folder = await realpath(path).catch(() => null);
  if (folder === null || !(await stat(folder)).isDirectory())
    throw invalid(`There is no folder ${path} on the server.`, [
      { path: 'path', message: 'is no folder on the server' },
    ]);
  const home = await realpath(env().ATTUNE_HOME).catch(() => resolve(env().ATTUNE_HOME));
  if (folder === home || folder.startsWith(home + sep))
    throw forbidden('The studio keeps its own files in that folder. Put the pack somewhere else.');
  return installFolder(actor, folder, { kind: 'folder', from: folder }, force);
}

/** The pack of a git repository at a branch, tag or commit. @throws DomainError git_failed, no_git, and as an upload does */
export async function registerGit(
  actor: Actor,
  { url, ref, folder, force }: RegisterGit,
): Promise<Installed> {
  requireRight(actor, 'install', 'packs');
  if (url.startsWith('file:') && actor.tenantId !== defaultTenantId)
    throw forbidden('Folders of this server belong to the default tenant. Upload the pack as tar.gz.');
  const files = toPackRoot(await readArchiveFiles(await fetchRepository(url, ref)), folder);
  const shown = url.replace(/^(\w+:\/\/)[^/@]*@/, '$1');
  return installFiles(actor, files, { kind: 'git', from: shown, ref: ref === '' ? 'HEAD' : ref }, force);
}

async function installFiles(
  actor: Actor,
  files: ReadonlyMap<string, Buffer>,
  origin: PackOrigin,
  isForced: boolean,
): Promise<Installed> {
  const scratch = await mkdtemp(join(tmpdir(), 'attune-install-'));
  try {
    const folder = join(scratch, 'pack');
    await mkdir(folder);
    await writeFiles(folder, files);
    return await installFolder(actor, folder, origin, isForced);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function installFolder(
  actor: Actor,
  folder: string,
  origin: PackOrigin,
  isForced: boolean,
): Promise<Installed> {
  const problems: string[] = [];
  const { content, contentHash } = await packFolder(folder);
  const source = await readPack(folder, problems);
  const told = () => problems.map((problem) => problem.slice(problem.indexOf('/') + 1));
  if (!source) {
    const details = told()
      .slice(0, 50)
      .map((message) => ({ path: 'pack', message }));
    const reason = details[0]?.message ?? 'There is no pack.yaml at its root.';
    throw invalid(`The pack cannot be used: ${reason}`, details, 'invalid_pack');
  }
  const { ref, version } = source.pack;
  requireRight(actor, 'install', 'packs', { ref, packRef: ref });
  source.folder = toArchivePath(contentHash);
  source.origin = origin;
  const pack = await inConfiguration(actor.tenantId, async (tx) => {
    if (await hasStandardPack(tx, ref))
      throw conflict('pack_exists', `${ref} is a standard pack. Choose another name.`);
    await tx.query(`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext($1))) AS held`, [
      `attune pack ${actor.tenantId} ${ref}`,
    ]);
    const before = await tx.prisma.pack.findUnique({
      where: { tenantId_ref: { tenantId: actor.tenantId, ref } },
    });
    if (before && !isForced && compareVersions(version, before.version) < 0)
      throw conflict(
        'older_version',
        `${ref} is at version ${before.version}, newer than ${version}. Raise the version in pack.yaml, or install it with force.`,
      );
    keepHeldSets(actor, source);
    // Before its actions, which may name them.
    for (const set of source.permissionSets)
      await saveFilePermissionSet(tx, { tenantId: actor.tenantId, packRef: ref }, set);
    await requireHeldSets(tx, actor, source);
    await saveArchive(tx, actor.tenantId, contentHash, new Uint8Array(content));
    const row = await savePack(tx, actor.tenantId, source, false);
    await tellChange(tx, actor, 'pack', row, before ? 'updated' : 'created', { version, from: origin.kind });
    tx.afterCommit(forgetActions);
    return getPackSummary(tx, actor.tenantId, ref);
  });
  return { pack, problems: told() };
}

/** An action that asks for more than the installer holds is installed without it, and told. */
async function requireHeldSets(tx: ConfigurationTx, actor: Actor, source: PackSource): Promise<void> {
  const key = 'default_execution_permission_set_refs';
  for (const action of source.actions) {
    const place = { ref: action.ref, packRef: source.pack.ref };
    try {
      await requireHeld(tx, actor, action[key], place, key);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const [detail] = error.details;
      source.problems.push(toProblem(action.file, [key], `${key}: ${detail?.message ?? error.message}`));
      action[key] = [];
    }
  }
}

/** By their numbers, then by their letters: 1.10.0 comes after 1.9, and 2.0.0 after 2.0.0-rc1. */
export function compareVersions(a: string, b: string): number {
  const parse = (text: string) => {
    const [, numbers = '', rest = ''] = /^v?([\d.]*)(.*)$/.exec(text.trim()) ?? [];
    return { numbers: numbers.split('.').map(Number), rest };
  };
  const [one, other] = [parse(a), parse(b)];
  for (let index = 0; index < Math.max(one.numbers.length, other.numbers.length); index += 1) {
    const difference = (one.numbers[index] ?? 0) - (other.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (one.rest === other.rest) return 0;
  if (one.rest === '' || other.rest === '') return one.rest === '' ? 1 : -1;
  return one.rest.localeCompare(other.rest, 'en', { numeric: true });
}
