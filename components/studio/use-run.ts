'use client';

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Definition } from '@/engine/definition/schema';
import { toOverlay, type ExecutionSummary } from '../canvas/run-overlay';
import type { RunOverlay } from '../canvas/view';
import { useTRPC } from '../trpc';
import { isSameJson } from './same-json';

export interface WatchedRun {
  execution: ExecutionSummary;
  overlay: RunOverlay;
  /** Whether a person is being asked. */
  waiting: boolean;
  /** Whether the draft is no longer what runs. */
  differs: boolean;
}

/** A run of this workflow as it is painted on the draft; a transition that was edited since is left unpainted. */
export function useRun(executionId: number | null, draft: Definition): WatchedRun | null {
  const trpc = useTRPC();
  const enabled = executionId !== null;
  const id = executionId ?? 1;
  const tree = useQuery(trpc.executions.tree.queryOptions({ id }, { enabled }));
  // There is nothing to paint before a worker has begun it.
  const begun =
    tree.data?.some((one) => one.id === executionId && one.kind === 'workflow' && one.startedAt !== null) ===
    true;
  const run = useQuery(trpc.executions.run.queryOptions({ id }, { enabled: enabled && begun }));
  return useMemo(() => {
    const execution = tree.data?.find((one) => one.id === executionId);
    if (!execution || !tree.data) return null;
    if (!run.data)
      return { execution, overlay: { tasks: new Map(), fired: new Map() }, waiting: false, differs: false };
    const overlay = toOverlay(run.data, tree.data);
    const ran = new Map(run.data.definition.tasks.map((task) => [task.name, task.next]));
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
      waiting: tree.data.some(({ state, actionRef }) => state === 'waiting' && actionRef === 'core.ask'),
      differs: !isSameJson(run.data.definition, draft),
    };
  }, [run.data, tree.data, draft, executionId]);
}
