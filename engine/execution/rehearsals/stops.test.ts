import { describe, expect, it } from 'vitest';
import { compileGraph } from '../../definition/graph';
import { advance, initialState } from '../advance';
import { RunMemory, type RunMemoryJson } from '../memory';
import { nextTasks } from '../next-tasks';
import { rehearse, type Rehearsal } from '../rehearse';
import { define, tasksRun } from './define';

const overRestart = {
  store: (state: RunMemory) => RunMemory.from(JSON.parse(JSON.stringify(state.toJson())) as RunMemoryJson),
};

describe('retry', () => {
  it('rule 7: backs off, constant, linear and exponential, capped, over a restart between all steps', () => {
    const starts = (retry: object) =>
      rehearse(
        define({ a: { retry: { count: 4, delay: 10, ...retry } } }),
        { a: { outcome: 'failed' } },
        overRestart,
      ).attempts.map(({ delaySeconds }) => delaySeconds);
    expect(starts({})).toEqual([0, 10, 10, 10, 10]);
    expect(starts({ backoff: 'linear' })).toEqual([0, 10, 20, 30, 40]);
    expect(starts({ backoff: 'exponential' })).toEqual([0, 10, 20, 40, 80]);
    expect(starts({ backoff: 'exponential', max_delay: '30s' })).toEqual([0, 10, 20, 30, 30]);
  });

  it('rule 7: jitter spreads the wait by the chance that is given', () => {
    const delay = (random: number) =>
      rehearse(
        define({ a: { retry: { count: 1, delay: 10, jitter: 0.2 } } }),
        { a: { outcome: 'failed' } },
        { random: () => random },
      ).attempts[1]?.delaySeconds;
    expect([delay(0), delay(0.5), delay(0.75)]).toEqual([8, 10, 11]);
  });

  it('rule 7: transitions are asked only after the last attempt', () => {
    const definition = define({
      a: {
        retry: { count: 2 },
        next: [
          { when: '{{ succeeded() }}', do: ['b'] },
          { when: '{{ failed() }}', do: ['c'] },
        ],
      },
      b: {},
      c: {},
    });
    const run = rehearse(definition, { a: [{ outcome: 'failed' }, { outcome: 'timeout' }, {}] });
    expect(tasksRun(run)).toEqual(['a', 'b']);
    expect(run.attempts.map(({ task, attempt, maxRetries }) => [task, attempt, maxRetries])).toEqual([
      ['a', 1, 2],
      ['a', 2, 2],
      ['a', 3, 2],
      ['b', 1, 0],
    ]);
  });

  it('rule 7: on and when choose what is tried again', () => {
    const attempts = (
      retry: object,
      outcome: 'failed' | 'timeout' | 'abandoned' | 'cancelled',
      more: object = {},
    ) =>
      rehearse(
        define({ a: { retry: { count: 1, ...retry } } }),
        { a: { outcome, result: { exit_code: 2 } } },
        more,
      ).attempts.length;
    expect(attempts({}, 'failed')).toBe(2);
    expect(attempts({}, 'timeout')).toBe(2);
    expect(attempts({ on: ['timeout'] }, 'failed')).toBe(1);
    expect(attempts({ when: '{{ result().exit_code != 2 }}' }, 'failed')).toBe(1);
    expect(attempts({}, 'cancelled')).toBe(1);
    expect(attempts({}, 'abandoned')).toBe(1);
    expect(attempts({}, 'abandoned', { isIdempotent: true })).toBe(2);
    expect(attempts({ on: ['abandoned'] }, 'abandoned')).toBe(1);
  });
});

describe('timeout', () => {
  it('rule 8: per attempt, told apart from a failure, and tried again', () => {
    const run = rehearse(define({ a: { timeout: '5s', retry: { count: 1 } } }), { a: { seconds: 60 } });
    expect(
      run.attempts.map(({ outcome, startedSeconds, endedSeconds }) => [
        outcome,
        startedSeconds,
        endedSeconds,
      ]),
    ).toEqual([
      ['timeout', 0, 5],
      ['timeout', 5, 10],
    ]);
    expect(run.taskRuns).toMatchObject([{ status: 'timeout' }]);
    expect(run.end.state).toBe('failed');
  });

  it('rule 8: of the whole run', () => {
    const run = rehearse(define({ a: { next: [{ do: ['b'] }] }, b: {} }, { timeout: '1m' }), {
      a: { seconds: 50 },
      b: { seconds: 50 },
    });
    expect(run.end).toMatchObject({ state: 'timeout', error: 'The run timed out after 60 s.' });
    expect(run.seconds).toBe(60);
    expect(run.taskRuns).toMatchObject([{ status: 'completed' }, { status: 'cancelled' }]);
  });
});

describe('cancel', () => {
  const cancelAt = (seconds: number) => ({
    at: [{ seconds, event: { type: 'cancel' as const, reason: 'enough' } }],
  });
  it('rule 14: ends what runs and starts nothing more', () => {
    const definition = define({
      a: { next: [{ do: ['b'] }] },
      b: {},
      c: { with_items: { items: [1, 2, 3], concurrency: 2 } },
    });
    const run = rehearse(definition, { a: { seconds: 10 }, c: { seconds: 20 } }, cancelAt(5));
    expect(run.end).toMatchObject({ state: 'cancelled', error: 'enough' });
    expect(run.seconds).toBe(5);
    expect(run.attempts).toHaveLength(3);
    expect(run.taskRuns.map(({ task, status }) => [task, status])).toEqual([
      ['a', 'cancelled'],
      ['c', 'cancelled'],
    ]);
  });

  it('rule 14: before the start there is nothing to wait for', () => {
    const definition = define({ a: {} });
    const graph = compileGraph(definition);
    const context = {
      parameters: {},
      config: {},
      keystore: () => ({}),
      execution: {},
      system: {},
      now: '',
      random: () => 0,
      taskResult: () => null,
      itemResults: () => [],
    };
    expect(advance(graph, initialState(graph), { type: 'cancel', reason: 'no' }, context).end).toMatchObject({
      state: 'cancelled',
      error: 'no',
    });
  });

  it('rule 14: finish lets workers end what they have begun', () => {
    const run = rehearse(
      define({ a: {} }, { cancellation: { running: 'finish' } }),
      { a: { seconds: 9 } },
      cancelAt(5),
    );
    expect(run.steps[1]?.delta.cancels).toEqual([{ task: 'a', visit: 1, item: null, running: 'finish' }]);
  });

  it('rule 14: a cancelled task is an outcome, routable by cancelled()', () => {
    const definition = define({ a: { next: [{ when: '{{ cancelled() }}', do: ['b'] }] }, b: {} });
    const run = rehearse(definition, { a: { outcome: 'cancelled' } });
    expect(tasksRun(run)).toEqual(['a', 'b']);
    expect(run.end.state).toBe('completed');
    expect(rehearse(define({ a: {} }), { a: { outcome: 'cancelled' } }).end.state).toBe('failed');
  });
});

describe('pause and resume', () => {
  const between = (from: number, to: number) => ({
    ...overRestart,
    at: [
      { seconds: from, event: { type: 'pause' as const } },
      { seconds: to, event: { type: 'resume' as const } },
    ],
  });
  it('rule 15: nothing new is dispatched while paused; what runs goes on and counts', () => {
    const definition = define({
      a: { next: [{ do: ['b', 'c'] }] },
      b: { next: [{ do: ['j'] }] },
      c: { next: [{ do: ['j'] }] },
      j: { join: 'all' },
    });
    const run = rehearse(definition, { a: { seconds: 4 } }, between(2, 20));
    expect(run.attempts.map(({ task, startedSeconds }) => [task, startedSeconds])).toEqual([
      ['a', 0],
      ['b', 20],
      ['c', 20],
      ['j', 21],
    ]);
  });

  it('rule 15: retries and items wait too, and a run that is over ends when it is resumed', () => {
    const retried = rehearse(
      define({ a: { retry: { count: 1 } } }),
      { a: [{ outcome: 'failed' }, {}] },
      between(0.5, 20),
    );
    expect(retried.attempts.map(({ startedSeconds }) => startedSeconds)).toEqual([0, 20]);
    expect(retried.end.state).toBe('completed');
    const items = rehearse(
      define({ a: { with_items: { items: [1, 2, 3], concurrency: 1 } } }),
      {},
      between(0.5, 20),
    );
    expect(items.attempts.map(({ startedSeconds }) => startedSeconds)).toEqual([0, 20, 21]);
    const over = rehearse(define({ a: {} }), {}, between(0.5, 20));
    expect(over.seconds).toBe(20);
  });

  it('rule 15: a paused run can be cancelled, with retries that were never made', () => {
    const run = rehearse(
      define({ a: { retry: { count: 1 } }, b: { with_items: { items: [1, 2] }, retry: { count: 1 } } }),
      { a: { outcome: 'failed' }, b: ({ item }) => (item === 0 ? { outcome: 'failed' } : { seconds: 90 }) },
      {
        at: [
          { seconds: 0.5, event: { type: 'pause' } },
          { seconds: 3, event: { type: 'cancel', reason: 'stop' } },
        ],
      },
    );
    expect(run.end.state).toBe('cancelled');
    expect(run.seconds).toBe(3);
  });
});

describe('breakpoints', () => {
  const resumeAt = (...seconds: number[]) => ({
    ...overRestart,
    at: seconds.map((at) => ({ seconds: at, event: { type: 'resume' as const } })),
  });
  const started = (run: Rehearsal) => run.attempts.map(({ task, startedSeconds }) => [task, startedSeconds]);

  /*   a → b → d,  a → c   */
  it('a run pauses before the task and starts nothing else until it is resumed', () => {
    const definition = define({
      a: { next: [{ do: ['b', 'c'] }] },
      b: { next: [{ do: ['d'] }] },
      c: {},
      d: {},
    });
    const run = rehearse(definition, {}, { ...resumeAt(20, 40), breakpoints: ['b', 'd'] });
    expect(started(run)).toEqual([
      ['a', 0],
      ['b', 20],
      ['c', 20],
      ['d', 40],
    ]);
    expect(run.steps.map(({ delta }) => [delta.head.phase, delta.head.held.map(({ task }) => task)])).toEqual(
      [
        ['running', []],
        ['paused', ['b', 'c']],
        ['running', []],
        ['paused', ['d']],
        ['paused', ['d']],
        ['running', []],
        ['ended', []],
      ],
    );
  });

  /*   a ⟲ a   */
  it('a task in a loop is paused before each time', () => {
    const again = { when: '{{ workflow.n < 2 }}', publish: [{ n: '{{ workflow.n + 1 }}' }], do: ['a'] };
    const definition = define({ begin: { next: [{ do: ['a'] }] }, a: { next: [again] } }, { vars: { n: 0 } });
    const run = rehearse(definition, {}, { ...resumeAt(10, 20, 30), breakpoints: ['a'] });
    expect(started(run)).toEqual([
      ['begin', 0],
      ['a', 10],
      ['a', 20],
      ['a', 30],
    ]);
  });

  /*   a → j ← b   */
  it('a join is paused before once all have arrived, and an entry before anything begins', () => {
    const definition = define({
      a: { next: [{ do: ['j'] }] },
      b: { next: [{ do: ['j'] }] },
      j: { join: 'all' },
    });
    const run = rehearse(definition, { b: { seconds: 3 } }, { ...resumeAt(5, 20), breakpoints: ['a', 'j'] });
    expect(started(run)).toEqual([
      ['a', 5],
      ['b', 5],
      ['j', 20],
    ]);
  });

  it('a run that waits at a breakpoint can be cancelled', () => {
    const at = [{ seconds: 9, event: { type: 'cancel' as const, reason: 'stop' } }];
    const run = rehearse(define({ a: {} }), {}, { at, breakpoints: ['a'] });
    expect([run.end.state, run.attempts]).toEqual(['cancelled', []]);
  });
});

describe('rerun', () => {
  /*   a → b → c   */
  it('rule 16: from a task, what lies upstream keeps its results', () => {
    const definition = define(
      { a: { next: [{ publish: [{ x: 1 }], do: ['b'] }] }, b: { next: [{ do: ['c'] }] }, c: {} },
      { output_map: { x: '{{ workflow.x }}' } },
    );
    const run = rehearse(definition, {}, { startAt: ['b'], variables: { x: 7 } });
    expect(tasksRun(run)).toEqual(['b', 'c']);
    expect(run.end.output).toEqual({ x: 7 });
  });
});

describe('news that comes again', () => {
  it('an end that is told twice, late or of an attempt that is not under way changes nothing', () => {
    const definition = define({
      a: { retry: { count: 1 }, next: [{ do: ['b'] }] },
      b: { with_items: { items: [1, 2, 3] } },
    });
    const run = rehearse(definition, { a: [{ outcome: 'failed' }, {}] }, overRestart);
    const graph = compileGraph(definition);
    const context = {
      parameters: {},
      config: {},
      keystore: () => ({}),
      execution: {},
      system: {},
      now: '',
      random: () => 0,
      taskResult: () => null,
      itemResults: () => [],
    };
    const state = initialState(graph);
    for (const [index, { delta }] of run.steps.entries()) {
      state.apply(delta);
      for (const { event } of run.steps.slice(0, index + 1)) {
        const { head, warnings, ...rest } = advance(graph, state, event, context);
        expect(head).toBe(state.head);
        expect(warnings).toEqual([]);
        expect(
          Object.values(rest)
            .filter((part) => part !== null)
            .flat(),
        ).toEqual([]);
      }
    }
  });

  it('asking what is under way gives every attempt that was started and has not ended', () => {
    const definition = define({
      a: { next: [{ do: ['b'] }] },
      b: { with_items: { items: [1, 2, 3], concurrency: 2 }, retry: { count: 1 } },
    });
    const run = rehearse(definition, {
      b: ({ item, attempt }) => (item === 1 && attempt === 1 ? { outcome: 'failed' } : {}),
    });
    const open = new Set<string>();
    const graph = compileGraph(definition);
    const state = initialState(graph);
    for (const { event, delta } of run.steps) {
      state.apply(delta);
      if (event.type === 'attempt_ended')
        open.delete(JSON.stringify([event.task, event.visit, event.item, event.attempt]));
      for (const { task, visit, item, attempt } of delta.starts)
        open.add(JSON.stringify([task, visit, item, attempt]));
      expect(
        new Set(
          nextTasks(graph, state).map(({ task, visit, item, attempt }) =>
            JSON.stringify([task, visit, item, attempt]),
          ),
        ),
      ).toEqual(open);
    }
  });
});
