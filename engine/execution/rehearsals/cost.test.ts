import { describe, expect, it } from 'vitest';
import { compileGraph, type Graph } from '../../definition/graph';
import type { Definition, Task } from '../../definition/schema';
import type { Json } from '../../expression/expression';
import { advance, initialState } from '../advance';
import type { RunMemory } from '../memory';
import { neededParts } from '../needed-parts';
import type { Delta, RunContext, RunEvent, RunParts, Start } from '../state';
import { decideMany } from './decide-many';
import { define } from './define';
import { advanceByWishes } from './on-demand-parts';

/** What one step took: counted, not timed, so that it is the same on every machine. */
interface Cost {
  event: RunEvent;
  delta: Delta;
  /** Questions put to the parts of the run. */
  reads: number;
  /** Of these, questions for all of something. */
  lists: number;
  /** Parts, starts and changes that came of it. */
  writes: number;
}

const listing = new Set<string>(['openNames', 'waitingJoins', 'tokensOf', 'leaves', 'failures', 'openOf']);

const context: RunContext = {
  parameters: { list: Array.from({ length: 10_000 }, (_, index) => index) },
  config: {},
  keystore: () => ({}),
  execution: {},
  system: {},
  now: '2026-01-01T00:00:00.000Z',
  random: () => 0.5,
  taskResult: () => null,
  itemResults: () => [],
  preparedInput: (_, __, item) => ({ input: { item }, secret: false }),
};

/** Plays a run in memory and counts every step. `pick` says which of the attempts under way ends next. */
function play(graph: Graph, { pick = () => 0, result = () => ({ x: 1 }), look }: PlayOptions = {}): Cost[] {
  const state = initialState(graph);
  const costs: Cost[] = [];
  const due: Start[] = [];
  const tell = (event: RunEvent) => {
    let reads = 0;
    let lists = 0;
    const parts = new Proxy<RunParts>(state, {
      get: (memory, name) => {
        const found: unknown = Reflect.get(memory, name);
        if (typeof found !== 'function') return found;
        reads += 1;
        if (listing.has(String(name))) lists += 1;
        return (...given: unknown[]): unknown => Reflect.apply(found, memory, given);
      },
    });
    look?.(state, event);
    const delta = advance(graph, { head: state.head, parts }, event, context);
    state.apply(delta);
    const { open, joins, tokens, leaves, failures, starts, taskRuns, transitions } = delta;
    const writes = [open, joins, tokens, leaves, failures, starts, taskRuns, transitions].flat().length;
    costs.push({ event, delta, reads, lists, writes });
    due.push(...starts);
  };
  tell({ type: 'start' });
  while (due.length > 0) {
    const [next] = due.splice(pick(due.length), 1) as [Start];
    const { task, visit, item, attempt } = next;
    const given = result(next);
    const outcome = given === null ? 'failed' : 'completed';
    tell({ type: 'attempt_ended', task, visit, item, attempt, outcome, result: given });
  }
  expect(state.head.phase).toBe('ended');
  return costs;
}

interface PlayOptions {
  pick?: (count: number) => number;
  /** Null fails. */
  result?: (start: Start) => Json;
  look?: (state: RunMemory, event: RunEvent) => void;
}

/** The dearest of the steps in the middle half of a run, where it is as large as it gets. */
function dearest(costs: readonly Cost[]): { reads: number; lists: number; writes: number } {
  const middle = costs.slice(Math.floor(costs.length / 4), Math.floor((3 * costs.length) / 4));
  const most = (of: (cost: Cost) => number) => middle.reduce((all, cost) => Math.max(all, of(cost)), 0);
  return {
    reads: most(({ reads }) => reads),
    lists: most(({ lists }) => lists),
    writes: most(({ writes }) => writes),
  };
}

/** As chance would have it, always the same. */
function shuffled(): (count: number) => number {
  let seed = 7;
  return (count) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % count;
  };
}

const backwards = () => (count: number) => count - 1;

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/*        ┌→ b0 ─┐
     a ───┼→ b1 ─┼→ j (all); what fails goes to its own handler first
          └→ … ──┘   */
const fan = (count: number): Definition =>
  define({
    a: { next: [{ do: names('b', count) }] },
    ...Object.fromEntries(
      names('b', count).flatMap((name): [string, Partial<Task>][] => [
        [
          name,
          {
            next: [
              { when: '{{ succeeded() }}', do: ['j'] },
              { when: '{{ failed() }}', do: [`${name}_mend`] },
            ],
          },
        ],
        [`${name}_mend`, { next: [{ do: ['j'] }] }],
      ]),
    ),
    j: { join: 'all' },
  });

const diamond = (place: string, onward: string[]): [string, Partial<Task>][] => [
  [
    `open${place}`,
    {
      next: [
        { when: '{{ result().x == 1 }}', publish: [{ n: place }], do: [`left${place}`] },
        { otherwise: true, do: [`right${place}`] },
      ],
    },
  ],
  [`left${place}`, { next: [{ do: [`close${place}`] }] }],
  [`right${place}`, { next: [{ do: [`close${place}`] }] }],
  [`close${place}`, { join: 'all', next: onward.length > 0 ? [{ do: onward }] : [] }],
];

/*   open0 → (left0 | right0) → close0 (all) → open1 → …   */
const inARow = (count: number): Definition =>
  define(
    Object.fromEntries(
      names('', count).flatMap((place, index) =>
        diamond(place, index + 1 < count ? [`open${index + 1}`] : []),
      ),
    ),
  );

/*        ┌→ open0 → (left0 | right0) → close0 (all) ─┐
     a ───┤                                           ├→ end (all)
          └→ open1 → … ───────────────────────────────┘   */
const sideBySide = (count: number): Definition =>
  define({
    a: { next: [{ do: names('open', count) }] },
    ...Object.fromEntries(names('', count).flatMap((place) => diamond(place, ['end']))),
    end: { join: 'all' },
  });

/*        ┌→ b0 ─┐
     a ───┼→ b1 ─┼→ c, once for each token
          └→ … ──┘   */
const withoutJoin = (count: number): Definition =>
  define(
    {
      a: { next: [{ do: names('b', count) }] },
      ...Object.fromEntries(names('b', count).map((name) => [name, { next: [{ do: ['c'] }] }])),
      c: {},
    },
    { max_task_runs: 100_000 },
  );

/*   first → round ⟲ while n < count   */
const rounds = (count: number): Definition =>
  define(
    {
      first: { next: [{ do: ['round'] }] },
      round: {
        next: [
          { when: `{{ workflow.n < ${count} }}`, publish: [{ n: '{{ workflow.n + 1 }}' }], do: ['round'] },
        ],
      },
    },
    { vars: { n: 0 } },
  );

it('what is timed is a whole run: a start, and the end of each of 100 tasks', () => {
  expect(decideMany(2)).toBe(2 * 101);
});

describe('a step costs what changes, whatever the run holds', () => {
  const shapes = [
    { shape: 'branches that join', of: fan, small: 50 },
    { shape: 'diamonds in a row', of: inARow, small: 15 },
    { shape: 'diamonds side by side', of: sideBySide, small: 15 },
    { shape: 'tokens that start a task each', of: withoutJoin, small: 50 },
    { shape: 'rounds of a loop', of: rounds, small: 50 },
  ];
  for (const { shape, of, small } of shapes) {
    it(`at 5,000 task runs as at 50: ${shape}`, () => {
      const cost = (count: number) => dearest(play(compileGraph(of(count))));
      const large = 100 * small;
      const most = cost(small);
      expect(most.lists).toBe(0);
      expect(cost(large)).toEqual(most);
      // In another order now and then the source that a join watches goes, and the next is looked for.
      const sum = (numbers: number[]) => numbers.reduce((all, number) => all + number, 0);
      for (const order of [shuffled, backwards]) {
        const [few, many] = [small, large].map((count) => {
          const costs = play(compileGraph(of(count)), { pick: order() });
          const each = (of: (cost: Cost) => number) => sum(costs.map(of)) / costs.length;
          return {
            touched: each(({ reads, writes }) => reads + writes),
            lists: sum(costs.map(({ lists }) => lists)),
          };
        });
        expect(many?.touched).toBeLessThan(1.1 * (few?.touched ?? 0));
        expect(many?.lists).toBeLessThan(40);
      }
    }, 60_000);
  }

  it('what a step is known to need covers a step of each shape but for the rarest', () => {
    for (const { of } of shapes) {
      const graph = compileGraph(of(40));
      let questions = 0;
      let steps = 0;
      const look = (state: RunMemory, event: RunEvent) => {
        steps += 1;
        questions += advanceByWishes(graph, state, event, context).questions;
        const { open, joins, tokens, visits } = neededParts(graph, event);
        expect(open.length + joins.length + visits.length).toBeLessThan(20);
        expect(tokens.length).toBeLessThan(20);
      };
      play(graph, { look });
      expect(questions / steps).toBeLessThan(1.2);
    }
  }, 60_000);

  it('rule 6: of 10,000 items that run at once and end in any order, with retries, a row stays short', () => {
    const graph = compileGraph(
      define({
        a: {
          with_items: { items: '{{ parameters.list }}' },
          retry: { count: 2 },
          input: { i: '{{ item }}' },
        },
      }),
    );
    // Every third fails at first, every ninth for good.
    const result = ({ item, attempt }: Start): Json =>
      (item ?? 0) % 9 === 0 ? null : (item ?? 0) % 3 === 0 && attempt === 1 ? null : {};
    const costs = play(graph, { pick: shuffled(), result });
    const rows = costs.slice(1).map(({ delta }) => JSON.stringify(delta.open).length);
    expect(Math.max(...rows)).toBeLessThan(9_000);
    expect(Math.max(...costs.slice(1).map(({ reads }) => reads))).toBeLessThan(10);
    expect(costs.at(-1)?.delta.taskRuns[0]?.error).toMatch(/^Of 10000 items, 1112 failed/);
  }, 60_000);

  it('rule 6: of 10,000 items, ten at a time, a row is a few words', () => {
    const graph = compileGraph(
      define({
        a: { with_items: { items: '{{ parameters.list }}', concurrency: 10 }, input: { i: '{{ item }}' } },
      }),
    );
    const costs = play(graph, { pick: shuffled() });
    expect(Math.max(...costs.slice(1).map(({ delta }) => JSON.stringify(delta.open).length))).toBeLessThan(
      300,
    );
    expect(Math.max(...costs.slice(1).map(({ reads }) => reads))).toBeLessThan(10);
    expect(costs).toHaveLength(10_001);
  }, 60_000);
});
