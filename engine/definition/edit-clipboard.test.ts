import { describe, expect, it } from 'vitest';
import { copyTasks, pasteTasks, readCopiedTasks } from './edit-clipboard';
import type { Definition } from './schema';
import { parseYaml } from './yaml';

const ok = '{{ succeeded() }}';
/*   a → b → c   */
const flow: Definition = {
  parameters: { type: 'object' },
  tasks: [
    { name: 'a', action: 'x.y', next: [{ when: ok, do: ['b'] }] },
    {
      name: 'b',
      action: 'x.y',
      join: 'all',
      input: { from: '{{ task.a.result.x }}', far: '{{ task.gone.result }}' },
      next: [{ when: "{{ task['b'].status == 'completed' }}", do: ['c', '$end'] }],
    },
    { name: 'c', action: 'x.y', next: [] },
  ],
};
const places = { a: { x: 0, y: 0 }, b: { x: 12, y: 168 } };

function roundTrip(text: string) {
  const copied = readCopiedTasks(text);
  if ('refusal' in copied) throw new Error(copied.refusal);
  return copied;
}

describe('the clipboard of the canvas', () => {
  it('holds tasks as YAML that is a workflow by itself, and remembers where they stood', () => {
    const text = copyTasks(flow, ['b', 'a'], places);
    expect(parseYaml(text).definition).toEqual({ tasks: flow.tasks.slice(0, 2) });
    expect(roundTrip(text)).toEqual({ tasks: flow.tasks.slice(0, 2), positions: places });
  });

  it('pasted where the names are taken, renames and lets lines and expressions inside follow', () => {
    const { definition, names } = pasteTasks(flow, roundTrip(copyTasks(flow, ['a', 'b'])).tasks);
    expect(names).toEqual({ a: 'a_2', b: 'b_2' });
    expect(definition.tasks.slice(0, 3)).toEqual(flow.tasks);
    expect(definition.tasks.slice(3)).toEqual([
      { name: 'a_2', action: 'x.y', next: [{ when: ok, do: ['b_2'] }] },
      {
        name: 'b_2',
        action: 'x.y',
        join: 'all',
        input: { from: '{{ task.a_2.result.x }}', far: '{{ task.gone.result }}' },
        next: [{ when: "{{ task['b_2'].status == 'completed' }}", do: ['c', '$end'] }],
      },
    ]);
  });

  it('tells apart what refers to tasks that are here and to tasks that are nowhere, and drops neither', () => {
    const copied = roundTrip(copyTasks(flow, ['b'])).tasks;
    expect(pasteTasks(flow, copied)).toMatchObject({ outside: ['c', 'a'], missing: ['gone'] });
    const elsewhere = pasteTasks({ tasks: [] }, copied);
    expect(elsewhere).toMatchObject({ names: { b: 'b' }, outside: [], missing: ['c', 'a', 'gone'] });
    expect(elsewhere.definition.tasks).toEqual([flow.tasks[1]]);
  });

  it('never gives a copy the name of another copy', () => {
    const two: Definition = {
      tasks: [
        { name: 'a', next: [{ do: ['a_2'] }] },
        { name: 'a_2', next: [{ do: ['a'] }] },
      ],
    };
    const { definition } = pasteTasks({ tasks: [{ name: 'a', next: [] }] }, two.tasks);
    expect(definition.tasks.map(({ name, next }) => [name, next[0]?.do[0]])).toEqual([
      ['a', undefined],
      ['a_3', 'a_2'],
      ['a_2', 'a_3'],
    ]);
  });

  it('takes a list of tasks, a single one, and JSON', () => {
    expect(roundTrip('- name: x\n  action: core.echo\n').tasks).toEqual([
      { name: 'x', action: 'core.echo', next: [] },
    ]);
    expect(roundTrip('name: x\naction: core.echo').tasks[0]?.name).toBe('x');
    expect(roundTrip('{"tasks":{"x":{"action":"core.echo"}}}').tasks[0]?.name).toBe('x');
  });

  it.each([
    ['', /empty/],
    ['just words', /list of tasks/],
    ['- 1\n- 2', /list of tasks/],
    ['tasks: []', /empty/],
    ['a: [', /no workflow: .*\(line \d+\)/],
    ['# Places on the canvas: {"a":\ntasks: []', /empty/],
  ])('says of %j why it cannot be pasted', (text, reason) => {
    expect(readCopiedTasks(text)).toEqual({ refusal: expect.stringMatching(reason) as string });
  });
});
