import { strings } from '@/components/strings';
import type { Json } from '@/engine/expression/expression';
import type { FormValue } from './form-value';

/** The value of a JSON text, or the parser's word on why it is none. */
export function parseJsonText(text: string): { value: Json } | { error: string } {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** An object written as JSON; nothing is an empty one. */
export function readObject(written: string): { value: FormValue } | { error: string } {
  if (written.trim() === '') return { value: {} };
  const read = parseJsonText(written);
  if ('error' in read) return read;
  const { value } = read;
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { value }
    : { error: strings.schemaForm.notObject };
}
