import { secretMask } from '../definition/secret-parameters';
import { renderTemplate, type Json, type Scope } from '../expression/expression';

/**
 * A rendered value with a mask for every text that was rendered with the help of a secret. `written` is what it was
 * rendered from, in the same scope; each of its texts is asked for itself.
 */
export function redact(written: Json, rendered: Json, scope: Scope): Json {
  if (typeof written === 'string') return renderTemplate(written, scope).secret ? secretMask : rendered;
  if (written === null || typeof written !== 'object') return rendered;
  if (Array.isArray(written)) {
    const items = Array.isArray(rendered) ? rendered : [];
    return written.map((part, place) => redact(part, items[place] ?? null, scope));
  }
  const values = rendered as { [key: string]: Json };
  return Object.fromEntries(
    Object.entries(written).map(([key, part]) => [key, redact(part, values[key] ?? null, scope)]),
  );
}

/** A value of which only the shape and the names are left. */
export function hideAll(value: Json): Json {
  if (value === null || typeof value !== 'object') return secretMask;
  if (Array.isArray(value)) return value.map(hideAll);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, hideAll(part)]));
}
