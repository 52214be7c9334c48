import { checkConcurrencyKey, ConcurrencyPolicy } from '@/engine/definition/concurrency';
import { toJsonSchema } from '@/engine/definition/parameters';
import { DomainError } from '@/engine/errors';
import type { JsonSchema } from '@/engine/json-schema';

/** A policy while it is being edited: a number may still be a text that is none. */
export interface WrittenPolicy {
  limit: number | string;
  key?: string | undefined;
  when_full?: string | undefined;
  max_queued?: number | string | undefined;
}

/** The policy with one field written anew; null without a limit. What is empty is left out, unknown keys stay. */
export function toPolicy(
  before: WrittenPolicy | null,
  field: keyof WrittenPolicy,
  text: string,
): WrittenPolicy | null {
  const { [field]: _, ...others } = before ?? { limit: '' };
  const isNumber = field === 'limit' || field === 'max_queued';
  const value = isNumber && /^\d+$/.test(text.trim()) ? Number(text.trim()) : text;
  if (text.trim() === '') return field === 'limit' ? null : (others as WrittenPolicy);
  return { ...before, ...others, [field]: value } as WrittenPolicy;
}

/** The policy as it is saved, or what is wrong by field (`concurrency.limit`). @param parameters in either form */
export function readPolicy(
  written: WrittenPolicy | null,
  parameters: JsonSchema,
): { value: ConcurrencyPolicy | null } | { errors: Record<string, string> } {
  if (written === null) return { value: null };
  const read = ConcurrencyPolicy.safeParse(written);
  if (read.success) {
    const error = read.data.key === undefined ? null : keyError(read.data.key, parameters);
    return error === null ? { value: read.data } : { errors: { 'concurrency.key': error } };
  }
  return {
    errors: Object.fromEntries(
      read.error.issues.map(({ path, message }) => [['concurrency', ...path].join('.'), message]),
    ),
  };
}

function keyError(key: string, parameters: JsonSchema): string | null {
  try {
    const found = checkConcurrencyKey(key, toJsonSchema(parameters));
    const error = found.find(({ severity }) => severity === 'error');
    return error ? `${error.message} ${error.repair}` : null;
  } catch (error) {
    // What is wrong with the parameters is told at their own field, by the server.
    if (error instanceof DomainError) return null;
    throw error;
  }
}
