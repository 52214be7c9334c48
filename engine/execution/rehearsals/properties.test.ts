import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateDefinition } from '../../definition/validate';
import { parseDefinition } from '../../definition/parse';
import { parseYaml, printYaml } from '../../definition/yaml';
import { layoutTasks } from '../../definition/layout';
import { anyDefinition } from './arbitrary';
import { History, type Chance } from './history';

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
