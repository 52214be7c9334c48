import { expect, test } from 'vitest';
import type { Draft } from './autosave';
import { removeFromDraft, renameInDraft } from './draft-edits';
import { toDraft, toLayout } from './draft-layout';
import { activeDefinition, markedTasks, toggleMark } from './draft-marks';

// a ──► b ──► c
const draft: Draft = {
  definition: {
    tasks: [
      { name: 'a', next: [{ do: ['b'] }] },
      { name: 'b', next: [{ do: ['c'] }] },
      { name: 'c', next: [] },
    ],
  },
  positions: {},
  notes: [{ id: '1', x: 0, y: 0, width: 10, height: 10, text: 'why' }],
};

test('a mark is set on all that are chosen, and taken from them where all have it', () => {
  const one = toggleMark(draft, 'disabled', ['b']);
  expect([one.draft.disabled, one.label]).toEqual([['b'], 'Disable b']);
  const both = toggleMark(one.draft, 'disabled', ['a', 'b']);
  expect(markedTasks(both.draft, 'disabled')).toEqual(['a', 'b']);
  const none = toggleMark(both.draft, 'disabled', ['b', 'a']);
  expect([none.draft.disabled, none.label]).toEqual([[], 'Enable 2 tasks']);
  expect(none.draft.notes).toBe(draft.notes);
  expect(none.draft.definition).toBe(draft.definition);
});

test('a disabled task is not in what runs, its neighbours are joined', () => {
  const { tasks } = activeDefinition({ ...draft, disabled: ['b'] });
  expect(tasks.map(({ name, next }) => [name, next.flatMap((each) => each.do)])).toEqual([
    ['a', ['c']],
    ['c', []],
  ]);
  expect(activeDefinition({ ...draft, disabled: ['gone'] })).toBe(draft.definition);
});

test('marks follow a new name and go with their task', () => {
  const marked: Draft = { ...draft, disabled: ['b'], breakpoints: ['b', 'c'] };
  const renamed = renameInDraft(marked, 'b', 'build');
  expect([renamed.disabled, renamed.breakpoints]).toEqual([['build'], ['build', 'c']]);
  const removed = removeFromDraft(marked, ['b'], true);
  expect([removed.disabled, removed.breakpoints]).toEqual([[], ['c']]);
});

test('marks are kept with the layout, and what has none keeps none', () => {
  const layout = toLayout({ ...draft, disabled: ['b'], breakpoints: ['c'] });
  expect(layout).toMatchObject({ disabled: ['b'], breakpoints: ['c'] });
  const { definition } = draft;
  expect(toDraft({ definition, layout })).toMatchObject({ disabled: ['b'], breakpoints: ['c'] });
  expect(Object.keys(toLayout(draft))).toEqual(['positions', 'notes']);
});
