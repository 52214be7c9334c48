'use client';

import type { ComponentProps } from 'react';
import { controlClasses } from './control-classes';
import { useFieldControl } from './field';

interface Props extends Omit<ComponentProps<'textarea'>, 'aria-invalid' | 'aria-required'> {
  invalid?: boolean;
  mono?: boolean;
}

/** Several lines of text; grows by hand. Inside a `Field` it ties itself. */
export function Textarea({ invalid, mono = false, className, rows = 3, ...rest }: Props) {
  const control = useFieldControl({ ...rest, invalid });
  return (
    <textarea
      rows={rows}
      spellCheck={mono ? false : undefined}
      {...rest}
      {...control}
      className={controlClasses(
        'md',
        'h-auto min-h-14 resize-y py-1.5',
        mono && 'font-mono text-xs leading-5',
        className,
      )}
    />
  );
}
