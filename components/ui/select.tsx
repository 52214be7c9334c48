'use client';

import { Check, ChevronDown } from 'lucide-react';
import { Select as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { controlClasses } from './control-classes';
import { useFieldControl } from './field';
import { toGroups } from './option-groups';

export interface SelectOption {
  value: string;
  label: string;
  description?: string | undefined;
  icon?: ReactNode;
  disabled?: boolean;
  group?: string | undefined;
}

interface Props {
  value: string;
  onValueChange: (value: string) => void;
  options: readonly SelectOption[];
  /** Shown inside as a prefix ("State: all"), for filters that stand without a field. */
  label?: string;
  'aria-label'?: string;
  placeholder?: string;
  size?: 'sm' | 'md';
  id?: string;
  'aria-describedby'?: string | undefined;
  name?: string;
  disabled?: boolean;
  invalid?: boolean;
  className?: string;
}

// Radix keeps the empty value for "nothing chosen"; ours may be a choice like any other.
const empty = '\u0000';
const toRadix = (value: string) => (value === '' ? empty : value);

/** One of a few. For many, or with a search, take `Combobox`. */
export function Select({
  value,
  onValueChange,
  options,
  label,
  placeholder,
  size = 'md',
  name,
  disabled,
  invalid,
  className,
  ...rest
}: Props) {
  const control = useFieldControl({ id: rest.id, 'aria-describedby': rest['aria-describedby'], invalid });
  const chosen = options.find((option) => option.value === value);
  return (
    <Radix.Root
      value={chosen ? toRadix(value) : ''}
      onValueChange={(next) => onValueChange(next === empty ? '' : next)}
      {...(name === undefined ? {} : { name })}
      {...(disabled === undefined ? {} : { disabled })}
    >
      <Radix.Trigger
        {...control}
        aria-label={rest['aria-label'] ?? label}
        className={controlClasses(
          size,
          'flex cursor-pointer items-center gap-1.5 text-left',
          label ? 'w-auto max-w-full' : undefined,
          'data-placeholder:text-text-3',
          className,
        )}
      >
        {label ? <span className="shrink-0 text-text-3">{label}</span> : null}
        <span className="min-w-0 flex-1 truncate">
          <Radix.Value placeholder={placeholder}>{chosen?.label}</Radix.Value>
        </span>
        <ChevronDown aria-hidden className="size-3.5 shrink-0 text-text-3" />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) animate-overlay-in overflow-hidden rounded-lg border border-border bg-overlay shadow-lg"
        >
          <Radix.Viewport className="p-1">
            {toGroups(options).map(({ group, options: members }) => (
              <Radix.Group key={group ?? ''}>
                {group ? (
                  <Radix.Label className="px-2 pt-2 pb-1 text-xs text-text-3">{group}</Radix.Label>
                ) : null}
                {members.map((option) => (
                  <Item key={option.value} option={option} />
                ))}
              </Radix.Group>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Item({ option }: { option: SelectOption }) {
  return (
    <Radix.Item
      value={toRadix(option.value)}
      {...(option.disabled ? { disabled: true } : {})}
      className="flex min-h-7 cursor-pointer items-center gap-2 rounded-md py-1 pr-2 pl-2 text-sm outline-none select-none data-disabled:pointer-events-none data-disabled:opacity-50 data-highlighted:bg-surface-3"
    >
      {option.icon ? (
        <span aria-hidden className="text-text-3 [&_svg]:size-4">
          {option.icon}
        </span>
      ) : null}
      <span className="min-w-0 flex-1">
        <Radix.ItemText>{option.label}</Radix.ItemText>
        {option.description ? <span className="block text-xs text-text-2">{option.description}</span> : null}
      </span>
      <span className="grid size-4 place-items-center text-accent">
        <Radix.ItemIndicator>
          <Check className="size-4" />
        </Radix.ItemIndicator>
      </span>
    </Radix.Item>
  );
}
