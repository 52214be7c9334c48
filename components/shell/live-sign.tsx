'use client';

import { RefreshCw, Wifi, WifiOff } from 'lucide-react';
import { strings } from '@/components/strings';
import { cn } from '../ui/cn';
import { Tooltip } from '../ui/tooltip';

export type LiveState = 'live' | 'reconnecting' | 'offline';

const text = strings.shell.live;
const looks = {
  live: { icon: Wifi, classes: 'text-text-3', iconClasses: 'text-success' },
  reconnecting: {
    icon: RefreshCw,
    classes: 'bg-warning-soft text-warning',
    iconClasses: 'animate-spin [animation-duration:2s]',
  },
  offline: { icon: WifiOff, classes: 'bg-danger-soft text-danger', iconClasses: '' },
} as const;

/** Whether what is shown is of this moment. Quiet while it is. */
export function LiveSign({ state }: { state: LiveState }) {
  const { icon: Icon, classes, iconClasses } = looks[state];
  return (
    <>
      <Tooltip content={text.help[state]} side="bottom">
        <button
          type="button"
          className={cn(
            'inline-flex h-6 cursor-default items-center gap-1.5 rounded-md px-1.5 text-xs font-medium',
            classes,
          )}
        >
          <Icon aria-hidden className={cn('size-3.5', iconClasses)} />
          <span className={state === 'live' ? 'max-sm:sr-only' : undefined}>{text[state]}</span>
        </button>
      </Tooltip>
      <span role="status" className="sr-only">
        {state === 'live' ? '' : text.help[state]}
      </span>
    </>
  );
}
