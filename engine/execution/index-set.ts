/**
 * Sets of indexes as short texts, so that 10,000 items that end in whatever order fit into a row. Six indexes make a
 * group, and a group one letter; a run of groups that are all in is `*` with its length in two letters, a run of
 * groups that are all out is `.` with its length. What ended in order is three letters, however much it is.
 */

interface Run {
  /** Six bits, one for each index of the group. */
  group: number;
  count: number;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const digits = new Map([...letters].map((letter, digit) => [letter.charCodeAt(0), digit]));
const full = 63;
const longestRun = 64 * 64 - 1;
const star = '*'.charCodeAt(0);
const dot = '.'.charCodeAt(0);

/** Whether an index is in the set. */
export function hasIndex(set: string, index: number): boolean {
  const wanted = Math.floor(index / 6);
  let from = 0;
  for (let at = 0; at < set.length; at += widthAt(set, at)) {
    const { group, count } = runAt(set, at);
    from += count;
    if (wanted < from) return ((group >> (index % 6)) & 1) === 1;
  }
  return false;
}

/** The set with one more index. */
export function addIndex(set: string, index: number): string {
  return change(set, index, (group, bit) => group | bit);
}

/** The set without an index. */
export function removeIndex(set: string, index: number): string {
  return change(set, index, (group, bit) => group & ~bit);
}

/** The indexes from 0 to below `end` that are not in the set, in order. */
export function missingIndexes(set: string, end: number): number[] {
  const missing: number[] = [];
  let index = 0;
  for (let at = 0; at < set.length; at += widthAt(set, at)) {
    const { group, count } = runAt(set, at);
    if (group === full) index += 6 * count;
    else
      for (let bit = 0; bit < 6 * count; bit += 1, index += 1)
        if (((group >> (bit % 6)) & 1) === 0 && index < end) missing.push(index);
  }
  for (; index < end; index += 1) missing.push(index);
  return missing;
}

function change(set: string, index: number, by: (group: number, bit: number) => number): string {
  const wanted = Math.floor(index / 6);
  const bit = 1 << (index % 6);
  let from = 0;
  let before = 0;
  let at = 0;
  while (at < set.length) {
    const { group, count } = runAt(set, at);
    if (wanted < from + count) {
      const changed = by(group, bit);
      if (changed === group) return set;
      // Its neighbours are written anew with it: they may have become one run.
      const after = at + widthAt(set, at);
      const next = after < set.length ? after + widthAt(set, after) : after;
      const runs = [
        ...(before < at ? [runAt(set, before)] : []),
        { group, count: wanted - from },
        { group: changed, count: 1 },
        { group, count: from + count - wanted - 1 },
        ...(next > after ? [runAt(set, after)] : []),
      ];
      return set.slice(0, before) + write(runs, next === set.length) + set.slice(next);
    }
    from += count;
    before = at;
    at += widthAt(set, at);
  }
  const last = before < at ? [runAt(set, before)] : [];
  return (
    set.slice(0, before) +
    write([...last, { group: 0, count: wanted - from }, { group: by(0, bit), count: 1 }], true)
  );
}

function write(runs: readonly Run[], isLast: boolean): string {
  const merged: Run[] = [];
  for (const { group, count } of runs) {
    if (count === 0) continue;
    const last = merged.at(-1);
    if (last?.group === group) last.count += count;
    else merged.push({ group, count });
  }
  if (isLast && merged.at(-1)?.group === 0) merged.pop();
  let text = '';
  for (const { group, count } of merged) {
    if (group !== 0 && group !== full) text += (letters[group] as string).repeat(count);
    else
      for (let left = count; left > 0; left -= longestRun) {
        const length = Math.min(left, longestRun);
        text +=
          (group === 0 ? '.' : '*') + (letters[length >> 6] as string) + (letters[length & 63] as string);
      }
  }
  return text;
}

function widthAt(set: string, at: number): number {
  const code = set.charCodeAt(at);
  return code === star || code === dot ? 3 : 1;
}

function runAt(set: string, at: number): Run {
  const code = set.charCodeAt(at);
  if (code !== star && code !== dot) return { group: digitAt(set, at), count: 1 };
  return { group: code === star ? full : 0, count: (digitAt(set, at + 1) << 6) | digitAt(set, at + 2) };
}

function digitAt(set: string, at: number): number {
  return digits.get(set.charCodeAt(at)) ?? 0;
}
