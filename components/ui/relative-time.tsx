'use client';

import { useClock } from './clock';
import { cn } from './cn';
import { formatAbsolute, formatRelative } from './format-time';

/** How long ago, or in how long; the moment itself in the person's zone on hover. */
export function RelativeTime({ value, className }: { value: string | Date | null; className?: string }) {
  const iso = value instanceof Date ? value.toISOString() : value;
  const timeMs = iso === null ? Number.NaN : Date.parse(iso);
  const words = useClock((nowMs) => formatRelative(timeMs, nowMs));
  if (iso === null || Number.isNaN(timeMs)) return <span className="text-text-3">–</span>;
  return (
    <time
      dateTime={iso}
      title={words === null ? undefined : formatAbsolute(timeMs)}
      className={cn('whitespace-nowrap', className)}
    >
      {words ?? `${iso.slice(0, 16).replace('T', ' ')} UTC`}
    </time>
  );
}
