import { describe, expect, it } from 'vitest';
import { copyTasks, readCopiedTasks } from '@/engine/definition/edit-clipboard';
import type { Draft } from './autosave';
import { duplicateInDraft, pasteIntoDraft, removeFromDraft, renameInDraft } from './draft-edits';

const draft: Draft = {
  definition: {
    tasks: [
      { name: 'a', next: [{ do: ['b'] }] },
      { name: 'b', next: [{ do: ['c'] }] },
      { name: 'c', next: [] },
    ],
  },
  positions: { a: { x: 0, y: 0 }, b: { x: 0, y: 168 }, c: { x: 0, y: 336 } },
};

function copied(text: string) {
  const read = readCopiedTasks(text);
  if ('refusal' in read) throw new Error(read.refusal);
  return read;
}

describe('edits of a draft', () => {
  it('keep the shape of what is pasted, around the place that was pointed at', () => {
    const pasted = pasteIntoDraft(draft, copied(copyTasks(draft.definition, ['a', 'b'], draft.positions)), {
      x: 1000,
      y: 500,
    });
    expect(pasted.names).toEqual(['a_2', 'b_2']);
    expect(pasted.outside).toEqual(['c']);
    const { a_2: a, b_2: b } = pasted.draft.positions;
    expect(b).toEqual({ x: a?.x, y: (a?.y ?? 0) + 168 });
    expect([Math.abs((a?.x ?? 0) + 120 - 1000) <= 6, Math.abs((a?.y ?? 0) + 126 - 500) <= 6]).toEqual([
      true,
      true,
    ]);
  });

  it('give what came without places a layout of its own', () => {
    const pasted = pasteIntoDraft(
      { definition: { tasks: [] }, positions: {} },
      copied('- name: x\n- name: y'),
      null,
    );
    expect(pasted.draft.positions['x']).not.toEqual(pasted.draft.positions['y']);
  });

  it('put copies beside what they copy', () => {
    const { draft: grown, names } = duplicateInDraft(draft, ['b']);
    expect(names).toEqual(['b_2']);
    expect(grown.positions['b_2']).toEqual({ x: 36, y: 204 });
  });

  it('take places along when tasks go or get other names', () => {
    const removed = removeFromDraft(draft, ['b'], true);
    expect(removed.definition.tasks[0]?.next).toEqual([{ do: ['c'] }]);
    expect(Object.keys(removed.positions)).toEqual(['a', 'c']);
    expect(renameInDraft(draft, 'b', 'z').positions['z']).toEqual({ x: 0, y: 168 });
    expect(renameInDraft(draft, 'b', 'c')).toBe(draft);
  });
});
