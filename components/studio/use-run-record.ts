'use client';

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTRPC } from '../trpc';
import type { RunRecord } from './scope-data';

/** The run with this id, or else the workflow's last one; null while there is none. */
export function useRunRecord(workflowRef: string, chosenId: number | null): RunRecord | null {
  const trpc = useTRPC();
  const last = useQuery(
    trpc.executions.list.queryOptions(
      { actionRef: workflowRef, rootsOnly: false, limit: 1 },
      { enabled: chosenId === null },
    ),
  );
  const executionId = chosenId ?? last.data?.items[0]?.id ?? null;
  const enabled = executionId !== null;
  const id = executionId ?? 1;
  const tree = useQuery(trpc.executions.tree.queryOptions({ id }, { enabled }));
  const details = useQuery(trpc.executions.get.queryOptions({ id }, { enabled }));
  // There is nothing to paint before a worker has begun it.
  const begun =
    tree.data?.some((one) => one.id === executionId && one.kind === 'workflow' && one.startedAt !== null) ===
    true;
  const run = useQuery(trpc.executions.run.queryOptions({ id }, { enabled: enabled && begun }));
  const parameters = details.data?.parameters;
  return useMemo(() => {
    const execution = tree.data?.find((one) => one.id === executionId);
    if (!execution || !tree.data) return null;
    return { execution, parameters: parameters ?? {}, run: run.data ?? null, tree: tree.data };
  }, [tree.data, run.data, parameters, executionId]);
}
