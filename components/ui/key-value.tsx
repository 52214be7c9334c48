import type { ReactNode } from 'react';
import { cn } from './cn';

interface Props {
  items: readonly { label: ReactNode; value: ReactNode; mono?: boolean }[];
  columns?: 1 | 2;
  className?: string;
}

/** Facts about one thing, each with its name. */
export function KeyValue({ items, columns = 1, className }: Props) {
  return (
    <dl className={cn('grid gap-x-8 text-sm', columns === 2 ? 'sm:grid-cols-2' : '', className)}>
      {items.map(({ label, value, mono }, index) => (
        <div
          key={index}
          className="flex min-h-8 items-baseline gap-3 border-b border-border py-1.5 last:border-b-0"
        >
          <dt className="w-32 shrink-0 text-text-2">{label}</dt>
          <dd className={cn('min-w-0 flex-1 wrap-anywhere', mono && 'font-mono text-xs')}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
