import type { Transition } from '@/engine/definition/schema';
import { kindOf, type TransitionKind } from '../canvas/transition-kind';

const conditions: Partial<Record<TransitionKind, string>> = {
  success: '{{ succeeded() }}',
  failure: '{{ failed() }}',
  timeout: '{{ timed_out() }}',
  cancelled: '{{ cancelled() }}',
};

/** The transition with another sort of condition; a custom one starts from what stood there. */
export function withKind(transition: Transition, kind: TransitionKind): Transition {
  const { when, otherwise: _, ...rest } = transition;
  switch (kind) {
    case 'otherwise':
      return { ...rest, otherwise: true };
    case 'always':
      return rest;
    case 'custom':
      return kindOf(transition) === 'custom' ? transition : { ...rest, when: toCustom(when) };
    default:
      return { ...rest, when: conditions[kind] ?? '' };
  }
}

function toCustom(when: string | undefined): string {
  return when ? when.replace(/\s*\}\}\s*$/, ' and result() }}') : '{{ result() }}';
}
