'use client';

import { useCallback, useState } from 'react';

const recentKey = 'attune.palette.recent';
const favouriteKey = 'attune.palette.favourites';
const mostRecent = 5;
const mostFavourites = 50;

/** The actions that this person added last, newest first; kept in the browser. */
export function useRecentActions(): [readonly string[], (ref: string) => void] {
  const [recent, setRecent] = useState<readonly string[]>(() => read(recentKey, mostRecent));
  const remember = useCallback((ref: string) => {
    setRecent((before) =>
      keep(recentKey, [ref, ...before.filter((other) => other !== ref)].slice(0, mostRecent)),
    );
  }, []);
  return [recent, remember];
}

/** The actions that this person wants at hand; kept in the browser. Toggling an action adds it or takes it out. */
export function useFavouriteActions(): [readonly string[], (ref: string) => void] {
  const [favourites, setFavourites] = useState<readonly string[]>(() => read(favouriteKey, mostFavourites));
  const toggle = useCallback((ref: string) => {
    setFavourites((before) =>
      keep(
        favouriteKey,
        before.includes(ref)
          ? before.filter((other) => other !== ref)
          : [...before, ref].slice(-mostFavourites),
      ),
    );
  }, []);
  return [favourites, toggle];
}

function keep(key: string, refs: readonly string[]): readonly string[] {
  try {
    localStorage.setItem(key, JSON.stringify(refs));
  } catch {
    // A browser without storage only forgets.
  }
  return refs;
}

function read(key: string, most: number): readonly string[] {
  if (typeof window === 'undefined') return [];
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(stored) ? stored.filter((ref) => typeof ref === 'string').slice(0, most) : [];
  } catch {
    return [];
  }
}
