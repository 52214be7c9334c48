'use client';

import { Search, Star } from 'lucide-react';
import { memo, useMemo, useState, type KeyboardEvent, type Ref } from 'react';
import { Input } from '@/components/ui/input';
import { Tooltip } from '@/components/ui/tooltip';
import { ActionIcon } from '../canvas/action-icon';
import { actionDragType } from '../canvas/drag';
import type { CatalogEntry } from '../canvas/view';
import { studio } from '../strings/studio';
import { useFavouriteActions } from './recent-actions';
import { groupActions, requiredNames } from './palette-groups';

const strings = studio.palette;

/** The actions to build with: search, then press, or drag onto the canvas. Arrow keys walk through them. */
export const Palette = memo(function Palette({
  actions,
  recent,
  onInsert,
  searchRef,
}: {
  actions: readonly CatalogEntry[];
  recent: readonly string[];
  onInsert: (actionRef: string) => void;
  searchRef?: Ref<HTMLInputElement>;
}) {
  const [search, setSearch] = useState('');
  const [favourites, toggle] = useFavouriteActions();
  const groups = useMemo(
    () =>
      groupActions(actions, {
        search,
        recent,
        favourites,
        titles: { recent: strings.recent, favourites: strings.favourites, control: strings.control },
      }),
    [actions, search, recent, favourites],
  );
  const first = groups[0]?.entries[0];
  const onSearchKey = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter' && first && search !== '') {
      event.preventDefault();
      onInsert(first.ref);
      setSearch('');
    } else if (event.key === 'Escape') {
      if (search === '') event.currentTarget.blur();
      else setSearch('');
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      focusItem(event.currentTarget.closest('[data-palette]'), 0);
    }
  };
  return (
    <nav
      aria-label={strings.title}
      data-palette
      className="flex h-full min-h-0 flex-col bg-surface"
      onKeyDown={walk}
    >
      <div className="p-3 pb-2">
        <Input
          ref={searchRef}
          type="search"
          icon={<Search />}
          aria-label={strings.search}
          placeholder={strings.search}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          onKeyDown={onSearchKey}
        />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-4" role="group" aria-label={strings.title}>
        {groups.map((group) => (
          <section key={group.key} aria-label={group.title} className="mb-3">
            <h2 className="px-2 pb-1 text-xs font-medium text-text-2">{group.title}</h2>
            <ul>
              {group.entries.map((entry) => (
                <li key={entry.ref} className="group flex items-center">
                  <Item action={entry} onInsert={onInsert} />
                  <Favour action={entry} isFavourite={favourites.includes(entry.ref)} onToggle={toggle} />
                </li>
              ))}
            </ul>
          </section>
        ))}
        {groups.length === 0 ? <p className="px-2 text-sm text-text-2">{strings.nothing(search)}</p> : null}
      </div>
      <p className="border-t border-border px-4 py-2 text-xs text-text-2">
        <span className="pointer-coarse:hidden">{strings.hint}</span>
        <span className="hidden pointer-coarse:inline">{strings.touchHint}</span>
      </p>
    </nav>
  );
});

function Item({ action, onInsert }: { action: CatalogEntry; onInsert: (ref: string) => void }) {
  const needs = requiredNames(action);
  return (
    <Tooltip
      side="right"
      content={
        <span className="block max-w-64">
          {action.packRef === '' ? null : <span className="block font-mono text-xs">{action.ref}</span>}
          <span className="block">{action.description}</span>
          <span className="block text-xs">
            {needs.length > 0 ? strings.needs(needs.join(', ')) : strings.needsNothing}
          </span>
        </span>
      }
    >
      <button
        type="button"
        draggable
        data-palette-item
        aria-label={strings.add(action.label)}
        className="flex min-w-0 flex-1 cursor-grab items-center gap-2.5 rounded-md px-2 py-1 text-left hover:bg-surface-2 active:cursor-grabbing pointer-coarse:min-h-11"
        onClick={() => onInsert(action.ref)}
        onDragStart={(event) => {
          event.dataTransfer.setData(actionDragType, action.ref);
          event.dataTransfer.effectAllowed = 'copy';
        }}
      >
        <ActionIcon actionRef={action.ref} runtime={action.runtime} size={16} />
        <span className="min-w-0">
          <span className="block truncate text-sm font-medium">{action.label}</span>
          <span className="block truncate text-xs text-text-2">{action.description || action.ref}</span>
        </span>
      </button>
    </Tooltip>
  );
}

function Favour({
  action,
  isFavourite,
  onToggle,
}: {
  action: CatalogEntry;
  isFavourite: boolean;
  onToggle: (ref: string) => void;
}) {
  const label = isFavourite ? strings.unfavour(action.label) : strings.favour(action.label);
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-pressed={isFavourite}
      className="grid size-6 shrink-0 place-items-center rounded-md text-text-3 opacity-0 pointer-coarse:size-10 group-focus-within:opacity-100 group-hover:opacity-100 hover:text-text focus-visible:opacity-100 aria-pressed:text-accent aria-pressed:opacity-100 pointer-coarse:opacity-100"
      onClick={() => onToggle(action.ref)}
    >
      <Star aria-hidden className="size-3.5" fill={isFavourite ? 'currentColor' : 'none'} />
    </button>
  );
}

function walk(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-palette-item]')];
  const here = items.indexOf(document.activeElement as HTMLElement);
  if (here < 0) return;
  event.preventDefault();
  if (event.key === 'ArrowUp' && here === 0) event.currentTarget.querySelector('input')?.focus();
  else items[here + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
}

function focusItem(palette: Element | null, index: number): void {
  palette?.querySelectorAll<HTMLElement>('[data-palette-item]')[index]?.focus();
}
