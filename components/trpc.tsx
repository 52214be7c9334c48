'use client';

import { QueryCache, QueryClient, QueryClientProvider, MutationCache } from '@tanstack/react-query';
import {
  createTRPCClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  TRPCClientError,
} from '@trpc/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import { useState, type ReactNode } from 'react';
import type { AppRouter } from '@/server/router';

export type RouterInputs = inferRouterInputs<AppRouter>;
export type RouterOutputs = inferRouterOutputs<AppRouter>;

// What goes over the wire is JSON on both sides; saying so keeps the types as the schemas give them.
const plainJson = { serialize: <T,>(value: T) => value, deserialize: <T,>(value: T) => value };

const context = createTRPCContext<AppRouter>();
export const useTRPC = context.useTRPC;
export const useTRPCClient = context.useTRPCClient;
export type Client = ReturnType<typeof useTRPCClient>;

/** What the server says of a failed call: the sentence, a machine word, and the fields it is about. */
export interface CallError {
  message: string;
  word: string | null;
  httpStatus: number | null;
  details: { path: string; message: string }[];
}

/** Reads an error of a query or mutation; also a lost connection, which has no answer to read. */
export function toCallError(error: unknown): CallError {
  if (error instanceof TRPCClientError) {
    const data = (error as TRPCClientError<AppRouter>).data;
    if (data)
      return { message: error.message, word: data.word, httpStatus: data.httpStatus, details: data.details };
    return {
      message: 'The studio does not answer. Check that it is running, then try again.',
      word: 'offline',
      httpStatus: null,
      details: [],
    };
  }
  return {
    message: error instanceof Error ? error.message : String(error),
    word: null,
    httpStatus: null,
    details: [],
  };
}

function signedOut(error: unknown): void {
  if (toCallError(error).httpStatus !== 401 || window.location.pathname === '/login') return;
  window.location.assign(
    `/login?next=${encodeURIComponent(window.location.pathname + window.location.search)}`,
  );
}

function makeQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: signedOut }),
    mutationCache: new MutationCache({ onError: signedOut }),
    defaultOptions: {
      queries: {
        // The live feed brings changes; a refetch on focus would only double them.
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        retry: (count, error) => {
          const status = toCallError(error).httpStatus;
          return (status === null || status >= 500) && count < 3;
        },
      },
    },
  });
}

function makeClient() {
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({ url: '/trpc', transformer: plainJson }),
        false: httpBatchLink({
          url: '/trpc',
          transformer: plainJson,
          maxItems: 10,
          headers: { 'x-attune': '1' },
        }),
      }),
    ],
  });
}

/** Gives the pages below it the API and its cache. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(makeQueryClient);
  const [client] = useState(makeClient);
  return (
    <QueryClientProvider client={queryClient}>
      <context.TRPCProvider trpcClient={client} queryClient={queryClient}>
        {children}
      </context.TRPCProvider>
    </QueryClientProvider>
  );
}
