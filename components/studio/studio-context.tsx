'use client';

import { createContext, useContext } from 'react';
import type { Problem } from '@/engine/definition/problem';
import type { Definition } from '@/engine/definition/schema';
import type { CanvasSelection, Catalog, CatalogEntry, ProblemCount } from '../canvas/view';
import type { RouterOutputs } from '../trpc';
import type { Autosave, Draft, SaveState } from './autosave';
import type { InsertPlace } from './insert';

export type Workflow = RouterOutputs['workflows']['get'];
export const inspectorTabs = ['input', 'transitions', 'settings', 'output', 'last-run'] as const;
export type InspectorTab = (typeof inspectorTabs)[number];

/** What every part of the editor works with. Edits go through `edit`, so that each is one step of one history. */
export interface Studio {
  workflow: Workflow;
  draft: Draft;
  readOnly: boolean;
  catalog: Catalog;
  actions: readonly CatalogEntry[];
  problems: readonly Problem[];
  problemCounts: ReadonlyMap<string, ProblemCount>;
  errorCount: number;

  selection: CanvasSelection;
  select: (selection: CanvasSelection) => void;
  tab: InspectorTab;
  setTab: (tab: InspectorTab) => void;
  /** Chooses a problem's task, shows the part of it that has the field, and focuses that. */
  goTo: (problem: Problem) => void;

  edit: (label: string, change: (draft: Draft) => Draft, mergeKey?: string) => void;
  editDefinition: (label: string, change: (definition: Definition) => Definition, mergeKey?: string) => void;
  insert: (actionRef: string, place: InsertPlace) => void;
  undo: () => void;
  redo: () => void;
  undoLabel: string | null;
  redoLabel: string | null;

  autosave: Autosave;
  save: SaveState;
}

const Context = createContext<Studio | null>(null);
export const StudioProvider = Context;

export function useStudio(): Studio {
  const studio = useContext(Context);
  if (!studio) throw new Error('useStudio outside of the workflow editor');
  return studio;
}
