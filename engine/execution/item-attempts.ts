import { addIndex, hasIndex, removeIndex } from './index-set';
import type { OpenItems, OpenTask } from './state';

/** The attempt that is due or under way, of a task run or of one of its items; from 1. */
export function attemptOf(open: OpenTask, item: number | null): number {
  if (item === null) return open.attempt;
  const retried = open.items?.retried ?? [];
  const first = retried.findIndex((set) => !hasIndex(set, item));
  return (first < 0 ? retried.length : first) + 1;
}

/** The items once an attempt of one of them is over and the next is due. */
export function markRetried(items: OpenItems, item: number, attempt: number): OpenItems {
  const retried = [...items.retried];
  retried[attempt - 1] = addIndex(retried[attempt - 1] ?? '', item);
  return { ...items, retried };
}

/** The sets of retried items without one that has ended. */
export function forgetRetries(retried: readonly string[], item: number): string[] {
  return retried.map((set) => removeIndex(set, item)).filter((set) => set !== '');
}
