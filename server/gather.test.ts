import { describe, expect, it } from 'vitest';
import { Gather } from './gather';

/** Work whose lots are let go one after the other. */
function held() {
  const lots: number[][] = [];
  const doors: (() => void)[] = [];
  const work = async (lot: readonly number[]) => {
    lots.push([...lot]);
    await new Promise<void>((resolve) => doors.push(resolve));
    if (lot.includes(13)) throw new Error('thirteen');
    return lot.map((number) => number * 10);
  };
  const letGo = async () => {
    doors.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { lots, work, letGo };
}

describe('what is gathered', () => {
  it('goes at once, and what comes meanwhile goes together, each with its own answer', async () => {
    const { lots, work, letGo } = held();
    const gather = new Gather(work, 1, 10);
    const first = gather.ask(1);
    await Promise.resolve();
    const others = [2, 3, 4].map((number) => gather.ask(number));
    expect(lots).toEqual([[1]]);
    await letGo();
    expect(await first).toBe(10);
    expect(lots).toEqual([[1], [2, 3, 4]]);
    await letGo();
    expect(await Promise.all(others)).toEqual([20, 30, 40]);
    const later = gather.ask(5);
    await letGo();
    await letGo();
    expect(await later).toBe(50);
  });

  it('is no more than fits into a lot', async () => {
    const { lots, work, letGo } = held();
    const gather = new Gather(work, 2, 2);
    const all = Promise.all([1, 2, 3, 4, 5].map((number) => gather.ask(number)));
    for (let count = 0; count < 4; count += 1) await letGo();
    expect(await all).toEqual([10, 20, 30, 40, 50]);
    expect(lots.every((lot) => lot.length <= 2)).toBe(true);
  });

  it('is done one by one where a lot fails: only whose fault it is, is refused', async () => {
    const { lots, work, letGo } = held();
    const gather = new Gather(work, 1, 10);
    const first = gather.ask(1);
    await Promise.resolve();
    const settled = Promise.allSettled([2, 13, 4].map((number) => gather.ask(number)));
    for (let count = 0; count < 6; count += 1) await letGo();
    await first;
    expect(await settled).toMatchObject([
      { status: 'fulfilled', value: 20 },
      { status: 'rejected', reason: { message: 'thirteen' } },
      { status: 'fulfilled', value: 40 },
    ]);
    expect(lots).toEqual([[1], [2, 13, 4], [2], [13], [4]]);
  });
});
