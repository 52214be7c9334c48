'use client';

import type { ComponentProps, ReactNode } from 'react';
import { cn } from './cn';
import { controlClasses } from './control-classes';
import { useFieldControl } from './field';

interface Props extends Omit<ComponentProps<'input'>, 'size'> {
  size?: 'sm' | 'md';
  invalid?: boolean;
  mono?: boolean;
  icon?: ReactNode;
}

/** One line of text. Inside a `Field` it ties itself to the label, the hint and the error. */
export function Input({ size = 'md', invalid, mono = false, icon, className, ...rest }: Props) {
  const control = useFieldControl({
    ...rest,
    'aria-invalid': isTrue(rest['aria-invalid']),
    'aria-required': isTrue(rest['aria-required']),
    invalid,
  });
  const input = (
    <input
      type="text"
      autoComplete="off"
      spellCheck={mono ? false : undefined}
      {...rest}
      {...control}
      className={controlClasses(
        size,
        mono && 'font-mono',
        icon ? 'pl-8' : undefined,
        icon ? undefined : className,
      )}
    />
  );
  if (!icon) return input;
  return (
    <span className={cn('relative block w-full', className)}>
      <span
        aria-hidden
        className="pointer-events-none absolute inset-y-0 left-2.5 grid place-items-center text-text-3 [&_svg]:size-3.5"
      >
        {icon}
      </span>
      {input}
    </span>
  );
}

function isTrue(value: unknown): boolean | undefined {
  return value === undefined ? undefined : value === true || value === 'true';
}
