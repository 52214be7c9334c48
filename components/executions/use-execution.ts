'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/components/trpc';

const queueMs = 2_000;

/** One execution with its details; its place in a queue, which others change, is asked for again while it waits. */
export function useExecution(id: number) {
  const trpc = useTRPC();
  return useQuery(
    trpc.executions.get.queryOptions(
      { id },
      { refetchInterval: ({ state }) => (state.data?.state === 'queued' ? queueMs : false) },
    ),
  );
}
