import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addIndex, countIndexes, hasIndex, missingIndexes } from './index-ranges';

it('behaves as a set, in any order, and stays as small as it can be', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30)), fc.nat(30), (indexes, end) => {
      let ranges: readonly number[] = [];
      for (const index of indexes) ranges = addIndex(ranges, index);
      const set = new Set(indexes);
      const all = Array.from({ length: 31 }, (_, index) => index);
      expect(all.filter((index) => hasIndex(ranges, index))).toEqual(all.filter((index) => set.has(index)));
      expect(countIndexes(ranges)).toBe(set.size);
      expect(missingIndexes(ranges, end)).toEqual(all.filter((index) => index < end && !set.has(index)));
      for (let place = 2; place < ranges.length; place += 2) {
        expect(ranges[place]).toBeGreaterThan((ranges[place - 1] ?? 0) + 1);
      }
    }),
  );
});
