import { createElement } from 'react';
import { cn } from './cn';
import { statusClasses, toStatusFamily, statusIcon, toStatusLabel } from './status';
import { VisuallyHidden } from './visually-hidden';

interface Props {
  state: string;
  /** Only the sign, its word for screen readers and on hover: where rows are narrow. */
  iconOnly?: boolean;
  /** Without the pill. */
  plain?: boolean;
  className?: string;
}

/** A state as sign and word; the colour only repeats them. */
export function StatusBadge({ state, iconOnly = false, plain = false, className }: Props) {
  const { text, soft } = statusClasses[toStatusFamily(state)];
  const label = toStatusLabel(state);
  const icon = createElement(statusIcon(state), {
    'aria-hidden': true,
    className: cn('size-3.5 shrink-0', state === 'running' && 'animate-spin [animation-duration:2.4s]'),
    strokeWidth: 2.25,
  });
  if (iconOnly) {
    return (
      <span title={label} className={cn('inline-grid size-4 shrink-0 place-items-center', text, className)}>
        {icon}
        <VisuallyHidden>{label}</VisuallyHidden>
      </span>
    );
  }
  return (
    <span
      className={cn(
        'inline-flex h-5.5 shrink-0 items-center gap-1.5 text-xs font-medium whitespace-nowrap',
        plain ? '' : `rounded-md pr-2 pl-1.5 ${soft}`,
        text,
        className,
      )}
    >
      {icon}
      {label}
    </span>
  );
}
