import { describe, expect, it } from 'vitest';
import { decorMaker, toTaskMoves } from './decor';

const positions = { a: { x: 0, y: 0 }, b: { x: 288, y: 168 }, c: { x: 900, y: 0 } };
const group = { id: '1', title: 'Build', tasks: ['a', 'b', 'gone'], collapsed: false };
const note = { id: '1', x: 5, y: 6, width: 200, height: 120, text: 'hello' };
const input = { groups: [group], notes: [note], tasks: new Set(['a', 'b', 'c']), positions, editable: true };

describe('frames and notes', () => {
  it('frame the tasks that are there', () => {
    const { nodes, inside } = decorMaker()(input);
    expect(nodes.map(({ id, position, width, height }) => ({ id, position, width, height }))).toEqual([
      { id: 'group:1', position: { x: -24, y: -52 }, width: 576, height: 344 },
      { id: 'note:1', position: { x: 5, y: 6 }, width: 200, height: 120 },
    ]);
    expect(inside.size).toBe(0);
    expect(decorMaker()({ ...input, groups: [{ ...group, tasks: ['gone'] }], notes: [] }).nodes).toEqual([]);
  });

  it('stand for their tasks as one card when collapsed', () => {
    const { nodes, inside } = decorMaker()({ ...input, groups: [{ ...group, collapsed: true }] });
    expect(nodes[0]).toMatchObject({ width: 240, height: 84 });
    expect([...inside]).toEqual([
      ['a', 'group:1'],
      ['b', 'group:1'],
    ]);
  });

  it('stay the same objects where nothing changed', () => {
    const make = decorMaker();
    const before = make(input).nodes;
    const after = make({ ...input, positions: { ...positions, c: { x: 0, y: 900 } } }).nodes;
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toBe(before[1]);
  });

  it('take their tasks along when they are moved', () => {
    const { nodes } = decorMaker()(input);
    expect(toTaskMoves({ 'group:1': { x: -12, y: -52 }, c: { x: 1, y: 2 } }, nodes, positions)).toEqual({
      a: { x: 12, y: 0 },
      b: { x: 300, y: 168 },
      c: { x: 1, y: 2 },
    });
  });
});
