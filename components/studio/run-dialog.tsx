'use client';

import { useMutation } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Dialog } from '@/components/ui/dialog';
import { MoreOptions } from '@/components/ui/more-options';
import { RadioGroup } from '@/components/ui/radio-group';
import { toJsonSchema } from '@/engine/definition/parameters';
import { PriorityField } from '../concurrency/priority-field';
import { fieldsOf, startValue } from '../schema-form/field-kind';
import type { FormValue } from '../schema-form/form-value';
import { masksIn, withoutMasks } from '../schema-form/masks';
import { useFieldErrors } from '../schema-form/use-field-errors';
import { validateAgainst } from '../schema-form/validate';
import { inspection } from '../strings/inspection';
import { runInputs } from '../strings/run-inputs';
import { studio } from '../strings/studio';
import { toCallError, useTRPC } from '../trpc';
import { KeepInputs } from './input-source';
import { RunInputs } from './run-inputs';
import { unfoundedMasks } from './run-masks';
import { useStudio } from './studio-context';
import { useDraftRun, type Only } from './use-draft-run';
import { usePublish } from './use-publish';

const strings = studio.run;
type What = 'draft' | 'publish' | 'published';

/** Starts a run: the draft, whole or in part, or a revision; with what inputs. */
export function RunDialog({
  only,
  onClose,
  onStarted,
}: {
  /** A part of the draft. (Default: whatever is chosen, whole) */
  only?: Only | undefined;
  onClose: () => void;
  onStarted: (executionId: number) => void;
}) {
  const trpc = useTRPC();
  const studioState = useStudio();
  const { workflow, draft, catalog, errorCount, readOnly, save } = studioState;
  const { published: newest } = workflow;
  const differs = workflow.hasChanges || save.name !== 'saved' || newest === null;
  const mayRunDraft = !readOnly && (errorCount === 0 || only !== undefined);
  const choices: What[] = only
    ? ['draft']
    : [
        ...(mayRunDraft && (differs || Object.keys(workflow.pins).length > 0) ? (['draft'] as const) : []),
        ...(mayRunDraft && differs ? (['publish'] as const) : []),
        ...(newest === null ? [] : (['published'] as const)),
      ];
  const [chosen, setWhat] = useState<What>(differs ? 'draft' : 'published');
  const what = choices.includes(chosen) ? chosen : choices[0];
  const publishedSchema = catalog.get(workflow.ref)?.paramSchema;
  const schema =
    what !== 'published' || !publishedSchema
      ? toJsonSchema(draft.definition.parameters ?? {})
      : publishedSchema;
  const [value, setValue] = useState<FormValue>(() => startValue(schema));
  /** The run that they come from, and what it was given. */
  const [from, setFrom] = useState<{ run: number; parameters: FormValue } | null>(null);
  const [priority, setPriority] = useState(0);
  const { errors, setErrors, changed } = useFieldErrors();
  const [failure, setFailure] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const request = useMutation(trpc.executions.request.mutationOptions());
  const publishing = usePublish();
  const drafts = useDraftRun(studioState, null, onStarted);

  const start = async () => {
    // Only a run of the draft can keep the secrets of another one.
    const masked = unfoundedMasks(value, what === 'draft' ? (from?.parameters ?? null) : null);
    const found = {
      ...validateAgainst(schema, value),
      ...Object.fromEntries(masked.map((path) => [path, runInputs.maskedHere])),
    };
    setErrors(found);
    setFailure(masked.length > 0 ? runInputs.refused(masked) : null);
    if (Object.keys(found).length > 0) {
      form.current?.querySelector<HTMLElement>('input, textarea, [role="combobox"]')?.focus();
      return;
    }
    if (what === 'draft') {
      const earlier = from === null ? {} : { from: from.run };
      const problem = await drafts.start({
        parameters: value,
        priority,
        ...(only ? { only } : {}),
        ...earlier,
      });
      return setFailure(problem);
    }
    if (what === 'publish' && (await publishing.publish()) === null) return;
    request.mutate(
      { actionRef: workflow.ref, parameters: value, priority },
      { onSuccess: ({ id }) => onStarted(id) },
    );
  };
  const label = {
    draft: inspection.run.draft,
    publish: strings.publishFirst((newest ?? 0) + 1),
    published: strings.published(newest ?? 0),
  };
  const said = failure ?? (request.error ? toCallError(request.error).message : publishing.error);
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={only ? inspection.run.only[only.kind](only.task) : strings.title(workflow.label)}
      size="lg"
      footer={
        <Button
          type="submit"
          form="run-form"
          variant="primary"
          icon={<Play />}
          disabled={what === undefined}
          loading={request.isPending || publishing.isPending || drafts.isPending}
        >
          {strings.confirm}
        </Button>
      }
    >
      <form
        id="run-form"
        ref={form}
        noValidate
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        {what === undefined ? <Callout kind="warning">{strings.notPublished}</Callout> : null}
        {choices.length > 1 ? (
          <RadioGroup
            label={strings.what}
            value={what ?? ''}
            onValueChange={(next) => setWhat(next as What)}
            options={choices.map((choice) => ({ value: choice, label: label[choice] }))}
          />
        ) : what === undefined ? null : (
          <p className="text-sm text-text-2">{label[what]}</p>
        )}
        {fieldsOf(schema).length === 0 ? (
          <p className="text-sm text-text-2">{strings.noParameters}</p>
        ) : (
          <RunInputs
            workflowRef={workflow.ref}
            schema={schema}
            value={value}
            errors={errors}
            hint={
              from !== null && what === 'draft' && masksIn(value).length > 0
                ? inspection.run.secrets(from.run)
                : null
            }
            onTake={(taken, run) => {
              setValue(what === 'draft' && run !== null ? taken : withoutMasks(taken).value);
              setFrom(run === null ? null : { run, parameters: taken });
              setErrors({});
              setFailure(null);
            }}
            onChange={(next) => {
              changed(value, next);
              setFailure(null);
              setValue(next);
            }}
          />
        )}
        <MoreOptions>
          <PriorityField value={priority} onChange={setPriority} />
          {fieldsOf(schema).length > 0 ? <KeepInputs parameters={value} /> : null}
        </MoreOptions>
        {said ? <Callout kind="error">{said}</Callout> : null}
      </form>
    </Dialog>
  );
}
