import { describe, expect, it } from 'vitest';
import { compileGraph } from '../../definition/graph';
import type { Definition } from '../../definition/schema';
import { advance, initialState } from '../advance';
import { rehearse } from '../rehearse';
import type { Delta, RunContext } from '../state';
import { define, tasksRun } from './define';

const secret = 'hush-4711';
const parameters = { token: secret, user: 'ada', list: [secret, 'b'], nested: { key: secret, open: 1 } };
const secretParameters = ['token', 'list', 'nested'];

/** Everything that a step gives to be stored, but for the inputs themselves. */
function stored({ starts, prepared, ...rest }: Delta): string {
  return JSON.stringify([
    rest,
    starts.map(({ input: _, ...start }) => start),
    prepared.map(({ inputs: _, ...kept }) => kept),
  ]);
}

function firstStep(definition: Definition, more: Partial<RunContext> = {}): Delta {
  const context: RunContext = {
    parameters,
    secretParameters,
    config: {},
    keystore: () => ({ db: secret, color: 'blue' }),
    isKeystoreSecret: (name) => name === 'db',
    execution: {},
    system: {},
    now: '2026-01-01T00:00:00.000Z',
    random: () => 0,
    taskResult: () => null,
    itemResults: () => [],
    ...more,
  };
  const graph = compileGraph(definition);
  return advance(graph, initialState(graph), { type: 'start' }, context);
}

describe('secrets reach inputs, and nothing else', () => {
  it('rule 10: an input with secrets comes with a copy in which only they are hidden', () => {
    const delta = firstStep(
      define({
        a: {
          input: {
            header: 'Bearer {{ parameters.token }}',
            user: '{{ parameters.user }}',
            list: ['{{ parameters.nested.open }}', 'plain', '{{ 1 + 1 }}'],
            db: { password: '{{ keystore.db }}', color: '{{ datastore.color }}' },
          },
        },
        b: { input: { user: '{{ parameters.user }}' } },
      }),
    );
    expect(delta.starts).toMatchObject([
      {
        secret: true,
        input: {
          header: `Bearer ${secret}`,
          user: 'ada',
          list: [1, 'plain', 2],
          db: { password: secret, color: 'blue' },
        },
        redacted: {
          header: '********',
          user: 'ada',
          list: ['********', 'plain', 2],
          db: { password: '********', color: 'blue' },
        },
      },
      { secret: false, input: { user: 'ada' }, redacted: { user: 'ada' } },
    ]);
    expect(stored(delta)).not.toContain(secret);
  });

  it('rule 10: a parameter that nobody gave is no secret', () => {
    const [start] = firstStep(define({ a: { input: { x: '{{ parameters.token }}' } } }), {
      parameters: { token: null },
    }).starts;
    expect(start).toMatchObject({ secret: false, input: { x: null }, redacted: { x: null } });
  });

  /*   a ✗ publish → b, failed → c   */
  it('rule 10: to publish one is an error that can be routed, and that does not tell it', () => {
    const definition = define({
      a: {
        next: [
          { when: '{{ succeeded() }}', publish: [{ t: 'x{{ parameters.token }}' }], do: ['b'] },
          { when: '{{ failed() }}', do: ['c'] },
        ],
      },
      b: {},
      c: {},
    });
    const run = rehearse(definition, {}, { parameters, secretParameters });
    expect(tasksRun(run)).toEqual(['a', 'c']);
    expect(run.taskRuns[0]?.error).toContain('The variable t would hold a secret.');
    expect(run.steps.map(({ delta }) => stored(delta)).join('')).not.toContain(secret);
  });

  it('rule 10: variables and results of the run refuse one', () => {
    const vars = firstStep(define({ a: {} }, { vars: { t: '{{ parameters.nested }}' } }));
    expect(vars.end).toMatchObject({ state: 'failed', error: expect.stringContaining('secret') as string });
    const output = rehearse(
      define({ a: {} }, { output_map: { t: '{{ parameters | to_json }}' } }),
      {},
      { parameters, secretParameters },
    );
    expect(output.end).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('The result would hold a secret.') as string,
    });
    expect(JSON.stringify([vars.end, output.end])).not.toContain(secret);
  });

  it('rule 10: a condition may ask about one, and what goes wrong in it does not tell it', () => {
    const definition = define({
      a: {
        next: [
          { when: "{{ parameters.token == 'hush-4711' }}", do: ['b'] },
          { when: '{{ parameters.token + 1 > 0 }}', do: ['d'] },
          { when: '{{ failed() }}', do: ['c'] },
        ],
      },
      b: { input: { x: '{{ parameters.token | from_json }}', y: "{{ '%d' | format(parameters.token) }}" } },
      c: { retry: { count: 1, when: '{{ parameters.token | from_json }}' } },
      d: {},
    });
    const run = rehearse(definition, { c: { outcome: 'failed' } }, { parameters, secretParameters });
    expect(tasksRun(run)).toEqual(['a', 'b', 'c']);
    const told = run.steps.map(({ delta }) => stored(delta)).join('');
    expect(told).toContain('could not be rendered');
    // The source of a condition is the author's own text and is quoted; what it compares with is not.
    expect(told.replaceAll("parameters.token == 'hush-4711'", '')).not.toContain(secret);
  });

  it('rule 10: items from a secret list are secret each, and a row never holds them', () => {
    const definition = define({
      a: {
        with_items: { items: '{{ parameters.list }}', concurrency: 1, as: 'part' },
        input: { x: '{{ item }}', same: '{{ part }}', index: '{{ index }}' },
      },
    });
    const held = firstStep(definition);
    const kept = firstStep(definition, { preparedInput: () => ({ input: {}, secret: false }) });
    const redacted = { x: '********', same: '********', index: 0 };
    for (const delta of [held, kept]) {
      expect(delta.starts).toMatchObject([{ secret: true, input: { x: secret, index: 0 }, redacted }]);
      expect(stored(delta)).not.toContain(secret);
    }
    expect(kept.prepared).toMatchObject([{ secret: true, redacted: [redacted, { ...redacted, index: 1 }] }]);
    const run = rehearse(definition, {}, { parameters, secretParameters });
    expect(run.attempts.map(({ input, redacted: shown }) => [input, shown])).toEqual([
      [{ x: secret, same: secret, index: 0 }, redacted],
      [
        { x: 'b', same: 'b', index: 1 },
        { ...redacted, index: 1 },
      ],
    ]);
    expect(run.steps.map(({ delta }) => stored(delta)).join('')).not.toContain(secret);
  });

  it('rule 10: a retry hides what the first attempt hid, and a store that kept no copy hides all', () => {
    const definition = define({
      a: {
        with_items: { items: '{{ parameters.list }}' },
        retry: { count: 1 },
        input: { x: '{{ item }}', index: '{{ index }}' },
      },
    });
    const run = rehearse(definition, { a: [{ outcome: 'failed' }, {}] }, { parameters, secretParameters });
    expect(run.attempts.find(({ attempt }) => attempt === 2)).toMatchObject({
      secret: true,
      redacted: { x: '********', index: 0 },
    });
    const graph = compileGraph(definition);
    const state = initialState(graph);
    const context: RunContext = {
      parameters,
      secretParameters,
      config: {},
      keystore: () => ({}),
      execution: {},
      system: {},
      now: '',
      random: () => 0,
      taskResult: () => null,
      itemResults: () => [],
      preparedInput: () => ({ input: { x: secret, index: 0, deep: [secret, null] }, secret: true }),
    };
    state.apply(advance(graph, state, { type: 'start' }, context));
    const ended = { type: 'attempt_ended', task: 'a', visit: 1, item: 0, attempt: 1 } as const;
    const again = advance(graph, state, { ...ended, outcome: 'failed', result: {} }, context);
    expect(again.starts).toMatchObject([
      { redacted: { x: '********', index: '********', deep: ['********', '********'] } },
    ]);
  });
});
