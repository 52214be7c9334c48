'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { strings } from '@/components/strings';
import { cn } from '../ui/cn';
import { Tooltip } from '../ui/tooltip';
import { destinationGroups, isAt, type Destination } from './destinations';

const text = strings.nav;

interface Props {
  inboxCount: number;
  can: (right: string) => boolean;
  /** Only icons, the names as tooltips. */
  isNarrow?: boolean;
  /** Called when somebody goes somewhere: the drawer closes. */
  onLeave?: () => void;
}

/** Where one can go. */
export function Navigation({ inboxCount, can, isNarrow = false, onLeave }: Props) {
  const path = usePathname();
  return (
    <nav aria-label={text.label} className="min-h-0 flex-1 overflow-x-hidden overflow-y-auto px-2 pb-3">
      {destinationGroups.map(({ heading, destinations }) => {
        const allowed = destinations.filter(({ right }) => right === undefined || can(right));
        if (allowed.length === 0) return null;
        return (
          <div key={heading ?? ''} className={heading ? 'mt-4' : ''}>
            {heading ? (
              <p id={`nav-${heading}`} className={cn('px-2 pb-1 text-xs text-text-3', isNarrow && 'sr-only')}>
                {heading}
              </p>
            ) : null}
            {heading && isNarrow ? <div aria-hidden className="mx-2 mb-2 h-px bg-border" /> : null}
            <ul aria-labelledby={heading ? `nav-${heading}` : undefined} className="space-y-px">
              {allowed.map((destination) => (
                <li key={destination.key}>
                  <NavLink
                    destination={destination}
                    isCurrent={isAt(path, destination.href)}
                    count={destination.key === 'inbox' ? inboxCount : 0}
                    isNarrow={isNarrow}
                    {...(onLeave ? { onLeave } : {})}
                  />
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}

interface NavLinkProps {
  destination: Destination;
  isCurrent: boolean;
  count: number;
  isNarrow: boolean;
  onLeave?: () => void;
}

function NavLink({ destination, isCurrent, count, isNarrow, onLeave }: NavLinkProps) {
  const { label, href, icon: Icon, letter } = destination;
  const link = (
    <Link
      href={href}
      aria-current={isCurrent ? 'page' : undefined}
      {...(onLeave ? { onClick: onLeave } : {})}
      className={cn(
        'relative flex h-8 items-center gap-2.5 rounded-md px-2 text-sm transition-colors',
        isCurrent
          ? 'bg-surface-3 font-medium text-text'
          : 'text-text-2 hover:bg-surface-3/60 hover:text-text',
        isNarrow && 'justify-center px-0',
      )}
    >
      <Icon aria-hidden className={cn('size-4 shrink-0', isCurrent ? 'text-accent' : '')} />
      <span className={isNarrow ? 'sr-only' : 'min-w-0 flex-1 truncate'}>{label}</span>
      {count > 0 ? <Count count={count} isNarrow={isNarrow} /> : null}
    </Link>
  );
  return isNarrow ? (
    <Tooltip content={label} side="right" shortcut={`g ${letter}`}>
      {link}
    </Tooltip>
  ) : (
    link
  );
}

function Count({ count, isNarrow }: { count: number; isNarrow: boolean }) {
  return (
    <span
      className={cn(
        'rounded-full bg-accent text-center font-semibold text-on-accent tabular-nums',
        isNarrow
          ? 'absolute -top-0.5 right-0 min-w-4 px-1 text-2xs leading-4'
          : 'min-w-5 px-1.5 text-2xs leading-4.5',
      )}
    >
      <span aria-hidden>{count > 99 ? '99+' : count}</span>
      <span className="sr-only">, {text.waitingForYou(count)}</span>
    </span>
  );
}
