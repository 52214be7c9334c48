import { describe, expect, it } from 'vitest';
import { found, on, only, problems, sets, text } from '../test-problems';

describe('expressions in a definition', () => {
  it('Rule 18: unknown filters, tests, functions and names, each with its line and column', () => {
    const input = {
      a: 'x\n {{ 1|roudn }}',
      b: '{{ 1 is evn }}',
      c: '{{ nwo() }}',
      d: '{{ 1 +\n parametres.x }}',
    };
    expect(found({ a: only([], { input }) })).toMatchObject([
      {
        severity: 'error',
        code: 'expression_unknown_filter',
        line: 2,
        column: 7,
        repair: 'Did you mean round?',
      },
      {
        severity: 'error',
        code: 'expression_unknown_test',
        line: 1,
        column: 9,
        repair: 'Did you mean even?',
      },
      { severity: 'error', code: 'unknown_function', line: 1, column: 4, repair: 'Did you mean now()?' },
      { severity: 'warning', code: 'unknown_name', line: 2, column: 2, repair: 'Did you mean parameters?' },
    ]);
  });

  it('Rule 18: expressions that cannot be read, in every field that may hold one', () => {
    const broken = '{{ 1 + }}';
    expect(
      problems(
        {
          a: only([{ when: broken, publish: [{ v: broken }], do: ['b'] }], {
            input: { deep: [{ x: broken }] },
            retry: { count: 1, when: broken },
            with_items: [broken],
          }),
          b: only([], { with_items: broken, input: { v: '{{ workflow.v }}' } }),
        },
        { vars: { v: broken }, output_map: { o: broken } },
      ),
    ).toEqual(
      [
        'vars.v',
        'a input.deep.0.x',
        'a with_items.0',
        'a retry.when',
        'a next.0.when',
        'a next.0.publish.0.v',
        'b with_items',
        'output_map.o',
      ].map((place) => `error expression_syntax ${place}`),
    );
  });

  it('Rule 18: result() and its kin where the task has not run yet', () => {
    expect(found({ b: only([], { input: { x: '{{ 1 + result().x }}' } }) })).toMatchObject([
      { severity: 'error', code: 'result_too_early', task: 'b', field: 'input.x', column: 8 },
    ]);
    expect(
      problems({ b: only([on('result().x', '$end')], { retry: { count: 1, when: 'failed()' } }) }),
    ).toEqual([]);
  });

  it('Rule 18: type clashes of expressions whose type is known', () => {
    const parameters = { n: { type: 'integer' }, s: text, either: { type: ['string', 'integer'] }, open: {} };
    const clash = (size: string) =>
      problems({ a: { action: 'x.copy', input: { from: 'x', size } } }, { parameters });
    const wrong = ['error wrong_input a input.size'];
    expect(clash('{{ parameters.s }}')).toEqual(wrong);
    expect(clash('{{ parameters.n }} ')).toEqual(wrong);
    expect(clash('{% if true %}1{% endif %}')).toEqual(wrong);
    for (const fine of [
      '{{ parameters.n }}',
      '{{ parameters.either }}',
      '{{ parameters.s | int }}',
      '{{ parameters.open }}',
    ])
      expect(clash(fine), fine).toEqual([]);
    expect(
      problems({ a: { action: 'x.copy', input: { from: 'to {{ parameters.n }}' } } }, { parameters }),
    ).toEqual([]);
  });

  it('Rule 18: items that can be no list', () => {
    const items = (with_items: string) =>
      problems({ a: only([], { with_items }) }, { parameters: { list: {} } });
    expect(items('parameters.list')).toEqual(['error not_a_list a with_items']);
    expect(items('all {{ parameters.list }}')).toEqual(['error not_a_list a with_items']);
    expect(items('{{ parameters.list }}')).toEqual([]);
  });

  it('Rule 18: a condition that is a text around expressions', () => {
    const next = (when: string) => problems({ a: only([{ when, do: ['b'] }]), b: only() });
    expect(next('{{ succeeded() }} and {{ result().x }}')).toEqual(['error mixed_condition a next.0.when']);
    expect(next('{{ succeeded() }} {# always #}')).toEqual(['error mixed_condition a next.0.when']);
    for (const fine of [
      '{{ {"a": 1}.a == 1 }}',
      ' {{ "}}" == "a" }} ',
      'succeeded() and result().x',
      '{% if failed() %}x{% endif %}',
    ])
      expect(next(fine), fine).toEqual([]);
  });

  it('Rule 18: variables that nothing reads, declared or published', () => {
    const flow = (input: object) => ({ a: sets('v', 'b'), b: only([], { input }) });
    expect(problems(flow({}), { vars: { idle: 1 } })).toEqual([
      'warning unused_variable vars.idle',
      'warning unused_variable a next.0.publish.0.v',
    ]);
    for (const reading of [
      '{{ workflow.v }}',
      "{{ vars['v'] }}",
      '{{ workflow }}',
      '{{ workflow[parameters.x] }}',
    ])
      expect(problems(flow({ reading }), { parameters: { x: text } }), reading).toEqual([]);
    expect(problems(flow({ x: '{{ workflow.w }}' }))).toEqual([
      'warning unknown_variable b input.x',
      'warning unused_variable a next.0.publish.0.v',
    ]);
  });

  it('Rule 18: a secret in a variable, a result, or an input that is shown', () => {
    const parameters = { token: { ...text, secret: true }, pin: { ...text, format: 'password' }, open: text };
    const leaks = (tasks: object, others: object = {}) => problems(tasks, { parameters, ...others });
    expect(
      leaks(
        {
          a: only([{ publish: [{ v: '{{ keystore.x }}' }], do: ['b'] }], {
            input: { fine: '{{ parameters.token }}' },
          }),
          b: { action: 'core.echo', input: { message: 'v {{ workflow.v ~ workflow.w ~ datastore.x }}' } },
          c: { action: 'core.ask', input: { prompt: '{{ parameters.pin }} {{ parameters.open }}' } },
        },
        {
          vars: { w: '{{ parameters.token }}' },
          output_map: { all: '{{ parameters }}', open: '{{ parameters.open }}' },
        },
      ),
    ).toEqual([
      'warning secret_leak vars.w',
      'warning secret_leak a next.0.publish.0.v',
      'warning secret_leak b input.message',
      'warning secret_leak c input.prompt',
      'warning secret_leak output_map.all',
    ]);
    expect(found({ a: only() }, { parameters, output_map: { x: '{{ parameters.token }}' } })).toMatchObject([
      { message: 'The parameter token is secret, and this would put it into the result.', column: 4 },
    ]);
  });
});
