'use client';

import { RadioGroup as Radix } from 'radix-ui';
import { useId, type ReactNode } from 'react';
import { cn } from './cn';

interface Props {
  label: string;
  value: string;
  onValueChange: (value: string) => void;
  options: readonly { value: string; label: ReactNode; description?: ReactNode; disabled?: boolean }[];
  orientation?: 'vertical' | 'horizontal';
  labelHidden?: boolean;
  className?: string;
}

/** One of a few that are all to be seen. */
export function RadioGroup({
  label,
  value,
  onValueChange,
  options,
  orientation = 'vertical',
  labelHidden = false,
  className,
}: Props) {
  const id = useId();
  return (
    <div className={className}>
      <span id={id} className={labelHidden ? 'sr-only' : 'mb-1 block text-xs font-medium'}>
        {label}
      </span>
      <Radix.Root
        aria-labelledby={id}
        value={value}
        onValueChange={onValueChange}
        orientation={orientation}
        className={cn('flex gap-x-4 gap-y-0.5', orientation === 'vertical' ? 'flex-col' : 'flex-wrap')}
      >
        {options.map((option) => {
          const optionId = `${id}-${option.value}`;
          return (
            <div key={option.value} className={cn('flex items-start gap-2', option.disabled && 'opacity-60')}>
              <span className="relative grid size-6 shrink-0 place-items-center">
                <Radix.Item
                  id={optionId}
                  value={option.value}
                  {...(option.disabled ? { disabled: true } : {})}
                  aria-describedby={option.description ? `${optionId}-about` : undefined}
                  className="grid size-4 place-items-center rounded-full border border-border-strong bg-surface transition-colors after:absolute after:inset-0 hover:border-text-3 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
                >
                  <Radix.Indicator className="size-1.5 rounded-full bg-on-accent" />
                </Radix.Item>
              </span>
              <span className="min-w-0 pt-0.5">
                <label htmlFor={optionId} className="block text-sm">
                  {option.label}
                </label>
                {option.description ? (
                  <span id={`${optionId}-about`} className="block text-xs text-text-2">
                    {option.description}
                  </span>
                ) : null}
              </span>
            </div>
          );
        })}
      </Radix.Root>
    </div>
  );
}
