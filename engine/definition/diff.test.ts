import { describe, expect, test } from 'vitest';
import { diffDefinitions } from './diff';
import type { Definition } from './schema';

const before: Definition = {
  vars: { x: 1 },
  tasks: [
    {
      name: 'a',
      action: 'core.echo',
      next: [
        { when: '{{ succeeded() }}', do: ['b'] },
        { when: '{{ failed() }}', do: ['c'] },
      ],
    },
    { name: 'b', action: 'core.echo', next: [] },
    { name: 'c', action: 'core.echo', next: [{ do: ['$end'] }] },
  ],
};

describe('the difference of two definitions', () => {
  test('is none between a definition and itself', () => {
    const diff = diffDefinitions(before, before);
    expect([diff.tasks.size, diff.transitions.size, diff.settings]).toEqual([0, 0, []]);
    expect(diff.definition).toEqual(before);
  });

  test('tells added, removed and changed tasks, and shows them all in one graph', () => {
    const after: Definition = {
      ...before,
      tasks: [
        {
          name: 'a',
          action: 'core.echo',
          timeout: 5,
          next: [
            { when: '{{ succeeded() }}', do: ['b'] },
            { when: '{{ failed() }}', do: ['d'] },
          ],
        },
        { name: 'b', action: 'core.echo', next: [] },
        { name: 'd', action: 'core.echo', next: [] },
      ],
    };
    const diff = diffDefinitions(before, after);
    expect(Object.fromEntries(diff.tasks)).toEqual({ a: 'changed', d: 'added', c: 'removed' });
    expect(diff.definition.tasks.map(({ name }) => name)).toEqual(['a', 'b', 'd', 'c']);
    expect(Object.fromEntries(diff.transitions)).toEqual({
      'a#1': 'added',
      'a#2': 'removed',
      'c#0': 'removed',
    });
  });

  test('tells a transition whose condition changed from one that leads elsewhere', () => {
    const [a, ...others] = before.tasks;
    if (!a) throw new Error('no task');
    const after = {
      ...before,
      tasks: [{ ...a, next: [{ when: '{{ result().ok }}', do: ['b'] }, ...a.next.slice(1)] }, ...others],
    };
    const diff = diffDefinitions(before, after);
    expect(diff.tasks.size).toBe(0);
    expect(Object.fromEntries(diff.transitions)).toEqual({ 'a#0': 'changed' });
  });

  test('tells settings by name, and does not mind the order of keys', () => {
    const after: Definition = { timeout: 60, vars: { x: 2 }, tasks: before.tasks };
    expect(diffDefinitions(before, after).settings).toEqual(['vars', 'timeout']);
  });
});
