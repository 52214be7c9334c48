'use client';

import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { useTRPC, useTRPCClient } from '@/components/trpc';
import { applyChanges, Refresher, type LiveChange } from './apply-changes';

export type LiveState = 'live' | 'reconnecting' | 'offline';

const LiveContext = createContext<LiveState>('reconnecting');

/** Whether changes reach this page at the moment. */
export function useLiveState(): LiveState {
  return useContext(LiveContext);
}

type Message =
  | { kind: 'changes'; cursor: string; changes: LiveChange[] }
  | { kind: 'state'; state: LiveState }
  | { kind: 'hello' };

/**
 * Keeps the query cache up to date from the change feed. One tab of the browser holds the stream (a web lock says
 * which) and passes what it hears to the others; when it closes another goes on from the same place.
 */
export function LiveProvider({ children }: { children: ReactNode }) {
  const api = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const [state, setState] = useState<LiveState>('reconnecting');

  useEffect(() => {
    const refresher = new Refresher(queries);
    const leaving = new AbortController();
    const channel = new BroadcastChannel('attune-live');
    let cursor: string | null = null;
    let current: LiveState = 'reconnecting';
    let leads = false;
    let stop: (() => void) | undefined;

    const take = (next: string, changes: LiveChange[]) => {
      cursor = next;
      applyChanges(queries, api, refresher, changes);
    };
    const show = (next: LiveState) => {
      current = next;
      setState(next);
    };
    channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.kind === 'changes') take(data.cursor, data.changes);
      else if (data.kind === 'state') show(data.state);
      else if (leads) channel.postMessage({ kind: 'state', state: current } satisfies Message);
    };
    const tell = (next: LiveState) => {
      show(next);
      channel.postMessage({ kind: 'state', state: next } satisfies Message);
    };
    const lead = () => {
      leads = true;
      const subscription = client.live.changes.subscribe(
        { lastEventId: cursor },
        {
          onData: ({ id, data }) => {
            const changes = data as LiveChange[];
            take(id, changes);
            if (changes.length > 0)
              channel.postMessage({ kind: 'changes', cursor: id, changes } satisfies Message);
          },
          onConnectionStateChange: ({ state: connection }) =>
            tell(connection === 'pending' ? 'live' : 'reconnecting'),
          onError: () => tell('offline'),
        },
      );
      stop = () => subscription.unsubscribe();
    };
    channel.postMessage({ kind: 'hello' } satisfies Message);
    // Without a secure context there are no locks: then each tab listens for itself.
    if ('locks' in navigator) {
      void navigator.locks
        .request('attune-live', { signal: leaving.signal }, () => {
          lead();
          return new Promise<void>((resolve) => leaving.signal.addEventListener('abort', () => resolve()));
        })
        .catch(() => undefined);
    } else lead();

    return () => {
      leaving.abort();
      stop?.();
      channel.close();
    };
  }, [api, client, queries]);

  return <LiveContext.Provider value={state}>{children}</LiveContext.Provider>;
}
