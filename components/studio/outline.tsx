'use client';

import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { reorderTransitions } from '@/engine/definition/edit';
import { moveTask } from '@/engine/definition/edit-lines';
import type { Point } from '../canvas/geometry';
import { useCanvasClipboard } from '../canvas/use-canvas-clipboard';
import type { CanvasEdits, CanvasMarks } from '../canvas/view';
import { studio } from '../strings/studio';
import { OutlineItem } from './outline-item';
import { nextRow, taskRow, toRows, transitionRow, type OutlineRow } from './outline-rows';
import { useStudio } from './studio-context';

const strings = studio.outline;

/**
 * The workflow as a tree: tasks, and below each its transitions. All that the canvas does is done here by keyboard, and
 * is read out.
 */
export function Outline({
  edits,
  marks,
  onInsertAfter,
  onMenu,
}: {
  edits: CanvasEdits | null;
  marks: CanvasMarks;
  /** Asks what should follow a task, at a place of the screen. */
  onInsertAfter: (task: string, screen: Point) => void;
  onMenu: (screen: Point) => void;
}) {
  const { draft, selection, select, catalog, problemCounts, editDefinition } = useStudio();
  const { definition } = draft;
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [renaming, setRenaming] = useState<string | null>(null);
  const rows = useMemo(() => toRows(definition, collapsed), [definition, collapsed]);
  const region = useRef<HTMLElement>(null);
  const chosen = useRef(selection);
  useEffect(() => {
    chosen.current = selection;
  }, [selection]);
  useCanvasClipboard(region, chosen, edits, null);

  const activeId = selection.transition
    ? transitionRow(selection.transition.task, selection.transition.index)
    : selection.tasks.length > 0
      ? taskRow(selection.tasks.at(-1) ?? '')
      : '';
  const active = rows.find(({ id }) => id === activeId) ?? rows[0] ?? null;
  // What is chosen elsewhere comes into view; the focus follows only where nobody else has it.
  useEffect(() => {
    const row = activeId === '' ? null : find(region.current, activeId);
    row?.scrollIntoView({ block: 'nearest' });
    const focused = document.activeElement;
    // A row that went away, or got another name, leaves the focus to nobody.
    const isFree = focused === document.body || focused?.getAttribute('role') === 'treeitem';
    if (row && focused !== row && isFree) row.focus();
  }, [activeId, rows]);

  const choose = (row: OutlineRow, keep = false) => {
    if (row.kind === 'transition')
      return select({ tasks: [], transition: { task: row.task.name, index: row.index } });
    const { name } = row.task;
    const others = keep ? selection.tasks.filter((task) => task !== name) : [];
    const takesOut = keep && selection.tasks.includes(name);
    select({ tasks: takesOut ? others : [...others, name], transition: null });
  };
  const move = (row: OutlineRow, by: number) => {
    const { name } = row.task;
    if (row.kind === 'task')
      return editDefinition(strings.reorder(name), (before) => moveTask(before, name, by));
    const to = row.index + by;
    if (to < 0 || to >= row.of) return;
    editDefinition(studio.steps.reorder(name), (before) => reorderTransitions(before, name, row.index, to));
    select({ tasks: [], transition: { task: name, index: to } });
  };
  const insertAt = (row: OutlineRow) => {
    const box = find(region.current, row.id)?.getBoundingClientRect();
    const screen = { x: (box?.left ?? 0) + 120, y: box?.bottom ?? 0 };
    const target = row.kind === 'transition' ? row.transition.do[0] : undefined;
    if (row.kind === 'task' || target === undefined) return onInsertAfter(row.task.name, screen);
    const at = draft.positions[row.task.name] ?? { x: 0, y: 0 };
    edits?.insertInto({ task: row.task.name, index: row.index, target }, at, screen);
  };
  const remove = (row: OutlineRow, reconnect: boolean) => {
    const at = rows.indexOf(row);
    const after = rows.slice(at + 1).find(({ kind }) => kind === 'task') ?? rows[at - 1];
    if (!edits) return;
    edits.remove(selection, { reconnect });
    // Something must keep the focus, or the next key would go nowhere.
    if (after && after.task.name !== row.task.name) choose(after);
    else if (row.kind === 'transition') select({ tasks: [row.task.name], transition: null });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const row = active;
    if (!row || renaming !== null || (event.target as HTMLElement).role !== 'treeitem') return;
    const handled = press(event, row);
    if (!handled) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const press = (event: KeyboardEvent, row: OutlineRow): boolean => {
    const { key, altKey, shiftKey } = event;
    if (event.ctrlKey || event.metaKey) {
      const letter = key.toLowerCase();
      if (letter === 'a') select({ tasks: definition.tasks.map(({ name }) => name), transition: null });
      else if (letter === 'd' && edits) edits.duplicate(selection.tasks);
      else if (key === ' ') choose(row, true);
      else return false;
      return true;
    }
    if (altKey && (key === 'ArrowUp' || key === 'ArrowDown')) {
      if (edits) move(row, key === 'ArrowUp' ? -1 : 1);
      return true;
    }
    if (altKey) return false;
    if (shiftKey && (key === 'ArrowUp' || key === 'ArrowDown')) {
      const tasks = rows.filter(({ kind }) => kind === 'task');
      const at = tasks.findIndex(({ task }) => task.name === row.task.name);
      const next = tasks[at + (key === 'ArrowUp' ? -1 : 1)];
      if (next)
        select({
          tasks: [...selection.tasks.filter((name) => name !== next.task.name), next.task.name],
          transition: null,
        });
      return true;
    }
    const next = nextRow(rows, row.id, key);
    if (next) {
      if ('to' in next) choose(next.to);
      else if ('open' in next)
        setCollapsed((before) => new Set([...before].filter((name) => name !== next.open)));
      else setCollapsed((before) => new Set([...before, next.close]));
      return true;
    }
    if (key === 'Enter') {
      const target = row.kind === 'transition' ? row.transition.do[0] : undefined;
      const leads = rows.find(({ id }) => id === taskRow(target ?? ''));
      choose(leads ?? row);
      return true;
    }
    if (!edits) return false;
    if (key === 'F2' && row.kind === 'task') setRenaming(row.task.name);
    else if (key === 'Delete' || key === 'Backspace') remove(row, shiftKey);
    else if (key === 'Insert' || key === 'a') insertAt(row);
    else return false;
    return true;
  };

  return (
    <section ref={region} aria-label={strings.title} className="flex h-full min-h-0 flex-col bg-surface">
      <p id="outline-help" className="border-b border-border px-4 py-2 text-xs text-text-2">
        {edits ? strings.help : strings.helpReadOnly}
      </p>
      {rows.length === 0 ? <p className="p-4 text-sm text-text-2">{strings.none}</p> : null}
      <ul
        role="tree"
        aria-label={strings.title}
        aria-describedby="outline-help"
        aria-multiselectable
        className="min-h-0 flex-1 overflow-y-auto p-2"
        onKeyDown={onKeyDown}
        onContextMenu={(event) => {
          event.preventDefault();
          onMenu({ x: event.clientX, y: event.clientY });
        }}
      >
        {rows.map((row) => (
          <OutlineItem
            key={row.id}
            row={row}
            catalog={catalog}
            problems={row.kind === 'task' ? problemCounts.get(row.task.name) : undefined}
            marks={row.kind === 'task' ? marks.get(row.task.name) : undefined}
            active={row === active}
            chosen={
              row.kind === 'task'
                ? selection.tasks.includes(row.task.name)
                : selection.transition?.task === row.task.name && selection.transition.index === row.index
            }
            renaming={row.kind === 'task' && renaming === row.task.name}
            onRenamed={() => setRenaming(null)}
            onChoose={choose}
          />
        ))}
      </ul>
    </section>
  );
}

function find(region: HTMLElement | null, id: string): HTMLElement | null {
  return region?.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`) ?? null;
}
