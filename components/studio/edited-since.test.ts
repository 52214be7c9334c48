import { describe, expect, test } from 'vitest';
import { toDraftRun } from '@/engine/definition/draft-run';
import type { Definition } from '@/engine/definition/schema';
import { editedSince, isSamePlan } from './edited-since';

const draft: Definition = {
  tasks: [
    { name: 'a', action: 'core.echo', input: { message: 'one' }, next: [{ do: ['b'] }] },
    { name: 'b', action: 'core.echo', input: { message: '{{ task.a.result.stdout }}' }, next: [] },
  ],
};
const withInput = (name: string, message: string): Definition => ({
  tasks: draft.tasks.map((task) => (task.name === name ? { ...task, input: { message } } : task)),
});

describe('what was edited since a run', () => {
  test('is nothing while the draft is what ran', () => {
    expect(editedSince(draft, draft).size).toBe(0);
    expect(isSamePlan(draft, draft)).toBe(true);
  });

  test('is every task that differs or is new', () => {
    expect([...editedSince(draft, withInput('b', 'two'))]).toEqual(['b']);
    const grown = { tasks: [...draft.tasks, { name: 'c', action: 'core.noop', next: [] }] };
    expect([...editedSince(draft, { tasks: grown.tasks.slice(0, 2) })]).toEqual([]);
    expect(isSamePlan(draft, withInput('a', 'x'))).toBe(false);
  });

  test('is not a task whose output was pinned', () => {
    const ran = toDraftRun(draft, { pins: { a: { stdout: 'held' } } });
    expect([...editedSince(ran, draft)]).toEqual([]);
    expect([...editedSince(ran, withInput('b', 'two'))]).toEqual(['b']);
  });

  test('is not what lies outside of the part that ran', () => {
    const ran = toDraftRun(draft, { only: { task: 'a', kind: 'to' } });
    expect([...editedSince(ran, draft)]).toEqual([]);
    expect([...editedSince(ran, withInput('a', 'two'))]).toEqual(['a']);
  });
});
