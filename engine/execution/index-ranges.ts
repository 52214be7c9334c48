/** Sets of indexes as disjoint ranges in order: [from, to, from, to, …], both ends included. */

/** Whether an index is in the set. */
export function hasIndex(ranges: readonly number[], index: number): boolean {
  let low = 0;
  let high = ranges.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (index < (ranges[2 * middle] as number)) high = middle - 1;
    else if (index > (ranges[2 * middle + 1] as number)) low = middle + 1;
    else return true;
  }
  return false;
}

/** The set with one more index; the same set when it is in it already. */
export function addIndex(ranges: readonly number[], index: number): readonly number[] {
  if (hasIndex(ranges, index)) return ranges;
  let place = ranges.length;
  while (place > 0 && (ranges[place - 2] as number) > index) place -= 2;
  const joinsBefore = place > 0 && ranges[place - 1] === index - 1;
  const joinsAfter = place < ranges.length && ranges[place] === index + 1;
  const before = ranges.slice(0, joinsBefore ? place - 1 : place);
  const after = ranges.slice(joinsAfter ? place + 1 : place);
  return [...before, ...(joinsBefore ? [] : [index]), ...(joinsAfter ? [] : [index]), ...after];
}

export function countIndexes(ranges: readonly number[]): number {
  let count = 0;
  for (let place = 0; place < ranges.length; place += 2)
    count += (ranges[place + 1] as number) - (ranges[place] as number) + 1;
  return count;
}

/** The indexes from 0 to below `end` that are not in the set. */
export function missingIndexes(ranges: readonly number[], end: number): number[] {
  const missing: number[] = [];
  let next = 0;
  for (let place = 0; place <= ranges.length; place += 2) {
    const from = Math.min(ranges[place] ?? end, end);
    for (; next < from; next += 1) missing.push(next);
    next = (ranges[place + 1] ?? end) + 1;
  }
  return missing;
}
