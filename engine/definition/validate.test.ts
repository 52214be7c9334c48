import { describe, expect, it } from 'vitest';
import { parseDefinition } from './parse';
import { validateDefinition, type CatalogAction } from './validate';

const action = (
  ref: string,
  properties: CatalogAction['paramSchema'] = {},
  required: string[] = [],
): CatalogAction => ({
  ref,
  label: ref,
  paramSchema: { type: 'object', properties, required },
});
const catalog = [
  action('x.do'),
  action(
    'x.copy',
    { from: { type: 'string' }, size: { type: 'integer' }, mode: { type: 'string', default: 'a' } },
    ['from', 'mode'],
  ),
  action('core.ask', { prompt: { type: 'string' }, response_schema: { type: 'object' } }),
];

function problems(tasks: object, others: object = {}) {
  const { definition, problems: unread } = parseDefinition({ tasks, ...others } as never);
  expect(unread).toEqual([]);
  return validateDefinition(definition, catalog).map(({ severity, code, task, field }) =>
    [severity, code, task, field].filter((part) => part !== undefined).join(' '),
  );
}
const only = (next: object[] = [], more: object = {}) => ({ action: 'x.do', next, ...more });

describe('problems before publishing', () => {
  it('rule 18: a sound definition has none', () => {
    expect(problems({ a: only([{ when: '{{ succeeded() }}', do: ['b'] }]), b: only() })).toEqual([]);
  });

  it('rule 18: no tasks, no entry, unknown targets', () => {
    expect(problems({})).toEqual(['error no_tasks tasks']);
    expect(problems({ a: only([{ when: '{{ result().x }}', do: ['a'] }]) })).toEqual([
      'error no_entry tasks',
    ]);
    expect(problems({ check: only([{ do: ['chek', '$stop'] }]) })).toEqual([
      'error unknown_target check next.0.do',
      'error unknown_target check next.0.do',
    ]);
    const { definition } = parseDefinition({ tasks: { check: only([{ do: ['chec'] }]) } } as never);
    expect(validateDefinition(definition)[0]?.repair).toBe('Did you mean check?');
  });

  it('rule 18: unknown actions with the nearest, missing actions, inputs that do not fit', () => {
    expect(problems({ a: {}, b: { action: 'x.coppy' } })).toEqual([
      'error missing_action a action',
      'error unknown_action b action',
    ]);
    expect(
      problems({
        a: { action: 'x.copy', input: { size: 'big', form: 1 } },
        b: { action: 'x.copy', input: { from: '{{ now() }}', size: '{{ 1 }}' } },
      }),
    ).toEqual([
      'error missing_input a input.from',
      'error wrong_input a input.size',
      'warning unknown_input a input.form',
    ]);
  });

  it('rule 18: names that are taken, reserved or too long', () => {
    expect(
      problems([
        { name: 'a', action: 'x.do' },
        { name: 'a', action: 'x.do' },
        { name: '$end', action: 'x.do' },
        { name: 'abort', action: 'x.do' },
      ]),
    ).toEqual([
      'error duplicate_name a name',
      'error reserved_name $end name',
      'error reserved_name abort name',
    ]);
  });

  it('rule 18: unreachable tasks and joins that can never fill', () => {
    expect(
      problems({
        a: only([{ do: ['j'] }]),
        j: only([], { join: 2 }),
        k: only([{ when: '{{ result().x }}', do: ['l'] }]),
        l: only([{ when: '{{ result().x }}', do: ['k'] }]),
      }),
    ).toEqual(['error join_cannot_fill j join', 'warning unreachable_task k', 'warning unreachable_task l']);
  });

  it('rule 18: a loop without a guard is an error, one that only success keeps going a warning', () => {
    expect(
      problems({ s: only([{ do: ['a'] }]), a: only([{ do: ['b'] }]), b: only([{ do: ['a'] }]) }),
    ).toEqual(['error endless_loop a next']);
    const success = [{ when: '{{ succeeded() }}', do: ['a'] }];
    expect(problems({ s: only([{ do: ['a'] }]), a: only(success) })).toEqual([
      'warning doubtful_loop a next',
    ]);
    expect(
      problems({ s: only([{ do: ['a'] }]), a: only([{ when: '{{ result().more }}', do: ['a'] }]) }),
    ).toEqual([]);
  });

  it('rule 18: expressions with their place: syntax, filters, functions, names', () => {
    const { definition } = parseDefinition({
      parameters: { region: { type: 'string' } },
      vars: { used: 1, idle: 2 },
      tasks: {
        a: {
          action: 'x.do',
          input: { v: '{{ 1 + }}', w: '{{ parameters.regin | upcase }}' },
          next: [{ when: 'resutl().x', publish: [{ y: '{{ workflow.used }}' }], do: ['b'] }],
        },
        b: { action: 'x.do', input: { x: '{{ result().x }}', y: '{{ task.c.result }}', z: '{{ item }}' } },
      },
    });
    const found = validateDefinition(definition);
    expect(found.map(({ severity, code, task, field }) => [severity, code, task, field])).toEqual([
      ['error', 'expression_syntax', 'a', 'input.v'],
      ['error', 'expression_unknown_filter', 'a', 'input.w'],
      ['error', 'unknown_function', 'a', 'next.0.when'],
      ['error', 'result_too_early', 'b', 'input.x'],
      ['warning', 'unknown_parameter', 'a', 'input.w'],
      ['warning', 'unknown_task', 'b', 'input.y'],
      ['warning', 'unknown_name', 'b', 'input.z'],
      ['warning', 'unused_variable', undefined, 'vars.idle'],
    ]);
    expect(found.every(({ code, line }) => !code.startsWith('expression_') || line === 1)).toBe(true);
    expect(found[4]).toMatchObject({ column: 4, repair: 'Did you mean region?' });
  });

  it('rule 18: a condition that is a text around expressions', () => {
    const next = (when: string) => problems({ a: only([{ when, do: ['b'] }]), b: only() });
    expect(next('{{ succeeded() }} and {{ result().x }}')).toEqual(['error mixed_condition a next.0.when']);
    expect(next('{{ {"a": 1}.a == 1 }}')).toEqual([]);
    expect(next('succeeded() and result().x')).toEqual([]);
  });

  it('rule 11: parallel branches that set one variable', () => {
    const sets = (variable: string, to: string) => only([{ publish: [{ [variable]: 1 }], do: [to] }]);
    const vars = { v: 0 };
    const end = { action: 'x.do', join: 'all', input: { v: '{{ workflow.v }}' } };
    expect(
      problems({ a: only([{ do: ['b', 'c'] }]), b: sets('v', 'd'), c: sets('v', 'd'), d: end }, { vars }),
    ).toEqual(['warning parallel_publish c next']);
    const either = only([
      { when: '{{ result().x }}', do: ['b'] },
      { otherwise: true, do: ['c'] },
    ]);
    expect(problems({ a: either, b: sets('v', 'd'), c: sets('v', 'd'), d: end }, { vars })).toEqual([]);
  });

  it('rule 18: an approval whose no goes nowhere', () => {
    const ask = (next: object[]) => problems({ a: { action: 'core.ask', next }, b: only() });
    const yes = { when: '{{ succeeded() and result().response.approved }}', do: ['b'] };
    expect(ask([yes])).toEqual(['warning no_goes_nowhere a next']);
    expect(ask([yes, { otherwise: true, do: ['$fail'] }])).toEqual([]);
    expect(ask([yes, { when: '{{ not result().response.approved }}', do: ['$end'] }])).toEqual([]);
  });

  it('gives a list for what is huge or hostile, and soon', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({
      name: `t${index}`,
      action: 'x.do',
      next: [{ do: [`t${index + 1}`] }],
    }));
    const began = performance.now();
    expect(problems(many)).toEqual(['error unknown_target t9999 next.0.do']);
    expect(performance.now() - began).toBeLessThan(2_000);
    const { definition, problems: unread } = parseDefinition({
      tasks: [{ name: 'n'.repeat(1_000_000), action: 'x'.repeat(1_000_000) }],
    });
    const sizes = [...unread, ...validateDefinition(definition, catalog)].map(
      (problem) => JSON.stringify(problem).length,
    );
    expect(sizes.length).toBeGreaterThan(0);
    expect(Math.max(...sizes)).toBeLessThan(1_000);
    let deep: unknown = 'x';
    for (let level = 0; level < 20_000; level += 1) deep = { a: deep };
    const nested = parseDefinition({
      parameters: deep,
      vars: { deep },
      tasks: [{ name: 'a', action: 'x.do', input: { deep }, retry: deep }],
    } as never);
    expect(nested.problems.length).toBeGreaterThan(0);
    expect(validateDefinition(nested.definition, catalog).map(({ code }) => code)).toContain('too_deep');
  });
});
