'use client';

import { useEffect, useState } from 'react';
import { useTRPCClient, type RouterOutputs } from '@/components/trpc';

export type LogChunk = RouterOutputs['executions']['log']['chunks'][number];

export interface LogView {
  chunks: readonly LogChunk[];
  /** Nothing more can come. */
  ended: boolean;
  /** The stream was lost and is being taken up again where it broke off. */
  reconnecting: boolean;
}

/** The output of one execution as it streams, from its beginning; a lost connection is taken up where it broke off. */
export function useLog(executionId: number): LogView {
  const client = useTRPCClient();
  const [view, setView] = useState<LogView & { of: number }>({
    of: executionId,
    chunks: [],
    ended: false,
    reconnecting: false,
  });

  useEffect(() => {
    setView({ of: executionId, chunks: [], ended: false, reconnecting: false });
    const subscription = client.live.log.subscribe(
      { executionId, lastEventId: null },
      {
        onData: ({ data }) => {
          const fresh = data as LogChunk[];
          setView((known) => {
            const last = known.chunks.at(-1)?.seq ?? 0;
            return {
              ...known,
              reconnecting: false,
              chunks: [...known.chunks, ...fresh.filter((chunk) => chunk.seq > last)],
            };
          });
        },
        onConnectionStateChange: ({ state }) =>
          setView((known) => ({ ...known, reconnecting: state === 'connecting' && known.chunks.length > 0 })),
        onComplete: () => setView((known) => ({ ...known, ended: true, reconnecting: false })),
      },
    );
    return () => subscription.unsubscribe();
  }, [client, executionId]);

  return view.of === executionId ? view : { chunks: [], ended: false, reconnecting: false };
}
