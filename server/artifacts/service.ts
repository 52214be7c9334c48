import { DomainError, forbidden, invalid, notFound } from '@/engine/errors';
import { inSystem, inTenant, type Tx } from '../db';
import { env } from '../env';
import { appendChanges } from '../feed/store';
import type { JsonObject } from '../fields';
import { authorOf, type Actor } from '../identities/actor';
import type { RightAction } from '../identities/schema';
import { refusingDoubles } from '../packs/doubles';
import { readBlob, removeFiles, writeBlob } from './blobs';
import { mayUseArtifact, type ArtifactFacts } from './rights';
import {
  ArtifactRef,
  ContentType,
  CreateArtifact,
  ListArtifacts,
  type Artifact,
  type ArtifactPage,
  type ArtifactVersion,
  type ProgressEntry,
  type UpdateArtifact,
} from './schema';
import {
  changeArtifact,
  deleteArtifact,
  deleteOldVersions,
  deleteOutdatedVersions,
  findArtifactRow,
  findOutdated,
  insertArtifact,
  insertEntry,
  insertVersion,
  listArtifactRows,
  listEntryRows,
  listVersionRows,
  sumBytes,
  takeVersionNumber,
  type ArtifactRow,
  type VersionRow,
} from './store';

/**
 * Artifacts: what runs leave for people. Whatever a person may not see, another tenant's artifact included, answers like
 * one that is missing (docs/adr/0022).
 */

const mostEntries = 10_000;
const shownEntries = 500;
const mostEntryBytes = 64 * 1024;
const mostVersions = 1_000;
/** A page looks through at most so many batches of artifacts that the actor may not see; `next` leads on. */
const mostBatches = 10;
const defaultLimits = { versions: 10, days: 30, hours: 30, minutes: 30 } as const;

type By = { id: number } | { ref: string };
/** Who made something: the execution whose token speaks, where it is one. */
export interface Origin {
  executionId?: number | null;
}

/** A page of what the actor may see, newest first. A short page with a `next` is not the last. */
export async function listArtifacts(actor: Actor, given: ListArtifacts): Promise<ArtifactPage> {
  const {
    search,
    type = null,
    executionId = null,
    rootId = null,
    limit,
    cursor,
  } = ListArtifacts.parse(given);
  return inTenant(actor.tenantId, async (tx) => {
    const items: Artifact[] = [];
    let below = cursor ?? null;
    for (let batch = 0; batch < mostBatches; batch += 1) {
      const filter = { search, type, executionId, rootId };
      const rows = await listArtifactRows(tx, actor.tenantId, filter, below, limit + 1);
      for (const row of rows.slice(0, limit)) {
        below = row.id;
        if (mayUseArtifact(actor, 'read', row)) items.push(toArtifact(row, actor));
        if (items.length === limit) return { items, next: row === rows.at(-1) ? null : below };
      }
      if (rows.length <= limit) return { items, next: null };
    }
    return { items, next: below };
  });
}

/** @throws DomainError artifact_not_found */
export async function getArtifact(actor: Actor, by: By): Promise<Artifact> {
  return inTenant(actor.tenantId, async (tx) => toArtifact(await find(tx, actor, by), actor));
}

/** @throws DomainError artifact_exists, forbidden, invalid */
export async function createArtifact(
  actor: Actor,
  given: CreateArtifact,
  origin: Origin = {},
): Promise<Artifact> {
  const input = CreateArtifact.parse(given);
  const { scope, type, url } = input;
  const owner = scope === 'identity' ? input.owner || actor.login : scope === 'system' ? '' : input.owner;
  const refuse = (path: string, message: string) =>
    invalid(`The artifact does not fit: ${path} ${message}.`, [{ path, message }]);
  if (scope !== 'system' && owner === '') throw refuse('owner', 'must name whose it is');
  if (scope === 'identity' && owner !== actor.login)
    throw refuse('owner', 'must be yourself: people make artifacts for themselves');
  if (type === 'url' && url === undefined) throw refuse('url', 'is missing: it says where the link leads');
  if (type !== 'url' && url !== undefined) throw refuse('url', 'belongs to the type url only');
  const facts: ArtifactFacts = { ref: input.ref, scope, owner, visibility: input.visibility };
  requireOn(actor, 'create', facts);
  const made = {
    ...input,
    ...{ owner, url: url ?? null, contentType: input.contentType ?? null },
    ...{ executionId: origin.executionId ?? null, createdBy: authorOf(actor) },
    retentionLimit: input.retentionLimit ?? defaultLimits[input.retentionPolicy],
  };
  return refusingDoubles('artifact', input.ref, () =>
    inTenant(actor.tenantId, async (tx) => {
      const id = await insertArtifact(tx, actor.tenantId, made);
      await tell(tx, actor, { ...facts, id, executionId: made.executionId, type }, 'created');
      return toArtifact(await find(tx, actor, { id }), actor);
    }),
  );
}

/** @throws DomainError artifact_not_found, forbidden, invalid */
export async function updateArtifact(actor: Actor, { id, ...change }: UpdateArtifact): Promise<Artifact> {
  const { row, left } = await inTenant(actor.tenantId, async (tx) => {
    const before = await find(tx, actor, { id });
    requireOn(actor, 'update', before);
    if (change.url !== undefined && before.type !== 'url')
      throw invalid('Only a link has an address.', [
        { path: 'url', message: 'belongs to the type url only' },
      ]);
    // Who makes it private must be able to see it afterwards.
    if (change.visibility) requireOn(actor, 'update', { ...before, visibility: change.visibility });
    await changeArtifact(tx, actor.tenantId, id, change);
    const after = await find(tx, actor, { id });
    await tell(tx, actor, after, 'updated');
    return { row: after, left: await keepNewest(tx, after) };
  });
  await removeFiles(left);
  return toArtifact(row, actor);
}

/** @throws DomainError artifact_not_found, forbidden */
export async function removeArtifact(actor: Actor, id: number): Promise<void> {
  const left = await inTenant(actor.tenantId, async (tx) => {
    const row = await find(tx, actor, { id });
    requireOn(actor, 'delete', row);
    const blobs = await deleteArtifact(tx, actor.tenantId, id);
    await tell(tx, actor, row, 'deleted');
    return blobs;
  });
  await removeFiles(left);
}

/** Its versions, newest first, below a number. @throws DomainError artifact_not_found */
export async function listVersions(
  actor: Actor,
  by: By,
  below: number | null = null,
): Promise<ArtifactVersion[]> {
  return inTenant(actor.tenantId, async (tx) => {
    const { id } = await find(tx, actor, by);
    return (await listVersionRows(tx, actor.tenantId, id, below, mostVersions)).map(toVersion);
  });
}

export interface NewFile {
  fileName: string;
  contentType: string;
  content: AsyncIterable<Uint8Array>;
}

/**
 * Stores a file as the artifact's newest version; what its retention does not keep goes.
 * @throws DomainError artifact_not_found, forbidden, invalid, too_large, artifacts_full beyond ATTUNE_ARTIFACTS_TENANT_MB
 */
export async function addVersion(
  actor: Actor,
  by: By,
  file: NewFile,
  origin: Origin = {},
): Promise<ArtifactVersion> {
  const contentType = ContentType.safeParse(file.contentType);
  const { made, left } = await inTenant(actor.tenantId, async (tx) => {
    const row = await find(tx, actor, by);
    requireOn(actor, 'update', row);
    if (row.type === 'progress' || row.type === 'url')
      throw invalid(`${row.ref} is of the type ${row.type}, which has no files.`, [], 'no_files');
    if ((await sumBytes(tx, actor.tenantId)) >= env().ATTUNE_ARTIFACTS_TENANT_MB * 2 ** 20)
      throw new DomainError(
        'too_large',
        'artifacts_full',
        `The artifacts of this tenant hold ${env().ATTUNE_ARTIFACTS_TENANT_MB} MB, the most that they may. Delete some, or raise ATTUNE_ARTIFACTS_TENANT_MB.`,
      );
    const next = await takeVersionNumber(tx, actor.tenantId, row.id);
    if (!next) throw notFound('artifact', row.ref);
    const blob = await writeBlob(tx, { tenantId: actor.tenantId, versionId: next.versionId }, file.content);
    const version = await insertVersion(tx, actor.tenantId, row.id, {
      ...blob,
      ...{ id: next.versionId, number: next.number, fileName: toFileName(file.fileName, row.ref) },
      contentType: contentType.success ? contentType.data : 'application/octet-stream',
      ...{ executionId: origin.executionId ?? null, createdBy: authorOf(actor) },
    });
    await tell(tx, actor, row, 'updated', {
      version: next.number,
      executionId: origin.executionId ?? row.executionId,
    });
    return { made: version, left: await keepNewest(tx, row) };
  });
  await removeFiles(left);
  return toVersion(made);
}

export interface OpenFile {
  version: ArtifactVersion;
  content: AsyncIterable<Uint8Array>;
}

/** A version's bytes, the newest where none is named. @throws DomainError artifact_not_found, version_not_found */
export async function openVersion(actor: Actor, by: By, number: number | null = null): Promise<OpenFile> {
  return inTenant(actor.tenantId, async (tx) => {
    const row = await find(tx, actor, by);
    const below = number === null ? null : number + 1;
    const [version] = await listVersionRows(tx, actor.tenantId, row.id, below, 1);
    if (!version || (number !== null && version.number !== number))
      throw notFound('version', number === null ? `of ${row.ref}` : `${number} of ${row.ref}`);
    const { storedIn, id: versionId } = version;
    return {
      version: toVersion(version),
      content: readBlob({ tenantId: actor.tenantId, versionId, storedIn }),
    };
  });
}

/** Adds a line to an artifact of the type progress; the newest 10,000 are kept. @throws DomainError artifact_not_found, forbidden, invalid */
export async function addEntry(
  actor: Actor,
  by: By,
  entry: JsonObject,
  origin: Origin = {},
): Promise<ProgressEntry> {
  if (JSON.stringify(entry).length > mostEntryBytes)
    throw new DomainError(
      'too_large',
      'entry_too_large',
      `An entry has at most ${mostEntryBytes / 1024} KB.`,
    );
  return inTenant(actor.tenantId, async (tx) => {
    const row = await find(tx, actor, by);
    requireOn(actor, 'update', row);
    if (row.type !== 'progress')
      throw invalid(`${row.ref} is of the type ${row.type}; only progress takes entries.`, [], 'no_progress');
    const executionId = origin.executionId ?? null;
    const { seq, created } = await insertEntry(
      tx,
      actor.tenantId,
      row.id,
      { entry, executionId },
      mostEntries,
    );
    await tell(tx, actor, row, 'updated', { entries: seq });
    return { seq, entry, executionId, created: created.toISOString() };
  });
}

/** The newest 500 lines, newest first. @throws DomainError artifact_not_found */
export async function listEntries(actor: Actor, by: By): Promise<ProgressEntry[]> {
  return inTenant(actor.tenantId, async (tx) => {
    const { id } = await find(tx, actor, by);
    const rows = await listEntryRows(tx, actor.tenantId, id, shownEntries);
    return rows.map((row) => ({ ...row, created: row.created.toISOString() }));
  });
}

/** Removes what has been kept for as long as its owner wanted. Gives how much; for upkeep, across tenants. */
export async function purgeArtifacts(limit: number): Promise<number> {
  const left = await inSystem(async (tx) => {
    const gone = await findOutdated(tx, limit);
    const blobs = await deleteOutdatedVersions(tx, limit);
    for (const { tenantId, id, ...facts } of gone) {
      blobs.push(...(await deleteArtifact(tx, tenantId, id)));
      const change = {
        entityType: 'artifact' as const,
        entityId: id,
        kind: 'deleted',
        payload: { ...facts },
      };
      await appendChanges(tx, tenantId, [change]);
    }
    return { blobs, count: Math.max(gone.length, blobs.length) };
  });
  await removeFiles(left.blobs);
  return left.count;
}

async function find(tx: Tx, actor: Actor, by: By): Promise<ArtifactRow> {
  const name = 'id' in by ? by.id : by.ref;
  if ('ref' in by && !ArtifactRef.safeParse(by.ref).success) throw notFound('artifact', name);
  const row = await findArtifactRow(tx, actor.tenantId, by);
  if (!row || !mayUseArtifact(actor, 'read', row)) throw notFound('artifact', name);
  return row;
}

function requireOn(actor: Actor, action: RightAction, artifact: ArtifactFacts): void {
  if (mayUseArtifact(actor, action, artifact)) return;
  throw forbidden(
    `You need the right artifacts:${action} on ${artifact.ref} for this. Ask an administrator for it.`,
  );
}

async function keepNewest(tx: Tx, { tenantId, id, retentionPolicy, retentionLimit }: ArtifactRow) {
  return deleteOldVersions(tx, tenantId, id, retentionPolicy === 'versions' ? retentionLimit : mostVersions);
}

/** The last part of a path, without what a header or a file system takes amiss. */
function toFileName(given: string, ref: string): string {
  const last = given.split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .toWellFormed()
    .replace(/[\p{C}"<>|*?:]/gu, '_')
    .slice(0, 200)
    .trim();
  return clean === '' || clean === '.' || clean === '..' ? ref : clean;
}

async function tell(
  tx: Tx,
  actor: Actor,
  artifact: ArtifactFacts & { id: number; type: string; executionId: number | null },
  kind: 'created' | 'updated' | 'deleted',
  more: JsonObject = {},
): Promise<void> {
  const { id, ref, scope, owner, visibility, type, executionId } = artifact;
  const payload = { ref, scope, owner, visibility, type, executionId, ...more };
  await appendChanges(tx, actor.tenantId, [
    { entityType: 'artifact', entityId: id, kind, actorId: authorOf(actor), payload },
  ]);
}

function toVersion({ storedIn: _, ...row }: VersionRow): ArtifactVersion {
  return { ...row, created: row.created.toISOString() };
}

function toArtifact(row: ArtifactRow, actor: Actor): Artifact {
  const { tenantId: _tenant, lastVersion: _last, latest, ...columns } = row;
  return {
    ...columns,
    latest: latest && toVersion({ ...latest, created: new Date(latest.created) }),
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
    mayUpdate: mayUseArtifact(actor, 'update', row),
    mayDelete: mayUseArtifact(actor, 'delete', row),
  };
}
