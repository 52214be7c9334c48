import { describe, expect, it } from 'vitest';
import { validateDefinition } from './validate';
import { locateProblems, parseYaml, printYaml } from './yaml';

const example = `
version: 1.0.0
parameters:
  regions: { type: array, required: true }
vars: { approved: false, images: [] }
timeout: 2h
cancellation: { running: cancel, grace: 10s }
max_task_runs: 10000
tasks:
  - name: build
    action: ci.build
    input: { ref: "{{ parameters.git_ref }}" }
    timeout: 10m
    delay: 5s
    retry: { count: 3, delay: 5, backoff: exponential, max_delay: 120, jitter: 0.2, on: [failed, timeout], when: "{{ result().exit_code != 2 }}" }
    next:
      - when: "{{ succeeded() and result().data.ok }}"
        label: built
        publish: [ { images: "{{ workflow.images + [result().data.image] }}" } ]
        do: [approve]
      - when: "{{ timed_out() }}"
        do: [notify_slow]
      - otherwise: true
        do: [$fail]
  - name: approve
    action: core.ask
    next:
      - { when: "{{ result().response.approved }}", do: [deploy] }
      - { otherwise: true, do: [$fail] }
  - name: deploy
    action: ops.deploy_region
    with_items: "{{ parameters.regions }}"
    concurrency: 2
    input: { region: "{{ item }}", n: "{{ index }}" }
    next: [ { when: "{{ succeeded() }}", do: [verify] } ]
  - name: verify
    action: ops.verify
    join: all
output_map: { regions: "{{ task.deploy.result }}", approved: "{{ workflow.approved }}" }
`;

describe('YAML', () => {
  it('reads the example of the rules without a problem', () => {
    const { definition, problems } = parseYaml(example);
    expect(problems).toEqual([]);
    expect(definition?.tasks.map(({ name }) => name)).toEqual(['build', 'approve', 'deploy', 'verify']);
    expect(definition?.tasks[2]?.with_items).toEqual({ items: '{{ parameters.regions }}', concurrency: 2 });
    expect(definition?.parameters).toEqual({
      type: 'object',
      properties: { regions: { type: 'array' } },
      required: ['regions'],
    });
  });

  it('prints what reads the same', () => {
    const { definition } = parseYaml(example);
    if (!definition) throw new Error('not read');
    const printed = printYaml(definition);
    expect(parseYaml(printed)).toEqual({ definition, problems: [] });
    expect(printed).toContain('do: [ approve ]');
  });

  it('tells the line and column of what is wrong', () => {
    const { problems } = parseYaml('tasks:\n  - name: a\n    action: x.y\n    timeout: soon\n    extra: 1\n');
    expect(problems).toMatchObject([
      { code: 'wrong_duration', task: 'a', field: 'timeout', line: 4, column: 5, severity: 'error' },
      { code: 'unknown_key', task: 'a', field: 'extra', line: 5, column: 5, severity: 'warning' },
    ]);
  });

  it('tells the lines of what the checks find, in either form of tasks', () => {
    for (const [text, line] of [
      ['tasks:\n  - name: a\n    action: x.y\n    next:\n      - do: [b]\n', 5],
      ['tasks:\n  a:\n    action: x.y\n    next:\n      - do: [b]\n', 5],
    ] as const) {
      const { definition } = parseYaml(text);
      if (!definition) throw new Error('not read');
      expect(locateProblems(text, validateDefinition(definition))).toMatchObject([
        { code: 'unknown_target', line, column: 9 },
      ]);
    }
  });

  it('gives a problem, never an exception, for broken text, alias bombs and deep nesting', () => {
    expect(parseYaml('tasks: [')).toMatchObject({
      definition: null,
      problems: [{ code: 'not_yaml', line: 1 }],
    });
    expect(parseYaml('just text')).toMatchObject({
      definition: null,
      problems: [{ code: 'not_a_definition' }],
    });
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (let i = 0; i < 8; i += 1)
      bomb.push(
        `b${i}: &b${i} [${Array(9)
          .fill(i === 0 ? '*a' : `*b${i - 1}`)
          .join(', ')}]`,
      );
    expect(parseYaml(bomb.join('\n'))).toMatchObject({ definition: null, problems: [{ code: 'not_yaml' }] });
    const deep = parseYaml(`tasks: ${'['.repeat(20_000)}${']'.repeat(20_000)}`);
    expect(deep.problems.length).toBeGreaterThan(0);
  });
});
