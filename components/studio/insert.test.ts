import { expect, test } from 'vitest';
import { card } from '../canvas/geometry';
import type { Draft } from './autosave';
import { conditionStep } from '../canvas/view';
import { insertTask, placeAfter } from './insert';

const draft: Draft = {
  definition: {
    tasks: [
      { name: 'check', action: 'ops.check', next: [{ when: '{{ succeeded() }}', do: ['report'] }] },
      { name: 'report', action: 'core.echo', next: [] },
    ],
  },
  positions: { check: { x: 0, y: 0 }, report: { x: 0, y: 168 } },
};

function overlaps({ positions }: Draft): boolean {
  const places = Object.values(positions);
  return places.some((a, index) =>
    places
      .slice(index + 1)
      .some((b) => Math.abs(a.x - b.x) < card.width && Math.abs(a.y - b.y) < card.height),
  );
}

test('a dropped task stands where it was dropped, free and under a name of its own', () => {
  const { draft: next, name } = insertTask(draft, 'ops.check', { kind: 'free', at: { x: 600, y: 0 } });
  expect(name).toBe('check_2');
  expect(next.positions['check_2']).toEqual({ x: 600, y: 0 });
  expect(next.definition.tasks.at(-1)).toMatchObject({ name: 'check_2', action: 'ops.check', next: [] });
});

test('a task after another is wired from the exit that was asked for and covers nothing', () => {
  const { draft: next, name } = insertTask(draft, 'core.fail', {
    kind: 'after',
    task: 'check',
    exit: 'failure',
    at: null,
  });
  expect(next.definition.tasks[0]?.next.at(-1)).toEqual({ when: '{{ failed() }}', do: [name] });
  expect(overlaps(next)).toBe(false);
});

test('a task put into a transition leads on to where that led, and what is below makes room', () => {
  const place = { kind: 'between', task: 'check', index: 0, target: 'report', at: { x: 0, y: 80 } } as const;
  const { draft: next, name } = insertTask(draft, 'core.sleep', place);
  expect(next.definition.tasks[0]?.next[0]?.do).toEqual([name]);
  expect(next.definition.tasks.at(-1)?.next[0]?.do).toEqual(['report']);
  expect(next.positions['report']?.y).toBe(336);
  expect(next.positions[name]).toEqual({ x: 0, y: 168 });
  expect(overlaps(next)).toBe(false);
});

test('a condition does nothing but branch, and both its branches are drawn', () => {
  const { draft: next, name } = insertTask(draft, conditionStep, { kind: 'free', at: { x: 600, y: 0 } });
  expect(name).toBe('condition');
  expect(next.definition.tasks.at(-1)).toMatchObject({
    action: 'core.noop',
    next: [
      { when: '{{ succeeded() and true }}', do: ['$end'] },
      { otherwise: true, do: ['$end'] },
    ],
  });
});

test('what is chosen says where a new task goes: after a task, into a transition, else where there is room', () => {
  const free = { x: 7, y: 8 };
  const after = (tasks: string[], transition: { task: string; index: number } | null) =>
    placeAfter(draft, { tasks, transition }, free);
  expect(after(['check'], null)).toMatchObject({ kind: 'after', task: 'check', exit: 'success' });
  expect(after([], { task: 'check', index: 0 })).toMatchObject({
    ...{ kind: 'between', task: 'check', index: 0, target: 'report' },
  });
  expect(after(['check', 'report'], null)).toEqual({ kind: 'free', at: free });
  expect(after([], null)).toEqual({ kind: 'free', at: free });
});

test('what is drawn beside the tasks stays when one is added', () => {
  const note = { id: '1', x: 0, y: 0, width: 100, height: 100, text: 'why' };
  const group = { id: '1', title: 'G', tasks: ['check'], collapsed: false };
  const drawn = { ...draft, notes: [note], groups: [group] };
  const { draft: next } = insertTask(drawn, 'core.echo', { kind: 'free', at: { x: 600, y: 0 } });
  expect(next.notes).toEqual([note]);
  expect(next.groups).toEqual([group]);
});
