'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { toast } from '@/components/ui/toast';
import type { Json } from '@/engine/expression/expression';
import { toCallError, useTRPC } from '../trpc';
import type { Workflow } from './studio-context';

/** Holds outputs of the draft's tasks, and lets them go. What is held is the workflow's `pins`. */
export function usePins({ ref }: Workflow): {
  pin: (task: string, result: { value: Json } | null) => void;
  /** The task has another name: what is held goes with it. */
  rename: (from: string, to: string, pins: Workflow['pins']) => void;
} {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { mutate } = useMutation(
    trpc.workflows.pin.mutationOptions({
      onSuccess: (pins) =>
        queries.setQueryData(trpc.workflows.get.queryKey({ ref }), (known) =>
          known ? { ...known, pins } : known,
        ),
      onError: (error) => toast.error(toCallError(error).message),
    }),
  );
  const pin = useCallback(
    (task: string, result: { value: Json } | null) => mutate({ ref, task, result: result?.value ?? null }),
    [mutate, ref],
  );
  const rename = useCallback(
    (from: string, to: string, pins: Workflow['pins']) => {
      const held = pins[from];
      if (held === undefined) return;
      pin(to, { value: held });
      pin(from, null);
    },
    [pin],
  );
  return { pin, rename };
}
