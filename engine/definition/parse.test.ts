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

  it('turns depends_on round, with join all; a join that is written stays', () => {
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
    expect(codes).toEqual(['unknown_task c depends_on.2']);
  });

  it('adds what depends_on says to the success transition that is there, in the order of the tasks', () => {
    const { definition } = parse({
      tasks: [
        { name: 'c', depends_on: ['a'], join: 1 },
        { name: 'a', on_success: 'b', next: [{ when: ok, label: 'mine', do: 'b' }] },
        { name: 'b', 'depends-on': ['a', 'a'] },
      ],
    });
    expect(definition.tasks).toEqual([
      { name: 'c', join: 1, next: [] },
      {
        name: 'a',
        next: [
          { when: ok, label: 'mine', do: ['b'] },
          { when: ok, do: ['b', 'c'] },
        ],
      },
      { name: 'b', join: 'all', next: [] },
    ]);
  });

  it('keeps on_failure continue and abort as what they are, at either level', () => {
    for (const word of ['continue', 'abort'])
      for (const key of ['on_failure', 'on-failure']) {
        const { definition, problems } = parse({
          [key]: word,
          tasks: [{ name: 'a', [key]: word }, { name: 'b' }],
        });
        expect(problems).toEqual([]);
        expect(definition).toMatchObject({ on_failure: word, tasks: [{ on_failure: word, next: [] }, {}] });
      }
    expect(parse({ on_failure: 'b', tasks: [] }).codes).toEqual(['wrong_type on_failure']);
  });

  it('reads every duration as seconds or with units, and keeps it as it was written', () => {
    const { definition, problems } = parse({
      timeout: '2h',
      cancellation: { running: 'finish', grace: 10 },
      tasks: [
        { name: 'a', timeout: '1h 30m', delay: 0.5, retry: { count: 1, delay: '500ms', 'max-delay': '2m' } },
      ],
    });
    expect(problems).toEqual([]);
    expect(definition).toMatchObject({
      timeout: '2h',
      cancellation: { running: 'finish', grace: 10 },
      tasks: [{ timeout: '1h 30m', delay: 0.5, retry: { count: 1, delay: '500ms', max_delay: '2m' } }],
    });
  });

  it('reads a transition without do, with one name, as a name alone, or as a list of names', () => {
    const { definition, problems } = parse({
      tasks: {
        a: { next: [{ when: true, publish: { x: 1 } }, { do: 'b' }] },
        b: { next: 'c' },
        c: { next: ['a', 'b'] },
        d: { next: { otherwise: 'true', do: ['$end'] } },
      },
    });
    expect(problems).toEqual([]);
    expect(definition.tasks.map(({ next }) => next)).toEqual([
      [{ when: '{{ true }}', publish: [{ x: 1 }], do: [] }, { do: ['b'] }],
      [{ do: ['c'] }],
      [{ do: ['a', 'b'] }],
      [{ otherwise: true, do: ['$end'] }],
    ]);
  });

  it('reads a retry as its count, numbers as text, and one outcome as a list of it', () => {
    const retries = [3, '3', { count: '2', on: 'timeout' }].map(
      (retry) => parse({ tasks: [{ name: 'a', retry }] }).definition.tasks[0]?.retry,
    );
    expect(retries).toEqual([{ count: 3 }, { count: 3 }, { count: 2, on: ['timeout'] }]);
  });

  it('reads the tasks as a list or as a map by name, in order', () => {
    const map = parse({ tasks: { z: { action: 'x.y' }, a: null, m: { name: 'other', action: 'x.y' } } });
    expect(map.definition.tasks.map(({ name }) => name)).toEqual(['z', 'a', 'other']);
    expect(parse({ tasks: [{ name: 7, action: 'x.y' }] }).definition.tasks[0]?.name).toBe('7');
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
  it('says of an expression where only a fixed value can stand that it cannot be one', () => {
    const { definition, problems } = parse({
      timeout: '{{ parameters.t }}',
      tasks: [
        {
          name: 'a',
          timeout: '{{ x }}',
          delay: '{{ x }}',
          retry: { count: '{{ x }}', delay: '{{ x }}' },
          join: '{{ x }}',
          with_items: { items: '{{ x }}', concurrency: '{{ x }}', batch_size: '{{ x }}' },
          allow_failures: '{{ x }}',
        },
      ],
    });
    expect(definition.tasks).toEqual([{ name: 'a', with_items: { items: '{{ x }}' }, next: [] }]);
    expect(problems.map(({ code, field }) => `${code} ${field ?? ''}`)).toEqual([
      'fixed_value timeout',
      'fixed_value timeout',
      'fixed_value delay',
      'fixed_value retry.count',
      'fixed_value retry.delay',
      'missing_count retry',
      'fixed_value join',
      'fixed_value with_items.concurrency',
      'fixed_value with_items.batch_size',
      'fixed_value allow_failures',
    ]);
    expect(problems[3]).toMatchObject({
      message: 'count cannot be an expression such as "{{ x }}": it is the same in every run.',
      repair: 'Write a whole number from 0 to 1000.',
    });
  });

  it('tells a key that stands there with dashes and without, and a variable that stands there twice', () => {
    const { codes } = parse({
      vars: [{ a: 1 }, { a: 2 }],
      tasks: [{ name: 'a', 'on-success': 'a', on_success: 'a', timeout: 1 }],
    });
    expect(codes).toEqual(['duplicate_key vars.1.a', 'duplicate_key a on_success']);
  });

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
