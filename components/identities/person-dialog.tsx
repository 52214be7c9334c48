'use client';

import { useFailure } from '@/components/schema-form/use-failure';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Checkbox } from '@/components/ui/checkbox';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Switch } from '@/components/ui/switch';
import { toast } from '@/components/ui/toast';

const text = strings.people;

interface Props {
  person: RouterOutputs['people']['list'][number] | null;
  onClose: () => void;
}

interface Draft {
  login: string;
  displayName: string;
  password: string;
  permissionSets: string[];
  frozen: boolean;
  /** Somebody who signs in to another tenant, and is taken in. */
  isElsewhere: boolean;
}

/** Adds a person, or changes one. */
export function PersonDialog({ person, onClose }: Props) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const sets = useQuery(trpc.people.permissionSets.queryOptions());
  const [draft, setDraft] = useState<Draft>({
    login: person?.login ?? '',
    displayName: person?.displayName ?? '',
    password: '',
    permissionSets: person?.permissionSets ?? ['core.viewer'],
    frozen: person?.frozen ?? false,
    isElsewhere: false,
  });
  const finish = (message: string) => {
    void queries.invalidateQueries({ queryKey: trpc.people.pathKey() });
    toast.success(message);
    onClose();
  };
  const create = useMutation(
    trpc.people.create.mutationOptions({ onSuccess: ({ displayName }) => finish(text.added(displayName)) }),
  );
  const update = useMutation(trpc.people.update.mutationOptions({ onSuccess: () => finish(text.saved) }));
  const join = useMutation(
    trpc.people.join.mutationOptions({ onSuccess: () => finish(text.tookIn(draft.login)) }),
  );
  const mutation = person ? update : draft.isElsewhere ? join : create;
  const { failure, errorOf } = useFailure(mutation.error, draft);
  const submit = () => {
    const { login, displayName, password, permissionSets, frozen } = draft;
    if (person)
      update.mutate({
        id: person.id,
        displayName,
        permissionSets,
        frozen,
        ...(password ? { password } : {}),
      });
    else if (draft.isElsewhere) join.mutate({ login, permissionSets });
    else create.mutate({ login, displayName, password, permissionSets });
  };
  const toggle = (ref: string, isOn: boolean) =>
    setDraft({
      ...draft,
      permissionSets: isOn
        ? [...draft.permissionSets, ref]
        : draft.permissionSets.filter((other) => other !== ref),
    });
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={person ? text.editTitle : text.createTitle}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {strings.common.cancel}
          </Button>
          <Button variant="primary" loading={mutation.isPending} onClick={submit}>
            {person ? strings.common.save : text.create}
          </Button>
        </>
      }
    >
      <form className="space-y-4" onSubmit={(event) => (event.preventDefault(), submit())}>
        {failure && failure.details.length === 0 ? <Callout kind="error">{failure.message}</Callout> : null}
        {person ? null : (
          <>
            <Field label={text.login} error={errorOf('login')} required>
              <Input
                value={draft.login}
                autoComplete="off"
                onChange={(event) => setDraft({ ...draft, login: event.target.value })}
              />
            </Field>
            <Switch
              label={text.elsewhere}
              description={text.elsewhereHint}
              checked={draft.isElsewhere}
              onCheckedChange={(isElsewhere) => setDraft({ ...draft, isElsewhere })}
            />
          </>
        )}
        {draft.isElsewhere ? null : (
          <OwnFields person={person} draft={draft} setDraft={setDraft} errorOf={errorOf} />
        )}
        <fieldset className="space-y-2">
          <legend className="mb-1 text-sm font-medium">{text.permissionSets}</legend>
          {(sets.data ?? []).map(({ ref, label, description }) => (
            <Checkbox
              key={ref}
              label={`${label} (${ref})`}
              description={description}
              checked={draft.permissionSets.includes(ref)}
              onCheckedChange={(isOn) => toggle(ref, isOn)}
            />
          ))}
        </fieldset>
        {person ? (
          <Switch
            label={text.freeze}
            checked={draft.frozen}
            onCheckedChange={(frozen) => setDraft({ ...draft, frozen })}
          />
        ) : null}
      </form>
    </Dialog>
  );
}

/** What whoever signs in elsewhere has there. */
function OwnFields({
  person,
  draft,
  setDraft,
  errorOf,
}: Pick<Props, 'person'> & {
  draft: Draft;
  setDraft: (draft: Draft) => void;
  errorOf: (path: string) => string | undefined;
}) {
  return (
    <>
      <Field label={text.displayName} error={errorOf('displayName')} required>
        <Input
          value={draft.displayName}
          onChange={(event) => setDraft({ ...draft, displayName: event.target.value })}
        />
      </Field>
      <Field
        label={person ? text.newPassword : text.password}
        hint={person ? text.newPasswordHint : text.passwordHint}
        error={errorOf('password')}
      >
        <Input
          type="password"
          autoComplete="new-password"
          value={draft.password}
          onChange={(event) => setDraft({ ...draft, password: event.target.value })}
        />
      </Field>
    </>
  );
}
