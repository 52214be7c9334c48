import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ArtifactsBound, measureMb } from './artifacts-bound';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-artifacts-'));
  await mkdir(join(folder, 'deep/er'), { recursive: true });
  await writeFile(join(folder, 'deep/er/large'), Buffer.alloc(3 * 2 ** 20, 1));
  await symlink('/usr', join(folder, 'link'));
});
afterAll(() => rm(folder, { recursive: true }));

test('artifacts are measured with all their folders, and without what links lead to', async () => {
  expect(Math.round(await measureMb(folder))).toBe(3);
  expect(await measureMb(join(folder, 'nowhere'))).toBe(0);
});

test('a pack that keeps too much may start again once something is removed', async () => {
  const bound = new ArtifactsBound(2);
  expect(await bound.refusal(folder)).toBeNull();
  await bound.lookAt(folder);
  expect(await bound.refusal(folder)).toMatch(/hold more than 2 MB .*ATTUNE_ARTIFACTS_MB.*Remove some of/);
  await rm(join(folder, 'deep/er/large'));
  expect(await bound.refusal(folder)).toBeNull();
});
