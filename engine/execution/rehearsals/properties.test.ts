import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateDefinition } from '../../definition/validate';
import { parseDefinition } from '../../definition/parse';
import { parseYaml, printYaml } from '../../definition/yaml';
import { layoutTasks } from '../../definition/layout';
import type { Graph } from '../../definition/graph';
import { advance, initialState } from '../advance';
import { RunMemory, type RunMemoryJson } from '../memory';
import { anyDefinition, anyLayeredDefinition } from './arbitrary';
import { History, type Chance, type Told } from './history';
import { advanceByWishes } from './on-demand-parts';

// More with ATTUNE_PROPERTY_RUNS=100000.
const runs = Number(
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env[
    'ATTUNE_PROPERTY_RUNS'
  ] ?? 2_000,
);

/** Numbers from 0 to below 1 that follow from a seed. */
function chanceFrom(seed: number): Chance {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const anyRunnable = fc.oneof(
  { weight: 9, arbitrary: anyDefinition },
  { weight: 1, arbitrary: anyLayeredDefinition },
);

function restore(memory: RunMemory): RunMemory {
  return RunMemory.from(JSON.parse(JSON.stringify(memory.toJson())) as RunMemoryJson);
}

/** The counters of the head say what counting the parts would say. */
function expectSoundCounters(graph: Graph, { head, parts }: RunMemory): void {
  expect(head.openCount).toBe(parts.openNames().flatMap((name) => parts.openOf(name)).length);
  expect(head.waitingJoins).toBe(parts.waitingJoins().length);
  for (const { name } of graph.tasks.values()) {
    expect(parts.countOpen(name)).toBe(parts.openOf(name).length);
    expect(parts.joinOf(name)?.waiting ?? 0).toBe(Object.keys(parts.tokensOf(name)).length);
  }
}

/** All tasks that the given ones lead to, themselves included, by ways that do not pass a task. */
function reachable(graph: Graph, from: readonly string[], avoiding: string): Set<string> {
  const reached = new Set(from);
  const ahead = [...from];
  for (let here = ahead.pop(); here !== undefined; here = ahead.pop()) {
    for (const target of graph.tasks.get(here)?.transitions.flatMap(({ targets }) => targets) ?? []) {
      if (target === avoiding || reached.has(target)) continue;
      reached.add(target);
      ahead.push(target);
    }
  }
  return reached;
}

/** Joins that wait though they could start, found the long way. */
function joinsWithoutCause(graph: Graph, { parts }: RunMemory): string[] {
  return parts.waitingJoins().filter((name) => {
    const task = graph.tasks.get(name);
    const waiting = parts.joinOf(name)?.waiting ?? 0;
    if (task?.join !== 'all') return typeof task?.join !== 'number' || waiting >= task.join;
    const live = [...parts.openNames(), ...parts.waitingJoins().filter((other) => other !== name)];
    const reached = reachable(graph, live, name);
    return !task.inbound.some((source) => reached.has(source) && parts.tokensAt(name, source) === 0);
  });
}

/** Joins outside of loops that began in a step though a source that had not come still could, found the long way. */
function hastyJoins({ graph, state, delta }: Told): string[] {
  const after = restore(state);
  after.apply(delta);
  return delta.open.flatMap(({ task: name, visit, open }) => {
    const task = graph.tasks.get(name);
    if (task?.join !== 'all' || !open || state.openAt(name, visit)) return [];
    const reached = reachable(graph, after.openNames(), '');
    if (graph.isInLoop(name)) return [];
    const missing = task.inbound.filter((source) => {
      const sent = delta.transitions.filter((each) => each.task === source && each.to.includes(name)).length;
      return state.tokensAt(name, source) + sent <= after.tokensAt(name, source);
    });
    return missing.filter((source) => reached.has(source)).map((source) => `${name} without ${source}`);
  });
}

describe('properties of all runs', () => {
  it('rules 2 to 15: every run ends, starts nothing twice, and decides the same again', () => {
    fc.assert(
      fc.property(anyDefinition, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (definition, seed) => {
        const history = new History(definition, chanceFrom(seed)).play();
        expect(history.deltas.filter(({ end }) => end !== null)).toHaveLength(1);
      }),
      { numRuns: runs },
    );
  }, 3_600_000);

  it('rule 3: no task has more runs than tokens', () => {
    fc.assert(
      fc.property(anyDefinition, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (definition, seed) => {
        const { graph, deltas } = new History(definition, chanceFrom(seed)).play();
        const tokens = new Map<string, number>(graph.entry.map((name) => [name, 1]));
        for (const { fired, to } of deltas.flatMap(({ transitions }) => transitions)) {
          if (fired) for (const target of to) tokens.set(target, (tokens.get(target) ?? 0) + 1);
        }
        const begun = new Set(
          deltas.flatMap(({ taskRuns }) => taskRuns.map(({ task, visit }) => `${task} ${visit}`)),
        );
        for (const name of graph.tasks.keys()) {
          const visits = [...begun].filter((key) => key.startsWith(`${name} `)).length;
          expect(visits).toBeLessThanOrEqual(tokens.get(name) ?? 0);
        }
      }),
      { numRuns: Math.ceil(runs / 4) },
    );
  }, 3_600_000);

  it('replaying a stored history through JSON round trips of the parts gives the same decisions', () => {
    fc.assert(
      fc.property(anyRunnable, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (definition, seed) => {
        let stored: RunMemory | null = null;
        new History(definition, chanceFrom(seed), ({ graph, event, context, delta }) => {
          stored = restore(stored ?? initialState(graph));
          const again = advance(graph, stored, event, context);
          expect(again).toEqual(delta);
          stored.apply(again);
          expectSoundCounters(graph, stored);
        }).play();
      }),
      { numRuns: Math.ceil(runs / 2) },
    );
  }, 3_600_000);

  it('parts that are read by wishes give the same decisions as the whole run in memory', () => {
    fc.assert(
      fc.property(anyRunnable, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (definition, seed) => {
        new History(definition, chanceFrom(seed), ({ graph, state, event, context, delta }) => {
          expect(advanceByWishes(graph, state, event, context).delta).toEqual(delta);
        }).play();
      }),
      { numRuns: Math.ceil(runs / 2) },
    );
  }, 3_600_000);

  it('rule 4: no join waits for what has come or cannot come, and none starts while a source can', () => {
    const definitions = fc.oneof(anyDefinition, anyLayeredDefinition);
    fc.assert(
      fc.property(definitions, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (definition, seed) => {
        new History(definition, chanceFrom(seed), (told) => {
          const { graph, state } = told;
          if (state.head.phase === 'running') expect(joinsWithoutCause(graph, state)).toEqual([]);
          expect(hastyJoins(told)).toEqual([]);
        }).play();
      }),
      { numRuns: Math.ceil(runs / 2) },
    );
  }, 3_600_000);

  it('parse(print(d)) = d, and no definition breaks the checks or the layout', () => {
    fc.assert(
      fc.property(anyDefinition, (definition) => {
        const parsed = parseDefinition(JSON.parse(JSON.stringify(definition)) as { tasks: [] });
        expect(parsed).toEqual({ definition, problems: [] });
        expect(parseYaml(printYaml(definition))).toEqual({ definition, problems: [] });
        expect(Array.isArray(validateDefinition(definition, []))).toBe(true);
        expect(Object.keys(layoutTasks(definition))).toHaveLength(definition.tasks.length);
      }),
      { numRuns: Math.ceil(runs / 4) },
    );
  }, 3_600_000);

  it('anything at all parses into a definition or a list of problems, and prints what parses the same', () => {
    const key = fc.constantFrom(
      'tasks',
      'name',
      'next',
      'do',
      'when',
      'retry',
      'with_items',
      'join',
      'vars',
      'input',
      'publish',
      'parameters',
      'on-success',
      'depends_on',
      'timeout',
      'count',
      'items',
      '__proto__',
      'x',
    );
    const { any } = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom<unknown[]>(null, true, 0, -1, 1.5, '', 'a', '{{ x }}', '{{', '10m', 'all'),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(key, tie('any'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(any, (input) => {
        const { definition, problems } = parseDefinition(input);
        if (!definition) {
          expect(problems.length).toBeGreaterThan(0);
          return;
        }
        expect(Array.isArray(validateDefinition(definition))).toBe(true);
        expect(parseYaml(printYaml(definition)).definition).toEqual(definition);
      }),
      { numRuns: runs },
    );
  }, 3_600_000);
});
