import { describe, expect, it } from 'vitest';
import { compileGraph } from '../../definition/graph';
import { markSecret } from '../../expression/expression';
import { advance, initialState } from '../advance';
import { neededResults } from '../needed-results';
import { rehearse } from '../rehearse';
import type { RunContext } from '../state';
import { define, fired, tasksRun } from './define';

describe('errors in expressions', () => {
  it('rule 9: an error in when turns the outcome into failed for routing, once', () => {
    const definition = define({
      a: {
        next: [
          { when: '{{ 1 + [] }}', do: ['b'] },
          { when: '{{ failed() }}', do: ['c'] },
        ],
      },
      b: {},
      c: {},
    });
    const run = rehearse(definition);
    expect(tasksRun(run)).toEqual(['a', 'c']);
    expect(run.attempts[0]?.outcome).toBe('completed');
    expect(run.taskRuns[0]).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('a.next.0.when') as string,
    });
    expect(fired(run)).toEqual(['a#1']);
  });

  it('rule 9: an error in publish is routable, and an unhandled one fails the run', () => {
    const definition = define({
      a: { next: [{ when: '{{ succeeded() }}', publish: [{ x: '{{ 1 + [] }}' }], do: ['b'] }] },
      b: {},
    });
    expect(rehearse(definition).end).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('a.next.0.publish') as string,
    });
    expect(tasksRun(rehearse(definition))).toEqual(['a']);
  });

  it('rule 9: a missing path is null with a warning on the run', () => {
    const run = rehearse(define({ a: { input: { x: '{{ parameters.nothing.below }}' } } }));
    expect(run.end.state).toBe('completed');
    expect(run.attempts[0]?.input).toEqual({ x: null });
    expect(run.warnings.join()).toContain('a.input');
  });
});

describe('publish', () => {
  it('rule 11: all or nothing per transition, in order, types kept', () => {
    const definition = define(
      {
        a: {
          next: [
            {
              when: '{{ succeeded() }}',
              publish: [{ list: '{{ result().list }}' }, { size: '{{ workflow.list | length }}' }],
              do: ['b'],
            },
            { when: '{{ failed() }}', do: ['b'] },
          ],
        },
        b: {
          next: [
            { publish: [{ list: 'gone' }, { bad: '{{ 1 + [] }}' }], do: ['c'] },
            { when: '{{ failed() }}', do: ['c'] },
          ],
        },
        c: {},
      },
      { output_map: { list: '{{ workflow.list }}', size: '{{ workflow.size }}', bad: '{{ workflow.bad }}' } },
    );
    const run = rehearse(definition, { a: { data: { list: [1, '2', null] } } });
    expect(run.end.output).toEqual({ list: [1, '2', null], size: 3, bad: null });
  });
});

describe('results', () => {
  it('rule 12: without output_map the last finished tasks by name', () => {
    const run = rehearse(define({ a: { next: [{ do: ['b', 'c'] }] }, b: {}, c: {} }), {
      b: { result: 1 },
      c: { result: [2] },
    });
    expect(run.end.output).toEqual({ b: 1, c: [2] });
  });

  /*   1 → 2 → 3 → 4, each a workflow in the other   */
  it('rule 12: four levels nested, with results up', () => {
    const level = (inner: string, task: string) =>
      define(
        { [task]: { action: inner, input: { n: '{{ parameters.n + 1 }}' } } },
        { output_map: { n: `{{ task.${task}.result.n }}` } },
      );
    const deepest = define(
      { leaf: { input: { n: '{{ parameters.n }}' } } },
      { output_map: { n: '{{ task.leaf.result.data.n * 10 }}' } },
    );
    const workflows = { 'w.2': level('w.3', 'third'), 'w.3': level('w.4', 'fourth'), 'w.4': deepest };
    const run = rehearse(
      level('w.2', 'second'),
      { leaf: ({ input }) => ({ data: input }) },
      { parameters: { n: 1 }, workflows },
    );
    expect(run.end).toMatchObject({ state: 'completed', output: { n: 40 } });
  });

  it('rule 12: an empty input stays empty', () => {
    expect(rehearse(define({ a: { input: {} }, b: {} })).attempts.map(({ input }) => input)).toEqual([
      {},
      {},
    ]);
  });

  it('rule 10: result() has the keys of data beside, never over, the fixed ones', () => {
    const definition = define(
      { a: { next: [{ publish: [{ r: '{{ result() }}' }], do: [] }] } },
      { output_map: { r: '{{ workflow.r }}' } },
    );
    const run = rehearse(definition, { a: { result: { exit_code: 0, data: { exit_code: 9, image: 'x' } } } });
    expect(run.end.output).toEqual({ r: { exit_code: 0, image: 'x', data: { exit_code: 9, image: 'x' } } });
  });
});

describe('what is read', () => {
  const bare: RunContext = {
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
  const end = (task: string) =>
    ({
      type: 'attempt_ended',
      task,
      visit: 1,
      item: null,
      attempt: 1,
      outcome: 'completed',
      result: {},
    }) as const;

  /*   a → b → c, and c reads a   */
  it('rule 10: of all results only those that an expression names are read', () => {
    const graph = compileGraph(
      define({
        a: { next: [{ do: ['b'] }] },
        b: { next: [{ when: '{{ succeeded() }}', do: ['c'] }] },
        c: { input: { x: '{{ task.a.result.x }}' } },
      }),
    );
    const read: string[] = [];
    const context = {
      ...bare,
      taskResult: (name: string) => (read.push(name), { result: { x: 7 }, status: 'completed' }),
    };
    const state = initialState(graph);
    state.apply(advance(graph, state, { type: 'start' }, context));
    state.apply(advance(graph, state, end('a'), context));
    expect(read).toEqual([]);
    expect(advance(graph, state, end('b'), context).starts).toMatchObject([{ task: 'c', input: { x: 7 } }]);
    expect(new Set(read)).toEqual(new Set(['a']));
    expect(neededResults(graph, end('b'))).toEqual(['a']);
    expect(neededResults(graph, end('a'))).toEqual([]);
  });

  it('rule 10: a secret may reach inputs, and nothing else', () => {
    const context = { ...bare, keystore: () => ({ token: markSecret('hush') }) as never };
    const first = (definition: ReturnType<typeof define>) => {
      const graph = compileGraph(definition);
      return advance(graph, initialState(graph), { type: 'start' }, context);
    };
    expect(first(define({ a: { input: { t: '{{ keystore.token }}' } } })).starts).toMatchObject([
      { secret: true, input: { t: 'hush' } },
    ]);
    const leaks = first(define({ a: {} }, { vars: { t: '{{ keystore.token }}' } }));
    expect(leaks.end).toMatchObject({ state: 'failed', error: expect.stringContaining('secret') as string });
    const items = first(
      define({ a: { with_items: { items: [1, 2], concurrency: 1 }, input: { t: '{{ keystore.token }}' } } }),
    );
    expect(JSON.stringify([items.head, items.open, items.taskRuns])).not.toContain('hush');
  });
});
