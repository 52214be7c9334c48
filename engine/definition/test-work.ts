/**
 * Counts what a function goes through, with no clock: every entry of every list, map and set that it iterates over or
 * searches with the methods of the language. For tests of what something costs.
 */
export function countWork(run: () => unknown): number {
  let work = 0;
  const restore: (() => void)[] = [];
  const count = (prototype: object, names: readonly PropertyKey[], sizeOf: (self: never) => number) => {
    for (const name of names) {
      const own = Object.getOwnPropertyDescriptor(prototype, name);
      if (!own) continue;
      const original = own.value as (...args: unknown[]) => unknown;
      Object.defineProperty(prototype, name, {
        ...own,
        value: function counted(this: never, ...args: unknown[]) {
          work += 1 + sizeOf(this);
          return original.apply(this, args);
        },
      });
      restore.push(() => Object.defineProperty(prototype, name, own));
    }
  };
  const arrayMethods = [
    'concat', 'every', 'filter', 'find', 'findIndex', 'findLast', 'findLastIndex', 'flat', 'flatMap', 'forEach',
    'includes', 'indexOf', 'join', 'lastIndexOf', 'map', 'reduce', 'reverse', 'shift', 'slice', 'some', 'sort',
    'splice', 'toSpliced', 'unshift', 'with', 'entries', 'keys', 'values', Symbol.iterator,
  ]; // prettier-ignore
  count(Array.prototype, arrayMethods, (self: readonly unknown[]) => self.length);
  const mapMethods = ['entries', 'forEach', 'keys', 'values', Symbol.iterator];
  count(Map.prototype, mapMethods, (self: ReadonlyMap<unknown, unknown>) => self.size);
  count(Set.prototype, mapMethods, (self: ReadonlySet<unknown>) => self.size);
  try {
    run();
  } finally {
    for (const each of restore) each();
  }
  return work;
}
