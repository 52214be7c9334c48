import type { Value } from './value';

const groups = new WeakSet<object>();

/** A pair of `groupby`, whose places have the names `grouper` and `list` as well. */
export function group(key: Value, items: Value[]): Value[] {
  const pair: Value[] = [key, items];
  groups.add(pair);
  return pair;
}

export function isGroup(list: Value[]): boolean {
  return groups.has(list);
}
