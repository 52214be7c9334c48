import type { ReactNode } from 'react';
import { cn } from './cn';

interface Props {
  icon: ReactNode;
  title: ReactNode;
  /** What to do next. */
  description?: ReactNode;
  action?: ReactNode;
  compact?: boolean;
  className?: string;
}

/** Nothing here yet, and what to do about it. */
export function EmptyState({ icon, title, description, action, compact = false, className }: Props) {
  return (
    <div className={cn('flex flex-col items-center px-6 text-center', compact ? 'py-8' : 'py-16', className)}>
      <span
        aria-hidden
        className="grid size-10 place-items-center rounded-lg border border-border bg-surface-2 text-text-3 [&_svg]:size-5"
      >
        {icon}
      </span>
      <p className="mt-3 text-base font-semibold text-balance">{title}</p>
      {description ? (
        <div className="mt-1 max-w-sm text-sm text-pretty text-text-2">{description}</div>
      ) : null}
      {action ? <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div> : null}
    </div>
  );
}
