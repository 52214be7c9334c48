import { describe, expect, it } from 'vitest';
import type { Task } from '../../definition/schema';
import { rehearse } from '../rehearse';
import { define, tasksRun } from './define';

const ok = '{{ succeeded() }}';

describe('join all', () => {
  /*        ┌→ b ─┐
       a ───┤     ├→ d (all)
            └→ c ─┘        */
  const diamond = define({
    a: { next: [{ do: ['b', 'c'] }] },
    b: { next: [{ when: ok, do: ['d'] }] },
    c: { next: [{ when: ok, do: ['d'] }] },
    d: { join: 'all' },
  });
  it('rule 4: starts once, when all sources have delivered', () => {
    const run = rehearse(diamond, { c: { seconds: 9 } });
    expect(tasksRun(run)).toEqual(['a', 'b', 'c', 'd']);
    expect(run.attempts.find(({ task }) => task === 'd')?.startedSeconds).toBe(10);
  });

  it('rule 4: a failed branch that arrives first does not hold it for ever', () => {
    const run = rehearse(diamond, { b: { outcome: 'failed' }, c: { seconds: 9 } });
    expect(tasksRun(run)).toEqual(['a', 'b', 'c', 'd']);
    expect(run.attempts.find(({ task }) => task === 'd')?.startedSeconds).toBe(10);
    expect(run.end.state).toBe('failed');
  });

  it('rule 4: a branch that fails last lets it start with what came', () => {
    const run = rehearse(diamond, { b: { outcome: 'failed', seconds: 9 } });
    expect(run.attempts.find(({ task }) => task === 'd')?.startedSeconds).toBe(10);
  });

  it('rule 4: no token at all is no start', () => {
    const run = rehearse(diamond, { b: { outcome: 'failed' }, c: { outcome: 'failed' } });
    expect(tasksRun(run)).toEqual(['a', 'b', 'c']);
    expect(run.end.state).toBe('failed');
  });

  /*        ┌→ b ────────┐
       a ───┤            ├→ e (all)
            └→ c → (d?) ─┘     c goes to x instead of d   */
  it('rule 4: a branch that went elsewhere can no longer fire', () => {
    const definition = define({
      a: { next: [{ do: ['b', 'c'] }] },
      b: { next: [{ do: ['e'] }] },
      c: {
        next: [
          { when: '{{ result().d }}', do: ['d'] },
          { otherwise: true, do: ['x'] },
        ],
      },
      d: { next: [{ do: ['e'] }] },
      x: {},
      e: { join: 'all' },
    });
    const elsewhere = rehearse(definition, { c: { seconds: 5 }, x: { seconds: 50 } });
    expect(elsewhere.attempts.find(({ task }) => task === 'e')?.startedSeconds).toBe(6);
    const there = rehearse(definition, { c: { seconds: 5, data: { d: true } }, d: { seconds: 7 } });
    expect(there.attempts.find(({ task }) => task === 'e')?.startedSeconds).toBe(13);
  });

  /*   a → J (all) ⇄ b: J → b → J, and c → J   */
  it('rule 4: a join in a loop starts once per round', () => {
    const definition = define(
      {
        a: { next: [{ do: ['j'] }] },
        j: {
          join: 'all',
          next: [{ when: '{{ workflow.n < 2 }}', publish: [{ n: '{{ workflow.n + 1 }}' }], do: ['b', 'c'] }],
        },
        b: { next: [{ do: ['j'] }] },
        c: { next: [{ do: ['j'] }] },
      },
      { vars: { n: 0 } },
    );
    const run = rehearse(definition, { c: { seconds: 4 } });
    expect(tasksRun(run)).toEqual(['a', 'j', 'b', 'c', 'j', 'b', 'c', 'j']);
    expect(run.end.state).toBe('completed');
  });

  /*   loop ⟲ 3 rounds, each → b and c → j (all)   */
  it('rule 4: rounds of a loop before it do not mix', () => {
    const definition = define(
      {
        s: { next: [{ do: ['loop'] }] },
        loop: {
          next: [
            { do: ['b', 'c'] },
            { when: '{{ workflow.n < 2 }}', publish: [{ n: '{{ workflow.n + 1 }}' }], do: ['loop'] },
          ],
        },
        b: { next: [{ do: ['j'] }] },
        c: { next: [{ do: ['j'] }] },
        j: { join: 'all' },
      },
      { vars: { n: 0 } },
    );
    expect(tasksRun(rehearse(definition, { c: { seconds: 3 } })).filter((task) => task === 'j')).toHaveLength(
      3,
    );
  });

  /*   a → j ⇄ k, b → k: both wait for each other   */
  it('rule 4: two joins that wait for each other start with what came', () => {
    const definition = define({
      a: { next: [{ do: ['j'] }] },
      b: { next: [{ do: ['k'] }] },
      j: { join: 'all', next: [{ when: '{{ false }}', do: ['k'] }] },
      k: { join: 'all', next: [{ when: '{{ false }}', do: ['j'] }] },
    });
    const run = rehearse(definition);
    expect(tasksRun(run)).toEqual(['a', 'b', 'j', 'k']);
    expect(run.end.state).toBe('completed');
  });

  /*   a → b, c, d → j1 (all of b c) → j2 (all of j1 d)   */
  it('rule 4: a join waits for another join that has tokens', () => {
    const definition = define({
      a: { next: [{ do: ['b', 'c', 'd'] }] },
      b: { next: [{ do: ['j1'] }] },
      c: { next: [{ do: ['j1'] }] },
      d: { next: [{ do: ['j2'] }] },
      j1: { join: 'all', next: [{ do: ['j2'] }] },
      j2: { join: 'all' },
    });
    expect(tasksRun(rehearse(definition, { c: { seconds: 8 } }))).toEqual(['a', 'b', 'c', 'd', 'j1', 'j2']);
  });
});

describe('joins that many things happen to', () => {
  /*   p → s → j (all)      s runs twice, and the second time lasts: it does not hold the join, which has its token;
       q → s
       r → t → j            t came first; u fails, so its token never comes
       u ─────→ j   */
  it('rule 4: a source that has delivered and runs once more holds nothing up', () => {
    const definition = define({
      p: { next: [{ do: ['s'] }] },
      q: { next: [{ do: ['s'] }] },
      s: { next: [{ when: ok, do: ['j'] }] },
      t: { next: [{ when: ok, do: ['j'] }] },
      u: { next: [{ when: ok, do: ['j'] }] },
      j: { join: 'all' },
    });
    const run = rehearse(definition, {
      p: { seconds: 4 },
      q: { seconds: 4 },
      s: ({ visit }) => ({ seconds: visit === 1 ? 2 : 50 }),
      t: { seconds: 2 },
      u: { seconds: 3, outcome: 'failed' },
    });
    const starts = run.attempts
      .filter(({ task }) => task === 'j')
      .map(({ startedSeconds }) => startedSeconds);
    expect(starts).toEqual([6, 54]);
  });

  /*   a → n (2) → k (all) → j (all)   n never gets its second token, so k starts with what came, and j waits for k
       c → n          b → k
       a ──────────────────→ j            c fails   */
  it('rule 4: of joins that nothing else can release, one that leads to another starts first', () => {
    const definition = define(
      {
        // In definition order the last one comes first.
        j: { join: 'all' },
        a: { next: [{ do: ['n', 'j'] }] },
        b: { next: [{ do: ['k'] }] },
        c: { next: [{ when: ok, do: ['n'] }] },
        n: { join: 2, next: [{ do: ['k'] }] },
        k: { join: 'all', next: [{ do: ['j'] }] },
      },
      { on_failure: 'continue' },
    );
    const run = rehearse(definition, { c: { outcome: 'failed' }, k: { seconds: 5 } });
    expect(tasksRun(run)).toEqual(['a', 'b', 'c', 'k', 'j']);
    expect(run.attempts.at(-1)).toMatchObject({ task: 'j', startedSeconds: 6 });
  });

  /*   a → b0 … b39 → j (all); each b that fails goes to its mender, which may fail as well   */
  it('rule 4: of forty branches, some lost on the way, a join waits for the last that can still come', () => {
    const names = Array.from({ length: 40 }, (_, index) => `b${index}`);
    const definition = define(
      {
        a: { next: [{ do: names }] },
        ...Object.fromEntries(
          names.flatMap((name): [string, Partial<Task>][] => [
            [
              name,
              {
                next: [
                  { when: ok, do: ['j'] },
                  { otherwise: true, do: [`${name}_mend`] },
                ],
              },
            ],
            [`${name}_mend`, { next: [{ when: ok, do: ['j'] }] }],
          ]),
        ),
        j: { join: 'all' },
      },
      { on_failure: 'continue' },
    );
    for (const slowest of [0, 17, 39]) {
      const run = rehearse(definition, {
        ...Object.fromEntries(
          names.map((name, index) => [
            name,
            {
              outcome: index % 3 === 0 ? 'failed' : 'completed',
              seconds: index === slowest ? 90 : 1 + (index % 7),
            },
          ]),
        ),
        ...Object.fromEntries(
          names.map((name, index) => [`${name}_mend`, { outcome: index % 2 === 0 ? 'failed' : 'completed' }]),
        ),
      });
      const began = run.attempts
        .filter(({ task }) => task === 'j')
        .map(({ startedSeconds }) => startedSeconds);
      // The slowest is the last that matters; where it fails its mender is.
      expect(began).toEqual([1 + 90 + (slowest % 3 === 0 ? 1 : 0)]);
      expect(run.end.state).toBe('completed');
    }
  });
});

describe('join any and a number', () => {
  const fan = (join: 'any' | number) =>
    define({
      a: { next: [{ do: ['b', 'c', 'd'] }] },
      b: { next: [{ when: ok, do: ['j'] }] },
      c: { next: [{ when: ok, do: ['j'] }] },
      d: { next: [{ when: ok, do: ['j'] }] },
      j: { join },
    });
  it('rule 4: any starts once, at the first token', () => {
    const run = rehearse(fan('any'), { b: { seconds: 3 }, c: { seconds: 2 } });
    expect(tasksRun(run)).toEqual(['a', 'b', 'c', 'd', 'j']);
    expect(run.attempts.find(({ task }) => task === 'j')?.startedSeconds).toBe(2);
  });

  it('rule 4: a number starts at that many distinct sources', () => {
    const run = rehearse(fan(2), { b: { seconds: 3 }, c: { seconds: 2 } });
    expect(run.attempts.filter(({ task }) => task === 'j')).toMatchObject([{ startedSeconds: 3 }]);
  });

  it('rule 4: a number that cannot fill fails the run and names the missing sources', () => {
    const run = rehearse(fan(2), { b: { outcome: 'failed' }, c: { outcome: 'failed' } });
    expect(run.end).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/^join_unsatisfied: j waits for 2 .*b, c/) as string,
    });
  });

  /*   a → b, c → j (any) → a, twice round   */
  it('rule 4: any in a loop starts once per round', () => {
    const definition = define(
      {
        s: { next: [{ do: ['a'] }] },
        a: { next: [{ do: ['b', 'c'] }] },
        b: { next: [{ do: ['j'] }] },
        c: { next: [{ do: ['j'] }] },
        j: {
          join: 'any',
          next: [{ when: '{{ workflow.n < 2 }}', publish: [{ n: '{{ workflow.n + 1 }}' }], do: ['a'] }],
        },
      },
      { vars: { n: 0 } },
    );
    expect(tasksRun(rehearse(definition)).filter((task) => task === 'j')).toHaveLength(3);
    expect(
      tasksRun(rehearse(definition, { c: { seconds: 2.5 } })).filter((task) => task === 'j'),
    ).toHaveLength(3);
  });

  it('rule 4: depends_on a join that nothing reaches is just not run', () => {
    const definition = define({ a: { next: [{ when: '{{ failed() }}', do: ['j'] }] }, j: { join: 2 } });
    expect(rehearse(definition).end.state).toBe('completed');
  });
});

it('rule 4: a fan-in of 1,000 branches joins once, quickly', () => {
  const names = Array.from({ length: 1000 }, (_, index) => `b${index}`);
  const definition = define({
    a: { next: [{ do: names }] },
    ...Object.fromEntries(names.map((name) => [name, { next: [{ do: ['j'] }] }])),
    j: { join: 'all' },
  });
  const began = performance.now();
  const run = rehearse(definition);
  expect(run.taskRuns).toHaveLength(1002);
  expect(performance.now() - began).toBeLessThan(5_000);
});
