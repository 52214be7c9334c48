import { describe, expect, it } from 'vitest';
import type { Draft } from './autosave';
import { addNote, changeGroup, changeNote, groupTasks } from './draft-decor';
import { removeFromDraft, renameInDraft } from './draft-edits';

const draft: Draft = {
  definition: {
    tasks: [
      { name: 'a', next: [] },
      { name: 'b', next: [] },
    ],
  },
  positions: {},
};

describe('groups and notes', () => {
  it('are no part of the definition', () => {
    const decorated = addNote(groupTasks(draft, ['a'], 'Build'), { x: 1, y: 2 });
    expect(decorated.definition).toBe(draft.definition);
    expect(decorated.groups).toEqual([{ id: '1', title: 'Build', tasks: ['a'], collapsed: false }]);
    expect(decorated.notes).toMatchObject([{ id: '1', x: 0, y: 0, text: '' }]);
  });

  it('hold a task once, and follow when it goes or is renamed', () => {
    const one = groupTasks(draft, ['a', 'b'], 'One');
    const two = groupTasks(one, ['a'], 'Two');
    expect(two.groups?.map(({ id, tasks }) => [id, tasks])).toEqual([
      ['1', ['b']],
      ['2', ['a']],
    ]);
    expect(removeFromDraft(two, ['b'], false).groups?.map(({ id }) => id)).toEqual(['2']);
    expect(renameInDraft(two, 'a', 'z').groups?.[1]?.tasks).toEqual(['z']);
  });

  it('are changed and taken away', () => {
    const decorated = addNote(groupTasks(draft, ['a'], 'Build'), { x: 0, y: 0 });
    expect(changeGroup(decorated, '1', { collapsed: true }).groups?.[0]?.collapsed).toBe(true);
    expect(changeGroup(decorated, '1', null).groups).toEqual([]);
    expect(changeNote(decorated, '1', { text: 'why' }).notes?.[0]?.text).toBe('why');
    expect(changeNote(decorated, '1', null).notes).toEqual([]);
  });
});
