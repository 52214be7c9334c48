'use client';

import { createContext, useContext } from 'react';
import type { Json } from '@/engine/expression/expression';
import type { Pins, RunRecord } from './scope-data';

/** What the editor knows of runs, for forms and the inspector. */
export interface KnownRuns {
  /** The run on the canvas, else the workflow's last one. */
  record: RunRecord | null;
  pins: Pins;
  /** Holds an output, or lets it go (null). */
  pin: (task: string, result: { value: Json } | null) => void;
}

const Context = createContext<KnownRuns>({ record: null, pins: {}, pin: () => {} });
export const RunsProvider = Context;

export function useRuns(): KnownRuns {
  return useContext(Context);
}
