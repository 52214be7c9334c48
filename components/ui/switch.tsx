'use client';

import { Switch as Radix } from 'radix-ui';
import { useId, type ReactNode } from 'react';
import { cn } from './cn';

interface Props {
  label: ReactNode;
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  description?: ReactNode;
  disabled?: boolean;
  id?: string;
  labelHidden?: boolean;
  className?: string;
}

/** On or off, in effect at once. */
export function Switch({
  label,
  checked,
  onCheckedChange,
  description,
  disabled = false,
  id,
  labelHidden = false,
  className,
}: Props) {
  const ownId = useId();
  const switchId = id ?? ownId;
  return (
    <div className={cn('flex items-start gap-2.5', disabled && 'opacity-60', className)}>
      <span className="relative grid h-6 w-8 shrink-0 place-items-center">
        <Radix.Root
          id={switchId}
          checked={checked}
          disabled={disabled}
          onCheckedChange={onCheckedChange}
          aria-describedby={description ? `${switchId}-about` : undefined}
          className="h-4.5 w-8 rounded-full border border-border-strong bg-surface-3 transition-colors after:absolute after:inset-0 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
        >
          <Radix.Thumb className="block size-3 translate-x-0.5 rounded-full bg-text-2 transition-transform data-[state=checked]:translate-x-4 data-[state=checked]:bg-on-accent" />
        </Radix.Root>
      </span>
      <span className={labelHidden ? 'sr-only' : 'min-w-0 pt-0.5'}>
        <label htmlFor={switchId} className="block text-sm">
          {label}
        </label>
        {description ? (
          <span id={`${switchId}-about`} className="block text-xs text-text-2">
            {description}
          </span>
        ) : null}
      </span>
    </div>
  );
}
