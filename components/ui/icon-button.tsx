import type { ComponentProps, ReactNode } from 'react';
import { buttonClasses, type ButtonSize, type ButtonVariant } from './button';
import { Spinner } from './spinner';
import { Tooltip } from './tooltip';

const squares: Record<ButtonSize, string> = { sm: 'w-7 px-0', md: 'w-8 px-0', lg: 'w-10 px-0' };

interface Props extends Omit<ComponentProps<'button'>, 'children' | 'aria-label'> {
  /** Its name, for the tooltip and for screen readers. */
  label: string;
  icon: ReactNode;
  variant?: ButtonVariant;
  size?: ButtonSize;
  loading?: boolean;
  shortcut?: string;
  side?: 'top' | 'right' | 'bottom' | 'left';
}

/** A button that is only an icon, with its name on hover and focus. */
export function IconButton({
  label,
  icon,
  variant = 'ghost',
  size = 'md',
  loading = false,
  shortcut,
  side,
  className,
  ...rest
}: Props) {
  return (
    <Tooltip content={label} shortcut={shortcut} {...(side ? { side } : {})}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        aria-busy={loading || undefined}
        aria-disabled={loading || undefined}
        onClick={loading ? (event) => event.preventDefault() : rest.onClick}
        className={buttonClasses(variant, size, squares[size], className)}
      >
        {loading ? (
          <Spinner />
        ) : (
          <span aria-hidden className="contents">
            {icon}
          </span>
        )}
      </button>
    </Tooltip>
  );
}
