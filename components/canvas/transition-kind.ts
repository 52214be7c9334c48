import type { Transition } from '@/engine/definition/schema';
import type { Exit } from './geometry';

export type TransitionKind =
  'success' | 'failure' | 'always' | 'timeout' | 'cancelled' | 'otherwise' | 'custom';

const plain: Record<string, TransitionKind> = {
  'succeeded()': 'success',
  'failed()': 'failure',
  'timed_out()': 'timeout',
  'cancelled()': 'cancelled',
};

/** What sort of condition a transition has; anything but a bare outcome is `custom`. */
export function kindOf(transition: Transition): TransitionKind {
  if (transition.otherwise) return 'otherwise';
  const when = transition.when?.trim();
  // An emptied condition is still one, to be written: its field must stay.
  if (when === undefined) return 'always';
  const inside = /^\{\{-?(.*?)-?\}\}$/s.exec(when)?.[1]?.trim() ?? when;
  return plain[inside] ?? 'custom';
}

/** The way out of the card that a transition leaves by; a custom condition by the outcome that it starts with. */
export function exitOf(transition: Transition): Exit {
  const kind = kindOf(transition);
  switch (kind) {
    case 'success':
    case 'failure':
    case 'timeout':
    case 'always':
      return kind;
    case 'custom': {
      const outcome = /^\s*\{\{-?\s*(succeeded|failed|timed_out)\(\)\s+and\b/.exec(
        transition.when ?? '',
      )?.[1];
      return outcome === 'succeeded'
        ? 'success'
        : outcome === 'failed'
          ? 'failure'
          : outcome
            ? 'timeout'
            : 'always';
    }
    case 'otherwise':
    case 'cancelled':
      return 'always';
  }
}

/** What stands on the line: the label, else a custom condition without its braces, else nothing. */
export function transitionText(transition: Transition, kind: TransitionKind): string {
  if (transition.label) return transition.label;
  if (kind === 'otherwise') return 'otherwise';
  if (kind !== 'custom') return '';
  const inside = (transition.when ?? '').replace(/^\s*\{\{-?\s*|\s*-?\}\}\s*$/g, '');
  return inside.length > 40 ? `${inside.slice(0, 39)}…` : inside;
}
