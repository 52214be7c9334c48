import type { Json } from '@/engine/expression/expression';
import { parseJsonText } from '@/components/schema-form/json-text';
import { strings } from '@/components/strings';
import type { RouterInputs, RouterOutputs } from '@/components/trpc';

const text = strings.keys;

export type KeySummary = RouterOutputs['keys']['list']['items'][number];
export type Lifetime = keyof typeof text.lifetimes;

/** What stands in the dialog. */
export interface KeyDraft {
  ref: string;
  name: string;
  ownerType: KeySummary['ownerType'];
  owner: string;
  /** Keep: an edit that leaves the value alone. */
  kind: 'text' | 'json' | 'keep';
  value: string;
  encrypted: boolean;
  lifetime: Lifetime;
  seconds: string;
}

export function emptyDraft(): KeyDraft {
  return {
    ...{ ref: '', name: '', ownerType: 'system', owner: '' },
    ...{ kind: 'text', value: '', encrypted: true, lifetime: 'never', seconds: '' },
  };
}

export function toDraft({ ref, name, ownerType, owner, encrypted }: KeySummary): KeyDraft {
  return { ...emptyDraft(), ref, name, ownerType, owner, encrypted, kind: 'keep', lifetime: 'keep' };
}

/** How an expression names a key: `keystore.token`, or in brackets where the name is no word. */
export function toExpression(ref: string): string {
  return /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(ref) || ref === ''
    ? `keystore.${ref || '…'}`
    : `keystore['${ref}']`;
}

type Errors = Partial<Record<keyof KeyDraft, string>>;

/** What the server is asked for, or one sentence per field that is wrong. */
export function toCreate(draft: KeyDraft): { input: RouterInputs['keys']['create'] } | { errors: Errors } {
  const { errors, value, ttlSeconds } = read(draft);
  if (draft.ref.trim() === '') errors.ref = text.required;
  if ((draft.ownerType === 'pack' || draft.ownerType === 'action') && draft.owner === '')
    errors.owner = text.required;
  if (Object.keys(errors).length > 0) return { errors };
  const ref = draft.ref.trim();
  return {
    input: {
      ref,
      name: draft.name.trim() || ref,
      value: value ?? '',
      ownerType: draft.ownerType,
      owner: draft.ownerType === 'system' ? '' : draft.owner,
      encrypted: draft.encrypted,
      ttlSeconds: ttlSeconds ?? null,
    },
  };
}

/** The same for a key that is there: only what was changed. */
export function toUpdate(
  draft: KeyDraft,
  key: KeySummary,
): { input: RouterInputs['keys']['update'] } | { errors: Errors } {
  const { errors, value, ttlSeconds } = read(draft);
  if (Object.keys(errors).length > 0) return { errors };
  const name = draft.name.trim() || key.ref;
  return {
    input: {
      ref: key.ref,
      ownerType: key.ownerType,
      owner: key.owner,
      ...(name === key.name ? {} : { name }),
      ...(value === undefined ? {} : { value }),
      ...(draft.encrypted === key.encrypted ? {} : { encrypted: draft.encrypted }),
      ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
    },
  };
}

function read(draft: KeyDraft): {
  errors: Errors;
  value: Json | undefined;
  ttlSeconds: number | null | undefined;
} {
  const errors: Errors = {};
  let value: Json | undefined;
  if (draft.kind === 'text') value = draft.value;
  if (draft.kind === 'json') {
    const parsed = parseJsonText(draft.value);
    if ('error' in parsed) errors.value = `${text.notJson} ${parsed.error}`;
    else value = parsed.value;
  }
  let ttlSeconds: number | null | undefined;
  if (draft.lifetime === 'never') ttlSeconds = null;
  if (draft.lifetime === 'limited') {
    if (/^[1-9]\d{0,8}$/.test(draft.seconds.trim())) ttlSeconds = Number(draft.seconds);
    else errors.seconds = text.secondsError;
  }
  return { errors, value, ttlSeconds };
}
