'use client';

import { useClock } from './clock';
import { cn } from './cn';
import { formatDuration } from './format-time';

export { formatDuration } from './format-time';

interface Props {
  from: string | null;
  /** Null while it lasts. */
  to: string | null;
  className?: string;
}

/** How long something took, or has been going on: it ticks while `to` is null. */
export function Duration({ from, to, className }: Props) {
  const fromMs = from === null ? Number.NaN : Date.parse(from);
  const toMs = to === null ? null : Date.parse(to);
  const words = useClock((nowMs) =>
    formatDuration(toMs === null ? toWholeSeconds(nowMs - fromMs) : toMs - fromMs),
  );
  if (Number.isNaN(fromMs)) return <span className={cn('text-text-3', className)}>–</span>;
  return (
    <span className={cn('whitespace-nowrap tabular-nums', className)}>
      {words ?? (toMs === null ? '' : formatDuration(toMs - fromMs))}
    </span>
  );
}

function toWholeSeconds(elapsedMs: number): number {
  return Math.max(0, Math.floor(elapsedMs / 1000) * 1000);
}
