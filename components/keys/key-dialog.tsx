'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { SecretControl } from '@/components/schema-form/secret-control';
import { strings } from '@/components/strings';
import { toCallError, useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Combobox } from '@/components/ui/combobox';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { RadioGroup } from '@/components/ui/radio-group';
import { Select } from '@/components/ui/select';
import { Switch } from '@/components/ui/switch';
import { Textarea } from '@/components/ui/textarea';
import { toast } from '@/components/ui/toast';
import {
  emptyDraft,
  toCreate,
  toDraft,
  toExpression,
  toUpdate,
  type KeyDraft,
  type KeySummary,
  type Lifetime,
} from './key-draft';

const text = strings.keys;
/** There are no sensors to choose from yet. */
const ownerTypes = ['system', 'pack', 'action', 'identity'] as const;

interface PartProps {
  draft: KeyDraft;
  change: (changed: Partial<KeyDraft>) => void;
  errorOf: (field: keyof KeyDraft) => string | undefined;
}

/** Adds a key, or changes one; whose it is stays. */
export function KeyDialog({ known, onClose }: { known: KeySummary | null; onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => (known ? toDraft(known) : emptyDraft()));
  const [errors, setErrors] = useState<Partial<Record<string, string>>>({});
  const finish = (message: string) => {
    void queries.invalidateQueries({ queryKey: trpc.keys.pathKey() });
    toast.success(message);
    onClose();
  };
  const create = useMutation(
    trpc.keys.create.mutationOptions({ onSuccess: ({ ref }) => finish(text.added(ref)) }),
  );
  const update = useMutation(trpc.keys.update.mutationOptions({ onSuccess: () => finish(text.saved) }));
  const mutation = known ? update : create;
  const failure = mutation.error ? toCallError(mutation.error) : null;
  const errorOf = (field: keyof KeyDraft) =>
    errors[field] ?? failure?.details.find(({ path }) => path === field)?.message;
  const submit = () => {
    mutation.reset();
    setErrors({});
    if (known) {
      const asked = toUpdate(draft, known);
      if ('errors' in asked) setErrors(asked.errors);
      else update.mutate(asked.input);
    } else {
      const asked = toCreate(draft);
      if ('errors' in asked) setErrors(asked.errors);
      else create.mutate(asked.input);
    }
  };
  const change = (changed: Partial<KeyDraft>) => {
    setDraft({ ...draft, ...changed });
    // What was wrong with a field is over once it is another one.
    const fixed = new Set(Object.keys(changed));
    setErrors(Object.fromEntries(Object.entries(errors).filter(([field]) => !fixed.has(field))));
    mutation.reset();
  };
  const parts = { draft, errorOf, change };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={known ? text.editTitle(known.ref) : text.createTitle}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {strings.common.cancel}
          </Button>
          <Button variant="primary" loading={mutation.isPending} onClick={submit}>
            {known ? strings.common.save : text.create}
          </Button>
        </>
      }
    >
      <form className="space-y-4" onSubmit={(event) => (event.preventDefault(), submit())}>
        {failure && failure.details.length === 0 ? <Callout kind="error">{failure.message}</Callout> : null}
        {known ? null : (
          <>
            <Field
              label={text.ref}
              hint={text.refHint(toExpression(draft.ref))}
              error={errorOf('ref')}
              required
            >
              <Input
                value={draft.ref}
                autoComplete="off"
                spellCheck={false}
                onChange={(event) => parts.change({ ref: event.target.value })}
              />
            </Field>
            <OwnerPart {...parts} />
          </>
        )}
        <Field label={text.name} hint={text.nameHint} error={errorOf('name')} optional>
          <Input value={draft.name} onChange={(event) => parts.change({ name: event.target.value })} />
        </Field>
        <ValuePart {...parts} isNew={known === null} />
        <Switch
          label={text.encrypted}
          description={known?.encrypted && !draft.encrypted ? text.makePlainHint : text.encryptedHint}
          checked={draft.encrypted}
          onCheckedChange={(encrypted) => parts.change({ encrypted })}
        />
        <LifetimePart {...parts} isNew={known === null} />
        {/* So that Enter in a field saves. */}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

function OwnerPart({ draft, change, errorOf }: PartProps) {
  const trpc = useTRPC();
  const { ownerType, owner } = draft;
  const packs = useQuery(trpc.packs.list.queryOptions(undefined, { enabled: ownerType === 'pack' }));
  const actions = useQuery(trpc.actions.list.queryOptions(undefined, { enabled: ownerType === 'action' }));
  const known = ownerType === 'pack' ? packs.data : actions.data;
  return (
    <>
      <Field label={text.ownerType} hint={text.ownerHints[ownerType]}>
        <Select
          value={ownerType}
          onValueChange={(value) => change({ ownerType: value as KeyDraft['ownerType'], owner: '' })}
          options={ownerTypes.map((value) => ({
            value,
            label: value === 'identity' ? text.myself : text.ownerTypes[value],
          }))}
        />
      </Field>
      {ownerType === 'pack' || ownerType === 'action' ? (
        <Field label={text.ownerOf[ownerType]} error={errorOf('owner')} required>
          {(control) => (
            <Combobox
              id={control.id}
              label={text.ownerOf[ownerType]}
              placeholder={ownerType === 'pack' ? text.choosePack : text.chooseAction}
              value={owner || null}
              onValueChange={(ref) => change({ owner: ref ?? '' })}
              options={(known ?? []).map(({ ref, label }) => ({
                value: ref,
                label: ref,
                description: label,
              }))}
              invalid={errorOf('owner') !== undefined}
            />
          )}
        </Field>
      ) : null}
    </>
  );
}

function ValuePart({ draft, change, errorOf, isNew }: PartProps & { isNew: boolean }) {
  const kinds = isNew ? (['text', 'json'] as const) : (['keep', 'text', 'json'] as const);
  return (
    <>
      <RadioGroup
        label={text.valueKind}
        orientation="horizontal"
        value={draft.kind}
        onValueChange={(kind) => change({ kind: kind as KeyDraft['kind'] })}
        options={kinds.map((value) => ({
          value,
          label: value === 'keep' ? text.valueKept : text.kinds[value],
        }))}
      />
      {draft.kind === 'keep' ? null : (
        <Field label={isNew ? text.value : text.newValue} error={errorOf('value')}>
          {(control) =>
            draft.kind === 'text' && draft.encrypted ? (
              <SecretControl
                id={control.id ?? 'value'}
                schema={{ type: 'string' }}
                value={draft.value}
                onChange={(value) => change({ value: typeof value === 'string' ? value : '' })}
                required={false}
                readOnly={false}
                invalid={errorOf('value') !== undefined}
                describedBy={control['aria-describedby']}
              />
            ) : (
              <Textarea
                mono
                rows={draft.kind === 'json' ? 8 : 3}
                value={draft.value}
                onChange={(event) => change({ value: event.target.value })}
              />
            )
          }
        </Field>
      )}
    </>
  );
}

function LifetimePart({ draft, change, errorOf, isNew }: PartProps & { isNew: boolean }) {
  const lifetimes: readonly Lifetime[] = isNew ? ['never', 'limited'] : ['keep', 'never', 'limited'];
  return (
    <div className="flex flex-wrap items-start gap-4">
      <Field label={text.lifetime} className="min-w-44 flex-1">
        <Select
          value={draft.lifetime}
          onValueChange={(lifetime) => change({ lifetime: lifetime as Lifetime })}
          options={lifetimes.map((value) => ({ value, label: text.lifetimes[value] }))}
        />
      </Field>
      {draft.lifetime === 'limited' ? (
        <Field label={text.seconds} error={errorOf('seconds')} required className="min-w-44 flex-1">
          <Input
            inputMode="numeric"
            value={draft.seconds}
            onChange={(event) => change({ seconds: event.target.value })}
          />
        </Field>
      ) : null}
    </div>
  );
}
