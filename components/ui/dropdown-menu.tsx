'use client';

import { Check } from 'lucide-react';
import Link from 'next/link';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import { cn } from './cn';
import { Kbd } from './kbd';

export interface MenuAction {
  key?: string;
  label: ReactNode;
  icon?: ReactNode;
  onSelect?: () => void;
  href?: string;
  danger?: boolean;
  disabled?: boolean;
  shortcut?: string;
  /** Makes it one of several choices, of which this one is or is not in effect. */
  checked?: boolean;
}
export type MenuItem = MenuAction | { heading: ReactNode } | 'separator';

interface Props {
  /** The one button that opens it. */
  trigger: ReactElement;
  items: readonly MenuItem[];
  align?: 'start' | 'center' | 'end';
  side?: 'top' | 'right' | 'bottom' | 'left';
}

/** A few acts behind one button. */
export function DropdownMenu({ trigger, items, align = 'end', side = 'bottom' }: Props) {
  return (
    // Not modal: else the page behind it is hidden from screen readers while parts of it can still be reached by keyboard.
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Items items={items} align={align} side={side} />
    </Radix.Root>
  );
}

/** The same acts at a place of the screen, as a right click opens them. */
export function PointMenu({
  at,
  label,
  items,
  onClose,
}: {
  at: { x: number; y: number };
  label: string;
  items: readonly MenuItem[];
  onClose: () => void;
}) {
  return (
    <Radix.Root open onOpenChange={(open) => (open ? undefined : onClose())} modal={false}>
      <Radix.Trigger asChild>
        <button
          type="button"
          tabIndex={-1}
          aria-label={label}
          className="pointer-events-none fixed size-0"
          style={{ left: at.x, top: at.y }}
        />
      </Radix.Trigger>
      <Items items={items} align="start" side="bottom" />
    </Radix.Root>
  );
}

function Items({
  items,
  align,
  side,
}: {
  items: readonly MenuItem[];
  align: 'start' | 'center' | 'end';
  side: 'top' | 'right' | 'bottom' | 'left';
}) {
  return (
    <Radix.Portal>
      <Radix.Content
        align={align}
        side={side}
        sideOffset={4}
        collisionPadding={8}
        className="z-50 min-w-44 animate-overlay-in rounded-lg border border-border bg-overlay p-1 shadow-lg outline-none"
      >
        {items.map((item, index) =>
          item === 'separator' ? (
            <Radix.Separator key={index} className="-mx-1 my-1 h-px bg-border" />
          ) : 'heading' in item ? (
            <Radix.Label key={index} className="px-2 py-1 text-xs text-text-3">
              {item.heading}
            </Radix.Label>
          ) : (
            <Action key={item.key ?? index} action={item} />
          ),
        )}
      </Radix.Content>
    </Radix.Portal>
  );
}

function Action({ action }: { action: MenuAction }) {
  const { label, icon, onSelect, href, danger, disabled = false, shortcut, checked } = action;
  const content = (
    <>
      {icon ? (
        <span aria-hidden className={cn('[&_svg]:size-4', danger ? '' : 'text-text-3')}>
          {icon}
        </span>
      ) : null}
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {shortcut ? <Kbd keys={shortcut} /> : null}
      {checked ? <Check aria-hidden className="size-4 text-accent" /> : null}
    </>
  );
  const shared = {
    disabled,
    ...(onSelect ? { onSelect } : {}),
    className: cn(
      'flex min-h-7 cursor-pointer items-center gap-2 rounded-md px-2 py-1 text-sm outline-none select-none data-disabled:pointer-events-none data-disabled:opacity-50 data-highlighted:bg-surface-3',
      danger && 'text-danger data-highlighted:bg-danger-soft',
    ),
  };
  if (checked !== undefined)
    return (
      <Radix.CheckboxItem {...shared} checked={checked}>
        {content}
      </Radix.CheckboxItem>
    );
  if (href !== undefined)
    return (
      <Radix.Item {...shared} asChild>
        <Link href={href}>{content}</Link>
      </Radix.Item>
    );
  return <Radix.Item {...shared}>{content}</Radix.Item>;
}
