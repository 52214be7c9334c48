'use client';

import { Command } from 'cmdk';
import { Check, ChevronsUpDown, Search, X } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useId, useState, type ReactNode } from 'react';
import { strings } from '@/components/strings';
import { cn } from './cn';
import { controlClasses } from './control-classes';
import { useFieldControl } from './field';
import { toGroups } from './option-groups';

export interface ComboboxOption {
  value: string;
  label: string;
  description?: string | undefined;
  group?: string | undefined;
  keywords?: readonly string[];
  icon?: ReactNode;
}

interface Props {
  value: string | null;
  onValueChange: (value: string | null) => void;
  options: readonly ComboboxOption[];
  label?: string;
  placeholder?: string;
  searchPlaceholder?: string;
  emptyText?: string;
  clearable?: boolean;
  disabled?: boolean;
  invalid?: boolean;
  id?: string | undefined;
  'aria-describedby'?: string | undefined;
  /** Also gives the search to whoever loads the options. */
  onSearchChange?: (search: string) => void;
  className?: string;
}

/** One of many, found by typing. */
export function Combobox({
  value,
  onValueChange,
  options,
  label,
  placeholder,
  clearable = false,
  disabled,
  invalid,
  className,
  ...rest
}: Props) {
  const [open, setOpen] = useState(false);
  const listId = useId();
  const control = useFieldControl({ id: rest.id, 'aria-describedby': rest['aria-describedby'], invalid });
  const chosen = options.find((option) => option.value === value);
  const choose = (next: string | null) => {
    onValueChange(next);
    setOpen(false);
  };
  const canClear = clearable && value !== null && !disabled;
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <div className={cn('relative w-full', className)}>
        <Popover.Trigger asChild>
          <button
            type="button"
            {...control}
            role="combobox"
            aria-expanded={open}
            aria-controls={open ? listId : undefined}
            aria-haspopup="listbox"
            aria-label={label}
            disabled={disabled}
            className={controlClasses('md', 'flex items-center gap-1.5 text-left', canClear && 'pr-8')}
          >
            {chosen?.icon ? (
              <span aria-hidden className="text-text-3 [&_svg]:size-4">
                {chosen.icon}
              </span>
            ) : null}
            <span className={cn('min-w-0 flex-1 truncate', value === null && 'text-text-3')}>
              {chosen?.label ?? value ?? placeholder ?? strings.common.choose}
            </span>
            {canClear ? null : <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-text-3" />}
          </button>
        </Popover.Trigger>
        {canClear ? (
          <button
            type="button"
            aria-label={strings.common.clear}
            onClick={() => onValueChange(null)}
            className="absolute top-1 right-1 grid size-6 place-items-center rounded-sm text-text-3 hover:bg-surface-2 hover:text-text"
          >
            <X aria-hidden className="size-3.5" />
          </button>
        ) : null}
      </div>
      <Popover.Portal>
        <Popover.Content
          aria-label={label ?? strings.common.choose}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 w-max max-w-[min(28rem,calc(100vw-1rem))] min-w-(--radix-popover-trigger-width) animate-overlay-in overflow-hidden rounded-lg border border-border bg-overlay shadow-lg"
        >
          <Command
            label={label ?? placeholder ?? strings.common.choose}
            loop
            {...(chosen ? { defaultValue: chosen.value } : {})}
          >
            <div className="flex items-center gap-2 border-b border-border px-2.5">
              <Search aria-hidden className="size-3.5 shrink-0 text-text-3" />
              <Command.Input
                placeholder={rest.searchPlaceholder ?? strings.common.search}
                {...(rest.onSearchChange ? { onValueChange: rest.onSearchChange } : {})}
                className="h-9 w-full min-w-0 bg-transparent text-sm outline-none"
              />
            </div>
            <Command.List id={listId} className="max-h-72 overflow-auto p-1 [&:focus-visible]:outline-none">
              <Command.Empty className="px-2 py-4 text-center text-xs text-text-2">
                {rest.emptyText ?? strings.common.nothingFound}
              </Command.Empty>
              {toGroups(options).map(({ group, options: members }) => (
                <Command.Group
                  key={group ?? ''}
                  heading={group}
                  className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-text-3"
                >
                  {members.map((option) => (
                    <Option
                      key={option.value}
                      option={option}
                      isChosen={option.value === value}
                      onChoose={choose}
                    />
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Option({
  option,
  isChosen,
  onChoose,
}: {
  option: ComboboxOption;
  isChosen: boolean;
  onChoose: (value: string) => void;
}) {
  return (
    <Command.Item
      value={option.value}
      keywords={[option.label, ...(option.keywords ?? [])]}
      onSelect={() => onChoose(option.value)}
      className="flex min-h-8 cursor-pointer items-center gap-2 rounded-md px-2 py-1 text-sm data-[selected=true]:bg-surface-3"
    >
      {option.icon ? (
        <span aria-hidden className="text-text-3 [&_svg]:size-4">
          {option.icon}
        </span>
      ) : null}
      <span className="min-w-0 flex-1">
        <span className="block truncate">{option.label}</span>
        {option.description ? (
          <span className="block truncate text-xs text-text-2">{option.description}</span>
        ) : null}
      </span>
      {isChosen ? <Check aria-hidden className="size-4 text-accent" /> : null}
    </Command.Item>
  );
}
