'use client';

import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { strings } from '@/components/strings';

/** Head, body and foot that dialogs and sheets share. */
export function OverlayFrame({
  title,
  titleHidden = false,
  description,
  footer,
  children,
}: {
  title: ReactNode;
  titleHidden?: boolean;
  description?: ReactNode;
  footer?: ReactNode;
  children?: ReactNode;
}) {
  const heading = (
    <>
      <Radix.Title className={titleHidden ? 'sr-only' : 'text-base font-semibold'}>{title}</Radix.Title>
      {description ? (
        <Radix.Description className="mt-0.5 text-sm text-text-2">{description}</Radix.Description>
      ) : null}
    </>
  );
  return (
    <>
      {titleHidden ? heading : <header className="py-4 pr-12 pl-5">{heading}</header>}
      {children ? (
        <div
          className={
            titleHidden ? 'min-h-0 flex-1 overflow-auto' : 'min-h-0 flex-1 overflow-auto px-5 pt-1 pb-4'
          }
        >
          {children}
        </div>
      ) : null}
      {footer ? (
        <footer className="flex flex-wrap justify-end gap-2 border-t border-border px-5 py-3">
          {footer}
        </footer>
      ) : null}
      {/* Last, so that what is asked for takes the focus first. */}
      {titleHidden ? null : (
        <Radix.Close
          aria-label={strings.common.close}
          className="absolute top-3 right-3 grid size-7 place-items-center rounded-md text-text-3 hover:bg-surface-3 hover:text-text"
        >
          <X aria-hidden className="size-4" />
        </Radix.Close>
      )}
    </>
  );
}
