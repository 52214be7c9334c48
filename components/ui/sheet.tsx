'use client';

import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cn } from './cn';
import { OverlayFrame } from './overlay-frame';

const widths = { sm: 'max-w-72', md: 'sm:max-w-md', lg: 'sm:max-w-2xl' } as const;
const sides = {
  left: 'left-0 border-r animate-sheet-left',
  right: 'right-0 border-l animate-sheet-right',
} as const;

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  side?: keyof typeof sides;
  size?: keyof typeof widths;
  footer?: ReactNode;
  titleHidden?: boolean;
  className?: string;
  children?: ReactNode;
}

/** A drawer from the side, for what belongs beside the page. */
export function Sheet({
  open,
  onOpenChange,
  side = 'right',
  size = 'md',
  className,
  description,
  ...frame
}: Props) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 animate-fade-in bg-scrim" />
        <Radix.Content
          {...(description ? {} : { 'aria-describedby': undefined })}
          className={cn(
            'fixed inset-y-0 z-50 flex w-[calc(100vw-2.5rem)] flex-col border-border bg-overlay shadow-lg outline-none',
            sides[side],
            widths[size],
            className,
          )}
        >
          <OverlayFrame description={description} {...frame} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
