'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toCallError, useTRPC } from '../trpc';
import { useStudio } from './studio-context';

/** Saves what is unsaved, then makes a revision of it. `publish` gives its number, or null and says why in `error`. */
export function usePublish() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { workflow, autosave } = useStudio();
  const mutation = useMutation(trpc.workflows.publish.mutationOptions());
  const publish = async ({ name = '', note = '' }: { name?: string; note?: string } = {}): Promise<
    number | null
  > => {
    if (!(await autosave.flush())) return null;
    try {
      const revision = await mutation.mutateAsync({
        ref: workflow.ref,
        draftVersion: autosave.draftVersion,
        name,
        note,
      });
      queries.setQueryData(trpc.workflows.get.queryKey({ ref: workflow.ref }), (known) =>
        known ? { ...known, published: revision.number, hasChanges: false } : known,
      );
      void queries.invalidateQueries({ queryKey: trpc.workflows.revisions.queryKey({ ref: workflow.ref }) });
      void queries.invalidateQueries({ queryKey: trpc.workflows.list.queryKey() });
      void queries.invalidateQueries({ queryKey: trpc.actions.catalog.queryKey() });
      return revision.number;
    } catch {
      return null;
    }
  };
  return {
    publish,
    isPending: mutation.isPending,
    error: mutation.error
      ? toCallError(mutation.error).message
      : autosave.state.name === 'failed' || autosave.state.name === 'stale'
        ? autosave.state.message
        : null,
  };
}
