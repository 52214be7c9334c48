import { execFile } from 'node:child_process';
import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeDatabase, inSystem } from '@/server/db';
import { systemSql } from '@/server/executions/claims';
import { resolveAction } from '@/server/executions/resolve-action';
import { stopLive } from '@/server/live';
import { uploadPack } from '@/server/packs/install';
import { makePerson, makeTenant } from '@/server/packs/test-people';
import { addWheel, fromWheels, makePack, removePack } from './environments/pack-fixture';
import type { Host } from './host';
import { collectPackFiles, holdPackFiles, openPackFiles } from './pack-files';
import { attempt, openTestHost } from './runners/attempt-fixture';

const run = promisify(execFile);
let host: Host & { remove: () => Promise<void> };
beforeAll(async () => {
  host = await openTestHost();
});
afterAll(async () => {
  await host.remove();
  await stopLive();
  await closeDatabase();
});

async function uploaded(): Promise<{ tenantId: number; packPath: string; code: string | null }> {
  const folder = await makePack({
    'pack.yaml': 'ref: shipped\nversion: 1.0.0\n',
    'requirements.txt': `${fromWheels}shipped_words==1.0.0\n`,
    'actions/hello.yaml': 'name: hello\nentry_point: hello.py\n',
    'actions/hello.py':
      'import shipped_words\nfrom beside import SUFFIX\n\ndef run():\n    return shipped_words.WORD + SUFFIX\n',
    'actions/beside.py': 'SUFFIX = "!"\n',
  });
  await addWheel(folder, 'shipped_words', '1.0.0', 'WORD = "shipped"\n');
  const { stdout } = await run('tar', ['-czf', '-', '-C', folder, '.'], { encoding: 'buffer' });
  await removePack(folder);
  const ada = await makePerson(await makeTenant(), 'Ada');
  expect((await uploadPack(ada, stdout, 'shipped.tar.gz', false)).problems).toEqual([]);
  const action = await resolveAction(systemSql, ada.tenantId, 'shipped.hello');
  return { tenantId: ada.tenantId, packPath: action?.packPath ?? '', code: action?.code ?? null };
}

test('an action of an uploaded pack runs with the modules beside it and the packages that it asks for', async () => {
  const claim = {
    ...(await uploaded()),
    runtime: 'python' as const,
    entrypoint: 'hello.py',
    packRef: 'shipped',
  };
  const outcomes = await Promise.all([1, 2, 3].map(() => attempt(host, claim)));
  expect(outcomes.map(({ outcome }) => [outcome?.error, outcome?.result['data']])).toEqual(
    Array(3).fill([null, 'shipped!']),
  );
  const edited = { ...claim, entrypoint: '', code: 'def run():\n    return "edited"\n' };
  expect((await attempt(host, edited)).outcome?.result['data']).toBe('edited');
}, 60_000);

test('files that are damaged in the database are refused', async () => {
  const claim = { ...(await uploaded()), runtime: 'python' as const, entrypoint: 'hello.py' };
  const damaged = 'f'.repeat(64);
  await inSystem((tx) =>
    tx.query(
      `INSERT INTO pack_archive (tenant_id, content_hash, content) VALUES ($1, $2, 'not what it was')`,
      [claim.tenantId, damaged],
    ),
  );
  const { outcome } = await attempt(host, { ...claim, packPath: `archive:${damaged}` });
  expect(outcome).toMatchObject({
    state: 'failed',
    error: expect.stringMatching(/are damaged.*Load the pack again/) as string,
  });
  expect(await readdir(join(host.workspace.root, 'packs'))).not.toContain(damaged);
});

test('files that nobody used for a day are collected, those of an attempt under way are kept, and both can be used again', async () => {
  const { packPath } = await uploaded();
  const onDisk = await makePack({ 'pack.yaml': 'ref: local\nversion: 1.0.0\n' });
  const paths = [packPath, onDisk];
  const open = () => Promise.all(paths.map((path) => openPackFiles(host.workspace, path)));
  const folders = await open();
  const age = () => Promise.all(folders.map((folder) => utimes(folder, 1, 1)));
  const [held = ''] = folders;
  const kept = async () => (await readdir(join(host.workspace.root, 'packs'))).length;
  const all = await kept();

  expect(await collectPackFiles(host.workspace)).toBe(0);
  await age();
  const release = holdPackFiles(held);
  const gone = await collectPackFiles(host.workspace);
  expect(gone).toBeGreaterThanOrEqual(1);
  expect(await kept()).toBe(all - gone);
  expect(await readdir(held)).toContain('pack.yaml');
  release();
  await age().catch(() => null);
  await utimes(held, 1, 1);
  expect(await collectPackFiles(host.workspace)).toBe(1);

  expect(await open()).toEqual(folders);
  for (const folder of folders) expect(await readdir(folder)).toContain('pack.yaml');
  await removePack(onDisk);
});
