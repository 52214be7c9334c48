'use client';

import { useFieldErrors } from '@/components/schema-form/use-field-errors';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { toast } from '@/components/ui/toast';

const text = strings.account;
const nothing = { current: '', next: '' };

/** Changes one's own password. */
export function PasswordForm() {
  const trpc = useTRPC();
  const [typed, setTyped] = useState(nothing);
  const { errors, setErrors, tell, changed } = useFieldErrors();
  const change = useMutation(
    trpc.auth.changePassword.mutationOptions({
      onSuccess: () => {
        setTyped(nothing);
        toast.success(text.passwordChanged);
      },
      onError: tell,
    }),
  );
  const edit = (next: typeof typed) => {
    changed(typed, next);
    setTyped(next);
  };
  const submit = () => {
    const missing = {
      ...(typed.current === '' ? { current: strings.common.required } : {}),
      ...(typed.next.length < 8 ? { next: text.nextHint } : {}),
    };
    setErrors(missing);
    if (Object.keys(missing).length === 0) change.mutate(typed);
  };
  return (
    <Card title={text.password} description={text.passwordHint}>
      <form
        method="post"
        className="grid max-w-md gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Field label={text.current} error={errors['current']}>
          <Input
            type="password"
            autoComplete="current-password"
            value={typed.current}
            onChange={(event) => edit({ ...typed, current: event.target.value })}
          />
        </Field>
        <Field label={text.next} hint={text.nextHint} error={errors['next']}>
          <Input
            type="password"
            autoComplete="new-password"
            value={typed.next}
            onChange={(event) => edit({ ...typed, next: event.target.value })}
          />
        </Field>
        <div>
          <Button type="submit" loading={change.isPending}>
            {text.changePassword}
          </Button>
        </div>
      </form>
    </Card>
  );
}
