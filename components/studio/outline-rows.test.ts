import { describe, expect, it } from 'vitest';
import { nextRow, taskRow, toRows, transitionRow } from './outline-rows';

const definition = {
  tasks: [
    { name: 'a', next: [{ do: ['b'] }, { do: ['c'] }] },
    { name: 'b', next: [] },
    { name: 'c', next: [{ do: ['b'] }] },
  ],
};
const rows = toRows(definition, new Set(['c']));
const lead = (from: string, key: string) => {
  const next = nextRow(rows, from, key);
  return next && 'to' in next ? next.to.id : next;
};

describe('the outline', () => {
  it('has tasks in order, each with its transitions below it while it is open', () => {
    expect(rows.map(({ id, place, of }) => `${id} ${place}/${of}`)).toEqual([
      'task a 1/3',
      'transition 0 a 1/2',
      'transition 1 a 2/2',
      'task b 2/3',
      'task c 3/3',
    ]);
  });

  it('is walked as trees are', () => {
    expect(lead('task a', 'ArrowDown')).toBe(transitionRow('a', 0));
    expect(lead('task a', 'ArrowUp')).toBe(taskRow('a'));
    expect(lead('task a', 'ArrowRight')).toBe(transitionRow('a', 0));
    expect(lead('task a', 'ArrowLeft')).toEqual({ close: 'a' });
    expect(lead(transitionRow('a', 1), 'ArrowLeft')).toBe(taskRow('a'));
    expect(lead('task b', 'ArrowRight')).toBeNull();
    expect(lead('task c', 'ArrowRight')).toEqual({ open: 'c' });
    expect(lead('task b', 'End')).toBe(taskRow('c'));
    expect(lead('task b', 'Home')).toBe(taskRow('a'));
    expect(lead('task b', 'x')).toBeNull();
  });
});
