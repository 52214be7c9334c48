'use client';

import { useFieldErrors } from '@/components/schema-form/use-field-errors';
import { useMutation, useQuery } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { SchemaForm } from '@/components/schema-form/schema-form';
import type { FormValue } from '@/components/schema-form/form-value';
import { validateAgainst } from '@/components/schema-form/validate';
import { strings } from '@/components/strings';
import { isSameJson } from '@/components/studio/same-json';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { QueryState } from '@/components/ui/query-state';
import { RadioGroup } from '@/components/ui/radio-group';
import { Select } from '@/components/ui/select';
import { toJsonSchema } from '@/engine/definition/parameters';
import type { JsonSchema } from '@/engine/json-schema';
import { isEnded } from '@/engine/execution/status';
import { ObjectText } from './object-text';

const text = strings.executions.rerun;
const noSchema: JsonSchema = { type: 'object', properties: {} };

type Execution = RouterOutputs['executions']['get'];
type Run = RouterOutputs['executions']['run'];

/** What is to be run again, and where it begins: at a visit of one of its tasks, or at its start. */
export interface RerunOf {
  id: number;
  task: string | null;
  visit: number | null;
}

/** Asks how an execution is to be run again: from where, on which revision, with what inputs. */
export function RerunDialog({ of, onClose }: { of: RerunOf; onClose: () => void }) {
  const trpc = useTRPC();
  const router = useRouter();
  const execution = useQuery(trpc.executions.get.queryOptions({ id: of.id }));
  const rerun = useMutation(
    trpc.executions.rerun.mutationOptions({
      onSuccess: ({ id }) => {
        onClose();
        router.push(`/executions/${id}`);
      },
    }),
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={text.title(of.id)}
      description={text.whatHappens}
      size="md"
      footer={
        <Button type="submit" form="rerun" variant="primary" icon={<RotateCw />} loading={rerun.isPending}>
          {text.confirm}
        </Button>
      }
    >
      <QueryState query={execution}>
        {(data) => (
          <RerunForm
            execution={data}
            begin={of.task === null ? '' : toPlace(of.task, of.visit ?? 1)}
            error={rerun.error ? toCallError(rerun.error).message : null}
            onSubmit={(input) => rerun.mutate({ id: of.id, ...input })}
          />
        )}
      </QueryState>
    </Dialog>
  );
}

interface Input {
  parameters?: FormValue;
  fromTask?: string;
  visit?: number;
  revision: 'same' | 'newest';
}

function RerunForm({
  execution,
  begin,
  error,
  onSubmit,
}: {
  execution: Execution;
  begin: string;
  error: string | null;
  onSubmit: (input: Input) => void;
}) {
  const trpc = useTRPC();
  const isRun = execution.kind === 'workflow';
  const run = useQuery(
    trpc.executions.run.queryOptions({ id: execution.id }, { enabled: isRun, retry: false }),
  );
  const actions = useQuery(trpc.actions.catalog.queryOptions());
  const [place, setPlace] = useState(begin);
  const [revision, setRevision] = useState<'same' | 'newest'>(
    // What was never published can only run as it was.
    execution.revision !== null && execution.newestRevision === null ? 'same' : 'newest',
  );
  const [value, setValue] = useState<FormValue>(execution.parameters);
  const { errors, setErrors, changed } = useFieldErrors();
  const [isText, setIsText] = useState(true);
  const form = useRef<HTMLFormElement>(null);
  const newest = actions.data?.find(({ ref }) => ref === execution.actionRef)?.paramSchema ?? noSchema;
  const schema = revision === 'same' && run.data ? schemaOf(run.data) : newest;
  const isEdited = !isSameJson(value, execution.parameters);

  const edit = (next: FormValue) => {
    changed(value, next);
    setValue(next);
  };
  const submit = () => {
    // What nobody has touched is the server's to judge: a secret stands here as stars only.
    const found = isEdited ? validateAgainst(schema, value) : {};
    setErrors(found);
    if (Object.keys(found).length > 0 || !isText) {
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"], input, textarea')?.focus();
      return;
    }
    const [visit, task] = fromPlace(place);
    onSubmit({
      revision,
      ...(isEdited ? { parameters: value } : {}),
      ...(task === '' ? {} : { fromTask: task, visit }),
    });
  };
  return (
    <form
      id="rerun"
      ref={form}
      noValidate
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {isRun ? (
        <Field label={text.begin} hint={isEnded(execution.state) ? text.beginHint : text.notEnded}>
          <Select
            value={place}
            onValueChange={setPlace}
            disabled={!isEnded(execution.state)}
            options={[{ value: '', label: text.whole }, ...placesOf(run.data)]}
          />
        </Field>
      ) : null}
      <Revision execution={execution} value={revision} onValue={setRevision} />
      <fieldset className="space-y-4">
        <legend className="mb-1 text-sm font-semibold">{text.inputs}</legend>
        <SchemaForm
          idPrefix="rerun"
          mode="plain"
          schema={schema}
          value={value}
          onChange={edit}
          errors={errors}
        />
        <details className="text-sm">
          <summary className="cursor-pointer text-text-2">{text.json}</summary>
          <ObjectText
            label={text.json}
            value={value}
            onChange={edit}
            onValid={setIsText}
            error={text.notAnObject}
          />
        </details>
      </fieldset>
      {error ? <Callout kind="error">{error}</Callout> : null}
    </form>
  );
}

function Revision({
  execution: { kind, revision, newestRevision },
  value,
  onValue,
}: {
  execution: Execution;
  value: 'same' | 'newest';
  onValue: (value: 'same' | 'newest') => void;
}) {
  if (kind !== 'workflow' || revision === null || newestRevision === null || revision === newestRevision)
    return null;
  return (
    <RadioGroup
      label={text.revision}
      value={value}
      onValueChange={(next) => onValue(next === 'same' ? 'same' : 'newest')}
      options={[
        { value: 'newest', label: text.newest(newestRevision) },
        { value: 'same', label: text.same(revision) },
      ]}
    />
  );
}

function schemaOf({ definition }: Run): JsonSchema {
  try {
    return toJsonSchema(definition.parameters ?? {});
  } catch {
    return noSchema;
  }
}

/** A visit of a task as a choice: its name may hold anything but a line break. */
function toPlace(task: string, visit: number): string {
  return `${visit}\n${task}`;
}

function fromPlace(place: string): [visit: number, task: string] {
  const [visit = '1', task = ''] = place.split('\n');
  return [Number(visit), task];
}

function placesOf(run: Run | undefined): { value: string; label: string }[] {
  const taskRuns = run?.taskRuns ?? [];
  const visits = Map.groupBy(taskRuns, ({ task }) => task);
  return taskRuns.map(({ task, visit }) => ({
    value: toPlace(task, visit),
    label: (visits.get(task)?.length ?? 0) > 1 ? text.atVisit(task, visit) : text.at(task),
  }));
}
