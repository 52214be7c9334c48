'use client';

import { createContext, useContext } from 'react';
import type { Json } from '@/engine/expression/expression';
import type { Pins, RunRecord } from './scope-data';
import type { Only } from './use-draft-run';

/** What the editor knows of runs, for forms and the inspector. */
export interface KnownRuns {
  /** The run on the canvas, else the workflow's last one. */
  record: RunRecord | null;
  pins: Pins;
  /** Holds an output, or lets it go (null). */
  pin: (task: string, result: { value: Json } | null) => void;
  /** A task has another name: what is held for it follows. */
  renamed?: ((from: string, to: string) => void) | undefined;
  /** Runs a part of the draft. Absent for who may not edit. */
  runOnly?: ((only: Only) => void) | undefined;
  /** Moves tasks into a workflow of their own. */
  extract?: ((tasks: readonly string[]) => void) | undefined;
}

const Context = createContext<KnownRuns>({ record: null, pins: {}, pin: () => {} });
export const RunsProvider = Context;

export function useRuns(): KnownRuns {
  return useContext(Context);
}
