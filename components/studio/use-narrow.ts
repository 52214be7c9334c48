'use client';

import { useSyncExternalStore } from 'react';

const query = '(max-width: 900px)';

/** Whether there is no room for the panels beside the canvas. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(query);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => window.matchMedia(query).matches,
    () => false,
  );
}
