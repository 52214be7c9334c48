'use client';

import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cn } from './cn';

export interface Tab {
  value: string;
  label: ReactNode;
  content?: ReactNode;
  icon?: ReactNode;
  count?: number | undefined;
  disabled?: boolean;
}

interface Props {
  label: string;
  tabs: readonly Tab[];
  /** A value that no tab has shows the first. */
  value: string;
  onValueChange: (value: string) => void;
  /** Where they do not fit beside each other they take a second row, so that none hides. (Default: they scroll) */
  wraps?: boolean;
  /** To the right of the tabs. */
  actions?: ReactNode;
  className?: string;
}

/** Views of one thing; only the shown one is mounted. Keep `value` in the URL with `useUrlState`. */
export function Tabs({ label, tabs, value, onValueChange, wraps = false, actions, className }: Props) {
  const shown = tabs.some((tab) => tab.value === value) ? value : (tabs[0]?.value ?? '');
  return (
    <Radix.Root
      value={shown}
      onValueChange={onValueChange}
      className={cn('flex min-h-0 flex-col', className)}
    >
      <div className="flex shrink-0 items-center gap-2 border-b border-border px-2">
        <Radix.List
          aria-label={label}
          className={cn(
            'flex min-w-0 flex-1 gap-0.5',
            wraps ? 'flex-wrap' : 'overflow-x-auto [scrollbar-width:none]',
          )}
        >
          {tabs.map((tab) => (
            <Radix.Trigger
              key={tab.value}
              value={tab.value}
              {...(tab.disabled ? { disabled: true } : {})}
              className="relative inline-flex h-9 shrink-0 items-center gap-1.5 px-2.5 text-sm text-text-2 transition-colors outline-offset-[-3px] after:absolute after:inset-x-1.5 after:bottom-0 after:h-0.5 after:rounded-full hover:text-text disabled:opacity-50 data-[state=active]:font-medium data-[state=active]:text-text data-[state=active]:after:bg-accent [&_svg]:size-3.5"
            >
              {tab.icon ? (
                <span aria-hidden className="contents">
                  {tab.icon}
                </span>
              ) : null}
              {tab.label}
              {tab.count === undefined ? null : (
                <span className="rounded-full bg-surface-3 px-1.5 text-2xs font-medium text-text-2 tabular-nums">
                  {tab.count}
                </span>
              )}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {actions}
      </div>
      {tabs.map((tab) =>
        tab.content === undefined ? null : (
          <Radix.Content key={tab.value} value={tab.value} className="min-h-0 flex-1 outline-offset-[-2px]">
            {tab.content}
          </Radix.Content>
        ),
      )}
    </Radix.Root>
  );
}
