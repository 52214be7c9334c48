import { describe, expect, it } from 'vitest';
import { parseDefinition } from './parse';
import { action, catalog, found, on, only, problems, sets, text } from './test-problems';
import { validateDefinition } from './validate';
import { locateProblems, parseYaml } from './yaml';

describe('entry', () => {
  it('Rule 1: a definition without tasks, or without one that can start, is an error', () => {
    expect(problems({})).toEqual(['error no_tasks tasks']);
    expect(problems({ a: only([on('result().x', 'b')]), b: only([on('result().x', 'a')]) })).toEqual([
      'error no_entry tasks',
    ]);
  });

  it('Rule 1: a reserved target that does not exist, and a task without an action, are errors', () => {
    expect(problems({ a: only([{ do: ['$stop'] }]), b: {} })).toEqual([
      'error missing_action b action',
      'error unknown_target a next.0.do',
    ]);
    expect(found({ a: only([{ do: ['$fial'] }]) })[0]?.repair).toBe('Did you mean $fail?');
    expect(problems({ a: only([{ do: ['$end'] }, on('failed()', '$fail')]) })).toEqual([]);
  });
});

describe('problems before publishing', () => {
  it('Rule 18: a sound definition has none', () => {
    expect(problems({ a: only([on('succeeded()', 'b')]), b: only() })).toEqual([]);
  });

  it('Rule 18: unknown tasks as targets and in expressions, with the nearest', () => {
    expect(found({ check: only([{ do: ['chek'] }]) })).toMatchObject([
      { severity: 'error', code: 'unknown_target', task: 'check', repair: 'Did you mean check?' },
    ]);
    expect(found({ a: only([{ do: 'b, c' }]), b: only(), c: only() })).toMatchObject([
      { code: 'unknown_target', repair: 'Write a list: [b, c].' },
    ]);
    expect(found({ build: only([], { input: { x: '{{ task.biuld.result }}' } }) })).toMatchObject([
      {
        severity: 'warning',
        code: 'unknown_task',
        field: 'input.x',
        line: 1,
        column: 4,
        repair: 'Did you mean build?',
      },
    ]);
  });

  it('Rule 18: unknown actions with the nearest', () => {
    expect(found({ b: { action: 'x.coppy' } })).toMatchObject([
      {
        severity: 'error',
        code: 'unknown_action',
        task: 'b',
        field: 'action',
        repair: 'Did you mean x.copy?',
      },
    ]);
  });

  it('Rule 18: unknown parameters, of the action and of the workflow', () => {
    expect(
      found(
        { a: { action: 'x.copy', input: { from: '{{ parameters.regin }}', form: 1 } } },
        { parameters: { region: text } },
      ),
    ).toMatchObject([
      { severity: 'warning', code: 'unknown_input', field: 'input.form', repair: 'Did you mean from?' },
      {
        severity: 'warning',
        code: 'unknown_parameter',
        field: 'input.from',
        column: 4,
        repair: 'Did you mean region?',
      },
    ]);
  });

  it('Rule 18: missing required inputs, unless the action has a default', () => {
    expect(problems({ a: { action: 'x.copy' } })).toEqual(['error missing_input a input.from']);
  });

  it('Rule 18: type clashes of values, also beside and around expressions', () => {
    expect(
      problems({
        a: { action: 'x.copy', input: { from: 1, size: 'big' } },
        b: { action: 'x.list', input: { list: ['{{ now() }}', 'x', 2], any: 'x', flag: '{{ 1 }}' } },
      }),
    ).toEqual([
      'error wrong_input a input.from',
      'error wrong_input a input.size',
      'error wrong_input b input.list.1',
    ]);
  });

  it('Rule 18: unreachable tasks', () => {
    expect(
      problems({ a: only(), k: only([on('result().x', 'l')]), l: only([on('result().x', 'k')]) }),
    ).toEqual(['warning unreachable_task k', 'warning unreachable_task l']);
  });

  it('Rule 18: joins that can never fill, for want of sources or because these never run', () => {
    expect(problems({ a: only([{ do: ['j'] }]), j: only([], { join: 2 }) })).toEqual([
      'error join_cannot_fill j join',
    ]);
    /*   a → j ← k ⇄ l   */
    expect(
      problems({
        a: only([{ do: ['j'] }]),
        k: only([on('result().x', 'l'), { do: ['j'] }]),
        l: only([on('result().x', 'k')]),
        j: only([], { join: 2 }),
      }),
    ).toEqual(['error join_cannot_fill j join', 'warning unreachable_task k', 'warning unreachable_task l']);
    expect(problems({ a: only([], { join: 'all' }) })).toEqual(['warning join_without_sources a join']);
    expect(
      problems({ a: only([{ do: ['j'] }]), b: only([{ do: ['j'] }]), j: only([], { join: 2 }) }),
    ).toEqual([]);
  });

  it('Rule 18: a loop without a guard is an error, one that only success keeps going a warning', () => {
    const loop = (last: object[]) =>
      problems({ s: only([{ do: ['a'] }]), a: only([{ do: ['b'] }]), b: only(last) });
    expect(loop([{ do: ['a'] }])).toEqual(['error endless_loop a next']);
    expect(loop([on('true', 'a')])).toEqual(['error endless_loop a next']);
    expect(loop([on('succeeded()', 'a')])).toEqual(['warning doubtful_loop a next']);
    expect(loop([on('result().more', 'a')])).toEqual([]);
    expect(loop([{ do: ['a'] }, on('result().over', '$fail')])).toEqual(['warning doubtful_loop a next']);
    expect(problems({ s: only([{ do: ['a'] }]), a: only([{ do: ['a'] }]) })).toEqual([
      'error endless_loop a next',
    ]);
  });

  it('Rule 18: duplicate names, and names that are reserved, blank or too long', () => {
    const names = ['a', 'a', '$end', 'abort', 'continue', ' b', 'c\nd', '__proto__'];
    expect(problems(names.map((name) => ({ name, action: 'x.do' })))).toEqual([
      'error duplicate_name a name',
      'error reserved_name $end name',
      'error reserved_name abort name',
      'error reserved_name continue name',
      'error wrong_name  b name',
      'error wrong_name c\nd name',
      'error reserved_name __proto__ name',
    ]);
  });

  it('Rule 18: an approval whose no goes nowhere', () => {
    const ask = (next: object[], input: object = {}) =>
      problems({ a: { action: 'core.ask', next, input }, b: only() });
    const yes = on('succeeded() and result().response.approved', 'b');
    expect(ask([yes])).toEqual(['warning no_goes_nowhere a next']);
    expect(ask([yes, { otherwise: true, do: ['$fail'] }])).toEqual([]);
    expect(ask([yes, on('not result().response.approved', '$end')])).toEqual([]);
    const response_schema = { ship: { type: 'boolean' } };
    expect(ask([on('result().response.ship', 'b')], { response_schema })).toEqual([
      'warning no_goes_nowhere a next',
    ]);
    expect(ask([on('result().response.approved', 'b')], { response_schema })).toEqual([]);
  });

  it('Rule 18: a workflow may run itself; that nothing keeps it from doing so for ever is a warning', () => {
    const known = [...catalog, action('x.self')];
    const codes = (tasks: object) =>
      validateDefinition(parseDefinition({ tasks } as never).definition, known, 'x.self').map(
        ({ severity, code, task }) => `${severity} ${code} ${task ?? ''}`,
      );
    const self = { action: 'x.self' };
    expect(codes({ a: only([{ do: ['b'] }]), b: self })).toEqual(['warning endless_recursion b']);
    expect(codes({ b: self })).toEqual(['warning endless_recursion b']);
    expect(codes({ a: only([on('result().more', 'b')]), b: self })).toEqual([]);
    expect(codes({ a: only([{ otherwise: true, do: ['b'] }]), b: self })).toEqual([]);
    expect(codes({ b: { ...self, with_items: '{{ parameters }}' } })).toEqual([]);
  });

  it('Rule 18: errors come first, and what is only doubtful is a warning', () => {
    const severities = found(
      { a: only([{ do: ['b', 'b'] }]), b: { action: 'x.none' }, c: only([{ do: ['zz'] }]) },
      { vars: { idle: 1 } },
    ).map(({ severity }) => severity);
    expect(severities).toEqual(['error', 'error', 'warning', 'warning']);
  });

  it('Rule 18: each problem has a code, a place in the text, and a repair', () => {
    const yaml = `parameters: { n: { type: string } }
vars:
  - idle: 1
tasks:
  - name: a
    action: x.coppy
    next:
      - do: [zz]
      - when: "{{ 1|zz }}"
        do: [j]
  - name: j
    action: x.copy
    with-items: some
    join: 3
    input:
      size: big
output_map:
  x.y: "{{ parameters.m }}"
`;
    const { definition, problems: unread } = parseYaml(yaml);
    if (!definition) throw new Error('not read');
    expect(unread).toEqual([]);
    const located = locateProblems(yaml, validateDefinition(definition, catalog));
    expect(located.map(({ code, line, column }) => `${code} ${String(line)}:${String(column)}`)).toEqual([
      'unknown_action 6:5',
      'missing_input 15:5',
      'wrong_input 16:7',
      'unknown_target 8:9',
      'join_cannot_fill 14:5',
      'expression_unknown_filter 9:9',
      'not_a_list 13:5',
      'unknown_parameter 18:3',
      'unused_variable 3:5',
    ]);
    for (const { repair } of located) expect(repair).toMatch(/^\S.*[.?]$/);
  });
});

describe('publishing', () => {
  const vars = { v: 0 };
  const end = { action: 'x.do', join: 'all', input: { v: '{{ workflow.v }}' } };

  it('Rule 11: parallel branches that set one variable are told', () => {
    /*   a → b → d ← c ← a   */
    expect(
      problems({ a: only([{ do: ['b', 'c'] }]), b: sets('v', 'd'), c: sets('v', 'd'), d: end }, { vars }),
    ).toEqual(['warning parallel_publish c next']);
    expect(problems({ b: sets('v', 'd'), c: sets('v', 'd'), d: end }, { vars })).toEqual([
      'warning parallel_publish c next',
    ]);
    expect(
      problems(
        { a: only([{ do: ['b'] }, { do: ['c'] }]), b: sets('v', 'd'), c: sets('v', 'd'), d: end },
        { vars },
      ),
    ).toEqual(['warning parallel_publish c next']);
  });

  it('Rule 11: branches of which one runs, and tasks one after another, are not', () => {
    const either = only([on('result().x', 'b'), { otherwise: true, do: ['c'] }]);
    expect(problems({ a: either, b: sets('v', 'd'), c: sets('v', 'd'), d: end }, { vars })).toEqual([]);
    expect(problems({ a: sets('v', 'b'), b: sets('v', 'd'), d: end }, { vars })).toEqual([]);
    /*   a → b → c → d, a → d: what b and c set is in order   */
    expect(
      problems({ a: only([{ do: ['b', 'd'] }]), b: sets('v', 'c'), c: sets('v', 'd'), d: end }, { vars }),
    ).toEqual([]);
  });
});
