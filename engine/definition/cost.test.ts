import { describe, expect, it } from 'vitest';
import { parseTemplate } from '../expression/expression';
import { layoutTasks } from './layout';
import { parseDefinition } from './parse';
import type { Problem } from './problem';
import { shapes } from './test-shapes';
import { countWork } from './test-work';
import { validateDefinition, type CatalogAction } from './validate';
import { parseYaml } from './yaml';

// Counting slows the language down: these tests take their time, and nobody measures it.
const patience = 60_000;
const catalog: CatalogAction[] = [
  { ref: 'x.do', paramSchema: { type: 'object', properties: { a: { type: 'integer' } } } },
  ...Array.from({ length: 2_000 }, (_, place) => ({ ref: `x.other_${place}`, paramSchema: null })),
];

describe('definitions of many tasks', () => {
  it.each(Object.keys(shapes))(
    'cost what they are long: %s',
    (shape) => {
      const make = shapes[shape] ?? (() => ({}));
      const costOf = (count: number) => {
        const input = { tasks: Array.from({ length: count }, (_, place) => make(place, count)) };
        let found: Problem[] = [];
        const work = countWork(() => {
          const { definition, problems } = parseDefinition(input);
          found = [...problems, ...validateDefinition(definition, catalog)];
          layoutTasks(definition);
        });
        return { found, each: work / count };
      };
      const small = costOf(1_000);
      const large = costOf(4_000);
      // A pass over all tasks for each of them would make it four times as much.
      expect(large.each).toBeLessThan(small.each * 1.2);
      expect(large.each).toBeLessThan(2_000);
      expect(large.found.length).toBeLessThanOrEqual(402);
    },
    patience,
  );
});

describe('hostile templates', () => {
  const input = (size: number) => ({
    opened: '{{ '.repeat(size),
    nested: `{{ ${'['.repeat(size)} }}`,
    tags: '{% if x %}'.repeat(size),
    sets: Array.from({ length: size }, (_, place) => `{% set x${place} = 1 %}`).join(''),
    blocks: `{% set x = 1 %}${'{% for y in z %}{% endfor %}'.repeat(size)}`,
    names: Array.from({ length: size }, (_, place) => `{{ nme${place} }}`).join(''),
    calls: Array.from({ length: size }, (_, place) => `{{ fn${place}() }}`).join(''),
    dots: `{{ a${'.a'.repeat(size)} }}`,
    filters: `{{ a${'|zz'.repeat(size)} }}`,
    quotes: `{{ "${'\\x41'.repeat(size)}" }}`,
  });

  it.each(Object.keys(input(1)))(
    'cost what they are long: %s',
    (kind) => {
      const costOf = (size: number) => {
        const text = (input(size) as Record<string, string>)[kind] ?? '';
        const { definition } = parseDefinition({ tasks: [{ name: 'a', action: 'x.do', input: { text } }] });
        return countWork(() => validateDefinition(definition, []));
      };
      expect(costOf(2_000)).toBeLessThan(costOf(500) * 4 * 1.2);
    },
    patience,
  );

  it('have their lines counted without going through the text again', () => {
    const descriptor = Object.getOwnPropertyDescriptor(String.prototype, 'indexOf');
    const indexOf = descriptor?.value as (part: string, from?: number) => number;
    let looked = 0;
    String.prototype.indexOf = function counted(this: string, part: string, from = 0) {
      const found = indexOf.call(this, part, from);
      looked += (found < 0 ? this.length : found) - from;
      return found;
    };
    try {
      parseTemplate(input(2_000).names);
    } finally {
      Object.defineProperty(String.prototype, 'indexOf', descriptor ?? {});
    }
    expect(looked).toBeLessThan(input(2_000).names.length * 2);
  });

  it(
    'of approvals are not carried out for long',
    () => {
      const when = '{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}';
      const next = Array.from({ length: 20 }, () => ({ when, do: ['$end'] }));
      const tasks = (count: number) =>
        parseDefinition({
          tasks: Array.from({ length: count }, (_, place) => ({
            name: `a${place}`,
            action: 'core.ask',
            next,
          })),
        }).definition;
      const [few, many] = [tasks(50), tasks(200)];
      expect(countWork(() => validateDefinition(many))).toBeLessThan(
        countWork(() => validateDefinition(few)) * 4 * 1.2,
      );
      expect(countWork(() => validateDefinition(few))).toBeLessThan(50 * 20 * 1_000);
    },
    patience,
  );
});

describe('YAML', () => {
  it(
    'costs what it is long, whatever the number of its keys',
    () => {
      const costOf = (count: number) =>
        countWork(() =>
          parseYaml(
            `vars:\n${Array.from({ length: count }, (_, place) => `  k${place}: 1`).join('\n')}\ntasks: []\n`,
          ),
        ) / count;
      expect(costOf(4_000)).toBeLessThan(costOf(1_000) * 1.2);
    },
    patience,
  );
});
