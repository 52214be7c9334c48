import { describe, expect, it } from 'vitest';
import { compileGraph } from './graph';
import { layoutTasks } from './layout';
import { parseDefinition } from './parse';
import type { Problem } from './problem';
import { shapes } from './test-shapes';
import { validateDefinition, type CatalogAction } from './validate';
import { parseYaml, printYaml } from './yaml';

// What is large takes a while on a busy machine; what it costs is counted in cost.test.ts.
const patience = 60_000;
const catalog: CatalogAction[] = [
  { ref: 'x.do', paramSchema: { type: 'object', properties: { a: { type: 'integer' } } } },
  ...Array.from({ length: 2_000 }, (_, place) => ({ ref: `x.other_${place}`, paramSchema: null })),
];

/** All that is wrong with what was given, and that every part of the way took it. */
function problemsOf(input: unknown): Problem[] {
  const { definition, problems } = parseDefinition(input);
  if (!definition) return problems;
  const text = JSON.stringify(definition);
  expect(text.isWellFormed()).toBe(true);
  expect(text).not.toContain('\\u0000');
  compileGraph(definition);
  layoutTasks(definition);
  return [...problems, ...validateDefinition(definition, catalog)];
}

const codesOf = (problems: readonly Problem[]) => [...new Set(problems.map(({ code }) => code))];

function nest(levels: number, core: unknown): unknown {
  let nested = core;
  for (let level = 0; level < levels; level += 1) nested = level % 2 ? [nested] : { a: nested };
  return nested;
}

describe('definitions of many tasks', () => {
  it.each(['a chain', 'names that are all wrong'])(
    'may be 10,000: %s',
    (shape) => {
      const make = shapes[shape] ?? (() => ({}));
      const tasks = Array.from({ length: 10_000 }, (_, place) => make(place, 10_000));
      expect(problemsOf({ tasks }).length).toBeLessThanOrEqual(402);
    },
    patience,
  );

  it('may not be one more', () => {
    const tasks = Array.from({ length: 10_001 }, (_, place) => ({ name: `t${place}`, action: 'x.do' }));
    expect(codesOf(problemsOf({ tasks }))).toEqual(['too_many_tasks']);
  });

  it('have their first 200 problems told, errors before warnings, and the number of the others', () => {
    const tasks = Array.from({ length: 300 }, (_, place) => ({
      name: `t${place}`,
      action: 'x.do',
      extra: 1,
    }));
    const { problems, definition } = parseDefinition({ tasks: [...tasks, { timeout: 'soon' }] });
    expect(problems).toHaveLength(201);
    expect(problems.slice(0, 3).map(({ code }) => code)).toEqual([
      'missing_name',
      'wrong_duration',
      'unknown_key',
    ]);
    expect(problems.at(-1)).toMatchObject({
      severity: 'warning',
      code: 'more_problems',
      message: 'And 102 more problems.',
    });
    const told = validateDefinition(definition, []);
    expect(told).toHaveLength(201);
    expect(told.at(-1)).toMatchObject({ severity: 'error', message: 'And 101 more problems.' });
  });
});

describe('what is large', () => {
  const long = 'n'.repeat(1_000_000);
  const longText = `{{ ${long}.${long} | ${long} is ${long} }}`;

  it.each<[string, object]>([
    ['an unknown key', { [long]: 1 }],
    ['a policy', { on_failure: long, version: long }],
    ['a parameter', { parameters: { [long]: { type: long } } }],
    ['a variable', { vars: { [long]: longText } }],
    ['a result', { output_map: { [long]: longText } }],
    ['a name, an action and a label', { tasks: [{ name: long, action: long, label: long }] }],
    ['an input', { tasks: [{ name: 'b', action: 'x.do', input: { [long]: longText, a: long } }] }],
    [
      'items',
      { tasks: [{ name: 'b', action: 'x.do', with_items: { items: long, as: long, batch_size: long } }] },
    ],
    [
      'numbers',
      { tasks: [{ name: 'b', timeout: long, join: long, retry: { count: 1, on: long, when: `${long}(` } }] },
    ],
    [
      'a condition',
      { tasks: [{ name: 'b', action: 'x.do', next: [{ when: `{{ ${long}() }}`, label: long, do: 'b' }] }] },
    ],
    [
      'a target',
      { tasks: [{ name: 'b', action: 'x.do', next: [{ do: [long, `$${long}`, `${long}, b`] }] }] },
    ],
    [
      'what is published',
      { tasks: [{ name: 'b', action: 'x.do', next: [{ publish: [{ [long]: long }] }] }] },
    ],
    [
      'digits',
      { tasks: [{ name: 'b', action: 'x.do', next: [{ when: `{{ ${'1'.repeat(500_000)} }}`, do: 'b' }] }] },
    ],
  ])('is told in short: 1 MB as %s', (_, parts) => {
    const problems = problemsOf({ tasks: [], ...parts });
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(JSON.stringify(problem).length).toBeLessThan(2_500);
  });

  it('is cut where it is larger than can be kept', () => {
    const shared = { text: 'x'.repeat(1_000_000) };
    const { definition, problems } = parseDefinition({
      vars: { all: Array.from({ length: 100 }, () => shared) },
      tasks: [],
    });
    expect(codesOf(problems)).toContain('too_large');
    expect(JSON.stringify(definition).length).toBeLessThan(8_500_000);
  });

  it(
    'may be a list with more entries than a call takes arguments',
    () => {
      const names = Array.from({ length: 130_000 }, (_, place) => `t${place}`);
      const codes = codesOf(
        problemsOf({
          tasks: [{ name: 'a', action: 'x.do', next: names, on_success: names, depends_on: names }],
        }),
      );
      expect(codes).toEqual(
        ['unknown_task', 'more_problems', 'unknown_target', 'no_entry'].filter((code) =>
          codes.includes(code),
        ),
      );
      expect(codes).toContain('unknown_target');
    },
    patience,
  );
});

describe('what cannot be kept', () => {
  it('is nested deeper than 64 levels, and left out', () => {
    for (const levels of [70, 20_000]) {
      const deep = nest(levels, 'x');
      const codes = codesOf(
        problemsOf({
          parameters: deep,
          vars: { deep },
          extra: deep,
          output_map: { deep },
          tasks: [
            {
              name: 'a',
              action: 'x.do',
              input: { deep },
              retry: deep,
              next: [{ publish: [{ deep }], do: [] }],
            },
          ],
        }),
      );
      expect(codes).toContain('too_deep');
    }
    expect(
      codesOf(problemsOf({ vars: { deep: nest(60, 'x') }, tasks: [{ name: 'a', action: 'x.do' }] })),
    ).toEqual(['unused_variable']);
  });

  it('holds itself', () => {
    const ring: unknown[] = [];
    ring.push(ring, ring, { again: ring });
    const { definition, problems } = parseDefinition({ vars: { ring }, tasks: [] });
    expect(codesOf(problems)).toEqual(['contains_itself']);
    expect(definition).toEqual({ vars: { ring: [null, null, { again: null }] }, tasks: [] });
  });

  it('is NUL or half a surrogate pair, in texts, names and keys', () => {
    const { definition, problems } = parseDefinition({
      'a\0': 1,
      vars: { 'k\ud800': 'v\0', fine: '😀' },
      tasks: [{ name: 'b\udc00', action: 'x.do' }],
    });
    expect(problems.map(({ code, field }) => `${code} ${field ?? ''}`)).toEqual([
      'wrong_character a\ufffd',
      'wrong_character vars.k\ufffd',
      'wrong_character vars.k\ufffd',
      'wrong_character tasks.0.name',
      'unknown_key a\ufffd',
    ]);
    expect(definition).toMatchObject({
      vars: { 'k\ufffd': 'v\ufffd', fine: '😀' },
      tasks: [{ name: 'b\ufffd' }],
    });
  });

  it('is no JSON: functions, big integers, dates that print as nothing, NaN', () => {
    const { definition, problems } = parseDefinition({
      vars: {
        f: () => 1,
        n: 1n,
        nan: Number.NaN,
        far: Number.POSITIVE_INFINITY,
        none: undefined,
        s: Symbol('x'),
      },
      tasks: [],
    });
    expect(problems.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'not_json'));
    expect(definition).toEqual({ vars: { f: null, n: null, nan: null, far: null, s: null }, tasks: [] });
  });

  it('is a number beyond 2^53, which JSON has rounded already', () => {
    const { problems } = parseDefinition({
      vars: { id: 9007199254740993, far: 1e300, near: 9007199254740991 },
      tasks: [],
    });
    expect(problems).toMatchObject([{ severity: 'warning', code: 'inexact_number', field: 'vars.id' }]);
  });
});

describe('wrong types everywhere', () => {
  const values: unknown[] = [null, true, 0, -1, 1.5, '', 'x', [], {}, [[]], [null], { a: null }];
  const keys = [
    'version', 'description', 'parameters', 'vars', 'timeout', 'cancellation', 'max_task_runs', 'on_failure', 'tasks',
    'output_map',
  ]; // prettier-ignore
  const taskKeys = [
    'name', 'action', 'description', 'join', 'with_items', 'input', 'timeout', 'delay', 'retry', 'on_failure', 'next',
    'on_success', 'on_complete', 'on_timeout', 'depends_on', 'concurrency', 'batch_size', 'allow_failures', 'as',
    'on_item_failure',
  ]; // prettier-ignore

  it('give a definition that prints and reads the same, and problems', () => {
    for (const value of values) {
      for (const key of keys) problemsOf({ tasks: [{ name: 'a', action: 'x.do' }], [key]: value });
      for (const key of taskKeys) {
        const input = {
          tasks: [
            { name: 'a', action: 'x.do', with_items: [], [key]: value },
            { name: 'b', [key]: value },
          ],
        };
        problemsOf(input);
        const { definition } = parseDefinition(input);
        if (!definition) throw new Error('not read');
        expect(parseYaml(printYaml(definition)).definition, `${key}: ${JSON.stringify(value)}`).toEqual(
          definition,
        );
      }
      for (const key of ['when', 'otherwise', 'label', 'publish', 'do'])
        problemsOf({ tasks: [{ name: 'a', action: 'x.do', next: [{ do: [], [key]: value }, value] }] });
    }
  });

  it('of a catalog, too, are no exception', () => {
    const { definition } = parseDefinition({
      tasks: [{ name: 'a', action: 'x.y', input: { p: 1, q: '{{ 1 }}' } }],
    });
    for (const properties of [
      null,
      [],
      'x',
      { p: null },
      { p: { type: 7 } },
      { p: { $ref: '#' } },
      { p: { pattern: '(' } },
    ])
      for (const required of [null, 'p', [1, null], {}]) {
        const paramSchema = { properties, required } as CatalogAction['paramSchema'];
        expect(Array.isArray(validateDefinition(definition, [{ ref: 'x.y', paramSchema }]))).toBe(true);
      }
  });
});

describe('YAML', () => {
  const lines = (count: number, line: (place: number) => string) =>
    Array.from({ length: count }, (_, place) => line(place)).join('\n');

  it.each([
    ['unclosed', 'tasks: ['],
    ['of several documents', 'a: 1\n---\nb: 2'],
    ['with brackets within brackets', `tasks: ${'['.repeat(20_000)}`],
    ['with braces within braces', '{a: '.repeat(20_000)],
    ['with lists within lists on one line', `${'- '.repeat(20_000)}a`],
    ['with keys within keys', `${'? '.repeat(2_000)}a`],
    ['with a list as key', '? [a, b]\n: c'],
    ['with 20,000 references', `a: &a 1\n${lines(20_000, (place) => `k${place}: *a`)}`],
    [
      'with references that multiply',
      lines(30, (place) => `k${place}: &k${place} [${place ? `*k${place - 1}, *k${place - 1}` : 'x'}]`),
    ],
    ['with a reference to nothing', 'a: *b'],
    ['with 10,000 lines that are wrong', ': :\n'.repeat(10_000)],
    ['with 20,000 brackets too many', `a: [\n${'}'.repeat(20_000)}`],
    ['of more than 2 MB', `a: ${'x'.repeat(2_000_001)}`],
  ])(
    '%s gives problems with their line, and no definition',
    (_, text) => {
      const { definition, problems } = parseYaml(text);
      expect(definition).toBeNull();
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.length).toBeLessThanOrEqual(201);
      for (const problem of problems) {
        expect(problem).toMatchObject({ severity: 'error', line: expect.any(Number) as number });
        expect(JSON.stringify(problem).length).toBeLessThan(2_000);
      }
    },
    patience,
  );

  it('with a key that stands twice tells the second', () => {
    expect(parseYaml('tasks:\n  a: { action: x.y }\n  a: { action: x.z }\n')).toMatchObject({
      definition: { tasks: [{ name: 'a', action: 'x.z' }] },
      problems: [{ severity: 'error', code: 'duplicate_key', line: 3, column: 3 }],
    });
    expect(parseYaml('vars: { 1: a, "1": b }\ntasks: []').problems).toMatchObject([
      { code: 'duplicate_key', column: 15 },
    ]);
  });

  it('with numbers that JSON would round or does not know keeps them as text', () => {
    const text =
      'vars: { id: 9007199254740993, hex: 0x1fffffffffffffff, far: .inf, none: .nan, e: 1e400, ok: 1e300, n: 12 }\ntasks: []\n';
    const { definition, problems } = parseYaml(text);
    expect(definition?.vars).toEqual({
      id: '9007199254740993',
      hex: '0x1fffffffffffffff',
      far: '.inf',
      none: '.nan',
      e: '1e400',
      ok: 1e300,
      n: 12,
    });
    expect(problems.map(({ code, line, column }) => `${code} ${String(line)}:${String(column)}`)).toEqual([
      'number_too_large 1:13',
      'number_too_large 1:36',
      'number_too_large 1:61',
      'number_too_large 1:73',
      'number_too_large 1:82',
    ]);
    if (definition) expect(parseYaml(printYaml(definition))).toEqual({ definition, problems: [] });
  });

  it('that refers to what it stands in gives a definition without that part', () => {
    const { definition, problems } = parseYaml('vars: &v { again: *v }\ntasks: []\n');
    expect(definition?.vars).toEqual({ again: null });
    expect(problems).toMatchObject([{ code: 'contains_itself', line: 1 }]);
  });

  it('with NUL or half a surrogate pair tells their line', () => {
    const { problems } = parseYaml('tasks:\n  - name: a\n    action: "x\\0"\n    description: "\\ud800"\n');
    expect(problems).toMatchObject([
      { code: 'wrong_character', line: 3 },
      { code: 'wrong_character', line: 4 },
    ]);
  });

  it('with tags of other languages is read as plain text and numbers', () => {
    const { definition } = parseYaml(
      'vars: { a: !!js/function "x", b: !own 1, c: !!set { d } }\ntasks: []\n',
    );
    expect(definition?.vars).toMatchObject({ a: 'x', b: '1' });
  });
});
