import { describe, expect, it } from 'vitest';
import { hasNeighboursToJoin, moveIntoLine, moveTask, reachedTasks } from './edit-lines';
import type { Definition } from './schema';

const ok = '{{ succeeded() }}';
/*   a → b → c → b (a loop), a → d, lonely   */
const flow: Definition = {
  tasks: [
    { name: 'a', next: [{ when: ok, do: ['b', 'd'] }] },
    { name: 'lonely', next: [] },
    { name: 'b', next: [{ when: ok, do: ['c'] }] },
    { name: 'c', next: [{ do: ['b'] }] },
    { name: 'd', next: [] },
  ],
};

describe('lines of the canvas', () => {
  it('take in a task that stands alone, where it is in the order', () => {
    const spliced = moveIntoLine(flow, 'lonely', { task: 'a', index: 0, target: 'b' });
    expect(spliced.tasks.map(({ name }) => name)).toEqual(['a', 'lonely', 'b', 'c', 'd']);
    expect(spliced.tasks[0]?.next).toEqual([{ when: ok, do: ['lonely', 'd'] }]);
    expect(spliced.tasks[1]?.next).toEqual([{ when: ok, do: ['b'] }]);
  });

  it('take in no task that has lines of its own, and nothing where no line is', () => {
    const place = { task: 'a', index: 0, target: 'b' };
    expect(moveIntoLine(flow, 'd', place)).toBe(flow);
    expect(moveIntoLine(flow, 'c', place)).toBe(flow);
    expect(moveIntoLine(flow, 'lonely', { ...place, target: 'c' })).toBe(flow);
    expect(moveIntoLine(flow, 'lonely', { ...place, index: 1 })).toBe(flow);
  });

  it('lead up and down, through loops', () => {
    expect(reachedTasks(flow, ['b'], 'downstream')).toEqual(['b', 'c']);
    expect(reachedTasks(flow, ['b'], 'upstream')).toEqual(['a', 'b', 'c']);
    expect(reachedTasks(flow, ['d', 'lonely'], 'upstream')).toEqual(['a', 'lonely', 'd']);
  });

  it('can be joined again where a task between two others goes', () => {
    expect(hasNeighboursToJoin(flow, ['b'])).toBe(true);
    expect(hasNeighboursToJoin(flow, ['d'])).toBe(false);
    expect(hasNeighboursToJoin(flow, ['a'])).toBe(false);
    expect(hasNeighboursToJoin(flow, ['lonely'])).toBe(false);
  });

  it('do not hold the order of the tasks', () => {
    expect(moveTask(flow, 'd', -2).tasks.map(({ name }) => name)).toEqual(['a', 'lonely', 'd', 'b', 'c']);
    expect(moveTask(flow, 'a', -1)).toBe(flow);
    expect(moveTask(flow, 'gone', 1)).toBe(flow);
  });
});
