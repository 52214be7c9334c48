'use client';

import { useFailure } from '@/components/schema-form/use-failure';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { toast } from '@/components/ui/toast';

const text = strings.tenants;

/** Makes a tenant with its first administrator. */
export function NewTenant({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [draft, setDraft] = useState({ name: '', slug: '', login: '', password: '' });
  const create = useMutation(
    trpc.tenants.create.mutationOptions({
      onSuccess: ({ name }) => {
        void queries.invalidateQueries({ queryKey: trpc.tenants.pathKey() });
        void queries.invalidateQueries({ queryKey: trpc.auth.tenants.queryKey() });
        toast.success(text.created(name));
        onClose();
      },
    }),
  );
  const { failure, errorOf } = useFailure(create.error, { ...draft, admin: draft });
  const submit = () => {
    const { name, slug, login, password } = draft;
    create.mutate({ name, ...(slug && { slug }), admin: { login, ...(password && { password }) } });
  };
  const field = (name: keyof typeof draft) => ({
    value: draft[name],
    onChange: (event: { target: { value: string } }) => setDraft({ ...draft, [name]: event.target.value }),
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={text.create}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {strings.common.cancel}
          </Button>
          <Button variant="primary" loading={create.isPending} onClick={submit}>
            {text.create}
          </Button>
        </>
      }
    >
      <form className="space-y-4" onSubmit={(event) => (event.preventDefault(), submit())}>
        {failure && failure.details.length === 0 ? <Callout kind="error">{failure.message}</Callout> : null}
        <Field label={text.name} error={errorOf('name')} required>
          <Input {...field('name')} />
        </Field>
        <Field label={text.slug} hint={text.slugHint} error={errorOf('slug')}>
          <Input {...field('slug')} />
        </Field>
        <Field label={text.admin} hint={text.adminHint} error={errorOf('admin.login')} required>
          <Input {...field('login')} autoComplete="off" />
        </Field>
        <Field label={text.password} hint={text.passwordHint} error={errorOf('admin.password')}>
          <Input {...field('password')} type="password" autoComplete="new-password" />
        </Field>
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
