import { cn } from './cn';

/** The look that everything one can type or choose in shares. */
export function controlClasses(size: 'sm' | 'md', ...more: (string | undefined | false)[]): string {
  return cn(
    'w-full min-w-0 rounded-md border border-border-strong bg-surface text-text shadow-sm transition-colors',
    'hover:border-text-3 focus-visible:border-focus focus-visible:outline-1 focus-visible:outline-offset-0',
    'disabled:cursor-not-allowed disabled:bg-surface-2 disabled:text-text-3 disabled:shadow-none [&[readonly]]:bg-surface-2',
    'aria-invalid:border-danger aria-invalid:focus-visible:outline-danger',
    size === 'sm' ? 'h-7 px-2 text-xs' : 'h-8 px-2.5 text-sm',
    ...more,
  );
}
