'use client';

import { Command } from 'cmdk';
import type { ReactNode } from 'react';

export interface PickGroup {
  heading: string;
  options: { value: string; label: string; detail?: string; icon?: ReactNode }[];
}

/** A search field with a list below: type, arrow keys, Enter. */
export function PickList({
  label,
  placeholder,
  empty,
  groups,
  onPick,
}: {
  label: string;
  placeholder: string;
  empty: string;
  groups: readonly PickGroup[];
  onPick: (value: string) => void;
}) {
  return (
    <Command label={label} className="flex max-h-80 flex-col">
      <Command.Input
        autoFocus
        placeholder={placeholder}
        aria-label={placeholder}
        className="h-10 w-full border-b border-border bg-transparent px-3 text-sm outline-none placeholder:text-text-3"
      />
      <Command.List className="min-h-0 flex-1 overflow-y-auto p-1.5">
        <Command.Empty className="p-3 text-sm text-text-2">{empty}</Command.Empty>
        {groups.map((group) => (
          <Command.Group
            key={group.heading}
            heading={group.heading}
            className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-text-2"
          >
            {group.options.map((option) => (
              <Command.Item
                key={`${group.heading} ${option.value}`}
                value={`${group.heading} ${option.value}`}
                keywords={[option.label, option.detail ?? '']}
                onSelect={() => onPick(option.value)}
                className="flex cursor-pointer items-center gap-2.5 rounded-md px-2 py-1.5 text-sm data-[selected=true]:bg-surface-2"
              >
                {option.icon}
                <span className="min-w-0">
                  <span className="block truncate font-medium">{option.label}</span>
                  {option.detail ? (
                    <span className="block truncate text-xs text-text-2">{option.detail}</span>
                  ) : null}
                </span>
              </Command.Item>
            ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command>
  );
}
