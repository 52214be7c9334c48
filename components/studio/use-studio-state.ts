'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Problem } from '@/engine/definition/problem';
import type { Definition } from '@/engine/definition/schema';
import { conditionStep, nothingSelected, type CanvasSelection, type CatalogEntry } from '../canvas/view';
import { studio as strings } from '../strings/studio';
import { toCallError, useTRPC, useTRPCClient } from '../trpc';
import { Autosave, type Draft, type SaveOutcome } from './autosave';
import { toDraft, toLayout } from './draft-layout';
import { markedTasks } from './draft-marks';
import { insertTask, type InsertPlace } from './insert';
import { countByTask, toPath } from './problems-at';
import type { InspectorTab, Studio, Workflow } from './studio-context';
import { useHistory } from './use-history';
import { useProblems } from './use-problems';

/** The editor's state of one workflow: the draft with its history, its saving, its problems, what is chosen. */
export function useStudioState(
  workflow: Workflow,
  actions: readonly CatalogEntry[],
  readOnly: boolean,
): Studio & {
  latest: () => Draft;
  adopt: (theirs: Workflow, label: string) => void;
  /** Goes on from what somebody else saved, with both changes in it. */
  mergeWith: (theirs: Workflow, merged: Draft, label: string) => void;
} {
  const history = useHistory<Draft>(() => toDraft(workflow));
  const draft = history.present;
  const newest = useRef(draft);
  useEffect(() => {
    newest.current = draft;
  }, [draft]);
  const latest = useCallback(() => newest.current, []);

  const save = useSave(workflow.ref);
  const [autosave] = useState(() => new Autosave(draft, workflow.draftVersion, save));
  const saveState = useSyncExternalStore(autosave.subscribe, autosave.getState, autosave.getState);
  useEffect(() => {
    if (!readOnly) autosave.change(draft);
  }, [autosave, draft, readOnly]);
  useLeaving(autosave);

  const catalog = useMemo(() => new Map(actions.map((action) => [action.ref, action])), [actions]);
  const problems = useProblems(draft.definition, actions, workflow.ref, workflow.problems);
  const [selection, setSelection] = useState<CanvasSelection>(nothingSelected);
  const [tab, setTab] = useState<InspectorTab>('input');
  const select = useCallback((next: CanvasSelection) => {
    setSelection(next);
    if (next.transition) setTab('transitions');
  }, []);

  const { edit } = history;
  const editDefinition = useCallback(
    (label: string, change: (definition: Definition) => Definition, mergeKey?: string) =>
      edit(
        label,
        (before) => {
          const definition = change(before.definition);
          return definition === before.definition ? before : { ...before, definition };
        },
        mergeKey,
      ),
    [edit],
  );
  const insert = useCallback(
    (actionRef: string, place: InsertPlace) => {
      const { draft: next, name } = insertTask(newest.current, actionRef, place);
      // Named from the newest draft: two quick insertions must not take one name.
      newest.current = next;
      edit(strings.steps.add(name), () => next);
      setSelection({ tasks: [name], transition: null });
      // Of a condition it is the transitions that are still to be written.
      setTab(actionRef === conditionStep ? 'transitions' : 'input');
    },
    [edit],
  );
  const goTo = useCallback((problem: Problem) => {
    const field = toPath(problem.field ?? '');
    setSelection(problem.task ? { tasks: [problem.task], transition: null } : nothingSelected);
    if (problem.task)
      setTab(
        field.startsWith('next')
          ? 'transitions'
          : field.startsWith('input') || field === 'action' || field === 'name'
            ? 'input'
            : 'settings',
      );
    focusField(field.replace(/^input\./, ''));
  }, []);
  const adopt = useCallback(
    (theirs: Workflow, label: string) => {
      const next = toDraft(theirs);
      autosave.adopt(next, theirs.draftVersion);
      edit(label, () => next);
    },
    [autosave, edit],
  );

  const mergeWith = useCallback(
    (theirs: Workflow, merged: Draft, label: string) => {
      autosave.adopt(toDraft(theirs), theirs.draftVersion);
      edit(label, () => merged);
    },
    [autosave, edit],
  );

  // What a disabled task has wrong holds nothing up: it does not run.
  const disabled = markedTasks(draft, 'disabled');
  const errorCount = problems.filter(
    ({ severity, task }) => severity === 'error' && !disabled.includes(task ?? ''),
  ).length;
  const problemCounts = useMemo(() => countByTask(problems), [problems]);
  return {
    workflow,
    draft,
    readOnly,
    catalog,
    actions,
    problems,
    problemCounts,
    errorCount,
    selection: withoutGone(selection, draft.definition),
    select,
    tab,
    setTab,
    goTo,
    edit,
    editDefinition,
    insert,
    undo: history.undo,
    redo: history.redo,
    undoLabel: history.undoLabel,
    redoLabel: history.redoLabel,
    autosave,
    save: saveState,
    latest,
    adopt,
    mergeWith,
  };
}

/** Undo may take away what is chosen. */
function withoutGone(selection: CanvasSelection, definition: Definition): CanvasSelection {
  const byName = new Map(definition.tasks.map((task) => [task.name, task]));
  const tasks = selection.tasks.filter((name) => byName.has(name));
  const { transition } = selection;
  const stays = transition && (byName.get(transition.task)?.next.length ?? 0) > transition.index;
  if (tasks.length === selection.tasks.length && (stays || !transition)) return selection;
  return { tasks, transition: stays ? transition : null };
}

/** The field comes once the inspector shows its task, its editor a little later: wait for it, but not for long. */
function focusField(path: string, tries = 15): void {
  const parts = path.split('.');
  for (let length = parts.length; length > 0; length--) {
    const place = CSS.escape(parts.slice(0, length).join('.'));
    const field = document.querySelector<HTMLElement>(`[data-field="${place}"]`);
    if (!field) continue;
    const control = field.matches('input, textarea')
      ? field
      : field.querySelector<HTMLElement>('input, textarea, [role="combobox"]');
    if (!control) break;
    field.scrollIntoView({ block: 'center' });
    control.focus();
    return;
  }
  if (tries > 0) setTimeout(() => focusField(path, tries - 1), 100);
}

function useSave(ref: string): (draft: Draft, version: number) => Promise<SaveOutcome> {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const { mutateAsync } = useMutation({
    mutationFn: (input: Parameters<typeof client.workflows.saveDraft.mutate>[0]) =>
      client.workflows.saveDraft.mutate(input),
  });
  return useCallback(
    async (draft, draftVersion) => {
      const { definition } = draft;
      const layout = toLayout(draft);
      try {
        const saved = await mutateAsync({
          ref,
          draftVersion,
          definition,
          layout,
        });
        queries.setQueryData(trpc.workflows.get.queryKey({ ref }), (known) =>
          known
            ? {
                ...known,
                definition,
                layout,
                ...saved,
                tasks: definition.tasks.length,
              }
            : known,
        );
        return { name: 'saved', draftVersion: saved.draftVersion };
      } catch (error) {
        const { word, message } = toCallError(error);
        return word === 'stale_draft' ? { name: 'stale', message } : { name: 'failed', message };
      }
    },
    [mutateAsync, queries, trpc, ref],
  );
}

/** Leaving the page saves what is unsaved; closing the tab asks first. */
function useLeaving(autosave: Autosave): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (!autosave.isDirty) return;
      void autosave.flush();
      event.preventDefault();
    };
    window.addEventListener('beforeunload', ask);
    return () => {
      window.removeEventListener('beforeunload', ask);
      void autosave.flush();
    };
  }, [autosave]);
}
