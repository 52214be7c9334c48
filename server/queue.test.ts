import { afterAll, expect, it } from 'vitest';
import { closeDatabase, inTenant, querySystem } from './db';
import { stopLive } from './live';
import { boss, completeJobs, enqueue, fetchJobs, stopBoss } from './queue';

afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

it('is looked after: jobs that were heard are deleted, and one whose worker died is not held for ever', async () => {
  await inTenant(1, (tx) =>
    enqueue(
      tx,
      'event',
      [1, 2].map((id) => ({ tenantId: 1, rootId: 0, id })),
    ),
  );
  const [heard, lost] = await fetchJobs('event', 2);
  await completeJobs('event', [heard?.jobId ?? '']);
  await querySystem(
    `UPDATE pgboss.job SET completed_on = completed_on - interval '1 hour', started_on = started_on - interval '1 hour'`,
  );
  await (await boss()).supervise();
  const left = await querySystem<{ id: string; state: string }>('SELECT id, state FROM pgboss.job');
  expect(left).toEqual([{ id: lost?.jobId, state: 'failed' }]);
});
