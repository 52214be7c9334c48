import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { closeDatabase } from '../db';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeReader, makeTenant } from '../packs/test-people';
import { appendBuildLog, askForEnvironment, endBuild, listEnvironments, rebuildEnvironment } from './service';

let ada: Actor;
let id: number;
const key = () => ({
  tenantId: ada.tenantId,
  kind: 'python' as const,
  keyHash: 'abc',
  place: 'here',
  packRef: 'ops',
});
const ask = (isBroken = false) => askForEnvironment(key(), 'a worker', isBroken);
const ready = { state: 'ready', error: null, buildMs: 12 } as const;

beforeEach(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
  await createPack(ada, { ref: 'other', label: 'Other', description: '', version: '1.0.0' });
  ({ id } = await ask());
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

describe('an environment on a pack’s page', () => {
  it('shows its log while it is built, and is its pack’s only', async () => {
    await appendBuildLog(id, 'a worker', 'Collecting words\n');
    await appendBuildLog(id, 'another worker', 'not mine\n');
    expect(await listEnvironments(ada, 'ops')).toMatchObject([
      { state: 'building', log: 'Collecting words\n', builtAt: null },
    ]);
    expect(await listEnvironments(ada, 'other')).toEqual([]);
    await endBuild(id, 'a worker', ready);
    expect(await listEnvironments(ada, 'ops')).toMatchObject([{ state: 'ready', buildMs: 12 }]);
  });

  it('keeps the last of a long log', async () => {
    for (const part of ['first', 'last'])
      await appendBuildLog(id, 'a worker', `${part}${'.'.repeat(150_000)}`);
    const [environment] = await listEnvironments(ada, 'ops');
    expect(environment?.log.length).toBe(200_000);
    expect(environment?.log).toContain('last');
    expect(environment?.log).not.toContain('first');
  });

  it('is built anew when somebody asks for it, but not while it is being built', async () => {
    await expect(rebuildEnvironment(ada, 'ops', id)).rejects.toMatchObject({ code: 'environment_busy' });
    await endBuild(id, 'a worker', ready);
    expect((await ask()).kind).toBe('ready');
    await rebuildEnvironment(ada, 'ops', id);
    expect(await listEnvironments(ada, 'ops')).toMatchObject([{ state: 'stale' }]);
    expect((await ask()).kind).toBe('mine');
  });

  it('is rebuilt by those only who may configure its pack', async () => {
    await endBuild(id, 'a worker', ready);
    await expect(rebuildEnvironment(await makeReader(ada.tenantId), 'ops', id)).rejects.toMatchObject({
      kind: 'forbidden',
    });
    await expect(rebuildEnvironment(ada, 'other', id)).rejects.toMatchObject({ code: 'environment_busy' });
    const eve = await makePerson(await makeTenant(), 'Eve');
    await createPack(eve, { ref: 'ops', label: 'Hers', description: '', version: '1.0.0' });
    await expect(rebuildEnvironment(eve, 'ops', id)).rejects.toMatchObject({ code: 'environment_busy' });
    expect(await listEnvironments(eve, 'ops')).toEqual([]);
  });
});
