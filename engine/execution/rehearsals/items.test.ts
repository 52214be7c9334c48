import { describe, expect, it } from 'vitest';
import type { Task } from '../../definition/schema';
import { rehearse } from '../rehearse';
import { define, tasksRun } from './define';

const withItems = (with_items: NonNullable<Task['with_items']>, more: Partial<Task> = {}) =>
  define(
    {
      a: {
        with_items,
        input: { x: '{{ item }}', i: '{{ index }}' },
        next: [
          { when: '{{ succeeded() }}', publish: [{ all: '{{ result() }}' }], do: ['good'] },
          { when: '{{ failed() }}', do: ['bad'] },
          { when: '{{ cancelled() }}', do: ['gone'] },
        ],
        ...more,
      },
      good: {},
      bad: {},
      gone: {},
    },
    { output_map: { all: '{{ workflow.all }}', task: '{{ task.a.result }}' } },
  );
const parameters = { list: ['p', 'q', 'r', 's'] };
const items = '{{ parameters.list }}';

describe('with_items', () => {
  it('rule 6: one child per item, all at once, results in item order', () => {
    const run = rehearse(
      withItems({ items }),
      { a: ({ input, item }) => ({ result: input, seconds: 10 - (item ?? 0) }) },
      { parameters },
    );
    const expected = ['p', 'q', 'r', 's'].map((x, i) => ({ x, i }));
    expect(run.end.output).toEqual({ all: expected, task: expected });
    expect(
      run.attempts.filter(({ task, startedSeconds }) => task === 'a' && startedSeconds === 0),
    ).toHaveLength(4);
  });

  it('rule 6: at most concurrency at a time, in index order', () => {
    const run = rehearse(
      withItems({ items, concurrency: 3 }),
      { a: ({ item }) => ({ seconds: item === 0 ? 9 : 2 }) },
      { parameters },
    );
    expect(
      run.attempts
        .filter(({ task }) => task === 'a')
        .map(({ item, startedSeconds }) => [item, startedSeconds]),
    ).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 2],
    ]);
  });

  it('rule 6: inputs are rendered up front: what others publish meanwhile changes nothing', () => {
    const definition = define(
      {
        a: { with_items: { items: [1, 2], concurrency: 1 }, input: { v: '{{ workflow.v }}' } },
        b: { next: [{ publish: [{ v: 'after' }], do: [] }] },
      },
      { vars: { v: 'before' } },
    );
    const run = rehearse(definition, { a: { seconds: 5 } });
    expect(run.attempts.filter(({ task }) => task === 'a').map(({ input }) => input)).toEqual([
      { v: 'before' },
      { v: 'before' },
    ]);
  });

  it('rule 6: the outcome is computed over all items: one that fails before the last succeeds still counts', () => {
    const run = rehearse(
      withItems({ items }),
      { a: ({ item }) => (item === 1 ? { outcome: 'failed', error: 'boom' } : { seconds: 3 }) },
      { parameters },
    );
    expect(tasksRun(run)).toEqual(['a', 'bad']);
    expect(run.taskRuns[0]).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('item 1: boom') as string,
    });
    expect(run.taskRuns[0]?.result).toHaveLength(4);
  });

  it('rule 6: an empty list succeeds with []', () => {
    const run = rehearse(withItems({ items }), {}, { parameters: { list: [] } });
    expect(run.end.output).toEqual({ all: [], task: [] });
    expect(tasksRun(run)).toEqual(['a', 'good']);
    expect(run.attempts.map(({ task }) => task)).toEqual(['good']);
  });

  it('rule 6: what is no list is an error that people find and that can be routed', () => {
    const run = rehearse(withItems({ items }), {}, { parameters: { list: 'text' } });
    expect(tasksRun(run)).toEqual(['a', 'bad']);
    expect(run.attempts[0]).toMatchObject({
      item: null,
      failed: { message: expect.stringContaining('must give a list') as string },
    });
  });

  it('rule 6: an error in the input of any item fails the task before it starts', () => {
    const run = rehearse(
      withItems({ items }, { input: { x: '{{ 1 + item }}' } }),
      {},
      { parameters: { list: [1, [], 3] } },
    );
    expect(run.attempts.filter(({ task, failed }) => task === 'a' && !failed)).toEqual([]);
    expect(tasksRun(run)).toEqual(['a', 'bad']);
  });

  it('rule 6: stop starts no further items; running ones finish', () => {
    const run = rehearse(
      withItems({ items, concurrency: 2, on_item_failure: 'stop' }),
      { a: ({ item }) => (item === 0 ? { outcome: 'failed' } : { seconds: 5 }) },
      { parameters },
    );
    expect(run.attempts.filter(({ task }) => task === 'a').map(({ item }) => item)).toEqual([0, 1]);
    expect(run.taskRuns[0]).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('2 did not start') as string,
    });
  });

  it('rule 6: allow_failures as a number and as a percentage', () => {
    const script = {
      a: ({ item }: { item: number | null }) => ({
        outcome: item === 2 ? ('failed' as const) : ('completed' as const),
      }),
    };
    const run = (allow_failures: number | string) =>
      tasksRun(rehearse(withItems({ items, allow_failures }), script, { parameters }))[1];
    expect([run(0), run(1), run('24%'), run('25%')]).toEqual(['bad', 'good', 'bad', 'good']);
  });

  it('rule 6: batches, and a further name for the item', () => {
    const definition = define({
      a: {
        with_items: { items, as: 'part', batch_size: 3 },
        input: { part: '{{ part }}', i: '{{ index }}' },
      },
    });
    const run = rehearse(definition, {}, { parameters });
    expect(run.attempts.map(({ input }) => input)).toEqual([
      { part: ['p', 'q', 'r'], i: 0 },
      { part: ['s'], i: 1 },
    ]);
  });

  it('rule 6: cancelling one item is an outcome, an abandoned one a failure', () => {
    const script = (outcome: 'cancelled' | 'abandoned' | 'timeout') => ({
      a: ({ item }: { item: number | null }) => (item === 1 ? { outcome } : {}),
    });
    expect(tasksRun(rehearse(withItems({ items }), script('cancelled'), { parameters }))).toEqual([
      'a',
      'gone',
    ]);
    expect(tasksRun(rehearse(withItems({ items }), script('abandoned'), { parameters }))).toEqual([
      'a',
      'bad',
    ]);
    expect(rehearse(withItems({ items }), script('timeout'), { parameters }).taskRuns[0]?.status).toBe(
      'timeout',
    );
  });

  it('rule 6: items are tried again by themselves, with the input that they had', () => {
    const run = rehearse(
      withItems({ items, concurrency: 2 }, { retry: { count: 2, delay: 1 } }),
      { a: ({ item, attempt }) => (item === 1 && attempt < 3 ? { outcome: 'failed' } : {}) },
      { parameters },
    );
    expect(tasksRun(run)).toEqual(['a', 'good']);
    expect(
      run.attempts
        .filter(({ task, item }) => task === 'a' && item === 1)
        .map(({ attempt, input, startedSeconds }) => [attempt, input, startedSeconds]),
    ).toEqual([
      [1, { x: 'q', i: 1 }, 0],
      [2, { x: 'q', i: 1 }, 2],
      [3, { x: 'q', i: 1 }, 4],
    ]);
  });

  it('rule 6: the state does not grow with the items that ended', () => {
    const run = rehearse(
      withItems({ items }),
      {},
      { parameters: { list: Array.from({ length: 2000 }, (_, i) => i) } },
    );
    const sizes = run.steps.map(({ delta }) => JSON.stringify(delta.open).length);
    expect(Math.max(...sizes)).toBeLessThan(300);
    expect(run.end.state).toBe('completed');
  });
});
