'use client';

import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { strings } from '@/components/strings';
import { IconButton } from './icon-button';

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
      {description ? <Radix.Description className="mt-0.5 text-sm text-text-2">{description}</Radix.Description> : null}
    </>
  );
  return (
    <>
      {titleHidden ? (
        heading
      ) : (
        <header className="flex items-start gap-3 px-5 pt-4 pb-3">
          <div className="min-w-0 flex-1">{heading}</div>
          <Radix.Close asChild>
            <IconButton label={strings.common.close} icon={<X />} size="sm" className="-mt-0.5 -mr-1.5" />
          </Radix.Close>
        </header>
      )}
      {children ? <div className={titleHidden ? 'min-h-0 flex-1 overflow-auto' : 'min-h-0 flex-1 overflow-auto px-5 pt-1 pb-4'}>{children}</div> : null}
      {footer ? <footer className="flex flex-wrap justify-end gap-2 border-t border-border px-5 py-3">{footer}</footer> : null}
    </>
  );
}
