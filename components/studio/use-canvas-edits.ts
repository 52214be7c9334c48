'use client';

import { useMemo, useState } from 'react';
import { connect, removeTasks, updateTask } from '@/engine/definition/edit';
import type { Exit, Point } from '../canvas/geometry';
import { linksOf } from '../canvas/graph';
import { tidy } from '../canvas/tidy';
import { nothingSelected, type CanvasEdits, type CanvasSelection } from '../canvas/view';
import { studio } from '../strings/studio';
import type { Draft } from './autosave';
import type { InsertPlace } from './insert';

const steps = studio.steps;
export interface PickerRequest {
  place: InsertPlace;
  screen: Point;
}

/** What the canvas' gestures do to the draft; each is one step. A gesture that wants a new task opens the picker. */
export function useCanvasEdits({
  latest,
  edit,
  insert,
  select,
}: {
  latest: () => Draft;
  edit: (label: string, change: (draft: Draft) => Draft) => void;
  insert: (actionRef: string, place: InsertPlace) => void;
  select: (selection: CanvasSelection) => void;
}): { edits: CanvasEdits; picker: PickerRequest | null; closePicker: () => void } {
  const [picker, setPicker] = useState<PickerRequest | null>(null);
  const edits = useMemo<CanvasEdits>(
    () => ({
      move: (positions) => {
        const moved = Object.entries(positions).filter(([name, at]) => {
          const before = latest().positions[name];
          return before && (before.x !== at.x || before.y !== at.y);
        });
        if (moved.length === 0) return;
        edit(steps.move(whatOf(moved.map(([name]) => name))), (draft) => ({
          ...draft,
          positions: { ...draft.positions, ...Object.fromEntries(moved) },
        }));
      },
      connect: (from, exit, to) => edit(steps.connect(from, to), (draft) => connected(draft, from, exit, to)),
      connectToNothing: (task, exit, at, screen) =>
        setPicker({ place: { kind: 'after', task, exit, at }, screen }),
      insertInto: (transition, at, screen) =>
        setPicker({ place: { kind: 'between', ...transition, at: { x: at.x - 120, y: at.y - 42 } }, screen }),
      drop: (actionRef, at) => insert(actionRef, { kind: 'free', at }),
      splice: (actionRef, transition, at) => insert(actionRef, { kind: 'between', ...transition, at }),
      remove: ({ tasks, transition }) => {
        if (tasks.length > 0) {
          edit(steps.remove(whatOf(tasks)), (draft) => ({
            definition: removeTasks(draft.definition, tasks),
            positions: Object.fromEntries(
              Object.entries(draft.positions).filter(([name]) => !tasks.includes(name)),
            ),
          }));
        } else if (transition) {
          edit(steps.remove(steps.transition(transition.task)), (draft) =>
            withoutTransition(draft, transition),
          );
        } else {
          return;
        }
        select(nothingSelected);
      },
      tidy: (chosen) => {
        const { definition, positions } = latest();
        const names = chosen.length > 1 ? chosen : definition.tasks.map(({ name }) => name);
        if (names.length === 0) return;
        const places = names.map((name) => positions[name] ?? { x: 0, y: 0 });
        const origin = { x: Math.min(...places.map(({ x }) => x)), y: Math.min(...places.map(({ y }) => y)) };
        void tidy(names, linksOf(definition, new Set(names)), origin).then((tidied) =>
          edit(steps.tidy, (draft) => ({
            ...draft,
            positions: { ...draft.positions, ...onlyKnown(tidied, draft) },
          })),
        );
      },
    }),
    [latest, edit, insert, select],
  );
  return { edits, picker, closePicker: () => setPicker(null) };
}

export function connected(draft: Draft, from: string, exit: Exit, to: string): Draft {
  return { ...draft, definition: connect(draft.definition, from, to, exit) };
}

function withoutTransition(draft: Draft, { task, index }: { task: string; index: number }): Draft {
  const next = draft.definition.tasks.find(({ name }) => name === task)?.next;
  return next
    ? { ...draft, definition: updateTask(draft.definition, task, { next: next.toSpliced(index, 1) }) }
    : draft;
}

/** Tidying takes a moment, in which a task may have gone. */
function onlyKnown<Place>(places: Record<string, Place>, draft: Draft): Record<string, Place> {
  const names = new Set(draft.definition.tasks.map(({ name }) => name));
  return Object.fromEntries(Object.entries(places).filter(([name]) => names.has(name)));
}

function whatOf(names: readonly string[]): string {
  return names.length === 1 ? (names[0] ?? '') : steps.tasks(names.length);
}
