'use client';

import { useCallback, useMemo, useState } from 'react';
import { toast } from '@/components/ui/toast';
import { connect, updateTask } from '@/engine/definition/edit';
import { copyTasks, readCopiedTasks } from '@/engine/definition/edit-clipboard';
import { hasNeighboursToJoin, moveIntoLine } from '@/engine/definition/edit-lines';
import type { Exit, Point } from '../canvas/geometry';
import { linksOf } from '../canvas/graph';
import { tidy } from '../canvas/tidy';
import { notePrefix } from '../canvas/decor';
import { nothingSelected, workflowStep, type CanvasEdits, type CanvasSelection } from '../canvas/view';
import { canvas } from '../strings/canvas';
import { studio } from '../strings/studio';
import type { Draft } from './autosave';
import { addNote, changeGroup, changeNote, groupTasks } from './draft-decor';
import { duplicateInDraft, moveInDraft, pasteIntoDraft, removeFromDraft } from './draft-edits';
import { makeRoom, type InsertPlace } from './insert';
import { isSameJson } from './same-json';

const steps = studio.steps;
export interface PickerRequest {
  place: InsertPlace;
  screen: Point;
  /** Only workflows are meant. */
  ofWorkflows?: boolean;
}

/** What the canvas' gestures do to the draft; each is one step. A gesture that wants a new task opens the picker. */
export function useCanvasEdits({
  latest,
  edit,
  insert,
  select,
}: {
  latest: () => Draft;
  edit: (label: string, change: (draft: Draft) => Draft, mergeKey?: string) => void;
  insert: (actionRef: string, place: InsertPlace) => void;
  select: (selection: CanvasSelection) => void;
}): {
  edits: CanvasEdits;
  insertAfter: (task: string, screen: Point) => void;
  /** Puts in what was chosen; a sub-workflow asks for its workflow first, at a place of the screen. */
  put: (actionRef: string, place: InsertPlace, screen: Point) => void;
  picker: PickerRequest | null;
  closePicker: () => void;
} {
  const [picker, setPicker] = useState<PickerRequest | null>(null);
  const put = useCallback(
    (actionRef: string, place: InsertPlace, screen: Point) => {
      if (actionRef === workflowStep) setPicker({ place, screen, ofWorkflows: true });
      else insert(actionRef, place);
    },
    [insert],
  );
  /** A line that was cut in two may have been meant to stay: one press joins its ends. */
  const offerToJoin = useCallback(
    (before: Draft, names: readonly string[]) => {
      const removed = removeFromDraft(before, names, false);
      toast(studio.clipboard.removed(whatOf(names)), {
        action: {
          label: studio.clipboard.join,
          onClick: () =>
            edit(steps.join, (draft) =>
              isSameJson(draft.definition, removed.definition) ? removeFromDraft(before, names, true) : draft,
            ),
        },
      });
    },
    [edit],
  );
  const edits = useMemo<CanvasEdits>(
    () => ({
      move: (positions, mergeKey) => {
        const notes = new Map((latest().notes ?? []).map((note) => [notePrefix + note.id, note]));
        const moved = Object.entries(positions).filter(([name, at]) => {
          const before = notes.get(name) ?? latest().positions[name];
          return before && (before.x !== at.x || before.y !== at.y);
        });
        if (moved.length === 0) return;
        edit(
          steps.move(whatOf(moved.map(([name]) => (notes.has(name) ? canvas.note : name)))),
          (draft) => moveInDraft(draft, Object.fromEntries(moved)),
          mergeKey,
        );
      },
      connect: (from, exit, to) => edit(steps.connect(from, to), (draft) => connected(draft, from, exit, to)),
      connectToNothing: (task, exit, at, screen) =>
        setPicker({ place: { kind: 'after', task, exit, at }, screen }),
      insertInto: (transition, at, screen) =>
        setPicker({ place: { kind: 'between', ...transition, at: { x: at.x - 120, y: at.y - 42 } }, screen }),
      drop: (actionRef, at, screen) => put(actionRef, { kind: 'free', at }, screen),
      splice: (actionRef, transition, at, screen) =>
        put(actionRef, { kind: 'between', ...transition, at }, screen),
      moveIntoLine: (name, line, mergeKey) => {
        const moved = moveIntoLine(latest().definition, name, line);
        if (moved === latest().definition) return;
        edit(
          steps.splice(name),
          (draft) => ({
            ...draft,
            definition: moveIntoLine(draft.definition, name, line),
            positions: makeRoom(draft, line.task, line.target, name).positions,
          }),
          mergeKey,
        );
      },
      remove: ({ tasks, transition }, { reconnect } = { reconnect: false }) => {
        if (tasks.length > 0) {
          const before = latest();
          const label = reconnect ? steps.removeAndJoin(whatOf(tasks)) : steps.remove(whatOf(tasks));
          edit(label, (draft) => removeFromDraft(draft, tasks, reconnect));
          if (!reconnect && hasNeighboursToJoin(before.definition, tasks)) offerToJoin(before, tasks);
        } else if (transition) {
          edit(steps.remove(steps.transition(transition.task)), (draft) =>
            withoutTransition(draft, transition),
          );
        } else {
          return;
        }
        select(nothingSelected);
      },
      group: (names) => edit(steps.group(whatOf(names)), (draft) => groupTasks(draft, names, steps.newGroup)),
      changeGroup: (id, change) =>
        edit(
          change ? steps.editGroup : steps.ungroup,
          (draft) => changeGroup(draft, id, change),
          change?.title === undefined ? undefined : `group ${id}`,
        ),
      addNote: (at) => edit(steps.note, (draft) => addNote(draft, at)),
      changeNote: (id, change) =>
        edit(change ? steps.editNote : steps.removeNote, (draft) => changeNote(draft, id, change)),
      copy: (names) => {
        const { definition, positions } = latest();
        if (names.length === 0) return null;
        toast.success(studio.clipboard.copied(names.length));
        return copyTasks(definition, names, positions);
      },
      paste: (text, at) => {
        const copied = readCopiedTasks(text);
        if ('refusal' in copied) {
          toast.error(copied.refusal);
          return;
        }
        const pasted = pasteIntoDraft(latest(), copied, at);
        edit(steps.paste(whatOf(pasted.names)), (draft) => pasteIntoDraft(draft, copied, at).draft);
        select({ tasks: pasted.names, transition: null });
        if (pasted.missing.length > 0) toast.warning(studio.clipboard.missing(pasted.missing));
        else if (pasted.outside.length > 0) toast.info(studio.clipboard.outside(pasted.outside));
      },
      duplicate: (names) => {
        if (names.length === 0) return;
        const copies = duplicateInDraft(latest(), names).names;
        edit(steps.duplicate(whatOf(names)), (draft) => duplicateInDraft(draft, names).draft);
        select({ tasks: copies, transition: null });
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
    [latest, edit, put, select, offerToJoin],
  );
  const insertAfter = useCallback(
    (task: string, screen: Point) =>
      setPicker({ place: { kind: 'after', task, exit: 'success', at: null }, screen }),
    [],
  );
  return { edits, insertAfter, put, picker, closePicker: () => setPicker(null) };
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
