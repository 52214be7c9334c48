import Link from 'next/link';
import type { ComponentProps, ReactNode } from 'react';
import { cn } from './cn';
import { Spinner } from './spinner';

export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger';
export type ButtonSize = 'sm' | 'md' | 'lg';

const variants: Record<ButtonVariant, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover shadow-sm',
  secondary:
    'border border-border-strong/60 bg-surface text-text hover:bg-surface-2 active:bg-surface-3 shadow-sm',
  ghost:
    'text-text-2 hover:bg-surface-2 hover:text-text active:bg-surface-3 aria-pressed:bg-surface-3 aria-pressed:text-text',
  danger: 'border border-danger/50 bg-surface text-danger hover:bg-danger-soft shadow-sm',
};
const sizes: Record<ButtonSize, string> = {
  sm: 'h-7 gap-1.5 rounded-md px-2 text-xs [&_svg]:size-3.5',
  md: 'h-8 gap-1.5 rounded-md px-3 text-sm [&_svg]:size-4',
  lg: 'h-10 gap-2 rounded-lg px-4 text-base [&_svg]:size-4.5',
};

/** The classes of a button, for the few elements that must look like one without being one. */
export function buttonClasses(
  variant: ButtonVariant,
  size: ButtonSize,
  ...more: (string | undefined)[]
): string {
  return cn(
    'inline-flex shrink-0 items-center justify-center font-medium whitespace-nowrap transition-colors select-none',
    'disabled:pointer-events-none disabled:opacity-50 aria-disabled:opacity-50 [&_svg]:shrink-0',
    variants[variant],
    sizes[size],
    ...more,
  );
}

interface Props extends Omit<ComponentProps<'button'>, 'children'> {
  variant?: ButtonVariant;
  size?: ButtonSize;
  /** Shows that it works and takes no second press; it keeps its width and its name. */
  loading?: boolean;
  icon?: ReactNode;
  /** Makes it a link that looks like a button. */
  href?: string;
  children?: ReactNode;
}

/** A button, or with `href` a link of the same look. */
export function Button({
  variant = 'secondary',
  size = 'md',
  loading = false,
  icon,
  href,
  className,
  children,
  ...rest
}: Props) {
  const classes = buttonClasses(variant, size, className);
  const sign = loading ? (
    <Spinner />
  ) : icon ? (
    <span aria-hidden className="contents">
      {icon}
    </span>
  ) : null;
  if (href !== undefined) {
    return (
      <Link href={href} className={classes} aria-label={rest['aria-label']} title={rest.title}>
        {sign}
        {children}
      </Link>
    );
  }
  return (
    <button
      type="button"
      {...rest}
      className={classes}
      aria-busy={loading || undefined}
      aria-disabled={loading || undefined}
      onClick={loading ? (event) => event.preventDefault() : rest.onClick}
    >
      {sign}
      {children}
    </button>
  );
}
