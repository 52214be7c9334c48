import { describe, expect, it } from 'vitest';
import { parseDefinition } from './parse';
import { Definition } from './schema';

function parse(input: object) {
  const { definition, problems } = parseDefinition(input as { tasks: [] });
  expect(Definition.safeParse(definition).error).toBeUndefined();
  return {
    definition,
    problems,
    codes: problems.map(({ code, task, field }) => [code, task, field].filter(Boolean).join(' ')),
  };
}
const ok = '{{ succeeded() }}';

describe('spellings', () => {
  it('turns shorthands into transitions, names or lists, with dashes or not', () => {
    const { definition, problems } = parse({
      tasks: {
        a: { action: 'x.y', 'on-success': 'b', on_failure: ['c', 'd'], on_timeout: 'c', 'on-complete': 'd' },
        b: null,
        c: {},
        d: {},
      },
    });
    expect(problems).toEqual([]);
    expect(definition.tasks[0]?.next).toEqual([
      { when: ok, do: ['b'] },
      { when: '{{ failed() }}', do: ['c', 'd'] },
      { when: '{{ timed_out() }}', do: ['c'] },
      { do: ['d'] },
    ]);
    expect(definition.tasks[1]).toEqual({ name: 'b', next: [] });
  });

  it('turns depends_on round, with join all', () => {
    const { definition, codes } = parse({
      tasks: [
        { name: 'a' },
        { name: 'b' },
        { name: 'c', depends_on: ['a', 'b', 'x'] },
        { name: 'd', depends_on: 'a' },
      ],
    });
    expect(definition.tasks).toEqual([
      { name: 'a', next: [{ when: ok, do: ['c', 'd'] }] },
      { name: 'b', next: [{ when: ok, do: ['c'] }] },
      { name: 'c', join: 'all', next: [] },
      { name: 'd', join: 'all', next: [] },
    ]);
    expect(codes).toEqual(['unknown_task tasks.2.depends_on.2']);
  });

  it('keeps on_failure continue and abort as what they are', () => {
    const { definition } = parse({ on_failure: 'abort', tasks: [{ name: 'a', on_failure: 'continue' }] });
    expect(definition).toMatchObject({ on_failure: 'abort', tasks: [{ on_failure: 'continue', next: [] }] });
  });

  it('reads items in short and in full, with their options at either place', () => {
    const { definition, problems } = parse({
      tasks: [
        { name: 'a', 'with-items': '{{ x }}', concurrency: '2', allow_failures: '20%' },
        { name: 'b', with_items: { items: [1], as: 'n', 'batch-size': 3, on_item_failure: 'stop' } },
        { name: 'c', with_items: [1, 2] },
      ],
    });
    expect(problems).toEqual([]);
    expect(definition.tasks.map((task) => task.with_items)).toEqual([
      { items: '{{ x }}', concurrency: 2, allow_failures: '20%' },
      { items: [1], as: 'n', batch_size: 3, on_item_failure: 'stop' },
      { items: [1, 2] },
    ]);
  });

  it('reads vars and publish as maps or lists of maps', () => {
    const { definition } = parse({
      vars: [{ a: 1 }, { b: null }],
      tasks: [{ name: 'a', next: [{ publish: { x: 1, y: 2 } }, { publish: [{ z: 3 }] }] }],
    });
    expect(definition.vars).toEqual({ a: 1, b: null });
    expect(definition.tasks[0]?.next).toEqual([
      { publish: [{ x: 1 }, { y: 2 }], do: [] },
      { publish: [{ z: 3 }], do: [] },
    ]);
  });

  it('reads flat parameters as JSON Schema', () => {
    expect(
      parse({ parameters: { n: { type: 'integer', required: true } }, tasks: [] }).definition.parameters,
    ).toEqual({
      type: 'object',
      properties: { n: { type: 'integer' } },
      required: ['n'],
    });
  });
});

describe('what is wrong', () => {
  it('keeps unknown keys and tells their place and the nearest', () => {
    const { definition, problems } = parse({
      outputs: 1,
      tasks: [{ name: 'a', inputs: { x: 1 }, next: [{ wen: 'x', do: [] }] }],
    });
    expect(definition).toMatchObject({ outputs: 1, tasks: [{ inputs: { x: 1 }, next: [{ wen: 'x' }] }] });
    expect(problems.map(({ severity, task, field, repair }) => [severity, task, field, repair])).toEqual([
      ['warning', undefined, 'outputs', 'Remove it.'],
      ['warning', 'a', 'inputs', 'Did you mean input?'],
      ['warning', 'a', 'next.0.wen', 'Did you mean when?'],
    ]);
  });

  it('leaves out what has the wrong type, and says so', () => {
    const { definition, codes } = parse({
      timeout: -1,
      tasks: [
        {
          name: 'a',
          timeout: 'soon',
          retry: { delay: 1 },
          join: 'some',
          input: [1],
          next: [{ do: [7, {}] }, 3],
          with_items: 4,
        },
        'text',
        { action: 'x.y', concurrency: 2 },
      ],
    });
    expect(definition.tasks).toEqual([
      { name: 'a', next: [{ do: ['7'] }] },
      { name: 'task_2', next: [] },
      { name: 'task_3', action: 'x.y', next: [] },
    ]);
    expect(codes).toEqual([
      'wrong_duration timeout',
      'wrong_duration a timeout',
      'missing_count a retry',
      'wrong_type a join',
      'wrong_type a input',
      'wrong_type a next.0.do.1',
      'wrong_type a next.1',
      'wrong_type a with_items',
      'wrong_type tasks.1',
      'missing_name tasks.1.name',
      'missing_name tasks.2.name',
      'without_items task_3 concurrency',
    ]);
  });

  it('gives null only for what is no map', () => {
    for (const input of [null, 1, 'x', [], undefined])
      expect(parseDefinition(input as unknown)).toMatchObject({
        definition: null,
        problems: [{ code: 'not_a_definition' }],
      });
    expect(parse({}).definition).toEqual({ tasks: [] });
  });

  it('is not fooled by keys that objects have by themselves', () => {
    const hostile = JSON.parse(
      '{"__proto__": {"x": 1}, "vars": {"__proto__": 2}, "tasks": {"constructor": {"action": "a.b"}, "__proto__": {"action": "a.b"}}}',
    ) as object;
    const { definition } = parse(hostile);
    expect(definition.tasks.map(({ name }) => name)).toEqual(['constructor', '__proto__']);
    expect(({} as { x?: number }).x).toBeUndefined();
    expect(Object.keys(definition.vars ?? {})).toEqual(['__proto__']);
  });
});
