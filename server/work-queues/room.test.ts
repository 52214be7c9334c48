import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeDatabase } from '../db';
import type { JsonObject } from '../fields';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { makePerson, makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { cancelItem, enqueueItem, listItems } from './items';
import { createQueue, updateQueue } from './service';

let ada: Actor;
beforeAll(async () => void (ada = await makePerson(await makeTenant(), 'Ada')));
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

const ref = 'ops.work';
const add = (payload: JsonObject) => enqueueItem(ada, { queueRef: ref, payload });

test('a work queue takes no more items than may wait, also of many that come at once, and more once some are gone', async () => {
  await createQueue(ada, {
    ...{ ref, label: 'Work', dispatchActionRef: 'core.noop', enabled: false },
    ...{ allowPendingUpdate: true, config: { max_pending: 5 } },
  });
  const all = await Promise.allSettled(Array.from({ length: 12 }, (_, n) => add({ n })));
  const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  expect(refused).toHaveLength(7);
  for (const reason of refused)
    expect(reason).toMatchObject({ kind: 'too_many', code: 'queue_full', retryAfterSeconds: 1 });
  const { items } = await listItems(ada, { queueRef: ref });
  expect(items).toHaveLength(5);
  await cancelItem(ada, ref, items[0]?.id ?? 0);
  const keyed = () => enqueueItem(ada, { queueRef: ref, itemKey: 'k', payload: {} });
  await keyed();
  // One that is changed is none more.
  await updateQueue(ada, { ref, updateStrategy: 'replace' });
  expect((await keyed()).isMerged).toBe(true);
  await expect(add({})).rejects.toMatchObject({ code: 'queue_full' });
  await updateQueue(ada, { ref, config: { max_pending: 6 } });
  await add({});
  await expect(add({})).rejects.toMatchObject({ code: 'queue_full' });
});
