import type { Ground } from '../ground';
import { between, Book, inRounds } from '../rounds';
import type { Case } from '../suite';

const goal = { atLeast: 0.5 };

/** Executions a second with so many under way at any time, each from its request to its end being seen. */
async function measureRate(ground: Ground, action: string, atOnce: number, count: number): Promise<number> {
  const startedMs = performance.now();
  let left = count;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        left -= 1;
        await ground.carryOut(action);
      }
    }),
  );
  return count / ((performance.now() - startedMs) / 1000);
}

/** One-task executions a second, one and ten at a time, beside the floor's rate at the same. */
export const rate: Case = {
  name: 'rate',
  title: 'One-task executions a second, 1 and 10 at a time',
  async measure(ground, limits) {
    const book = new Book();
    const floor = await ground.floor();
    await ground.startWorkers();
    await measureRate(ground, 'core.noop', 10, 100);
    await inRounds(limits, async () => {
      for (const [atOnce, count, slice] of [
        // As many as the floor's, so that what only the first one costs weighs as much.
        [1, 200, () => floor.oneAtATime()],
        [10, 300, () => floor.tenAtATime()],
      ] as const) {
        // core.noop is carried out in the transaction that takes it; core.echo is claimed, as most actions are.
        for (const action of ['core.noop', 'core.echo']) {
          const { value: perSecond, floor: floorMs } = await between(slice, () =>
            measureRate(ground, action, atOnce, count),
          );
          book.note(
            `${action}, ${atOnce} at a time, request to end seen`,
            { measured: perSecond, beside: 1000 / floorMs },
            { beside: `floor, ${atOnce} at a time`, unit: '/s', goal: action === 'core.noop' ? goal : null },
          );
        }
      }
    });
    return book.rows;
  },
};
