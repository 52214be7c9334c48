import { chmod } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createAction } from '@/server/actions/service';
import { closeDatabase } from '@/server/db';
import { env } from '@/server/env';
import { getExecution } from '@/server/executions/service';
import type { Actor } from '@/server/identities/actor';
import { stopLive } from '@/server/live';
import { createPack } from '@/server/packs/service';
import { makePerson, makeTenant } from '@/server/packs/test-people';
import { stopBoss } from '@/server/queue';
import { enqueueItem, listItems } from '@/server/work-queues/items';
import type { QueueItem } from '@/server/work-queues/schema';
import { createQueue, getQueue, updateQueue } from '@/server/work-queues/service';
import { findViolations } from './invariants';
import { WorkerProcess } from './worker-process';

let ada: Actor;
const started: WorkerProcess[] = [];
async function start(): Promise<WorkerProcess> {
  const worker = await WorkerProcess.start();
  started.push(worker);
  return worker;
}

beforeAll(async () => {
  await chmod(env().ATTUNE_HOME, 0o711);
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
  await createAction(ada, {
    ...{ packRef: 'ops', ref: 'ops.hang_once', label: 'Hang once', description: '', runtime: 'shell' },
    code: 'if [ "$attempt" = 1 ]; then sleep 300; fi; echo done',
    ...{ paramSchema: {}, outputFormat: 'text', timeoutSeconds: 600, idempotent: false },
  });
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((worker) => worker.stop()));
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

async function until(
  ref: string,
  fits: (items: QueueItem[]) => boolean | Promise<boolean>,
): Promise<QueueItem[]> {
  const untilMs = performance.now() + 50_000;
  for (;;) {
    const { items } = await listItems(ada, { queueRef: ref });
    if (await fits(items)) return items;
    if (performance.now() > untilMs)
      throw new Error(
        `not within 50 s: ${JSON.stringify(items)}\n${started.map(({ said }) => said).join('\n')}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('the items of an execution whose worker is killed come back, and other workers bring each to its end once', async () => {
  const ref = 'ops.work';
  await createQueue(ada, {
    ...{ ref, label: 'Work', dispatchActionRef: 'ops.hang_once', batchMode: 'batch', enabled: false },
    actionParams: { attempt: '{{ queue_items[0].attempt_count }}' },
    // On a busy machine a worker that lives may lose a lease, too: that is one attempt more.
    config: { retry_delay_seconds: 0, batch_size: 4, concurrency: 5, max_attempts: 100 },
  });
  for (let n = 0; n < 4; n += 1) await enqueueItem(ada, { queueRef: ref, payload: { n } });
  await updateQueue(ada, { ref, enabled: true });
  const first = await start();
  const leased = await until(ref, async ([item]) => {
    const execution = item?.leasedExecution ?? null;
    return execution !== null && (await getExecution(ada, execution)).state === 'running';
  });
  expect(leased.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'leased'));
  first.signal('SIGKILL');
  await first.ended;
  // Two, so that both look for the same items.
  await Promise.all([start(), start()]);
  const items = await until(ref, (now) => now.every(({ status }) => status === 'completed'));
  const { dispatches } = await getQueue(ada, ref);
  expect(dispatches.length).toBeGreaterThan(1);
  expect(dispatches.map(({ state, itemCount }) => [state, itemCount])).toEqual([
    ['completed', 4],
    ...dispatches.slice(1).map(() => ['abandoned', 4]),
  ]);
  expect(items.map(({ attemptCount, leasedExecution }) => [attemptCount, leasedExecution])).toEqual(
    items.map(() => [dispatches.length, null]),
  );
  expect(await findViolations()).toEqual([]);
});
