'use client';

import { CircleUser, Keyboard, LogOut, Menu, PanelLeftClose, PanelLeftOpen, Search } from 'lucide-react';
import { strings } from '@/components/strings';
import { Avatar } from '../ui/avatar';
import { DropdownMenu } from '../ui/dropdown-menu';
import { IconButton } from '../ui/icon-button';
import { Kbd } from '../ui/kbd';
import { ThemeSwitch } from '../ui/theme';
import { LiveSign, type LiveState } from './live-sign';
import { toTenantItems, type OwnTenant } from './tenant-switch';

const text = strings.shell;

export interface Person {
  displayName: string;
  login: string;
  tenantName: string;
}

interface Props {
  person: Person;
  liveState: LiveState;
  isNarrow: boolean;
  /** Told where the breadcrumbs may be put. */
  onBreadcrumbSlot: (element: HTMLElement | null) => void;
  onSignOut: () => void;
  tenants: readonly OwnTenant[];
  onSwitchTenant: (id: number) => void;
  onOpenNavigation: () => void;
  onToggleNavigation: () => void;
  onOpenPalette: () => void;
  onOpenShortcuts: () => void;
}

/** The bar over every page: where one is, what is live, search, theme, and who one is. */
export function TopBar({ onBreadcrumbSlot, ...props }: Props) {
  return (
    <header className="flex h-12 shrink-0 items-center gap-1 pr-2 pl-2 md:gap-1.5 md:pr-3">
      <IconButton
        label={strings.nav.open}
        icon={<Menu />}
        className="md:hidden"
        onClick={props.onOpenNavigation}
        side="bottom"
      />
      <IconButton
        label={props.isNarrow ? strings.nav.expand : strings.nav.collapse}
        icon={props.isNarrow ? <PanelLeftOpen /> : <PanelLeftClose />}
        shortcut="["
        aria-expanded={!props.isNarrow}
        className="max-md:hidden"
        onClick={props.onToggleNavigation}
        side="bottom"
      />
      <div ref={onBreadcrumbSlot} className="min-w-0 flex-1 px-1" />
      <LiveSign state={props.liveState} />
      <button
        type="button"
        aria-label={text.palette.open}
        aria-keyshortcuts="Control+K"
        onClick={props.onOpenPalette}
        className="flex h-8 items-center gap-2 rounded-md text-xs text-text-3 transition-colors max-lg:w-8 max-lg:justify-center max-lg:hover:bg-surface-2 lg:w-60 lg:border lg:border-border lg:bg-surface lg:pr-1.5 lg:pl-2.5 lg:hover:border-border-strong"
      >
        <Search aria-hidden className="size-4 shrink-0 lg:size-3.5" />
        <span className="min-w-0 flex-1 truncate text-left max-lg:hidden">{text.palette.short}</span>
        <Kbd keys="mod+k" className="max-lg:hidden" />
      </button>
      <IconButton
        label={text.shortcuts.open}
        icon={<Keyboard />}
        shortcut="?"
        className="max-sm:hidden"
        onClick={props.onOpenShortcuts}
        side="bottom"
      />
      <ThemeSwitch />
      <PersonMenu {...props} />
    </header>
  );
}

function PersonMenu({
  person,
  onSignOut,
  tenants,
  onSwitchTenant,
}: Pick<Props, 'person' | 'onSignOut' | 'tenants' | 'onSwitchTenant'>) {
  return (
    <DropdownMenu
      trigger={
        <button
          type="button"
          aria-label={text.person.menu(person.displayName)}
          className="grid size-8 place-items-center rounded-full hover:bg-surface-3"
        >
          <Avatar name={person.displayName} />
        </button>
      }
      items={[
        {
          heading: (
            <span className="block py-0.5">
              <span className="block text-sm font-medium text-text">{person.displayName}</span>
              <span className="block">
                {person.login} · {person.tenantName}
              </span>
            </span>
          ),
        },
        ...toTenantItems(tenants, onSwitchTenant),
        'separator',
        { label: text.person.account, icon: <CircleUser />, href: '/account' },
        { label: text.person.signOut, icon: <LogOut />, onSelect: onSignOut },
      ]}
    />
  );
}
