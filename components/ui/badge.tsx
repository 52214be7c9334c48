import type { ReactNode } from 'react';
import { cn } from './cn';
import { statusClasses, type StatusFamily } from './status';

export type Tone = 'neutral' | 'accent' | 'info' | 'success' | 'warning' | 'danger' | StatusFamily;

function toToneClasses(tone: Tone): string {
  switch (tone) {
    case 'neutral':
      return 'bg-surface-2 text-text-2';
    case 'accent':
      return 'bg-accent-soft text-accent';
    case 'info':
      return 'bg-info-soft text-info';
    case 'success':
      return 'bg-success-soft text-success';
    case 'warning':
      return 'bg-warning-soft text-warning';
    case 'danger':
      return 'bg-danger-soft text-danger';
    default:
      return `${statusClasses[tone].soft} ${statusClasses[tone].text}`;
  }
}

/** A word in a pill. */
export function Badge({
  tone = 'neutral',
  icon,
  className,
  children,
}: {
  tone?: Tone;
  icon?: ReactNode;
  className?: string;
  children: ReactNode;
}) {
  return (
    <span
      className={cn(
        'inline-flex h-5 max-w-full shrink-0 items-center gap-1 rounded-sm px-1.5 text-xs font-medium whitespace-nowrap [&_svg]:size-3 [&_svg]:shrink-0',
        toToneClasses(tone),
        className,
      )}
    >
      {icon ? (
        <span aria-hidden className="contents">
          {icon}
        </span>
      ) : null}
      <span className="truncate">{children}</span>
    </span>
  );
}
