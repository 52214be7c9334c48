import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { closeDatabase } from '@/server/db';
import type { Newborn } from '@/server/executions/newborn';
import { announce, onAnnouncement, startListening, stopLive } from '@/server/live';
import { ClaimLoop } from './claim-loop';

let loop: ClaimLoop | undefined;

beforeAll(startListening);
afterEach(async () => {
  await loop?.stop();
  loop = undefined;
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

const news = (id: number) => `root 1 ${id} {"actionRef":"core.noop","revision":1,"parameters":{}}`;

/** A loop that has looked once and rests. `isKnown`: whether a newborn can be carried out at once. */
async function resting(isKnown: (newborn: Newborn) => boolean, room = 4) {
  const looks: number[] = [];
  const newborns: number[] = [];
  loop = new ClaimLoop(
    () => room,
    (limit) => {
      looks.push(limit);
      return Promise.resolve(false);
    },
    'execution',
    (newborn) => {
      newborns.push(newborn.id);
      return Promise.resolve(isKnown(newborn));
    },
  );
  loop.start();
  // The first listener of the channel is rung once for what it may have missed.
  await new Promise((resolve) => setTimeout(resolve, 60));
  looks.length = 0;
  return { looks, newborns };
}

/** Says it, and waits until everybody has heard it. */
async function say(...payloads: string[]): Promise<void> {
  const last = payloads.at(-1) ?? '';
  await new Promise<void>((resolve) => {
    const silence = onAnnouncement('attune_job', (payload) => {
      if (payload !== last) return;
      silence();
      setTimeout(resolve, 5);
    });
    for (const payload of payloads) announce('attune_job', payload);
  });
}

test('what rings alone is taken without a look', async () => {
  const { looks, newborns } = await resting(() => true);
  await say(news(7));
  expect([looks, newborns]).toEqual([[], [7]]);
});

test('what cannot be carried out at once is looked for', async () => {
  const { looks, newborns } = await resting(() => false);
  await say(news(7));
  expect([looks, newborns]).toEqual([[4], [7]]);
});

test('of several that ring at once nothing is lost: they are looked for together', async () => {
  const { looks } = await resting(() => true);
  await say(news(7), news(8), news(9));
  expect(looks.length).toBeGreaterThan(0);
});

test('what is said wrong is looked for, like every other bell', async () => {
  const { looks, newborns } = await resting(() => true);
  await say('root nonsense');
  await say('execution');
  expect([looks, newborns]).toEqual([[4, 4], []]);
});

test('a worker without room takes nothing', async () => {
  const { looks, newborns } = await resting(() => true, 0);
  await say(news(7));
  expect([looks, newborns]).toEqual([[], []]);
});
