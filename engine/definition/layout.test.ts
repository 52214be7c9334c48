import { expect, it } from 'vitest';
import { layoutTasks } from './layout';
import type { Definition } from './schema';

const task = (name: string, ...targets: string[]) => ({ name, next: [{ do: targets }] });
/*        ┌→ b → d ─┐
     a ───┤         ├→ e ⟲ a
          └→ c ─────┘        */
const flow: Definition = {
  tasks: [
    task('s', 'a'),
    task('a', 'b', 'c'),
    task('b', 'd'),
    task('c', 'e'),
    task('d', 'e'),
    task('e', 'a'),
  ],
};

it('puts each task below all that lead to it, loops aside, and none over another', () => {
  const places = layoutTasks(flow);
  const y = (name: string) => places[name]?.y ?? NaN;
  for (const [from, to] of ['sa', 'ab', 'ac', 'bd', 'ce', 'de'])
    expect(y(to ?? '')).toBeGreaterThan(y(from ?? ''));
  expect(new Set(Object.values(places).map(({ x, y: down }) => `${x} ${down}`)).size).toBe(6);
  expect(y('b')).toBe(y('c'));
});

it('keeps the places that are known', () => {
  const known = { a: { x: 7, y: 9 }, c: { x: 1, y: 500 } };
  const places = layoutTasks(flow, known);
  expect(places).toMatchObject(known);
  expect(Math.min(...['s', 'b', 'd', 'e'].map((name) => places[name]?.y ?? 0))).toBeGreaterThan(500);
});

it('lays out nothing, a workflow of loops only, and a chain of 10,000', () => {
  expect(layoutTasks({ tasks: [] })).toEqual({});
  expect(Object.keys(layoutTasks({ tasks: [task('a', 'b'), task('b', 'a')] }))).toEqual(['a', 'b']);
  const chain = Array.from({ length: 10_000 }, (_, index) => task(`t${index}`, `t${index + 1}`));
  expect(Object.keys(layoutTasks({ tasks: chain }))).toHaveLength(10_000);
});
