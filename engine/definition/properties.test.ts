import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyDefinition } from '../execution/rehearsals/arbitrary';
import { compileGraph } from './graph';
import { layoutTasks } from './layout';
import { parseDefinition } from './parse';
import { reviseYaml } from './revise-yaml';
import { Definition } from './schema';
import { validateDefinition, type CatalogAction } from './validate';
import { locateProblems, parseYaml, printYaml } from './yaml';

// More with ATTUNE_PROPERTY_RUNS=100000.
const runs = Number(
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env[
    'ATTUNE_PROPERTY_RUNS'
  ] ?? 2_000,
);
const patience = 3_600_000;

const catalog: CatalogAction[] = [
  { ref: 'x.y', paramSchema: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] } },
  { ref: 'core.ask', paramSchema: null },
];

const word = fc.constantFrom(
  'tasks', 'name', 'action', 'next', 'do', 'when', 'otherwise', 'label', 'publish', 'retry', 'count', 'delay', 'on',
  'jitter', 'with_items', 'with-items', 'items', 'as', 'batch_size', 'concurrency', 'allow_failures', 'join', 'vars',
  'input', 'parameters', 'properties', 'required', 'type', 'on-success', 'on_failure', 'on_timeout', 'on_complete',
  'depends_on', 'timeout', 'cancellation', 'running', 'grace', 'max_task_runs', 'output_map', 'version', '__proto__',
  'constructor', 'a', 'b', 'x.y', '<<',
); // prettier-ignore
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    null, true, false, 0, -1, 1.5, 1e21, 2 ** 53, -0, '', ' ', 'a', 'b', '$end', '$fail', 'x.y', 'core.ask', 'all', 'any',
    'continue', 'abort', 'object', 'string', '10m', '2', '50%', '{{ x }}', '{{ task.a.result }}', '{{ workflow.a | upper }}',
    '{{', '{% for x in y %}', '{{ succeeded() }}', '{{ result().response.approved }}', '\0', '\ud800', '😀', '!!x', '*a', '&a',
    '- a', 'a: b', '# c', '| x', '"', "'", '\n', 'a\n\nb\n', '\t', '.inf', '0x10', '1e3', '~', 'null', 'no', '2020-01-01',
  ),
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.double(),
); // prettier-ignore
const key = fc.oneof(
  { arbitrary: word, weight: 8 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 3 }), weight: 1 },
);

/** Anything that looks as if somebody had meant a definition. */
const { garbage } = fc.letrec<{ garbage: unknown }>((tie) => ({
  garbage: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    scalar,
    fc.array(tie('garbage'), { maxLength: 4 }),
    fc.dictionary(key, tie('garbage'), { maxKeys: 6 }),
  ),
}));

/** A good definition in which some parts, anywhere, are something else. */
const mutated = fc
  .tuple(anyDefinition, fc.array(fc.tuple(fc.nat(), garbage, fc.nat(3)), { minLength: 1, maxLength: 4 }))
  .map(([definition, changes]) => {
    const copy = JSON.parse(JSON.stringify(definition)) as object;
    for (const [place, value, kind] of changes) mutate(copy, place, value, kind);
    return copy;
  });

/** Replaces, renames, removes or doubles one part. */
function mutate(root: object, place: number, value: unknown, kind: number): void {
  const parts: { holder: Record<string, unknown>; key: string }[] = [];
  const collect = (holder: object): void => {
    for (const [name, part] of Object.entries(holder) as [string, unknown][]) {
      parts.push({ holder: holder as Record<string, unknown>, key: name });
      if (typeof part === 'object' && part !== null) collect(part);
    }
  };
  collect(root);
  const part = parts[place % Math.max(1, parts.length)];
  if (!part) return;
  const { holder, key: name } = part;
  if (kind === 0 || (Array.isArray(holder) && kind > 1)) holder[name] = value;
  else if (kind === 1) Reflect.deleteProperty(holder, name);
  else if (kind === 2) holder[`${name}${name}`] = holder[name];
  else holder[JSON.stringify(value).slice(0, 9)] = holder[name];
}

/** What holds for whatever was read. */
function check(input: unknown): void {
  const { definition, problems } = parseDefinition(input);
  if (!definition) {
    expect(problems.length).toBeGreaterThan(0);
    return;
  }
  expect(Definition.safeParse(definition).error).toBeUndefined();
  compileGraph(definition);
  layoutTasks(definition);
  const found = validateDefinition(definition, catalog, 'x.y');
  expect(validateDefinition(definition, catalog, 'x.y')).toEqual(found);
  for (const problem of [...problems, ...found]) {
    expect(problem.code).toMatch(/^[a-z_]+$/);
    expect(problem.message).not.toBe('');
    expect(problem.repair).not.toBe('');
    expect(JSON.stringify(problem).isWellFormed()).toBe(true);
  }
  // What was read once has nothing more to be told of its form, but for what is kept as it is.
  const again = parseDefinition(definition);
  expect(again.definition).toEqual(definition);
  const kept = new Set(['unknown_key', 'inexact_number']);
  expect(again.problems.filter(({ code }) => !kept.has(code))).toEqual([]);
  const printed = printYaml(definition);
  expect(parseYaml(printed).definition).toEqual(definition);
  for (const { line, column } of locateProblems(printed, found)) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(column).toBeGreaterThanOrEqual(1);
  }
}

describe('whatever is given', () => {
  it(
    'as JSON, is read, checked twice alike, drawn, printed and read again',
    () => {
      fc.assert(fc.property(garbage, check), { numRuns: runs });
    },
    patience,
  );

  it(
    'as a good definition with parts of it changed, too',
    () => {
      fc.assert(fc.property(mutated, check), { numRuns: runs });
    },
    patience,
  );

  it(
    'as YAML, gives a definition or problems with a line, never an exception',
    () => {
      const pieces = fc
        .array(
          fc.oneof(
            fc.constantFrom(
            'tasks:\n', '  - name: a\n', '    action: x.y\n', '    next:\n', '      - do: [a]\n', 'vars: {', '}', '[', ']', '- ',
            '? ', ': ', '&a ', '*a', '!!set ', '|\n', '>-\n', '"', "'", '#', '---\n', '...\n', '%YAML 1.1\n', '<<: *a\n', ', ', '\n', '  ',
            '\t', '{{ x }}', '0x1fffffffffffffff', '.nan', '\\ud800', '\0',
          ), // prettier-ignore
            fc.string({ unit: 'binary', maxLength: 4 }),
          ),
          { maxLength: 20 },
        )
        .map((parts) => parts.join(''));
      fc.assert(
        fc.property(pieces, (text) => {
          const { definition, problems } = parseYaml(text);
          for (const problem of problems) expect(problem.line, text).toBeGreaterThanOrEqual(1);
          if (definition) check(definition);
          else expect(problems.length).toBeGreaterThan(0);
        }),
        { numRuns: runs },
      );
    },
    patience,
  );

  it(
    'as a text that is edited, the text says the new definition',
    () => {
      fc.assert(
        fc.property(anyDefinition, mutated, (before, after) => {
          const { definition } = parseDefinition(after);
          if (!definition) return;
          expect(parseYaml(reviseYaml(printYaml(before), definition)).definition).toEqual(definition);
        }),
        { numRuns: Math.ceil(runs / 10) },
      );
    },
    patience,
  );
});

describe('good definitions', () => {
  it(
    'are the same after printing and parsing, and have no problems of their form',
    () => {
      fc.assert(
        fc.property(anyDefinition, (definition) => {
          expect(parseDefinition(JSON.parse(JSON.stringify(definition)))).toEqual({
            definition,
            problems: [],
          });
          expect(parseYaml(printYaml(definition))).toEqual({ definition, problems: [] });
        }),
        { numRuns: runs },
      );
    },
    patience,
  );
});
