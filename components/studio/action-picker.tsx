'use client';

import { Popover } from 'radix-ui';
import { ActionIcon } from '../canvas/action-icon';
import type { Point } from '../canvas/geometry';
import type { CatalogEntry } from '../canvas/view';
import { studio } from '../strings/studio';
import { groupActions } from './palette-groups';
import { PickList } from '@/components/ui/pick-list';

/** A list of actions at a place of the screen: what should stand there? */
export function ActionPicker({
  at,
  actions,
  recent,
  words,
  onPick,
  onClose,
}: {
  at: Point;
  actions: readonly CatalogEntry[];
  recent: readonly string[];
  /** What is asked for. */
  words: { title: string; search: string; nothing: string };
  onPick: (actionRef: string) => void;
  onClose: () => void;
}) {
  const titles = { recent: studio.palette.recent, control: studio.palette.control };
  const groups = groupActions(actions, { search: '', recent, titles }).map((group) => ({
    heading: group.title,
    options: group.entries.map((action) => ({
      value: action.ref,
      label: action.label,
      ...(action.packRef === '' ? {} : { detail: action.ref }),
      icon: <ActionIcon actionRef={action.ref} runtime={action.runtime} size={16} />,
    })),
  }));
  return (
    <Popover.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Popover.Anchor asChild>
        <span className="pointer-events-none fixed size-0" style={{ left: at.x, top: at.y }} />
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          side="bottom"
          align="center"
          sideOffset={6}
          collisionPadding={12}
          aria-label={words.title}
          className="z-50 w-72 overflow-hidden rounded-lg border border-border bg-overlay shadow-lg"
        >
          <PickList
            label={words.title}
            placeholder={words.search}
            empty={words.nothing}
            groups={groups}
            onPick={onPick}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
