import { withoutDisabled } from '@/engine/definition/draft-run';
import type { Definition } from '@/engine/definition/schema';
import { studio } from '../strings/studio';
import type { Draft } from './autosave';

/** What is said of tasks for runs of the draft only. */
export type MarkKind = 'disabled' | 'breakpoints';
type Marks = Pick<Draft, MarkKind>;

/** The tasks with a mark, in the order of the definition. A mark of a task that is not there (yet, again) says nothing. */
export function markedTasks(draft: Draft, kind: MarkKind): string[] {
  const names = new Set(draft[kind]);
  return draft.definition.tasks.flatMap(({ name }) => (names.has(name) ? name : []));
}

/** The definition as runs of the draft take it. */
export function activeDefinition(draft: Draft): Definition {
  return withoutDisabled(draft.definition, markedTasks(draft, 'disabled'));
}

/** The draft with a mark on all of these tasks, or where all have it on none; and what to call that step. */
export function toggleMark(
  draft: Draft,
  kind: MarkKind,
  names: readonly string[],
): { draft: Draft; label: string } {
  const marked = new Set(draft[kind]);
  const isOn = names.every((name) => marked.has(name));
  const others = (draft[kind] ?? []).filter((name) => !names.includes(name));
  const what = names.length === 1 ? (names[0] ?? '') : studio.steps.tasks(names.length);
  return {
    draft: { ...draft, [kind]: isOn ? others : [...others, ...names] },
    label: studio.marks[kind][isOn ? 'remove' : 'add'](what),
  };
}

/** The marks without those of these tasks. */
export function marksWithout(draft: Draft, names: readonly string[]): Marks {
  return changeMarks(draft, (marked) => marked.filter((name) => !names.includes(name)));
}

/** The marks after a task got another name. */
export function marksRenamed(draft: Draft, from: string, to: string): Marks {
  return changeMarks(draft, (marked) => marked.map((name) => (name === from ? to : name)));
}

function changeMarks(draft: Draft, change: (marked: readonly string[]) => string[]): Marks {
  const kinds = ['disabled', 'breakpoints'] as const;
  return Object.fromEntries(
    kinds.flatMap((kind) => (draft[kind]?.length ? [[kind, change(draft[kind])]] : [])),
  );
}
