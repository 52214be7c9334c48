import { useSyncExternalStore } from 'react';

const never = () => () => {};

/** False in what the server sends, true once the page answers: before that a form would be sent by the browser itself. */
export function useIsReady(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
