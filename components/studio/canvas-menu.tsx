'use client';

import { toast } from '@/components/ui/toast';
import { PointMenu, type MenuItem } from '@/components/ui/dropdown-menu';
import { hasNeighboursToJoin, reachedTasks } from '@/engine/definition/edit-lines';
import type { Point } from '../canvas/geometry';
import type { CanvasEdits } from '../canvas/view';
import { studio } from '../strings/studio';
import { markItems } from './mark-items';
import { useStudio } from './studio-context';

const strings = studio.menu;

export interface MenuRequest {
  screen: Point;
  /** Null where there is no canvas, in the outline. */
  at: Point | null;
}

/** What can be done with what is chosen, or with the canvas: by right click, by the menu key, and by the button. */
export function CanvasMenu({
  request,
  edits,
  onConnect,
  onRename,
  onClose,
}: {
  request: MenuRequest;
  edits: CanvasEdits | null;
  onConnect: () => void;
  onRename: () => void;
  onClose: () => void;
}) {
  const { draft, selection, select, edit } = useStudio();
  const { tasks, transition } = selection;
  const { definition } = draft;
  const all = definition.tasks.map(({ name }) => name);
  const choose = (names: readonly string[]) => select({ tasks: names, transition: null });
  const items: MenuItem[] = [];
  const changing = edits !== null;
  if (tasks.length > 0) {
    if (changing && tasks.length === 1)
      items.push(
        { label: strings.connect, shortcut: 'c', onSelect: onConnect },
        // The menu hands the focus back when it goes; the name field wants it after that.
        { label: strings.rename, shortcut: 'f2', onSelect: () => setTimeout(onRename) },
        'separator',
      );
    if (changing) {
      items.push({
        label: strings.cut,
        shortcut: 'mod+x',
        onSelect: () => {
          void write(edits.copy(tasks));
          edits.remove({ tasks, transition: null });
        },
      });
      items.push({ label: strings.copy, shortcut: 'mod+c', onSelect: () => void write(edits.copy(tasks)) });
      items.push({ label: strings.group, shortcut: 'mod+g', onSelect: () => edits.group(tasks) });
      items.push({ label: strings.duplicate, shortcut: 'mod+d', onSelect: () => edits.duplicate(tasks) });
      items.push('separator', ...markItems({ draft, edit }, tasks), 'separator');
    }
    items.push(
      {
        label: strings.upstream,
        shortcut: 'u',
        onSelect: () => choose(reachedTasks(definition, tasks, 'upstream')),
      },
      {
        label: strings.downstream,
        shortcut: 'd',
        onSelect: () => choose(reachedTasks(definition, tasks, 'downstream')),
      },
    );
    if (changing) {
      if (tasks.length > 1) items.push({ label: strings.tidyChosen, onSelect: () => edits.tidy(tasks) });
      items.push('separator');
      if (hasNeighboursToJoin(definition, tasks))
        items.push({
          label: strings.removeAndJoin,
          shortcut: 'shift+delete',
          danger: true,
          onSelect: () => edits.remove(selection, { reconnect: true }),
        });
      items.push({
        label: strings.remove,
        shortcut: 'delete',
        danger: true,
        onSelect: () => edits.remove(selection),
      });
    }
  } else if (transition && changing) {
    const target = definition.tasks.find(({ name }) => name === transition.task)?.next[transition.index]
      ?.do[0];
    if (target !== undefined)
      items.push({
        label: strings.insert,
        shortcut: 'insert',
        onSelect: () =>
          setTimeout(() =>
            edits.insertInto({ ...transition, target }, request.at ?? { x: 0, y: 0 }, request.screen),
          ),
      });
    items.push({
      label: strings.remove,
      shortcut: 'delete',
      danger: true,
      onSelect: () => edits.remove(selection),
    });
  }
  if (items.length > 0) items.push('separator');
  items.push({ heading: strings.canvas });
  if (changing) {
    items.push({
      label: strings.paste,
      shortcut: 'mod+v',
      onSelect: () => void read().then((text) => (text === null ? undefined : edits.paste(text, request.at))),
    });
  }
  const { at } = request;
  if (changing && at) items.push({ label: strings.note, onSelect: () => edits.addNote(at) });
  items.push({ label: strings.all, shortcut: 'mod+a', onSelect: () => choose(all) });
  if (changing) items.push({ label: strings.tidyAll, onSelect: () => edits.tidy([]) });
  return <PointMenu at={request.screen} label={strings.label} items={items} onClose={onClose} />;
}

async function write(text: string | null): Promise<void> {
  if (text === null) return;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    toast.error(studio.clipboard.noAccess);
  }
}

/** What the clipboard holds; null, and said, where the browser does not give it away. */
async function read(): Promise<string | null> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    toast.error(studio.clipboard.noAccess);
    return null;
  }
}
