import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inConfiguration, type ConfigurationTx } from '../db';
import { appendChanges } from '../feed/store';
import { readPack, type PackSource } from './read-pack';
import { defaultTenantId, standardTenantId } from './refs';
import { savePack } from './save-pack';

/** The pack that every tenant has; all other folders are examples for the default tenant. */
const corePack = 'core';

/** What a load did: packs by ref, and what is wrong in their files, as `file:line message`. */
export interface Loaded {
  loaded: string[];
  unchanged: string[];
  problems: string[];
}

/**
 * Loads the packs in a folder. `core` becomes the standard pack, brought up to date whenever its files changed.
 * The others are given to the default tenant once, as packs of its own: what people change there is never
 * overwritten, and what they remove does not come back. A broken file costs only itself.
 */
export async function loadPacks(folder: string): Promise<Loaded> {
  const result: Loaded = { loaded: [], unchanged: [], problems: [] };
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort((a, b) => Number(b === corePack) - Number(a === corePack) || a.localeCompare(b));
  for (const name of names) {
    const problems: string[] = [];
    const source = await readPack(join(folder, name), problems);
    if (source) {
      const changed = source.pack.ref === corePack ? await loadStandard(source) : await giveOnce(source);
      (changed ? result.loaded : result.unchanged).push(source.pack.ref);
    }
    result.problems.push(...problems);
  }
  return result;
}

/** Tenant 1 is nobody's, so only the loader writes there; it is bound to it as people are to theirs. */
async function loadStandard(source: PackSource): Promise<boolean> {
  return inConfiguration(standardTenantId, async (tx) => {
    await holdLoading(tx);
    const before = await tx.prisma.pack.findUnique({
      where: { tenantId_ref: { tenantId: standardTenantId, ref: source.pack.ref } },
    });
    if (before?.contentHash === source.contentHash && before.path === source.folder) return false;
    const row = await savePack(tx, standardTenantId, source, true);
    await tellLoaded(tx, standardTenantId, row, before ? 'updated' : 'created');
    return true;
  });
}

async function giveOnce(source: PackSource): Promise<boolean> {
  const { ref } = source.pack;
  if (await wasGiven(ref)) {
    await followFolder(source);
    return false;
  }
  const given = await inConfiguration(defaultTenantId, async (tx) => {
    await holdLoading(tx);
    const mine = await tx.prisma.pack.count({ where: { tenantId: defaultTenantId, ref } });
    if (mine > 0) return false;
    const row = await savePack(tx, defaultTenantId, source, false);
    await tellLoaded(tx, defaultTenantId, row, 'created');
    return true;
  });
  await rememberGiven(ref, source.contentHash);
  return given;
}

/** The program may have moved since; what the pack holds stays as it is. */
async function followFolder(source: PackSource): Promise<void> {
  await inConfiguration(defaultTenantId, (tx) =>
    tx.prisma.pack.updateMany({
      where: {
        tenantId: defaultTenantId,
        ref: source.pack.ref,
        // What was uploaded since lies in the database.
        path: { not: null },
        NOT: { path: { startsWith: 'archive:' } },
      },
      data: { path: source.folder },
    }),
  );
}

/** Two processes that start at once load one after the other. */
async function holdLoading(tx: ConfigurationTx): Promise<void> {
  await tx.query(`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext('attune packs'))) AS held`);
}

async function tellLoaded(
  tx: ConfigurationTx,
  tenantId: number,
  row: { id: bigint; ref: string },
  kind: 'created' | 'updated',
): Promise<void> {
  await appendChanges(tx, tenantId, [
    { entityType: 'pack', entityId: Number(row.id), kind, payload: { ref: row.ref } },
  ]);
}

// The core pack remembers which examples were given, since the tenant's own row may be gone.
async function wasGiven(ref: string): Promise<boolean> {
  return inConfiguration(standardTenantId, async (tx) => ref in (await readGiven(tx)));
}

async function rememberGiven(ref: string, contentHash: string): Promise<void> {
  await inConfiguration(standardTenantId, async (tx) => {
    await holdLoading(tx);
    const given = { ...(await readGiven(tx)), [ref]: contentHash };
    await tx.prisma.pack.updateMany({
      where: { tenantId: standardTenantId, ref: corePack },
      data: { meta: { given } },
    });
  });
}

async function readGiven(tx: ConfigurationTx): Promise<Record<string, string>> {
  const core = await tx.prisma.pack.findFirst({
    where: { tenantId: standardTenantId, ref: corePack },
    select: { meta: true },
  });
  const meta = core?.meta as { given?: Record<string, string> } | undefined;
  return meta?.given ?? {};
}
