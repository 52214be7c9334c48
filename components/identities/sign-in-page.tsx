'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useRef, useState, type SubmitEvent } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { useIsReady } from '@/components/ui/use-is-ready';

const text = strings.signIn;

/** Only a path of this studio: an address elsewhere is not followed. */
function safePath(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : '/';
}

/** Sign in with login and password; leads to where one wanted to go. */
export function SignInPage() {
  const trpc = useTRPC();
  const isReady = useIsReady();
  const search = useSearchParams();
  const methods = useQuery(trpc.auth.methods.queryOptions());
  const refused = search.get('error');
  const [errors, setErrors] = useState<Record<string, string>>(
    refused ? { form: text.errors[refused] ?? text.otherError } : {},
  );
  const form = useRef<HTMLFormElement>(null);
  const signIn = useMutation(
    trpc.auth.signIn.mutationOptions({
      onSuccess: () =>
        window.location.assign(safePath(new URLSearchParams(window.location.search).get('next'))),
      onError: (error) => {
        const { message, details } = toCallError(error);
        setErrors(
          details.length > 0
            ? Object.fromEntries(details.map(({ path, message: what }) => [path, what]))
            : { form: message },
        );
      },
    }),
  );
  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const login = String(data.get('login') ?? '').trim();
    const password = String(data.get('password') ?? '');
    const missing = {
      ...(login ? {} : { login: text.enterLogin }),
      ...(password ? {} : { password: text.enterPassword }),
    };
    setErrors(missing);
    const first = Object.keys(missing)[0];
    if (first) form.current?.querySelector<HTMLInputElement>(`[name="${first}"]`)?.focus();
    else signIn.mutate({ login, password });
  };
  return (
    <main id="main" className="grid min-h-dvh place-items-center bg-ground p-4">
      <div className="w-full max-w-sm">
        <p className="mb-6 text-center text-xl font-semibold tracking-tight">{strings.common.product}</p>
        <form
          ref={form}
          method="post"
          onSubmit={onSubmit}
          onChange={({ target }: { target: EventTarget }) => {
            if (!(target instanceof HTMLInputElement)) return;
            const { name } = target;
            setErrors(({ [name]: _, form: __, ...others }) => others);
          }}
          noValidate
          aria-label={text.title}
          className="space-y-4 rounded-xl border border-border bg-surface p-6 shadow-sm"
        >
          <h1 className="text-lg font-semibold">{text.title}</h1>
          {errors['form'] ? <Callout kind="error">{errors['form']}</Callout> : null}
          <Field label={text.login} htmlFor="login" error={errors['login']}>
            <Input
              id="login"
              name="login"
              autoComplete="username"
              autoFocus
              aria-invalid={Boolean(errors['login'])}
            />
          </Field>
          <Field label={text.password} htmlFor="password" error={errors['password']}>
            <Input
              id="password"
              name="password"
              type="password"
              autoComplete="current-password"
              aria-invalid={Boolean(errors['password'])}
            />
          </Field>
          <Button
            type="submit"
            variant="primary"
            className="w-full"
            // Until then the browser would send the password itself, to an address that knows nothing of it.
            disabled={!isReady}
            loading={signIn.isPending || signIn.isSuccess}
          >
            {text.submit}
          </Button>
          {methods.data?.oidc ? (
            <>
              <p className="text-center text-xs text-text-2">{text.or}</p>
              <a
                href={`/auth/oidc/login?${new URLSearchParams({ next: safePath(search.get('next')) })}`}
                className="flex h-8 w-full items-center justify-center rounded-md border border-border-strong bg-surface text-sm font-medium hover:bg-surface-2"
              >
                {text.with(methods.data.oidc)}
              </a>
            </>
          ) : null}
        </form>
      </div>
    </main>
  );
}
