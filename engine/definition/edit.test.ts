import { describe, expect, it } from 'vitest';
import {
  addTask,
  connect,
  disconnect,
  duplicateTasks,
  removeTasks,
  renameTask,
  reorderTransitions,
  setOutput,
  setParameters,
  setVars,
  spliceTask,
  uniqueName,
  updateTask,
  updateTransition,
} from './edit';
import type { Definition } from './schema';

const ok = '{{ succeeded() }}';
/*   a → b → c, b fails → d   */
const flow: Definition = {
  tasks: [
    { name: 'a', action: 'x.y', next: [{ when: ok, do: ['b'] }] },
    {
      name: 'b',
      action: 'x.y',
      input: { from: '{{ task.a.result.x }}', text: 'task.a stays' },
      next: [
        { when: ok, do: ['c'] },
        { when: "{{ failed() and task['a'].status == 'completed' }}", do: ['d'] },
      ],
    },
    { name: 'c', action: 'x.y', join: 'all', next: [] },
    { name: 'd', action: 'x.y', next: [] },
  ],
  output_map: { all: "{{ task.a.result }}{{ 'task.a' }}{{ task.ab.result }}" },
};
const names = ({ tasks }: Definition) => tasks.map(({ name }) => name);
const next = ({ tasks }: Definition, name: string) => tasks.find((task) => task.name === name)?.next;

describe('edits', () => {
  it('add tasks under a name that is free', () => {
    expect(uniqueName(flow, 'e')).toBe('e');
    expect(uniqueName(flow, 'a')).toBe('a_2');
    expect(names(addTask(addTask(flow, { name: 'a', next: [] }), { name: 'a_2', next: [] }))).toEqual([
      'a',
      'b',
      'c',
      'd',
      'a_2',
      'a_3',
    ]);
  });

  it('rename a task everywhere: transitions and expressions, not texts', () => {
    const renamed = renameTask(flow, 'a', 'first');
    expect(names(renamed)).toEqual(['first', 'b', 'c', 'd']);
    expect(renamed.tasks[1]?.input).toEqual({ from: '{{ task.first.result.x }}', text: 'task.a stays' });
    expect(next(renamed, 'b')?.[1]?.when).toBe("{{ failed() and task['first'].status == 'completed' }}");
    expect(renamed.output_map).toEqual({ all: "{{ task.first.result }}{{ 'task.a' }}{{ task.ab.result }}" });
    expect(renamed.tasks[2]).toBe(flow.tasks[2]);
    expect(next(renameTask(flow, 'c', 'last'), 'a')).toBe(flow.tasks[0]?.next);
    expect(next(renameTask(flow, 'c', 'last'), 'b')?.[0]?.do).toEqual(['last']);
  });

  it('rename to a name that is no identifier, and back', () => {
    const renamed = renameTask(flow, 'a', 'step one');
    expect(renamed.tasks[1]?.input?.['from']).toBe('{{ task["step one"].result.x }}');
    expect(renameTask(renamed, 'step one', 'a').tasks[1]?.input?.['from']).toBe('{{ task["a"].result.x }}');
  });

  it('do not rename to a name that is taken or reserved', () => {
    for (const name of ['b', '$end', ' ']) expect(renameTask(flow, 'a', name)).toBe(flow);
  });

  it('remove tasks with what leads to them, or reconnect around them', () => {
    expect(next(removeTasks(flow, ['b']), 'a')).toEqual([]);
    expect(next(removeTasks(flow, ['b'], { reconnect: true }), 'a')).toEqual([{ when: ok, do: ['c'] }]);
    expect(next(removeTasks(flow, ['b', 'c'], { reconnect: true }), 'a')).toEqual([]);
  });

  it('connect by kind, into the transition of that kind', () => {
    const twice = connect(connect(flow, 'a', 'c', 'success'), 'a', 'd', 'failure');
    expect(next(twice, 'a')).toEqual([
      { when: ok, do: ['b', 'c'] },
      { when: '{{ failed() }}', do: ['d'] },
    ]);
    expect(next(connect(flow, 'c', 'd', 'always'), 'c')).toEqual([{ do: ['d'] }]);
    expect(next(connect(flow, 'c', 'd', 'timeout'), 'c')).toEqual([{ when: '{{ timed_out() }}', do: ['d'] }]);
    expect(connect(flow, 'a', 'b', 'success')).toBe(flow);
    const labelled = updateTransition(flow, 'a', 0, { label: 'x' });
    expect(next(connect(labelled, 'a', 'c', 'success'), 'a')).toHaveLength(2);
  });

  it('disconnect a line; the transition goes with its last target, unless it publishes', () => {
    expect(next(disconnect(flow, { task: 'b', index: 0, target: 'c' }), 'b')).toHaveLength(1);
    const publishes = updateTransition(flow, 'a', 0, { publish: [{ x: 1 }] });
    expect(next(disconnect(publishes, { task: 'a', index: 0, target: 'b' }), 'a')).toEqual([
      { when: ok, publish: [{ x: 1 }], do: [] },
    ]);
  });

  it('splice a task into a line', () => {
    const spliced = spliceTask(
      flow,
      { name: 'b', action: 'x.z', next: [] },
      { task: 'a', index: 0, target: 'b' },
    );
    expect(next(spliced, 'a')).toEqual([{ when: ok, do: ['b_2'] }]);
    expect(next(spliced, 'b_2')).toEqual([{ when: ok, do: ['b'] }]);
  });

  it('splice a task that branches: its first transition goes on, the others stay', () => {
    const branch = {
      name: 'branch',
      next: [
        { when: '{{ true }}', do: ['$end'] },
        { otherwise: true, do: ['$end'] },
      ],
    };
    const spliced = spliceTask(flow, branch, { task: 'a', index: 0, target: 'b' });
    expect(next(spliced, 'a')).toEqual([{ when: ok, do: ['branch'] }]);
    expect(next(spliced, 'branch')).toEqual([
      { when: '{{ true }}', do: ['b'] },
      { otherwise: true, do: ['$end'] },
    ]);
  });

  it('change fields, take them out, reorder, and leave the rest as it was', () => {
    expect(updateTask(flow, 'c', { join: undefined, timeout: 5 }).tasks[2]).toEqual({
      name: 'c',
      action: 'x.y',
      timeout: 5,
      next: [],
    });
    expect(reorderTransitions(flow, 'b', 1, 0).tasks[1]?.next.map(({ do: [to] }) => to)).toEqual(['d', 'c']);
    expect(setVars(flow, { x: 1 }).tasks).toBe(flow.tasks);
    expect(setOutput(flow, undefined)).toEqual({ tasks: flow.tasks });
    expect(setParameters(flow, { type: 'object' })).toEqual({ ...flow, parameters: { type: 'object' } });
    expect(updateTask(flow, 'nobody', { timeout: 1 })).toBe(flow);
  });

  it('duplicate tasks with the lines and references among them', () => {
    const { definition, names: made } = duplicateTasks(flow, ['a', 'b']);
    expect(made).toEqual({ a: 'a_2', b: 'b_2' });
    expect(next(definition, 'a_2')).toEqual([{ when: ok, do: ['b_2'] }]);
    expect(next(definition, 'b_2')).toEqual([]);
    expect(definition.tasks.find(({ name }) => name === 'b_2')?.input).toEqual({
      from: '{{ task.a_2.result.x }}',
      text: 'task.a stays',
    });
    expect(definition.tasks.slice(0, 4)).toEqual(flow.tasks);
  });
});
