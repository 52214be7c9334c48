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
export function useRun(
  record: RunRecord | null,
  draft: Definition,
  /** The draft as it would run now, without what is disabled. */
  active: Definition,
): WatchedRun | null {
  return useMemo(() => {
    if (!record) return null;
    const { execution, run, tree } = record;
    if (!run) {
      const overlay = { tasks: new Map(), fired: new Map() };
      return { execution, overlay, waiting: false, differs: false, edited: new Set<string>() };
    }
    const overlay = toOverlay(run, tree);
    return {
      execution,
      overlay: { tasks: overlay.tasks, fired: firedLines(run.definition, draft, overlay.fired) },
      waiting: tree.some(({ state, actionRef }) => state === 'waiting' && actionRef === 'core.ask'),
      differs: !isSamePlan(run.definition, active),
      edited: editedSince(run.definition, active),
    };
  }, [record, draft, active]);
}

/** The transitions that fired in a run of `ran`, by `task#index`, as far as they are drawn as they ran. */
export function firedLines(
  ran: Definition,
  drawn: Definition,
  fired: RunOverlay['fired'],
): RunOverlay['fired'] {
  const before = new Map(ran.tasks.map((task) => [task.name, task.next]));
  const changed = new Set(
    drawn.tasks.filter(({ name, next }) => !isSameJson(before.get(name), next)).map(({ name }) => name),
  );
  return new Map([...fired].filter(([key]) => !changed.has(key.slice(0, key.lastIndexOf('#')))));
}
