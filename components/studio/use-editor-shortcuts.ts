'use client';

import { useShortcuts } from '@/components/shell/shortcuts';
import type { Shortcut } from '@/components/shell/shortcut-registry';
import { reachedTasks } from '@/engine/definition/edit-lines';
import { studio as strings } from '../strings/studio';
import { markKeys, markTasks } from './mark-items';
import type { Studio } from './studio-context';

/** The keys of the workflow editor, for the sheet of `?` too. */
export function useEditorShortcuts({
  studio,
  chosen,
  openPalette,
  connect,
  rename,
  run,
  find,
  group: makeGroup,
}: {
  studio: Studio;
  chosen: string | null;
  openPalette: () => void;
  connect: () => void;
  rename: () => void;
  run: () => void;
  find: () => void;
  group: () => void;
}): void {
  const editing = !studio.readOnly;
  const { definition } = studio.draft;
  const { tasks } = studio.selection;
  const reach = (direction: 'upstream' | 'downstream') => () =>
    studio.select({ tasks: reachedTasks(definition, tasks, direction), transition: null });
  const group = strings.workflow.title;
  const whenChosen = editing && chosen !== null;
  const shortcuts: Omit<Shortcut, 'group'>[] = [
    { keys: 'n', label: strings.palette.open, run: openPalette, enabled: editing },
    { keys: 'c', label: strings.connect.title(''), run: connect, enabled: whenChosen },
    { keys: 'f2', label: strings.steps.rename(''), run: rename, enabled: whenChosen },
    {
      keys: 'mod+z',
      label: strings.toolbar.undo,
      run: studio.undo,
      enabled: editing,
      whileTyping: false,
    },
    {
      keys: 'mod+shift+z',
      label: strings.toolbar.redo,
      run: studio.redo,
      enabled: editing,
      whileTyping: false,
    },
    {
      keys: 'mod+g',
      label: strings.menu.group,
      run: makeGroup,
      enabled: editing && tasks.length > 0,
      whileTyping: false,
    },
    { keys: 'mod+f', label: strings.find.title, run: find, whileTyping: false },
    { keys: 'mod+enter', label: strings.toolbar.run, run },
    ...(['disabled', 'breakpoints'] as const).map((kind) => ({
      keys: markKeys[kind],
      label: strings.marks[kind].shortcut,
      run: () => markTasks(studio, kind, tasks),
      enabled: editing && tasks.length > 0,
    })),
    { keys: 'u', label: strings.menu.upstream, run: reach('upstream'), enabled: tasks.length > 0 },
    { keys: 'd', label: strings.menu.downstream, run: reach('downstream'), enabled: tasks.length > 0 },
  ];
  const ofCanvas: Omit<Shortcut, 'group' | 'run'>[] = [
    { keys: 'mod+c', label: strings.menu.copy },
    { keys: 'mod+x', label: strings.menu.cut },
    { keys: 'mod+v', label: strings.menu.paste },
    { keys: 'mod+d', label: strings.menu.duplicate },
    { keys: 'mod+a', label: strings.menu.all },
    { keys: 'insert', label: strings.menu.insert },
    { keys: 'delete', label: strings.menu.remove },
    { keys: 'shift+delete', label: strings.menu.removeAndJoin },
  ];
  useShortcuts([
    ...shortcuts.map((shortcut) => ({ ...shortcut, group })),
    ...ofCanvas.map((shortcut): Shortcut => ({
      ...shortcut,
      group: strings.menu.canvas,
      run: 'browser',
      enabled: editing,
    })),
  ]);
}
