'use client';

import { useFailure } from '@/components/schema-form/use-failure';
import { useFieldErrors } from '@/components/schema-form/use-field-errors';
import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { PackPicker } from '@/components/packs/pack-picker';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Switch } from '@/components/ui/switch';
import { Textarea } from '@/components/ui/textarea';

const text = strings.triggers;
const partOf = { ref: 'name' };

/** A new trigger, with a webhook address unless a sensor is to bring its events. */
export function CreateTriggerDialog({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const router = useRouter();
  const [draft, setDraft] = useState({ packRef: '', name: '', label: '', description: '', webhook: true });
  const { errors: missing, setErrors: setMissing, changed } = useFieldErrors(partOf);
  const create = useMutation(
    trpc.triggers.create.mutationOptions({ onSuccess: ({ ref }) => router.push(`/triggers/${ref}`) }),
  );
  const { failure, errors } = useFailure(create.error, draft, partOf);
  const errorOf = (path: string) => missing[path] ?? errors[path];
  const edit = (part: Partial<typeof draft>) => {
    const next = { ...draft, ...part };
    changed(draft, next);
    setDraft(next);
  };
  const submit = () => {
    const found = {
      ...(draft.packRef ? {} : { packRef: strings.packs.choose }),
      ...(draft.name.trim() ? {} : { ref: strings.common.required }),
      ...(draft.label.trim() ? {} : { label: strings.common.required }),
    };
    setMissing(found);
    if (Object.keys(found).length > 0) return;
    create.mutate({
      packRef: draft.packRef,
      ref: `${draft.packRef}.${draft.name.trim()}`,
      label: draft.label,
      description: draft.description,
      webhook: draft.webhook,
    });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={text.createTitle}
      description={text.createHint}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {strings.common.cancel}
          </Button>
          <Button variant="primary" loading={create.isPending || create.isSuccess} onClick={submit}>
            {strings.common.create}
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        {failure && failure.details.length === 0 ? <Callout kind="error">{failure.message}</Callout> : null}
        <PackPicker
          value={draft.packRef}
          onChange={(packRef) => edit({ packRef })}
          error={errorOf('packRef')}
        />
        <Field
          label={text.name}
          hint={text.nameHint(`${draft.packRef || 'pack'}.${draft.name || 'name'}`)}
          error={errorOf('ref')}
          required
        >
          <Input
            value={draft.name}
            onChange={(event) => edit({ name: event.target.value })}
            autoComplete="off"
            spellCheck={false}
          />
        </Field>
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
          label={text.withWebhook}
          description={text.withWebhookHint}
          checked={draft.webhook}
          onCheckedChange={(webhook) => edit({ webhook })}
        />
      </div>
    </Dialog>
  );
}
