import { useSyncExternalStore } from 'react';

const key = 'attune-navigation';
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function read(): boolean {
  try {
    return localStorage.getItem(key) === 'narrow';
  } catch {
    return false;
  }
}

function write(isNarrow: boolean): void {
  try {
    localStorage.setItem(key, isNarrow ? 'narrow' : 'wide');
  } catch {
    return;
  }
  listeners.forEach((call) => call());
}

/** Whether the navigation shows only icons; the browser remembers it. */
export function useIsNarrow(): [boolean, (isNarrow: boolean) => void] {
  return [useSyncExternalStore(subscribe, read, () => false), write];
}
