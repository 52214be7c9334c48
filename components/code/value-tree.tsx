'use client';

import { ChevronRight, CornerUpLeft, GripVertical } from 'lucide-react';
import { useState } from 'react';
import { cn } from '@/components/ui/cn';
import { DropdownMenu, type MenuItem } from '@/components/ui/dropdown-menu';
import type { Json } from '@/engine/expression/expression';
import { code as strings } from '../strings/code';
import { toLine } from './preview';
import { dragPath, memberPath } from './value-path';

const firstMembers = 50;
const deepest = 12;

/**
 * A value as a tree that folds. Each part can be dragged into a field of an expression, which takes its path; with
 * the keyboard the same paths come from the field's own list. With `menuOf` each part has a button that says where
 * its value can be put.
 */
export function ValueTree({
  value,
  path,
  label,
  openDepth = 1,
  menuOf,
}: {
  value: Json;
  /** What an expression calls it, such as `task.build.result`. */
  path: string;
  label: string;
  openDepth?: number;
  menuOf?: (value: Json) => readonly MenuItem[];
}) {
  return (
    <div
      role="group"
      aria-label={label}
      tabIndex={0}
      className="max-h-80 overflow-auto rounded-lg border border-border bg-surface-code p-1.5 font-mono text-xs leading-5"
    >
      <Part {...{ name: label, value, path, openDepth, menuOf }} depth={0} />
    </div>
  );
}

interface PartProps {
  name: string;
  value: Json;
  path: string;
  depth: number;
  openDepth: number;
  menuOf: ((value: Json) => readonly MenuItem[]) | undefined;
}

function Part({ name, value, path, depth, openDepth, menuOf }: PartProps) {
  const isBranch = typeof value === 'object' && value !== null && depth < deepest;
  const [isOpen, setIsOpen] = useState(depth < openDepth);
  const [shown, setShown] = useState(firstMembers);
  const members: [string | number, Json][] = !isBranch
    ? []
    : Array.isArray(value)
      ? value.slice(0, shown).map((member, index) => [index, member])
      : Object.entries(value).slice(0, shown);
  const count = isBranch ? Object.keys(value).length : 0;
  const handle = {
    draggable: true,
    title: strings.tree.insertable(path),
    onDragStart: (event: React.DragEvent) => {
      event.stopPropagation();
      dragPath(event.dataTransfer, path, value);
    },
  };
  const row = 'group flex w-full min-w-0 items-center rounded-sm text-left hover:bg-surface-2';
  const grip = (
    <GripVertical
      size={12}
      aria-hidden="true"
      className="shrink-0 cursor-grab text-text-3 opacity-0 group-hover:opacity-100"
    />
  );
  const put = menuOf ? <PutMenu path={path} items={menuOf(value)} /> : null;
  if (!isBranch || count === 0) {
    return (
      <div {...handle} data-path={path} className={cn(row, 'pl-4')}>
        {grip}
        <span className="shrink-0 text-text-2">{name}:&nbsp;</span>
        <span className="min-w-0 flex-1 truncate">
          {isBranch ? strings.tree.empty : typeof value === 'string' ? `"${toLine(value)}"` : toLine(value)}
        </span>
        {put}
      </div>
    );
  }
  return (
    <div>
      <div className="flex items-center">
        <button
          {...handle}
          data-path={path}
          type="button"
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
          className={cn(row, 'min-h-6')}
        >
          <ChevronRight
            aria-hidden="true"
            className={cn('size-4 shrink-0 text-text-3 transition-transform', isOpen && 'rotate-90')}
          />
          {grip}
          <span className="min-w-0 truncate">
            <span className="text-text-2">{name}</span>{' '}
            <span className="text-text-2">
              {Array.isArray(value) ? strings.tree.items(count) : strings.tree.keys(count)}
            </span>
          </span>
        </button>
        {put}
      </div>
      {isOpen ? (
        <div className="ml-2 border-l border-border pl-1">
          {members.map(([key, member]) => (
            <Part
              key={key}
              name={String(key)}
              value={member}
              path={memberPath(path, key)}
              depth={depth + 1}
              openDepth={openDepth}
              menuOf={menuOf}
            />
          ))}
          {count > shown ? (
            <button type="button" className="link ml-4 min-h-6" onClick={() => setShown(shown + 500)}>
              {strings.tree.more(count - shown)}
            </button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function PutMenu({ path, items }: { path: string; items: readonly MenuItem[] }) {
  return (
    <DropdownMenu
      trigger={
        <button
          type="button"
          aria-label={strings.tree.put(path)}
          title={strings.tree.put(path)}
          className="grid size-6 shrink-0 place-items-center rounded-sm text-text-2 hover:bg-surface-3 hover:text-text"
        >
          <CornerUpLeft aria-hidden="true" className="size-3.5" />
        </button>
      }
      items={items}
    />
  );
}
