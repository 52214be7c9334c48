import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inSystem } from '../db';
import { env } from '../env';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { makePerson, makeReader, makeTenant, readFeed } from '../packs/test-people';
import { removeOrphans } from './blobs';
import type { CreateArtifact } from './schema';
import {
  addEntry,
  addVersion,
  createArtifact,
  getArtifact,
  listArtifacts,
  listEntries,
  listVersions,
  openVersion,
  purgeArtifacts,
  removeArtifact,
  updateArtifact,
} from './service';

let ada: Actor;
let reader: Actor;
let stranger: Actor;
beforeAll(async () => {
  const tenant = await makeTenant();
  ada = await makePerson(tenant, 'Ada');
  reader = await makeReader(tenant);
  stranger = await makePerson(await makeTenant(), 'Eve');
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});
const settings = { ...env() };
afterEach(() => void Object.assign(env(), { ATTUNE_ARTIFACTS_FOLDER: undefined }, settings));

const draft = (ref: string, changed: Partial<CreateArtifact> = {}): CreateArtifact => ({
  ...{ ref, name: ref, scope: 'pack', owner: 'ops', type: 'file_text' },
  ...changed,
});
async function* parts(...given: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of given) yield await Promise.resolve(typeof part === 'string' ? Buffer.from(part) : part);
}
const file = (text: string, fileName = 'report.txt', contentType = 'text/plain') => ({
  ...{ fileName, contentType },
  content: parts(text),
});
async function read(actor: Actor, ref: string, number: number | null = null): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await openVersion(actor, { ref }, number)).content) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
const age = (ref: string, interval: string) =>
  inSystem((tx) =>
    tx.query(
      `WITH aged AS (UPDATE artifact SET updated = updated - $3::interval WHERE tenant_id = $1 AND ref = $2 RETURNING id)
       UPDATE artifact_version v SET created = created - $3::interval FROM aged WHERE v.tenant_id = $1 AND v.artifact_id = aged.id`,
      [ada.tenantId, ref, interval],
    ),
  );
const countChunks = async () => {
  const [row] = await inSystem((tx) =>
    tx.query<{ n: number }>('SELECT count(*) AS n FROM artifact_chunk WHERE tenant_id = $1', [ada.tenantId]),
  );
  return row?.n;
};

describe('an artifact', () => {
  it('is made, given files, read, changed and removed, and the feed tells it', async () => {
    const made = await createArtifact(ada, draft('ops.report'), { executionId: 7 });
    expect(made).toMatchObject({ visibility: 'private', retentionLimit: 10, executionId: 7, latest: null });
    await addVersion(ada, { ref: 'ops.report' }, file('one'));
    const second = await addVersion(ada, { id: made.id }, file('two', '../../etc/pass"wd'), {
      executionId: 8,
    });
    expect(second).toMatchObject({ number: 2, fileName: 'pass_wd', sizeBytes: 3, executionId: 8 });
    expect(await read(ada, 'ops.report')).toBe('two');
    expect(await read(ada, 'ops.report', 1)).toBe('one');
    expect((await listVersions(ada, { id: made.id })).map(({ number }) => number)).toEqual([2, 1]);
    const changed = await updateArtifact(ada, { id: made.id, name: 'Report', retentionLimit: 1 });
    expect(changed).toMatchObject({ name: 'Report', latest: { number: 2 } });
    await expect(openVersion(ada, { id: made.id }, 1)).rejects.toMatchObject({ code: 'version_not_found' });
    await removeArtifact(ada, made.id);
    await expect(getArtifact(ada, { id: made.id })).rejects.toMatchObject({ code: 'artifact_not_found' });
    const told = (await readFeed(ada.tenantId, 'artifact')).filter(
      ({ payload }) => payload['ref'] === 'ops.report',
    );
    expect(told.map(({ kind }) => kind)).toEqual(['created', 'updated', 'updated', 'updated', 'deleted']);
    expect(await countChunks()).toBe(0);
  });

  it('is found by the execution that made it or one of its versions', async () => {
    await createArtifact(ada, draft('ops.made'), { executionId: 41 });
    await createArtifact(ada, draft('ops.filled'));
    await addVersion(ada, { ref: 'ops.filled' }, file('x'), { executionId: 41 });
    const { items } = await listArtifacts(ada, { executionId: 41 });
    expect(items.map(({ ref }) => ref)).toEqual(['ops.filled', 'ops.made']);
  });

  it('that exists, or does not fit, is refused with the field', async () => {
    await createArtifact(ada, draft('ops.twice'));
    await expect(createArtifact(ada, draft('ops.twice'))).rejects.toMatchObject({ code: 'artifact_exists' });
    await expect(createArtifact(ada, draft('ops.none', { owner: '' }))).rejects.toThrow(
      'owner must name whose it is',
    );
    await expect(createArtifact(ada, draft('ops.link', { type: 'url' }))).rejects.toThrow('url is missing');
    await expect(
      createArtifact(ada, draft('ops.link', { type: 'url', url: 'javascript:alert(1)' })),
    ).rejects.toThrow('must begin with http');
    await expect(createArtifact(ada, draft('no spaces'))).rejects.toThrow('letters, digits');
  });

  it('keeps as many versions as its retention says', async () => {
    await createArtifact(ada, draft('ops.kept', { retentionLimit: 2 }));
    for (const text of ['a', 'b', 'c']) await addVersion(ada, { ref: 'ops.kept' }, file(text));
    expect((await listVersions(ada, { ref: 'ops.kept' })).map(({ number }) => number)).toEqual([3, 2]);
  });

  it('that is kept for a time goes after it, its older versions before it', async () => {
    await createArtifact(ada, draft('ops.old', { retentionPolicy: 'hours', retentionLimit: 2 }));
    await createArtifact(ada, draft('ops.used', { retentionPolicy: 'hours', retentionLimit: 2 }));
    await createArtifact(ada, draft('ops.ever'));
    for (const ref of ['ops.old', 'ops.used', 'ops.ever']) {
      await addVersion(ada, { ref }, file('first'));
      await age(ref, '3 hours');
    }
    await addVersion(ada, { ref: 'ops.used' }, file('second'));
    await purgeArtifacts(100);
    await expect(getArtifact(ada, { ref: 'ops.old' })).rejects.toMatchObject({ code: 'artifact_not_found' });
    expect((await listVersions(ada, { ref: 'ops.used' })).map(({ number }) => number)).toEqual([2]);
    expect(await read(ada, 'ops.ever')).toBe('first');
  });
});

describe('files', () => {
  it('are kept in chunks, and come back as they were', async () => {
    await createArtifact(ada, draft('ops.large', { type: 'file_binary' }));
    const bytes = Buffer.alloc(2_500_000, 'abcdefg');
    const content = parts(
      bytes.subarray(0, 900_000),
      bytes.subarray(900_000, 900_001),
      bytes.subarray(900_001),
    );
    const { sizeBytes } = await addVersion(ada, { ref: 'ops.large' }, { ...file(''), content });
    expect(sizeBytes).toBe(bytes.length);
    expect((await read(ada, 'ops.large')) === bytes.toString()).toBe(true);
  });

  it('that are too large, or too many, are refused, and nothing of them stays', async () => {
    await createArtifact(ada, draft('ops.limit'));
    const before = await countChunks();
    Object.assign(env(), { ATTUNE_ARTIFACT_MAX_MB: 1 });
    const content = parts(Buffer.alloc(1_000_000), Buffer.alloc(1_000_000));
    await expect(addVersion(ada, { ref: 'ops.limit' }, { ...file(''), content })).rejects.toMatchObject({
      code: 'artifact_too_large',
    });
    Object.assign(env(), { ATTUNE_ARTIFACTS_TENANT_MB: 1 });
    await expect(addVersion(ada, { ref: 'ops.limit' }, file('x'))).rejects.toMatchObject({
      code: 'artifacts_full',
    });
    expect(await countChunks()).toBe(before);
    expect(await listVersions(ada, { ref: 'ops.limit' })).toEqual([]);
  });

  it('lie in a folder where one is set, go with their rows, and orphans go after a day', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'attune-artifacts-'));
    Object.assign(env(), { ATTUNE_ARTIFACTS_FOLDER: folder });
    const made = await createArtifact(ada, draft('ops.disk'));
    const { id } = await addVersion(ada, { ref: 'ops.disk' }, file('on disk'));
    const own = join(folder, String(ada.tenantId));
    expect(await readdir(own)).toEqual([String(id)]);
    expect(await read(ada, 'ops.disk')).toBe('on disk');
    await writeFile(join(own, '999999999'), 'new orphan');
    await writeFile(join(own, '999999998'), 'old orphan');
    const longAgo = new Date(Date.now() - 2 * 86_400_000);
    for (const name of ['999999998', String(id)]) await utimes(join(own, name), longAgo, longAgo);
    expect(await removeOrphans()).toBe(1);
    expect((await readdir(own)).sort()).toEqual([String(id), '999999999'].sort());
    await removeArtifact(ada, made.id);
    expect(await readdir(own)).toEqual(['999999999']);
    await rm(folder, { recursive: true });
  });

  it('belong to files only, and entries to progress only', async () => {
    await createArtifact(ada, draft('ops.progress', { type: 'progress' }));
    await createArtifact(ada, draft('ops.file'));
    await expect(addVersion(ada, { ref: 'ops.progress' }, file('x'))).rejects.toMatchObject({
      code: 'no_files',
    });
    await expect(addEntry(ada, { ref: 'ops.file' }, { done: 1 })).rejects.toMatchObject({
      code: 'no_progress',
    });
    await addEntry(ada, { ref: 'ops.progress' }, { done: 1 });
    await addEntry(ada, { ref: 'ops.progress' }, { done: 2 });
    expect((await listEntries(ada, { ref: 'ops.progress' })).map(({ seq, entry }) => [seq, entry])).toEqual([
      [2, { done: 2 }],
      [1, { done: 1 }],
    ]);
  });
});

describe('who sees an artifact', () => {
  it('is decided by tenant, owner and visibility, and what is hidden answers like what is missing', async () => {
    const mine = await createArtifact(ada, draft('mine', { scope: 'identity', owner: '' }));
    const shown = await createArtifact(
      ada,
      draft('shown', { scope: 'identity', owner: '', visibility: 'public' }),
    );
    const nobody = await makePerson(ada.tenantId, 'Nobody', []);
    const missing = { code: 'artifact_not_found' };
    await expect(getArtifact(reader, { id: mine.id })).rejects.toMatchObject(missing);
    await expect(getArtifact(stranger, { id: shown.id })).rejects.toMatchObject(missing);
    await expect(openVersion(stranger, { ref: 'ops.large' })).rejects.toMatchObject(missing);
    await expect(addVersion(stranger, { id: shown.id }, file('x'))).rejects.toMatchObject(missing);
    expect(await getArtifact(nobody, { id: shown.id })).toMatchObject({ mayUpdate: false, mayDelete: false });
    const seen = (await listArtifacts(reader, { limit: 200 })).items.map(({ ref }) => ref);
    expect(seen).toContain('shown');
    expect(seen).not.toContain('mine');
    await expect(removeArtifact(reader, shown.id)).rejects.toMatchObject({ kind: 'forbidden' });
  });
});
