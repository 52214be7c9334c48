import { describe, expect, it } from 'vitest';
import { renameTask } from '../../definition/edit';
import { compileGraph } from '../../definition/graph';
import { advance, initialState } from '../advance';
import { RunMemory, type RunMemoryJson } from '../memory';
import { rehearse } from '../rehearse';
import type { RunContext, RunEvent } from '../state';
import { define, tasksRun } from './define';

const context: RunContext = {
  parameters: {},
  config: {},
  keystore: () => ({}),
  execution: {},
  system: {},
  now: '2026-01-01T00:00:00.000Z',
  random: () => 0,
  taskResult: () => null,
  itemResults: () => [],
};

function completed(task: string): RunEvent {
  return {
    type: 'attempt_ended',
    task,
    visit: 1,
    item: null,
    attempt: 1,
    outcome: 'completed',
    result: {},
  };
}

describe('rerun', () => {
  /*   a → b ──┐
       a → c ──┴→ j (all) → d      again from b; c had delivered   */
  const joined = define({
    a: { next: [{ do: ['b', 'c'] }] },
    b: { next: [{ when: '{{ succeeded() }}', do: ['j'] }] },
    c: { next: [{ do: ['j'] }] },
    j: { join: 'all', next: [{ do: ['d'] }] },
    d: {},
  });
  it('rule 16: from a task beside a join, what the other branches brought is there', () => {
    const again = rehearse(joined, {}, { startAt: ['b'], arrived: { j: ['c'] } });
    expect(tasksRun(again)).toEqual(['b', 'j', 'd']);
    expect(again.end.state).toBe('completed');
  });

  it('rule 16: a join that has all it can get starts, also when the rerun leads elsewhere', () => {
    const failed = rehearse(
      joined,
      { b: { outcome: 'failed', seconds: 5 } },
      { startAt: ['b'], arrived: { j: ['c'] } },
    );
    expect(tasksRun(failed)).toEqual(['b', 'j', 'd']);
    expect(failed.attempts.find(({ task }) => task === 'j')?.startedSeconds).toBe(5);
    const elsewhere = rehearse(joined, {}, { startAt: ['d'], arrived: { j: ['c'] } });
    expect(elsewhere.taskRuns.map(({ task, visit }) => [task, visit])).toEqual([
      ['d', 1],
      ['j', 1],
      ['d', 2],
    ]);
  });

  it('rule 16: tokens of tasks that do not lead to a join, and of joins that are gone, are left out', () => {
    const state = initialState(compileGraph(joined), {
      arrived: { j: ['c', 'd', 'gone'], gone: ['c'], d: [] },
    });
    expect(state.toJson()).toMatchObject({
      head: { waitingJoins: 1 },
      joins: [{ task: 'j', join: { waiting: 1 } }],
      tokens: [{ join: 'j', source: 'c', count: 1 }],
    });
  });

  /*   a → b, and b reads a; with other parameters than before   */
  it('rule 16: what lies upstream keeps its results, read from the run before, with edited parameters', () => {
    const graph = compileGraph(
      define({
        a: { next: [{ do: ['b'] }] },
        b: { input: { old: '{{ task.a.result.x }}', p: '{{ parameters.p }}' } },
      }),
    );
    const { starts } = advance(
      graph,
      initialState(graph, { startAt: ['b'] }),
      { type: 'start' },
      {
        ...context,
        parameters: { p: 'edited' },
        taskResult: (name) => (name === 'a' ? { result: { x: 7 }, status: 'completed' } : null),
      },
    );
    expect(starts).toMatchObject([{ task: 'b', visit: 1, input: { old: 7, p: 'edited' } }]);
  });
});

describe('a definition that changes', () => {
  /*   a → b → c;  published while b runs:  a → b → other   */
  it('rule 17: a run goes on with the revision that it began with, whatever is published meanwhile', () => {
    const begun = compileGraph(define({ a: { next: [{ do: ['b'] }] }, b: { next: [{ do: ['c'] }] }, c: {} }));
    let state = initialState(begun);
    state.apply(advance(begun, state, { type: 'start' }, context));
    const published = compileGraph(
      define({ a: { next: [{ do: ['b'] }] }, b: { next: [{ do: ['other'] }] }, other: {} }),
    );
    const newer = initialState(published);
    newer.apply(advance(published, newer, { type: 'start' }, context));
    state.apply(advance(begun, state, completed('a'), context));
    newer.apply(advance(published, newer, completed('a'), context));
    // Over a restart as well: the graph is compiled anew from the stored revision.
    state = RunMemory.from(JSON.parse(JSON.stringify(state.toJson())) as RunMemoryJson);
    const again = compileGraph(begun.definition);
    expect(advance(again, state, completed('b'), context).starts).toMatchObject([{ task: 'c' }]);
    expect(advance(published, newer, completed('b'), context).starts).toMatchObject([{ task: 'other' }]);
  });

  /*        ┌ ok ─────→ b ─┐
       a ───┤              ├→ j (all), reads a and b
            └ failed ─→ c ─┘   */
  it('rule 18: renaming a task changes nothing in how a run goes but the name', () => {
    const definition = define(
      {
        a: {
          next: [
            { when: '{{ succeeded() }}', publish: [{ x: '{{ task.a.result.data.x }}' }], do: ['b'] },
            { when: '{{ failed() }}', do: ['c'] },
          ],
        },
        b: { next: [{ when: "{{ task['a'].status == 'completed' }}", do: ['j'] }] },
        c: { next: [{ do: ['j'] }] },
        j: { join: 'all', input: { a: '{{ task.a.result.data.x }}', b: '{{ task.b.status }}' } },
      },
      { output_map: { x: '{{ workflow.x }}', a: '{{ task.a.result.data.x }}' } },
    );
    const before = rehearse(definition, { a: { data: { x: 5 } } });
    const after = rehearse(renameTask(definition, 'a', 'first step'), { 'first step': { data: { x: 5 } } });
    expect(before.end).toEqual({ state: 'completed', output: { x: 5, a: 5 }, error: null });
    expect(after.end).toEqual(before.end);
    expect(tasksRun(after)).toEqual(['first step', 'b', 'j']);
    expect(after.attempts.at(-1)?.input).toEqual(before.attempts.at(-1)?.input);
  });
});
