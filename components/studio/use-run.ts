'use client';

import { useMemo } from 'react';
import type { Definition } from '@/engine/definition/schema';
import { toOverlay, type ExecutionSummary } from '../canvas/run-overlay';
import type { RunOverlay } from '../canvas/view';
import { editedSince, isSamePlan } from './edited-since';
import { isSameJson } from './same-json';
import type { RunRecord } from './scope-data';

export interface WatchedRun {
  execution: ExecutionSummary;
  overlay: RunOverlay;
  /** Whether a person is being asked. */
  waiting: boolean;
  /** Whether the draft is no longer what runs. */
  differs: boolean;
  /** The tasks that were edited since. */
  edited: ReadonlySet<string>;
}

/** A run of this workflow as it is painted on the draft; a transition that was edited since is left unpainted. */
export function useRun(record: RunRecord | null, draft: Definition): WatchedRun | null {
  return useMemo(() => {
    if (!record) return null;
    const { execution, run, tree } = record;
    if (!run) {
      const overlay = { tasks: new Map(), fired: new Map() };
      return { execution, overlay, waiting: false, differs: false, edited: new Set<string>() };
    }
    const overlay = toOverlay(run, tree);
    const ran = new Map(run.definition.tasks.map((task) => [task.name, task.next]));
    const changed = new Set(
      draft.tasks.filter(({ name, next }) => !isSameJson(ran.get(name), next)).map(({ name }) => name),
    );
    return {
      execution,
      overlay: {
        tasks: overlay.tasks,
        fired: new Map(
          [...overlay.fired].filter(([key]) => !changed.has(key.slice(0, key.lastIndexOf('#')))),
        ),
      },
      waiting: tree.some(({ state, actionRef }) => state === 'waiting' && actionRef === 'core.ask'),
      differs: !isSamePlan(run.definition, draft),
      edited: editedSince(run.definition, draft),
    };
  }, [record, draft]);
}
