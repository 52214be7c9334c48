'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { Textarea } from '@/components/ui/textarea';
import { workflows } from '../strings/workflows';
import { useFailure } from '../schema-form/use-failure';
import { useTRPC } from '../trpc';

const strings = workflows.dialog;

/** Asks for what a new workflow cannot do without, then opens it. */
export function CreateWorkflowDialog({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const packs = useQuery(trpc.packs.list.queryOptions());
  const own = (packs.data ?? []).filter(({ isStandard }) => !isStandard);
  const [label, setLabel] = useState('');
  const [chosenPack, setChosenPack] = useState('');
  const [typedName, setTypedName] = useState<string | null>(null);
  const [description, setDescription] = useState('');
  const create = useMutation(trpc.workflows.create.mutationOptions());
  const pack = chosenPack || own[0]?.ref || '';
  const name = typedName ?? toName(label);
  const badName = name !== '' && !/^[A-Za-z0-9_-]+$/.test(name);
  const { failure, errorOf: at } = useFailure(create.error, { packRef: pack, ref: name, label, description });
  const submit = () =>
    create.mutate(
      { packRef: pack, ref: `${pack}.${name}`, label, description },
      {
        onSuccess: (made) => {
          void queries.invalidateQueries({ queryKey: trpc.workflows.list.queryKey() });
          router.push(`/workflows/${encodeURIComponent(made.ref)}`);
        },
      },
    );
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={strings.title}
      size="sm"
      footer={
        <Button
          type="submit"
          form="create-workflow"
          variant="primary"
          loading={create.isPending}
          disabled={label.trim() === '' || name === '' || badName || pack === ''}
        >
          {strings.create}
        </Button>
      }
    >
      <form
        id="create-workflow"
        noValidate
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {packs.data && own.length === 0 ? <Callout kind="warning">{strings.noPacks}</Callout> : null}
        <Field label={strings.label} hint={strings.labelHint} required error={at('label')}>
          <Input autoFocus value={label} maxLength={200} onChange={(event) => setLabel(event.target.value)} />
        </Field>
        <Field label={strings.pack} hint={strings.packHint} required error={at('packRef')}>
          <Select
            value={pack}
            onValueChange={setChosenPack}
            options={own.map(({ ref, label: name }) => ({ value: ref, label: name, description: ref }))}
          />
        </Field>
        <Field
          label={strings.ref}
          hint={`${strings.refHint} ${pack}.${name || '…'}`}
          required
          error={badName ? strings.badRef : at('ref')}
        >
          <Input
            className="font-mono"
            spellCheck={false}
            value={name}
            onChange={(event) => setTypedName(event.target.value)}
          />
        </Field>
        <Field label={strings.description} optional error={at('description')}>
          <Textarea rows={2} value={description} onChange={(event) => setDescription(event.target.value)} />
        </Field>
        {failure && failure.details.length === 0 ? <Callout kind="error">{failure.message}</Callout> : null}
      </form>
    </Dialog>
  );
}

/** A name for machines from one for people: `Restart a service` is `restart_a_service`. */
function toName(label: string): string {
  return label
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/\p{Diacritic}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 60);
}
