import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addIndex, hasIndex, missingIndexes, removeIndex } from './index-set';

it('behaves as a set, in any order, and reads the same however it came about', () => {
  const step = fc.tuple(fc.boolean(), fc.nat(80));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.nat(90), (steps, end) => {
      let text = '';
      const set = new Set<number>();
      for (const [isIn, index] of steps) {
        text = isIn ? addIndex(text, index) : removeIndex(text, index);
        if (isIn) set.add(index);
        else set.delete(index);
      }
      const all = Array.from({ length: 90 }, (_, index) => index);
      expect(all.filter((index) => hasIndex(text, index))).toEqual(all.filter((index) => set.has(index)));
      expect(missingIndexes(text, end)).toEqual(all.filter((index) => index < end && !set.has(index)));
      expect([...set].sort((a, b) => a - b).reduce(addIndex, '')).toBe(text);
    }),
  );
});

it('stays short: a few letters in order, at most a letter for six or so in any order', () => {
  const count = 100_000;
  const inOrder = Array.from({ length: count }, (_, index) => index).reduce(addIndex, '');
  expect(inOrder.length).toBeLessThan(30);
  const butOne = Array.from({ length: 10_000 }, (_, index) => index + 1).reduce(addIndex, '');
  expect(butOne.length).toBeLessThan(15);
  let longest = 0;
  let text = '';
  // 7919 is prime: every index comes once, in no order to speak of.
  for (let step = 0; step < 10_000; step += 1) {
    text = addIndex(text, (step * 7919) % 10_000);
    longest = Math.max(longest, text.length);
  }
  expect(longest).toBeLessThan(3_500);
  expect(missingIndexes(text, 10_000)).toEqual([]);
});
