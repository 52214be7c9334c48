'use client';

import { Dialog as Radix } from 'radix-ui';
import type { ReactElement, ReactNode, RefObject } from 'react';
import { cn } from './cn';
import { OverlayFrame } from './overlay-frame';

const widths = { sm: 'sm:max-w-sm', md: 'sm:max-w-lg', lg: 'sm:max-w-2xl', xl: 'sm:max-w-5xl' } as const;

interface Props {
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  footer?: ReactNode;
  size?: keyof typeof widths;
  /** A button that opens it, where nobody holds `open`. */
  trigger?: ReactElement;
  /** What takes the focus first; else the first thing that can. */
  initialFocus?: RefObject<HTMLElement | null>;
  titleHidden?: boolean;
  className?: string;
  children?: ReactNode;
}

/** A question or form over the page; the page waits. */
export function Dialog({
  open,
  onOpenChange,
  trigger,
  initialFocus,
  size = 'md',
  className,
  description,
  ...frame
}: Props) {
  return (
    <Radix.Root {...(open === undefined ? {} : { open })} {...(onOpenChange ? { onOpenChange } : {})}>
      {trigger ? <Radix.Trigger asChild>{trigger}</Radix.Trigger> : null}
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 animate-fade-in bg-scrim" />
        <Radix.Content
          {...(description ? {} : { 'aria-describedby': undefined })}
          onOpenAutoFocus={(event) => {
            if (!initialFocus?.current) return;
            event.preventDefault();
            initialFocus.current.focus();
          }}
          className={cn(
            'fixed inset-x-2 top-[8vh] z-50 mx-auto flex max-h-[84vh] animate-overlay-in flex-col rounded-xl border border-border bg-overlay shadow-lg outline-none',
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
