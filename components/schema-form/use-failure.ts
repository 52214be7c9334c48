import { useState } from 'react';
import { toCallError, type CallError } from '@/components/trpc';
import { withoutChanged } from './without-changed';

/**
 * Why a call was refused, for the form that sent it: `errorOf` gives what is wrong with a field while it is as it was
 * then. `partOf` names the part of the form that holds a field of another name.
 */
export function useFailure(
  error: unknown,
  form: object,
  partOf: Readonly<Record<string, string>> = {},
): {
  failure: CallError | null;
  errors: Record<string, string>;
  errorOf: (path: string) => string | undefined;
} {
  const [refused, setRefused] = useState<{ error: unknown; form: object }>({ error: null, form });
  if (error && refused.error !== error) setRefused({ error, form });
  const failure = error ? toCallError(error) : null;
  const told = Object.fromEntries((failure?.details ?? []).map(({ path, message }) => [path, message]));
  const errors = refused.error === error ? withoutChanged(told, refused.form, form, partOf) : told;
  return { failure, errors, errorOf: (path) => errors[path] };
}
