'use client';

import { ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { createContext, Fragment, useContext, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { strings } from '@/components/strings';

export interface Crumb {
  label: ReactNode;
  href?: string | undefined;
}

/** Where the frame wants the breadcrumbs: an element, null until it stands, undefined where there is no frame. */
export const BreadcrumbSlot = createContext<HTMLElement | null | undefined>(undefined);

/** The way here. In the frame it is shown in the top bar; without one, where it is written. */
export function Breadcrumbs({ crumbs }: { crumbs: readonly Crumb[] }) {
  const slot = useContext(BreadcrumbSlot);
  if (crumbs.length === 0 || slot === null) return null;
  const list = <CrumbList crumbs={crumbs} />;
  return slot ? createPortal(list, slot) : list;
}

function CrumbList({ crumbs }: { crumbs: readonly Crumb[] }) {
  return (
    <nav aria-label={strings.common.breadcrumbs} className="min-w-0">
      <ol className="flex min-w-0 items-center gap-1 text-sm">
        {crumbs.map(({ label, href }, index) => {
          const isLast = index === crumbs.length - 1;
          return (
            <Fragment key={index}>
              {index > 0 ? (
                <li aria-hidden className="text-text-3">
                  <ChevronRight className="size-3.5" />
                </li>
              ) : null}
              <li className={isLast ? 'min-w-0 truncate' : 'max-w-48 min-w-8 truncate'}>
                {href && !isLast ? (
                  <Link
                    href={href}
                    className="inline-flex h-6 items-center rounded-sm px-1 text-text-2 hover:bg-surface-3 hover:text-text"
                  >
                    {label}
                  </Link>
                ) : (
                  <span className="px-1 text-text" aria-current={isLast ? 'page' : undefined}>
                    {label}
                  </span>
                )}
              </li>
            </Fragment>
          );
        })}
      </ol>
    </nav>
  );
}
