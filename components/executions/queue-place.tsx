'use client';

import Link from 'next/link';
import { strings } from '@/components/strings';
import type { RouterOutputs } from '@/components/trpc';
import { useExecution } from './use-execution';

const text = strings.concurrency;

/** Where an execution stands in the queue for a slot, and behind whom; nothing when it waits for none. */
export function QueuePlace({ execution }: { execution: RouterOutputs['executions']['get'] }) {
  const { state, queuePosition, slotHolders } = execution;
  // The feed tells a change of state before its details are read again.
  if (state !== 'queued' || queuePosition === null) return null;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-1.5">
      <span className="tabular-nums">{text.position(queuePosition)}</span>
      {slotHolders.length > 0 ? <span>{text.heldBy}</span> : null}
      {slotHolders.map(({ id }) => (
        <Link key={id} className="text-accent underline underline-offset-2" href={`/executions/${id}`}>
          #{id}
        </Link>
      ))}
    </span>
  );
}

/** The same in words, for the tooltip of a row: asked for when somebody looks. */
export function QueueHint({ id, reason }: { id: number; reason: string | null }) {
  const { data } = useExecution(id);
  const position = data?.queuePosition ?? null;
  const place = position !== null ? text.position(position) : data ? null : text.counting;
  return (
    <span>
      {place}
      {place !== null && reason !== null ? ': ' : null}
      {reason}
    </span>
  );
}
