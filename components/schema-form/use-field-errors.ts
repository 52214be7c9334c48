import { useState } from 'react';
import { toCallError } from '@/components/trpc';
import { toast } from '@/components/ui/toast';
import { withoutChanged } from './without-changed';

/**
 * What is wrong by field; `tell` takes it from a call that was refused, and says it. `changed` takes back what was said
 * of fields that are other ones now. `partOf` names the part of the form that holds a field of another name.
 */
export function useFieldErrors(partOf: Readonly<Record<string, string>> = {}) {
  const [errors, setErrors] = useState<Record<string, string>>({});
  const take = (error: unknown) => {
    const failure = toCallError(error);
    setErrors(Object.fromEntries(failure.details.map(({ path, message }) => [path, message])));
    return failure;
  };
  const tell = (error: unknown) => toast.error(take(error).message);
  const changed = (before: object, after: object) =>
    setErrors((told) => withoutChanged(told, before, after, partOf));
  return { errors, setErrors, take, tell, changed };
}
