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

/**
 * The output of one execution as it streams, from its beginning; a lost connection is taken up where it broke off.
 * For another execution the caller gives its component another key.
 */
export function useLog(executionId: number): LogView {
  const client = useTRPCClient();
  const [view, setView] = useState<LogView>({ chunks: [], ended: false, reconnecting: false });

  useEffect(() => {
    const subscription = client.live.log.subscribe(
      { executionId, lastEventId: null },
      {
        onData: ({ data: fresh }) => {
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

  return view;
}
