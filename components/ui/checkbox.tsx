'use client';

import { Check, Minus } from 'lucide-react';
import { Checkbox as Radix } from 'radix-ui';
import { useId, type ReactNode } from 'react';
import { cn } from './cn';

interface Props {
  label: ReactNode;
  checked: boolean | 'indeterminate';
  onCheckedChange: (checked: boolean) => void;
  description?: ReactNode;
  disabled?: boolean;
  id?: string;
  labelHidden?: boolean;
  className?: string;
}

/** Yes or no, or for some of many: in between. */
export function Checkbox({
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
  const boxId = id ?? ownId;
  return (
    <div className={cn('flex items-start gap-2', disabled && 'opacity-60', className)}>
      <span className="relative grid size-6 shrink-0 place-items-center">
        <Radix.Root
          id={boxId}
          checked={checked}
          disabled={disabled}
          onCheckedChange={(next) => onCheckedChange(next === true)}
          aria-describedby={description ? `${boxId}-about` : undefined}
          className="grid size-4 place-items-center rounded-sm border border-border-strong bg-surface text-on-accent transition-colors after:absolute after:inset-0 hover:border-text-3 data-[state=checked]:border-accent data-[state=checked]:bg-accent data-[state=indeterminate]:border-accent data-[state=indeterminate]:bg-accent"
        >
          <Radix.Indicator>
            {checked === 'indeterminate' ? (
              <Minus className="size-3" strokeWidth={3} />
            ) : (
              <Check className="size-3" strokeWidth={3} />
            )}
          </Radix.Indicator>
        </Radix.Root>
      </span>
      <span className={labelHidden ? 'sr-only' : 'min-w-0 pt-0.5'}>
        <label htmlFor={boxId} className="block text-sm">
          {label}
        </label>
        {description ? (
          <span id={`${boxId}-about`} className="block text-xs text-text-2">
            {description}
          </span>
        ) : null}
      </span>
    </div>
  );
}
