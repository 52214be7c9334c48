'use client';

import { usePathname, useSearchParams } from 'next/navigation';
import { useCallback } from 'react';

export type SetUrlState = (value: string, options?: { replace?: boolean }) => void;

/** A part of the view that lives in the address, so that a link shows the same. The fallback is not written. */
export function useUrlState(name: string, fallback: string): [string, SetUrlState] {
  const path = usePathname();
  const value = useSearchParams().get(name) ?? fallback;
  const set = useCallback<SetUrlState>(
    (next, { replace = false } = {}) => {
      // The address itself is read, not the last drawing: two setters called together must both win.
      const search = new URLSearchParams(window.location.search);
      if (next === fallback) search.delete(name);
      else search.set(name, next);
      const address = search.size > 0 ? `${path}?${search}` : path;
      // The history entry is ours at once; Next follows it without asking the server again.
      if (replace) window.history.replaceState(null, '', address);
      else window.history.pushState(null, '', address);
    },
    [name, fallback, path],
  );
  return [value, set];
}
