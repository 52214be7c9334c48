import { secretMask } from '@/engine/definition/secret-parameters';
import type { Json } from '@/engine/expression/expression';
import type { FormValue } from './form-value';

/** The places of texts that pass `isMask`, as problems write them (`auth.token`). (Default: those that are only a mask) */
export function masksIn(
  value: Json,
  isMask: (text: string) => boolean = (text) => text === secretMask,
  path = '',
): string[] {
  if (typeof value === 'string') return isMask(value) ? [path] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, member]) =>
    masksIn(member, isMask, path === '' ? name : `${path}.${name}`),
  );
}

/** Whether a mask stands anywhere in it, also amid a text: such a value cannot be run with. */
export function holdsMask(value: Json): boolean {
  return starsIn(value).length > 0;
}

/** The places where a mask stands, also amid a text. */
export function starsIn(value: Json): string[] {
  return masksIn(value, (text) => text.includes(secretMask));
}

/** The fields that hold no mask, and the names of those that do. */
export function withoutMasks(value: FormValue): { value: FormValue; masked: string[] } {
  const masked = Object.keys(value).filter((name) => holdsMask(value[name] ?? null));
  return {
    value: Object.fromEntries(Object.entries(value).filter(([name]) => !masked.includes(name))),
    masked,
  };
}
