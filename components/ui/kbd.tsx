'use client';

import { strings } from '@/components/strings';
import { cn } from './cn';
import { useIsApple } from './use-is-apple';

const signs: Record<string, string> = {
  enter: '↵',
  escape: 'Esc',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  space: 'Space',
  delete: 'Del',
};

/** The keys of a shortcut as caps: `mod+k` together, `g h` one after the other. */
export function Kbd({ keys, className }: { keys: string; className?: string }) {
  const isApple = useIsApple();
  const words: Record<string, string> = isApple
    ? { mod: '⌘', shift: '⇧', alt: '⌥' }
    : { mod: 'Ctrl', shift: 'Shift', alt: 'Alt' };
  return (
    <span className={cn('inline-flex items-center gap-1', className)}>
      {keys.split(' ').map((step, index) => (
        <span key={index} className="inline-flex items-center gap-0.5">
          {index > 0 ? <span className="pr-0.5 text-2xs text-text-3">{strings.common.then}</span> : null}
          {step.split('+').map((key) => (
            <kbd
              key={key}
              className="inline-grid h-4.5 min-w-4.5 place-items-center rounded-sm border border-border bg-surface-2 px-1 font-sans text-2xs font-medium text-text-2"
            >
              {words[key] ?? signs[key] ?? (key.length === 1 ? key.toUpperCase() : key)}
            </kbd>
          ))}
        </span>
      ))}
    </span>
  );
}
