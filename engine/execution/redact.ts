import { secretMask, type Json } from '../expression/expression';

/** A value of which only the shape and the names are left. */
export function hideAll(value: Json): Json {
  if (value === null || typeof value !== 'object') return secretMask;
  if (Array.isArray(value)) return value.map(hideAll);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, hideAll(part)]));
}
