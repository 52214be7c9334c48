import { createHash } from 'node:crypto';
import type { ConcurrencyPolicy } from '@/engine/definition/concurrency';
import { ExpressionError, renderTemplate } from '@/engine/expression/expression';
import type { JsonObject } from '../fields';

// Worked out wherever something is asked for, also in a web process: far less than an expression of a run may take.
const limits = { steps: 5_000, size: 20_000, depth: 16 };
const longestShown = 200;

/**
 * What an execution's limit is counted by: the action's ref, with the rendered key after a colon; a long one as its
 * hash. An error in the key, or a secret in it, is a sentence instead.
 */
export function toSlotKey(
  ref: string,
  policy: ConcurrencyPolicy,
  parameters: JsonObject,
): { slotKey: string } | { error: string } {
  if (policy.key === undefined) return { slotKey: ref };
  const place = `The concurrency key of ${ref}`;
  try {
    const { value, secret } = renderTemplate(policy.key, { names: { parameters } }, limits);
    if (secret) return { error: `${place} would hold a secret. Let it read parameters that are none.` };
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const isShown = text.length <= longestShown && !text.includes('\0');
    const hash = () => `sha256 ${createHash('sha256').update(text).digest('hex')}`;
    return { slotKey: `${ref}:${isShown ? text : hash()}` };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return {
      error: `${place} cannot be worked out: ${error.message} (line ${error.line}, column ${error.column} of ${error.source}). Repair it in the action's settings.`,
    };
  }
}

/** The action whose policy a slot belongs to. A ref has no colon. */
export function actionRefOf(slotKey: string): string {
  const colon = slotKey.indexOf(':');
  return colon < 0 ? slotKey : slotKey.slice(0, colon);
}

/** The slot as sentences name it: `ops.deploy for web-1`. */
export function toSlotName(slotKey: string): string {
  const ref = actionRefOf(slotKey);
  const key = slotKey.slice(ref.length + 1);
  if (key === '') return ref;
  return `${ref} for ${key.length > 60 ? `${key.slice(0, 59)}…` : key}`;
}
