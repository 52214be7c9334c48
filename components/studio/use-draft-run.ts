'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from '@/components/ui/toast';
import { toJsonSchema } from '@/engine/definition/parameters';
import { startValue } from '../schema-form/field-kind';
import type { FormValue } from '../schema-form/form-value';
import { validateAgainst } from '../schema-form/validate';
import { toCallError, useTRPC, type RouterInputs } from '../trpc';
import type { RunRecord } from './scope-data';
import type { Studio } from './studio-context';

type RunDraft = RouterInputs['workflows']['runDraft'];
export type Only = NonNullable<RunDraft['only']>;

/**
 * Runs the draft, after saving what is unsaved. `start` gives why it could not, or null; `again` takes the last run's
 * inputs, and gives false, doing nothing, when those do not fit.
 */
export function useDraftRun(
  { workflow, draft, autosave }: Pick<Studio, 'workflow' | 'draft' | 'autosave'>,
  record: RunRecord | null,
  onStarted: (id: number) => void,
) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { mutateAsync, isPending } = useMutation(trpc.workflows.runDraft.mutationOptions());
  const start = async (
    input: Pick<RunDraft, 'parameters' | 'priority' | 'only' | 'from'>,
  ): Promise<string | null> => {
    if (!(await autosave.flush())) {
      const { state } = autosave;
      return 'message' in state ? state.message : '';
    }
    try {
      const { id } = await mutateAsync({
        ref: workflow.ref,
        draftVersion: autosave.draftVersion,
        ...input,
      });
      void queries.invalidateQueries({ queryKey: trpc.executions.list.queryKey() });
      onStarted(id);
      return null;
    } catch (error) {
      return toCallError(error).message;
    }
  };
  const again = (only?: Only): boolean => {
    const schema = toJsonSchema(draft.definition.parameters ?? {});
    const parameters: FormValue = { ...startValue(schema), ...record?.parameters };
    if (Object.keys(validateAgainst(schema, parameters)).length > 0) return false;
    const from = record ? { from: record.execution.id } : {};
    void start({ parameters, ...(only ? { only } : {}), ...from }).then((problem) => {
      if (problem !== null) toast.error(problem);
    });
    return true;
  };
  return { start, again, isPending };
}
