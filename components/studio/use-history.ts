'use client';

import { useCallback, useState } from 'react';
import { record, redo, startHistory, undo, type History } from './history';

/** A state with undo and redo; `edit` makes a step of what a pure change gives. */
export function useHistory<State>(initial: () => State) {
  const [history, setHistory] = useState<History<State>>(() => startHistory(initial()));
  const edit = useCallback((label: string, change: (state: State) => State, mergeKey?: string) => {
    const nowMs = Date.now();
    setHistory((before) => record(before, label, change(before.present), nowMs, mergeKey ?? null));
  }, []);
  return {
    present: history.present,
    edit,
    undo: useCallback(() => setHistory(undo), []),
    redo: useCallback(() => setHistory(redo), []),
    undoLabel: history.past.at(-1)?.label ?? null,
    redoLabel: history.future[0]?.label ?? null,
  };
}
