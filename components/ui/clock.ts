'use client';

import { useSyncExternalStore } from 'react';

const tickMs = 1000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let nowMs = 0;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    listeners.forEach((call) => call());
  }, tickMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    nowMs = 0;
  };
}

function readNow(): number {
  // Stands still between ticks, so that all that is drawn together says the same.
  if (nowMs === 0) nowMs = Date.now();
  return nowMs;
}

/**
 * What `select` makes of the time, followed by one clock for the whole page: a component is drawn again only when
 * its own answer changes, so return a string or a number. On the server and while hydrating it is null.
 */
export function useClock<Value extends string | number>(select: (nowMs: number) => Value): Value | null {
  return useSyncExternalStore<Value | null>(
    subscribe,
    () => select(readNow()),
    () => null,
  );
}
