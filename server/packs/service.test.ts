import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase } from '../db';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack, listPacks } from './service';
import { makePerson, makeReader, makeTenant, readFeed } from './test-people';

let ada: Actor;
beforeAll(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

const pack = (ref: string) => ({ ref, label: `Pack ${ref}`, description: '', version: '0.1.0' });

describe('packs', () => {
  it('are made, told to the feed, and listed with what they hold, the newest first', async () => {
    await createPack(ada, pack('first'));
    const made = await createPack(ada, pack('second'));
    expect(made).toMatchObject({
      ref: 'second',
      label: 'Pack second',
      isStandard: false,
      actions: 0,
      rules: 0,
    });
    const own = (await listPacks(ada)).filter((each) => !each.isStandard);
    expect(own.map((each) => each.ref)).toEqual(['second', 'first']);
    expect((await readFeed(ada.tenantId, 'pack')).at(-1)).toMatchObject({
      kind: 'created',
      payload: { ref: 'second' },
      actorId: ada.identityId,
    });
  });

  it('have one name each', async () => {
    await createPack(ada, pack('twice'));
    await expect(createPack(ada, pack('twice'))).rejects.toMatchObject({
      kind: 'conflict',
      code: 'pack_exists',
    });
  });

  it('of another tenant are not seen, and their names are free', async () => {
    await createPack(ada, pack('mine'));
    const stranger = await makePerson(await makeTenant(), 'Stranger');
    expect((await listPacks(stranger)).map((each) => each.ref)).not.toContain('mine');
    await expect(createPack(stranger, pack('mine'))).resolves.toMatchObject({ ref: 'mine' });
  });

  it('are made only by those who may', async () => {
    const reader = await makeReader(ada.tenantId);
    await expect(createPack(reader, pack('no'))).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('packs:create on no') as string,
    });
  });

  it('outside of a grant’s constraints are hidden', async () => {
    await createPack(ada, pack('seen'));
    const narrow = await makePerson(ada.tenantId, 'Narrow', [
      { resource: 'packs', actions: ['read'], constraints: { pack_refs: ['seen'] } },
    ]);
    expect((await listPacks(narrow)).map((each) => each.ref)).toEqual(['seen']);
  });
});
