import { useState } from 'react';
import { toCallError } from '@/components/trpc';
import { toast } from '@/components/ui/toast';

/** What is wrong by field; `tell` takes it from a call that was refused, and says it. */
export function useFieldErrors() {
  const [errors, setErrors] = useState<Record<string, string>>({});
  const tell = (error: unknown) => {
    const { message, details } = toCallError(error);
    setErrors(Object.fromEntries(details.map((detail) => [detail.path, detail.message])));
    toast.error(message);
  };
  return { errors, setErrors, tell };
}
