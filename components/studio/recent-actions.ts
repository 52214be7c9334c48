'use client';

import { useCallback, useState } from 'react';

const key = 'attune.palette.recent';
const most = 5;

/** The actions that this person added last, newest first; kept in the browser. */
export function useRecentActions(): [readonly string[], (ref: string) => void] {
  const [recent, setRecent] = useState<readonly string[]>(read);
  const remember = useCallback((ref: string) => {
    setRecent((before) => {
      const next = [ref, ...before.filter((other) => other !== ref)].slice(0, most);
      try {
        localStorage.setItem(key, JSON.stringify(next));
      } catch {
        // A browser without storage only forgets.
      }
      return next;
    });
  }, []);
  return [recent, remember];
}

function read(): readonly string[] {
  if (typeof window === 'undefined') return [];
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(stored) ? stored.filter((ref) => typeof ref === 'string').slice(0, most) : [];
  } catch {
    return [];
  }
}
