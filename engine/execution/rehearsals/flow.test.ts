import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../definition/yaml';
import { rehearse } from '../rehearse';
import { define, tasksRun } from './define';

describe('entry', () => {
  /*   a    b    c → d   */
  it('rule 1: tasks that no transition targets start at once, in parallel', () => {
    const run = rehearse(define({ a: {}, b: {}, c: { next: [{ do: ['d'] }] }, d: {} }));
    expect(run.attempts.filter(({ startedSeconds }) => startedSeconds === 0).map(({ task }) => task)).toEqual(
      ['a', 'b', 'c'],
    );
    expect(run.end.state).toBe('completed');
    expect(run.seconds).toBe(2);
  });

  /*   a → b → a   */
  it('rule 1: a workflow without an entry fails and says why', () => {
    const run = rehearse(define({ a: { next: [{ do: ['b'] }] }, b: { next: [{ do: ['a'] }] } }));
    expect(run.end).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('No task can start') as string,
    });
  });

  it('rule 1: a task without an action fails as an execution that people find', () => {
    const run = rehearse({ tasks: [{ name: 'a', next: [] }] });
    expect(run.end).toMatchObject({ state: 'failed', error: expect.stringContaining('no action') as string });
    expect(run.attempts).toMatchObject([
      { task: 'a', failed: { message: expect.stringContaining('no action') as string } },
    ]);
  });
});

describe('transitions', () => {
  /*        ┌ ok and x ──→ b
       a ───┤
            └ ok and not x → c   */
  const compound = define({
    a: {
      next: [
        { when: '{{ succeeded() and result().x }}', do: ['b'] },
        { when: '{{ succeeded() and not result().x }}', do: ['c'] },
      ],
    },
    b: {},
    c: {},
  });
  it('rule 2: compound conditions are evaluated in full: only one of two opposites fires', () => {
    expect(tasksRun(rehearse(compound, { a: { data: { x: true } } }))).toEqual(['a', 'b']);
    expect(tasksRun(rehearse(compound, { a: { data: { x: false } } }))).toEqual(['a', 'c']);
  });

  it('rule 2: otherwise fires if none did, and no when means always', () => {
    const definition = define({
      a: {
        next: [
          { when: '{{ result().x }}', do: ['b'] },
          { otherwise: true, do: ['c'] },
        ],
      },
      b: {},
      c: {},
    });
    expect(tasksRun(rehearse(definition, { a: { data: { x: true } } }))).toEqual(['a', 'b']);
    expect(tasksRun(rehearse(definition))).toEqual(['a', 'c']);
    const always = define({ a: { next: [{ do: ['b'] }] }, b: {} });
    expect(tasksRun(rehearse(always, { a: { outcome: 'failed' } }))).toEqual(['a', 'b']);
  });

  it('rule 2: a completed task whose transitions stay silent ends its branch successfully', () => {
    const run = rehearse(define({ a: { next: [{ when: '{{ result().x }}', do: ['b'] }] }, b: {} }));
    expect(run.end.state).toBe('completed');
    expect(tasksRun(run)).toEqual(['a']);
    expect(run.transitions).toMatchObject([{ task: 'a', index: 0, fired: false, to: [] }]);
  });

  it('rule 2: outcomes are ordinary booleans in any expression of a transition', () => {
    const definition = define({
      a: {
        next: [
          {
            when: '{{ [succeeded(), failed(), timed_out(), cancelled()] == [false, true, true, false] }}',
            do: ['b'],
          },
        ],
      },
      b: {},
    });
    expect(tasksRun(rehearse(definition, { a: { outcome: 'timeout' } }))).toEqual(['a', 'b']);
  });

  it('rule 2: a timeout is told apart from a failure', () => {
    const definition = define({
      a: {
        next: [
          { when: '{{ timed_out() }}', do: ['slow'] },
          { when: '{{ failed() and not timed_out() }}', do: ['broken'] },
        ],
      },
      slow: {},
      broken: {},
    });
    expect(tasksRun(rehearse(definition, { a: { outcome: 'timeout' } }))).toEqual(['a', 'slow']);
    expect(tasksRun(rehearse(definition, { a: { outcome: 'failed' } }))).toEqual(['a', 'broken']);
    expect(tasksRun(rehearse(definition, { a: { outcome: 'abandoned' } }))).toEqual(['a', 'broken']);
  });
});

describe('visits', () => {
  /*   first → round ⟲ while n < 3 → after   */
  const loop = define(
    {
      first: { next: [{ do: ['round'] }] },
      round: {
        input: { n: '{{ workflow.n }}' },
        next: [
          { when: '{{ workflow.n < 2 }}', publish: [{ n: '{{ workflow.n + 1 }}' }], do: ['round'] },
          { when: '{{ workflow.n >= 2 }}', do: ['after'] },
        ],
      },
      after: {},
    },
    { vars: { n: 0 } },
  );
  it('rule 3: a loop of three rounds', () => {
    const run = rehearse(loop);
    expect(tasksRun(run)).toEqual(['first', 'round', 'round', 'round', 'after']);
    expect(
      run.attempts.filter(({ task }) => task === 'round').map(({ visit, input }) => [visit, input]),
    ).toEqual([
      [1, { n: 0 }],
      [2, { n: 1 }],
      [3, { n: 2 }],
    ]);
  });

  it('rule 3: a guard ends the fourth round', () => {
    const run = rehearse({
      ...define({ a: {}, b: { next: [{ do: ['b'] }] } }),
      max_task_runs: 3,
      tasks: define({ a: { next: [{ do: ['b'] }] }, b: { next: [{ do: ['b'] }] } }).tasks,
    });
    expect(run.end).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/^max_task_runs: 3 task runs/) as string,
    });
    expect(tasksRun(run)).toEqual(['a', 'b', 'b']);
  });

  /*   a → c, b → c   */
  it('rule 3: each token starts a run of its own', () => {
    const run = rehearse(define({ a: { next: [{ do: ['c'] }] }, b: { next: [{ do: ['c'] }] }, c: {} }), {
      b: { seconds: 5 },
    });
    expect(run.taskRuns.filter(({ task }) => task === 'c').map(({ visit }) => visit)).toEqual([1, 2]);
  });

  it('rule 3: task.<name>.result is the latest visit, also of the run that is just ending', () => {
    const definition = define(
      {
        a: {
          next: [
            { when: '{{ task.a.result.data.n < 3 }}', do: ['a'] },
            { otherwise: true, do: ['$end'] },
          ],
        },
        z: { next: [{ do: ['a'] }] },
      },
      { output_map: { n: '{{ task.a.result.data.n }}', status: '{{ task.a.status }}' } },
    );
    let n = 0;
    const run = rehearse(definition, { a: () => ({ data: { n: (n += 1) } }) });
    expect(run.end).toMatchObject({ state: 'completed', output: { n: 3, status: 'completed' } });
  });
});

describe('failure', () => {
  /*   a ✗   b → c   */
  it('rule 5: an unhandled failure ends its branch; others go on, and the run fails at the end', () => {
    const run = rehearse(
      define({
        a: { next: [{ when: '{{ succeeded() }}', do: ['x'] }] },
        x: {},
        b: { next: [{ do: ['c'] }] },
        c: {},
      }),
      {
        a: { outcome: 'failed', error: 'disk full' },
      },
    );
    expect(tasksRun(run)).toEqual(['a', 'b', 'c']);
    expect(run.end).toMatchObject({ state: 'failed', error: 'a: disk full' });
    expect(run.end.output).toMatchObject({
      succeeded: false,
      errors: [{ task: 'a', status: 'failed', error: 'disk full' }],
    });
  });

  it('rule 5: a failure is handled when a transition with a target fired', () => {
    const definition = define({ a: { next: [{ when: '{{ failed() }}', do: ['b'] }] }, b: {} });
    expect(rehearse(definition, { a: { outcome: 'failed' } }).end.state).toBe('completed');
    const onlyPublishes = define({ a: { next: [{ when: '{{ failed() }}', publish: [{ x: 1 }], do: [] }] } });
    expect(rehearse(onlyPublishes, { a: { outcome: 'failed' } }).end.state).toBe('failed');
    const ends = define({ a: { next: [{ when: '{{ failed() }}', do: ['$end'] }] } });
    expect(rehearse(ends, { a: { outcome: 'failed' } }).end.state).toBe('completed');
  });

  it('rule 5: $fail fails the run with a message and cancels what runs', () => {
    const definition = define({
      a: { next: [{ label: 'no good', do: ['$fail'] }] },
      b: { next: [{ do: ['c'] }] },
      c: {},
    });
    const run = rehearse(definition, { b: { seconds: 100 } });
    expect(run.end).toMatchObject({ state: 'failed', error: 'a led to $fail (no good).' });
    expect(run.seconds).toBe(1);
    expect(run.taskRuns).toMatchObject([
      { task: 'a', status: 'completed' },
      { task: 'b', status: 'cancelled' },
    ]);
  });

  it('rule 5: on_failure continue lets the run complete with errors', () => {
    const run = rehearse(define({ a: { on_failure: 'continue' }, b: {} }, { output_map: { x: 1 } }), {
      a: { outcome: 'failed', error: 'no' },
    });
    expect(run.end).toMatchObject({
      state: 'completed',
      output: { x: 1, errors: [{ task: 'a', error: 'no' }] },
    });
  });

  it('rule 5: on_failure abort starts nothing new, lets finish what runs, and fails', () => {
    const run = rehearse(define({ a: {}, b: { next: [{ do: ['c'] }] }, c: {} }, { on_failure: 'abort' }), {
      a: { outcome: 'failed' },
      b: { seconds: 9 },
    });
    expect(run.end.state).toBe('failed');
    expect(run.seconds).toBe(9);
    expect(run.taskRuns).toMatchObject([
      { task: 'a', status: 'failed' },
      { task: 'b', status: 'completed' },
    ]);
  });

  it('rule 5: a successor that cannot be dispatched fails like any other task', () => {
    const definition = define({
      a: { next: [{ do: ['b'] }] },
      b: { input: { x: '{{ 1 + [] }}' }, next: [{ when: '{{ failed() }}', do: ['c'] }] },
      c: {},
    });
    const run = rehearse(definition);
    expect(tasksRun(run)).toEqual(['a', 'b', 'c']);
    expect(run.end.state).toBe('completed');
    expect(run.attempts[1]).toMatchObject({
      task: 'b',
      failed: { message: expect.stringContaining('line 1, column') as string },
    });
  });
});

it('the example of the rules runs through, approved and not', () => {
  const { definition } = parseYaml(`
vars: { approved: false }
tasks:
  - { name: build, action: x.build, next: [ { when: "{{ succeeded() }}", do: [approve] }, { otherwise: true, do: [$fail] } ] }
  - { name: approve, action: core.ask, next: [ { when: "{{ result().response.approved }}", publish: [ { approved: true } ], do: [deploy] }, { otherwise: true, do: [$fail] } ] }
  - { name: deploy, action: x.deploy, with_items: "{{ parameters.regions }}", concurrency: 2, input: { region: "{{ item }}", n: "{{ index }}" }, next: [ { when: "{{ succeeded() }}", do: [verify] } ] }
  - { name: verify, action: x.verify, join: all }
output_map: { approved: "{{ workflow.approved }}", deployed: "{{ task.deploy.result }}" }
`);
  if (!definition) throw new Error('not read');
  const parameters = { regions: ['eu', 'us', 'ap'] };
  const yes = rehearse(
    definition,
    { approve: { result: { response: { approved: true } } }, deploy: ({ input }) => ({ result: input }) },
    { parameters },
  );
  expect(yes.end).toMatchObject({
    state: 'completed',
    output: {
      approved: true,
      deployed: [
        { region: 'eu', n: 0 },
        { region: 'us', n: 1 },
        { region: 'ap', n: 2 },
      ],
    },
  });
  expect(yes.seconds).toBe(5);
  const no = rehearse(definition, { approve: { result: { response: { approved: false } } } }, { parameters });
  expect(no.end).toMatchObject({ state: 'failed', error: 'approve led to $fail.' });
});
