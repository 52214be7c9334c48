import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAction } from '../actions/service';
import { closeDatabase } from '../db';
import type { Actor } from '../identities/actor';
import { createKey, listKeys } from '../keys/service';
import { stopLive } from '../live';
import { createPack, removePack } from './service';
import { makePerson, makeTenant, readFeed } from './test-people';

let ada: Actor;
beforeAll(async () => void (ada = await makePerson(await makeTenant(), 'Ada')));
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

const pack = (ref: string) => createPack(ada, { ref, label: ref, description: '', version: '0.1.0' });
const key = (ref: string, ownerType: 'pack' | 'action', owner: string) =>
  createKey(ada, { ref, name: ref, value: 'a value', ownerType, owner });

it('the keys of a pack go with it, and a later pack of its name has none of them', async () => {
  await pack('leaving');
  await pack('leaving_not');
  await createAction(ada, {
    ...{
      packRef: 'leaving',
      ref: 'leaving.act',
      label: 'Act',
      description: '',
      runtime: 'shell',
      code: 'true',
    },
    ...{ paramSchema: {}, outputFormat: 'text', timeoutSeconds: 10, idempotent: false },
  });
  await key('of_pack', 'pack', 'leaving');
  await key('of_action', 'action', 'leaving.act');
  await key('of_other', 'pack', 'leaving_not');
  await removePack(ada, 'leaving');
  await pack('leaving');
  expect((await listKeys(ada, {})).items.map(({ ref }) => ref)).toEqual(['of_other']);
  const told = (await readFeed(ada.tenantId, 'key')).filter(({ kind }) => kind === 'deleted');
  expect(told.map(({ payload }) => payload['ref']).sort()).toEqual(['of_action', 'of_pack']);
});
