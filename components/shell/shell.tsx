'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { strings } from '@/components/strings';
import { BreadcrumbSlot } from '../ui/breadcrumbs';
import { cn } from '../ui/cn';
import { Sheet } from '../ui/sheet';
import { SkeletonRows } from '../ui/skeleton';
import { CommandPalette } from './command-palette';
import { CommandsProvider, useCommands } from './commands';
import { destinationGroups } from './destinations';
import type { LiveState } from './live-sign';
import { Mark } from './mark';
import { Navigation } from './navigation';
import { ShortcutsProvider, useShortcuts } from './shortcuts';
import { ShortcutsSheet } from './shortcuts-sheet';
import { useTenantCommands, type OwnTenant } from './tenant-switch';
import { TopBar, type Person } from './top-bar';
import { useIsNarrow } from './use-is-narrow';

export interface ShellProps {
  /** With an empty login until it is known: the navigation waits. */
  person: Person;
  counts: { inbox: number };
  /** Whether the person holds a right, written `rules:read`. */
  can: (right: string) => boolean;
  onSignOut: () => void;
  /** Those that the person may switch to, and the one that they are in. */
  tenants: readonly OwnTenant[];
  onSwitchTenant: (id: number) => void;
  liveState: LiveState;
  children: ReactNode;
}

/** The frame of every signed-in page. The page scrolls in `main`; `h-full` in it is the height that is left. */
export function Shell(props: ShellProps) {
  return (
    <ShortcutsProvider>
      <CommandsProvider>
        <Frame {...props} />
      </CommandsProvider>
    </ShortcutsProvider>
  );
}

function Frame({ person, counts, can, onSignOut, tenants, onSwitchTenant, liveState, children }: ShellProps) {
  const [isNarrow, setIsNarrow] = useIsNarrow();
  const [isDrawerOpen, setIsDrawerOpen] = useState(false);
  const [isPaletteOpen, setIsPaletteOpen] = useState(false);
  const [areShortcutsOpen, setAreShortcutsOpen] = useState(false);
  const [breadcrumbSlot, setBreadcrumbSlot] = useState<HTMLElement | null>(null);
  const openPalette = () => setIsPaletteOpen(true);
  const openShortcuts = () => setAreShortcutsOpen(true);
  useNavigationKeys(can);
  useTenantCommands(tenants, onSwitchTenant);
  useShortcuts([
    {
      keys: 'mod+k',
      label: strings.shell.palette.open,
      group: strings.shell.shortcuts.everywhere,
      run: () => setIsPaletteOpen((open) => !open),
    },
    {
      keys: '?',
      label: strings.shell.shortcuts.title,
      group: strings.shell.shortcuts.everywhere,
      run: openShortcuts,
    },
    {
      keys: '[',
      label: strings.nav.collapse,
      group: strings.shell.shortcuts.everywhere,
      run: () => setIsNarrow(!isNarrow),
    },
  ]);

  return (
    <>
      <a
        href="#main"
        className="fixed top-2 left-2 z-70 -translate-y-16 rounded-md bg-accent px-3 py-2 text-sm font-medium text-on-accent focus:translate-y-0"
      >
        {strings.shell.skip}
      </a>
      <div className="flex h-dvh overflow-hidden bg-ground">
        <aside className={cn('flex shrink-0 flex-col max-md:hidden', isNarrow ? 'w-13' : 'w-54')}>
          <Brand tenantName={person.tenantName} isNarrow={isNarrow} />
          {person.login === '' ? (
            <SkeletonRows rows={6} className="px-4 pt-2" />
          ) : (
            <Navigation inboxCount={counts.inbox} can={can} isNarrow={isNarrow} />
          )}
        </aside>
        <div className="flex min-w-0 flex-1 flex-col">
          <TopBar
            person={person}
            liveState={liveState}
            isNarrow={isNarrow}
            onBreadcrumbSlot={setBreadcrumbSlot}
            onSignOut={onSignOut}
            tenants={tenants}
            onSwitchTenant={onSwitchTenant}
            onOpenNavigation={() => setIsDrawerOpen(true)}
            onToggleNavigation={() => setIsNarrow(!isNarrow)}
            onOpenPalette={openPalette}
            onOpenShortcuts={openShortcuts}
          />
          <main
            id="main"
            tabIndex={-1}
            className="relative min-h-0 flex-1 overflow-auto border-t border-border bg-surface md:mr-2 md:mb-2 md:rounded-lg md:border md:shadow-sm"
          >
            <BreadcrumbSlot value={breadcrumbSlot}>{children}</BreadcrumbSlot>
          </main>
        </div>
      </div>
      <Sheet
        open={isDrawerOpen}
        onOpenChange={setIsDrawerOpen}
        side="left"
        size="sm"
        title={strings.common.product}
        className="bg-ground"
      >
        <div className="-mx-3">
          <Navigation inboxCount={counts.inbox} can={can} onLeave={() => setIsDrawerOpen(false)} />
        </div>
      </Sheet>
      <CommandPalette open={isPaletteOpen} onOpenChange={setIsPaletteOpen} />
      <ShortcutsSheet open={areShortcutsOpen} onOpenChange={setAreShortcutsOpen} />
    </>
  );
}

function Brand({ tenantName, isNarrow }: { tenantName: string; isNarrow: boolean }) {
  return (
    <div className={cn('flex h-12 shrink-0 items-center px-3', isNarrow && 'justify-center px-0')}>
      <Link
        href="/"
        aria-label={strings.nav.goTo(strings.nav.home)}
        className="flex min-w-0 items-center gap-2.5 rounded-md p-1"
      >
        <Mark className="shrink-0" />
        {isNarrow ? null : (
          <span className="min-w-0 truncate text-sm">
            <span className="font-semibold">{strings.common.product}</span>
            <span className="ml-1.5 text-text-3">{tenantName}</span>
          </span>
        )}
      </Link>
    </div>
  );
}

/** `g` and a letter leads to each page that the person may see; the palette leads there too. */
function useNavigationKeys(can: (right: string) => boolean): void {
  const router = useRouter();
  const allowed = destinationGroups
    .flatMap(({ destinations }) => destinations)
    .filter(({ right }) => right === undefined || can(right));
  useShortcuts(
    allowed.map(({ label, href, letter }) => ({
      keys: `g ${letter}`,
      label,
      group: strings.shell.shortcuts.navigation,
      run: () => router.push(href),
    })),
  );
  useCommands(
    allowed.map(({ key, label, href, letter, icon: Icon }) => ({
      id: `go-${key}`,
      group: 'go',
      label,
      icon: <Icon />,
      shortcut: `g ${letter}`,
      run: () => router.push(href),
    })),
  );
}
