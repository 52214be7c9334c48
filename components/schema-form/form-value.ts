import type { Json } from '@/engine/expression/expression';

/** What a form holds: fields by name. */
export type FormValue = { [key: string]: Json };

/** The value with one field set, or left out. */
export function withField(value: FormValue, name: string, next: Json | undefined): FormValue {
  if (next !== undefined) return { ...value, [name]: next };
  const { [name]: _, ...rest } = value;
  return rest;
}
