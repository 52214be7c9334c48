import { useSyncExternalStore } from 'react';

const never = () => () => undefined;

/** Whether ⌘ is this machine's Ctrl; the server says no, the browser corrects it after hydration. */
export function useIsApple(): boolean {
  return useSyncExternalStore(
    never,
    () => /Mac|iPhone|iPad/.test(navigator.userAgent),
    () => false,
  );
}
