'use client';

import { useFailure } from '@/components/schema-form/use-failure';
import { useFieldErrors } from '@/components/schema-form/use-field-errors';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { readObject } from '@/components/schema-form/json-text';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Switch } from '@/components/ui/switch';
import { Textarea } from '@/components/ui/textarea';
import { toast } from '@/components/ui/toast';

const text = strings.triggers;
type Trigger = RouterOutputs['triggers']['get'];
const toText = (schema: Trigger['outSchema']) =>
  Object.keys(schema).length > 0 ? JSON.stringify(schema, null, 2) : '';

/** What a trigger is called, whether it is on, and what its events and rules hold. */
export function EditTriggerDialog({ trigger, onClose }: { trigger: Trigger; onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [draft, setDraft] = useState({
    ...{ label: trigger.label, description: trigger.description, enabled: trigger.enabled },
    ...{ outSchema: toText(trigger.outSchema), paramSchema: toText(trigger.paramSchema) },
  });
  const { errors: wrong, setErrors: setWrong, changed } = useFieldErrors();
  const update = useMutation(
    trpc.triggers.update.mutationOptions({
      onSuccess: (saved) => {
        queries.setQueryData(trpc.triggers.get.queryKey({ ref: trigger.ref }), saved);
        toast.success(text.changed);
        onClose();
      },
    }),
  );
  const { failure, errors } = useFailure(update.error, draft);
  const errorOf = (field: string) =>
    wrong[field] ??
    Object.entries(errors)
      .filter(([path]) => path === field || path.startsWith(`${field}.`))
      .map(([path, message]) => `${path.slice(field.length + 1)} ${message}`.trim())[0];
  const edit = (part: Partial<typeof draft>) => {
    const next = { ...draft, ...part };
    changed(draft, next);
    setDraft(next);
  };
  const submit = () => {
    const outSchema = readObject(draft.outSchema);
    const paramSchema = readObject(draft.paramSchema);
    const found = {
      ...(draft.label.trim() ? {} : { label: strings.common.required }),
      ...('error' in outSchema ? { outSchema: outSchema.error } : {}),
      ...('error' in paramSchema ? { paramSchema: paramSchema.error } : {}),
    };
    setWrong(found);
    if (Object.keys(found).length > 0 || 'error' in outSchema || 'error' in paramSchema) return;
    const { label, description, enabled } = draft;
    update.mutate({
      ...{ ref: trigger.ref, label, description, enabled },
      ...{ outSchema: outSchema.value, paramSchema: paramSchema.value },
    });
  };
  const schemaField = (field: 'outSchema' | 'paramSchema', label: string, hint: string) => (
    <Field label={label} hint={hint} error={errorOf(field)}>
      <Textarea
        mono
        rows={5}
        spellCheck={false}
        value={draft[field]}
        onChange={(event) => edit({ [field]: event.target.value })}
      />
    </Field>
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={text.editTitle(trigger.ref)}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {strings.common.cancel}
          </Button>
          <Button variant="primary" loading={update.isPending} onClick={submit}>
            {strings.common.save}
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        {failure && failure.details.length === 0 ? <Callout kind="error">{failure.message}</Callout> : null}
        <Field label={text.label} error={errorOf('label')} required>
          <Input value={draft.label} onChange={(event) => edit({ label: event.target.value })} />
        </Field>
        <Field label={text.whatItIs} error={errorOf('description')}>
          <Textarea
            rows={2}
            value={draft.description}
            onChange={(event) => edit({ description: event.target.value })}
          />
        </Field>
        <Switch
          label={text.enabled}
          description={text.enabledHint}
          checked={draft.enabled}
          onCheckedChange={(enabled) => edit({ enabled })}
        />
        {schemaField('outSchema', text.outSchema, text.outSchemaHint)}
        {schemaField('paramSchema', text.paramSchema, text.paramSchemaHint)}
      </div>
    </Dialog>
  );
}
