import type { Ground, Times } from '../ground';
import { ResidentMemory } from '../resident-memory';
import { between, Book, inRounds, mean, repeat } from '../rounds';
import { toFanOut } from '../shapes';
import type { Case } from '../suite';

const floorGoal = { atMost: 2 };
const growthGoal = { atMost: 1.15 };

function publish(ground: Ground): Promise<string> {
  const { tasks, more } = toFanOut(0);
  return ground.workflow(tasks, more);
}

async function fan(ground: Ground, ref: string, items: number): Promise<Times> {
  const { seenMs, databaseMs } = await ground.run(ref, items, toFanOut(items).parameters);
  return { seenMs: seenMs / items, databaseMs: databaseMs / items };
}

/** Means of several runs, per item. */
async function fanRepeatedly(ground: Ground, ref: string, items: number, times: number): Promise<Times> {
  const all = await repeat(times, () => fan(ground, ref, items));
  return {
    seenMs: mean(all.map(({ seenMs }) => seenMs)),
    databaseMs: mean(all.map(({ databaseMs }) => databaseMs)),
  };
}

const toFloor = { beside: 'floor', unit: 'ms', goal: floorGoal };

/** 100 and 1,000 items, per item beside the floor. */
export const fanOut: Case = {
  name: 'fan-out',
  title: 'A fan-out of 100 and of 1,000 core.noop items',
  async measure(ground, limits) {
    const book = new Book();
    const floor = await ground.floor();
    await ground.startWorkers();
    const ref = await publish(ground);
    await fan(ground, ref, 100);
    await inRounds(limits, async () => {
      for (const [items, times] of [
        [100, 3],
        [1_000, 1],
      ] as const) {
        const { value, floor: beside } = await between(
          () => floor.oneAtATime(),
          () => fanRepeatedly(ground, ref, items, times),
        );
        const name = `fan-out of ${items.toLocaleString('en')}, per item`;
        book.note(`${name}, start to end`, { measured: value.databaseMs, beside }, toFloor);
        book.note(`${name}, request to end seen`, { measured: value.seenMs, beside }, toFloor);
      }
    });
    return book.rows;
  },
};

/** 10,000 items: beside the floor, beside 100 items, and what the worker's memory does meanwhile. */
export const largeFanOut: Case = {
  name: 'fan-out-10000',
  title: "A fan-out of 10,000 core.noop items, and the worker's memory",
  async measure(ground, limits) {
    const book = new Book();
    const floor = await ground.floor();
    await ground.startWorkers();
    const ref = await publish(ground);
    await fanRepeatedly(ground, ref, 100, 3);
    await inRounds(limits, async () => {
      const before = await fanRepeatedly(ground, ref, 100, 3);
      const memory = ResidentMemory.watch(ground.workerPids);
      const { value: large, floor: beside } = await between(
        () => floor.oneAtATime(),
        () => fan(ground, ref, 10_000),
      );
      const { beforeMb, peakMb, afterMb } = memory.stop();
      const after = await fanRepeatedly(ground, ref, 100, 3);
      const small = mean([before.databaseMs, after.databaseMs]);
      book.note('fan-out of 10,000, per item, start to end', { measured: large.databaseMs, beside }, toFloor);
      book.note(
        'fan-out of 10,000, per item, request to end seen',
        { measured: large.seenMs, beside },
        toFloor,
      );
      book.note(
        'per item at 10,000 against at 100, start to end',
        { measured: large.databaseMs, beside: small },
        { beside: 'at 100', unit: 'ms', goal: growthGoal },
      );
      const inMemory = { beside: 'before', unit: 'MB', goal: null };
      book.note("worker's memory, peak during it", { measured: peakMb, beside: beforeMb }, inMemory);
      book.note("worker's memory, after it", { measured: afterMb, beside: beforeMb }, inMemory);
    });
    return book.rows;
  },
};
