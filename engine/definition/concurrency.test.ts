import { describe, expect, it } from 'vitest';
import { ConcurrencyPolicy, WrittenConcurrency, checkConcurrencyKey } from './concurrency';
import { parseDefinition } from './parse';
import { validateDefinition } from './validate';
import { parseYaml, printYaml } from './yaml';

const schema = {
  type: 'object',
  properties: {
    host: { type: 'string' },
    port: { type: 'integer' },
    token: { type: 'string', secret: true },
  },
};

describe('a concurrency policy', () => {
  it('is a limit alone, or a map with the limit in it', () => {
    expect(WrittenConcurrency.parse(3)).toEqual({ limit: 3 });
    const full = { limit: 3, key: '{{ parameters.host }}', when_full: 'reject', max_queued: 0 };
    expect(WrittenConcurrency.parse(full)).toEqual(full);
    expect(ConcurrencyPolicy.parse({ limit: 1, note: 'kept' })).toEqual({ limit: 1, note: 'kept' });
  });

  it.each([
    [0],
    [2.5],
    ['many'],
    [{ max_queued: 3 }],
    [{ limit: 10_001 }],
    [{ limit: 1, key: '' }],
    [{ limit: 1, when_full: 'drop' }],
    [{ limit: 1, max_queued: -1 }],
    [{ limit: 1, max_queued: 100_001 }],
  ])('is not %j', (written) => {
    expect(WrittenConcurrency.safeParse(written).success).toBe(false);
  });
});

describe('the key of a policy', () => {
  const codes = (key: string) =>
    checkConcurrencyKey(key, schema).map(
      ({ severity, code, line, column }) => `${severity} ${code} ${line}:${column}`,
    );

  it('may put parameters together as it likes', () => {
    for (const key of ['{{ parameters.host }}', '{{ parameters.host | lower }}:{{ parameters.port }}'])
      expect(codes(key)).toEqual([]);
  });

  it.each([
    ['{{ parameters.hots }}', 'warning unknown_parameter 1:4'],
    ['{{ parameters.token }}', 'error secret_leak 1:4'],
    ['{{ parameters }}', 'error secret_leak 1:4'],
    ['{{ parameters[parameters.host] }}', 'error secret_leak 1:4'],
    ['{{ workflow.host }}', 'error unknown_name 1:4'],
    ['{{ now() }}', 'error unknown_function 1:1'],
    ['host', 'error constant_key 1:1'],
    ['{{ parameters.host', 'error expression_syntax 1:19'],
  ])('%s is told', (key, code) => {
    expect(codes(key)).toContain(code);
  });
});

describe("a workflow's own limit", () => {
  const read = (concurrency: unknown) => {
    const { definition, problems } = parseDefinition({ concurrency, tasks: [{ name: 'a' }] } as never);
    return {
      concurrency: definition.concurrency,
      codes: problems.map(({ code, field }) => `${code} ${field ?? ''}`),
    };
  };

  it('is read in both spellings, with dashes or not, and unknown keys are kept and told', () => {
    expect(read(3)).toEqual({ concurrency: { limit: 3 }, codes: [] });
    expect(read({ limit: '2', 'when-full': 'reject', max_queued: 5 })).toEqual({
      concurrency: { limit: 2, when_full: 'reject', max_queued: 5 },
      codes: [],
    });
    expect(read({ limit: 1, maxx: 2 })).toEqual({
      concurrency: { limit: 1, maxx: 2 },
      codes: ['unknown_key concurrency.maxx'],
    });
  });

  it('is left out where it cannot be read', () => {
    expect(read({ when_full: 'queue' })).toEqual({ concurrency: undefined, codes: ['no_limit concurrency'] });
    expect(read({ limit: 0 })).toEqual({ concurrency: undefined, codes: ['wrong_type concurrency.limit'] });
    expect(read(['x'])).toEqual({ concurrency: undefined, codes: ['wrong_type concurrency'] });
    expect(read({ limit: 1, key: ' ' })).toEqual({
      concurrency: { limit: 1 },
      codes: ['wrong_type concurrency.key'],
    });
  });

  it('rule 18: a key that reads what it cannot know is an error at its place', () => {
    const { definition } = parseDefinition({
      parameters: { host: { type: 'string' } },
      concurrency: { limit: 1, key: '{{ task.a.result }}' },
      tasks: [{ name: 'a', action: 'x.y' }],
    });
    expect(validateDefinition(definition)).toMatchObject([
      { severity: 'error', code: 'unknown_name', field: 'concurrency.key', line: 1, column: 4 },
    ]);
  });

  it('comes back from YAML as it went in', () => {
    const { definition } = parseDefinition({
      concurrency: { limit: 2, key: '{{ parameters.a }}' },
      tasks: [],
    });
    expect(parseYaml(printYaml(definition)).definition).toEqual(definition);
  });
});
