'use client';

import { strings } from '@/components/strings';
import type { RouterOutputs } from '@/components/trpc';
import { Callout } from '@/components/ui/callout';
import { RelativeTime } from '@/components/ui/relative-time';

type Timer = NonNullable<RouterOutputs['rules']['get']['timer']>;

const text = strings.rules.timer;

/** When a rule's timer fires next, or why it does not. */
export function TimerState({ timer }: { timer: Timer }) {
  const { state, nextAt, lastAt, missed, problem } = timer;
  if (state === 'invalid') return <Callout kind="error">{problem ?? text.invalid}</Callout>;
  if (state === 'done') return <Callout kind="info">{problem ?? text.done}</Callout>;
  return (
    <p className="flex flex-wrap gap-x-4 text-sm text-text-2">
      <span>
        {text.nextAt} {nextAt === null ? text.soon : <RelativeTime value={nextAt} />}
      </span>
      {lastAt === null ? null : (
        <span>
          {text.lastAt} <RelativeTime value={lastAt} />
        </span>
      )}
      {missed > 0 ? <span>{text.missed(missed)}</span> : null}
    </p>
  );
}
