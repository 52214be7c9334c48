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
import { SchemaForm } from '../schema-form/schema-form';
import { validateAgainst } from '../schema-form/validate';
import { studio } from '../strings/studio';
import { toCallError, useTRPC } from '../trpc';
import { useStudio } from './studio-context';
import { usePublish } from './use-publish';

const strings = studio.run;

/** Starts a run: which revision, with what parameters. */
export function RunDialog({
  onClose,
  onStarted,
}: {
  onClose: () => void;
  onStarted: (executionId: number) => void;
}) {
  const trpc = useTRPC();
  const { workflow, draft, catalog, errorCount, readOnly, save } = useStudio();
  const differs = workflow.hasChanges || save.name !== 'saved' || workflow.published === null;
  const mayPublish = differs && errorCount === 0 && !readOnly;
  const [publishFirst, setPublishFirst] = useState(mayPublish);
  const published = catalog.get(workflow.ref)?.paramSchema;
  const schema = publishFirst || !published ? toJsonSchema(draft.definition.parameters ?? {}) : published;
  const [value, setValue] = useState<FormValue>(() => startValue(schema));
  const [priority, setPriority] = useState(0);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const form = useRef<HTMLFormElement>(null);
  const request = useMutation(trpc.executions.request.mutationOptions());
  const publishing = usePublish();
  const impossible = workflow.published === null && !mayPublish;

  const start = async () => {
    const found = validateAgainst(schema, value);
    setErrors(found);
    if (Object.keys(found).length > 0) {
      form.current?.querySelector<HTMLElement>('input, textarea, [role="combobox"]')?.focus();
      return;
    }
    if (publishFirst && (await publishing.publish('')) === null) return;
    request.mutate(
      { actionRef: workflow.ref, parameters: value, priority },
      { onSuccess: ({ id }) => onStarted(id) },
    );
  };
  const failure = request.error ? toCallError(request.error).message : publishing.error;
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={strings.title(workflow.label)}
      size="md"
      footer={
        <Button
          type="submit"
          form="run-form"
          variant="primary"
          icon={<Play />}
          disabled={impossible}
          loading={request.isPending || publishing.isPending}
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
        {impossible ? <Callout kind="warning">{strings.notPublished}</Callout> : null}
        {mayPublish && workflow.published !== null ? (
          <RadioGroup
            label={strings.what}
            value={publishFirst ? 'draft' : 'published'}
            onValueChange={(next) => setPublishFirst(next === 'draft')}
            options={[
              { value: 'draft', label: strings.publishFirst(workflow.published + 1) },
              { value: 'published', label: strings.published(workflow.published) },
            ]}
          />
        ) : (
          <p className="text-sm text-text-2">
            {publishFirst
              ? strings.publishFirst((workflow.published ?? 0) + 1)
              : workflow.published === null
                ? null
                : strings.published(workflow.published)}
          </p>
        )}
        {fieldsOf(schema).length === 0 ? (
          <p className="text-sm text-text-2">{strings.noParameters}</p>
        ) : (
          <SchemaForm
            idPrefix="run"
            mode="plain"
            schema={schema}
            value={value}
            onChange={setValue}
            errors={errors}
          />
        )}
        <MoreOptions>
          <PriorityField value={priority} onChange={setPriority} />
        </MoreOptions>
        {failure ? <Callout kind="error">{failure}</Callout> : null}
      </form>
    </Dialog>
  );
}
