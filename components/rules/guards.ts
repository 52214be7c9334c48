import type { RouterInputs } from '@/components/trpc';

export type Guards = NonNullable<RouterInputs['rules']['update']['guards']>;

/** The guards of a rule as they are typed; empty where there is none. */
export interface GuardsDraft {
  cooldown: string;
  dedupeKey: string;
  dedupeWindow: string;
  rateCount: string;
  rateWindow: string;
}

export const noGuards: GuardsDraft = {
  cooldown: '',
  dedupeKey: '',
  dedupeWindow: '',
  rateCount: '',
  rateWindow: '',
};

export function toGuardsDraft({ cooldown_seconds, dedupe, rate }: Guards): GuardsDraft {
  const show = (value: string | number | undefined) => String(value ?? '');
  return {
    cooldown: show(cooldown_seconds),
    dedupeKey: show(dedupe?.key),
    dedupeWindow: show(dedupe?.window_seconds),
    rateCount: show(rate?.count),
    rateWindow: show(rate?.window_seconds),
  };
}

/** What is sent, or what is missing of a guard that is half filled in, by the server's names. */
export function toGuards(
  draft: GuardsDraft,
  required: string,
): { value: Guards } | { errors: Record<string, string> } {
  const { cooldown, dedupeKey, dedupeWindow, rateCount, rateWindow } = draft;
  const errors = {
    ...(dedupeWindow !== '' && dedupeKey === '' ? { 'guards.dedupe.key': required } : {}),
    ...(dedupeKey !== '' && dedupeWindow === '' ? { 'guards.dedupe.window_seconds': required } : {}),
    ...(rateWindow !== '' && rateCount === '' ? { 'guards.rate.count': required } : {}),
    ...(rateCount !== '' && rateWindow === '' ? { 'guards.rate.window_seconds': required } : {}),
  };
  if (Object.keys(errors).length > 0) return { errors };
  return {
    value: {
      ...(cooldown === '' ? {} : { cooldown_seconds: Number(cooldown) }),
      ...(dedupeKey === '' ? {} : { dedupe: { key: dedupeKey, window_seconds: Number(dedupeWindow) } }),
      ...(rateCount === '' ? {} : { rate: { count: Number(rateCount), window_seconds: Number(rateWindow) } }),
    },
  };
}
