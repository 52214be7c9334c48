'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/checkbox';
import { Combobox } from '@/components/ui/combobox';
import { Field } from '@/components/ui/field';
import { IconButton } from '@/components/ui/icon-button';
import { Input } from '@/components/ui/input';
import { toast } from '@/components/ui/toast';
import type { FormValue } from '../schema-form/form-value';
import { useHasRight } from '../identities/use-has-right';
import { inspection } from '../strings/inspection';
import { runInputs } from '../strings/run-inputs';
import { toCallError, useTRPC, type RouterOutputs } from '../trpc';
import { useStudio } from './studio-context';

const strings = inspection.run;
const mostRuns = 20;

/** Inputs that were used before: saved ones, and those of past runs, also of events through their rules; or an event's. */
export function InputSource({
  onTake,
  onEvent,
}: {
  /** `run` is the run that they come from, if any. */
  onTake: (parameters: FormValue, run: number | null) => void;
  /** An event is to be chosen. */
  onEvent: () => void;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { workflow } = useStudio();
  const { ref } = workflow;
  const mayReadEvents = useHasRight('events', 'read');
  const [chosen, setChosen] = useState<string | null>('defaults');
  const sets = useQuery(trpc.workflows.inputSets.queryOptions({ ref }));
  const runs = useQuery(
    trpc.executions.list.queryOptions({ actionRef: ref, rootsOnly: false, limit: mostRuns }),
  );
  const removed = {
    onSuccess: (left: RouterOutputs['workflows']['inputSets']) => {
      queries.setQueryData(trpc.workflows.inputSets.queryKey({ ref }), left);
      setChosen('defaults');
    },
    onError: (error: unknown) => toast.error(toCallError(error).message),
  };
  const removeOwn = useMutation(trpc.workflows.removeInputSet.mutationOptions(removed));
  const removeShared = useMutation(trpc.workflows.removeSharedInputSet.mutationOptions(removed));
  const set = sets.data?.find(({ id }) => chosen === `set ${id}`);
  const take = async (choice: string) => {
    setChosen(choice);
    const [kind, text] = choice.split(' ');
    const id = Number(text);
    if (kind === 'event') onEvent();
    else if (kind === 'set') onTake(sets.data?.find((one) => one.id === id)?.parameters ?? {}, null);
    else if (kind === 'run') {
      const run = await queries.query(trpc.executions.get.queryOptions({ id }));
      onTake(run.parameters, id);
    } else onTake({}, null);
  };
  const options = [
    { value: 'defaults', label: strings.defaults },
    ...(mayReadEvents
      ? [{ value: 'event', label: runInputs.pastEvent, description: runInputs.pastEventHint }]
      : []),
    ...(sets.data ?? []).map(({ id, name, shared }) => ({
      value: `set ${id}`,
      label: name,
      description: shared ? strings.sharedSet : strings.ownSet,
    })),
    ...(runs.data?.items ?? []).map(({ id, eventId, ruleRef, requestedBy }) => ({
      value: `run ${id}`,
      label: strings.pastRun(id),
      description:
        eventId !== null && ruleRef !== null
          ? strings.byRule(ruleRef, eventId)
          : strings.bySomebody(requestedBy ?? ''),
    })),
  ];
  return (
    <div className="flex items-end gap-2">
      <Field label={strings.source} className="min-w-0 flex-1">
        <Combobox
          label={strings.source}
          value={chosen}
          options={options}
          onValueChange={(choice) => void take(choice ?? 'defaults')}
        />
      </Field>
      {set?.mayRemove ? (
        <IconButton
          label={strings.remove(set.name)}
          icon={<Trash2 />}
          onClick={() => (set.shared ? removeShared : removeOwn).mutate({ ref, id: set.id })}
        />
      ) : null}
    </div>
  );
}

/** Keeps what is in the form under a name. */
export function KeepInputs({ parameters }: { parameters: FormValue }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { workflow } = useStudio();
  const { ref, mayEdit } = workflow;
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const save = useMutation(
    trpc.workflows.saveInputSet.mutationOptions({
      onSuccess: (all, input) => {
        queries.setQueryData(trpc.workflows.inputSets.queryKey({ ref }), all);
        toast.success(strings.saved(input.name));
        setName('');
      },
    }),
  );
  const keep = () => save.mutate({ ref, name: name.trim(), shared, parameters });
  return (
    <fieldset className="space-y-2 rounded-lg border border-border p-3">
      <legend className="px-1 text-sm font-medium">{strings.keep}</legend>
      <div className="flex items-end gap-2">
        <Field
          label={strings.setName}
          hint={strings.keepHint}
          error={save.error ? toCallError(save.error).message : undefined}
          className="min-w-0 flex-1"
        >
          <Input
            size="sm"
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              event.preventDefault();
              if (name.trim() !== '') keep();
            }}
          />
        </Field>
        <Button size="sm" loading={save.isPending} disabled={name.trim() === ''} onClick={keep}>
          {strings.save}
        </Button>
      </div>
      {mayEdit ? <Checkbox label={strings.shared} checked={shared} onCheckedChange={setShared} /> : null}
    </fieldset>
  );
}
