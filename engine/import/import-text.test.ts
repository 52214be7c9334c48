import { describe, expect, test } from 'vitest';
import { rehearse } from '../execution/rehearse';
import { convertText } from './expressions';
import { importText, type Imported } from './import-text';

function read(text: string): Imported {
  const result = importText(text);
  if (result.kind === 'unreadable') throw new Error(result.message);
  return result.imported;
}
const definitionOf = (text: string) => {
  const { definition } = read(text);
  if (!definition) throw new Error('no workflow');
  return definition;
};

describe('an expression of the other system', () => {
  const names = {
    variable: (name: string) => (name === 'host' ? 'parameters.host' : `workflow.${name}`),
    item: (name: string | null) => (name === null ? 'item' : `item.${name}`),
  };
  const convert = (text: string) => {
    const lost: string[] = [];
    return { text: convertText(text, names, (why) => lost.push(why)), lost };
  };
  test.each([
    ['<% ctx().host %>', '{{ parameters.host }}'],
    ['<% ctx(count) + 1 %>', '{{ workflow.count + 1 }}'],
    ["<% ctx('count') %>", '{{ workflow.count }}'],
    ['restarts <% ctx().host %> now', 'restarts {{ parameters.host }} now'],
    ['<% succeeded() and result().exit_code = 0 %>', '{{ succeeded() and result().exit_code == 0 }}'],
    ['<% failed() or ctx().tries >= 3 %>', '{{ failed() or workflow.tries >= 3 }}'],
    [
      '<% not ctx().done and ctx().host in list(a, "b") %>',
      '{{ not workflow.done and parameters.host in [a, "b"] }}',
    ],
    ['<% result().result.vm_id %>', '{{ result().data.vm_id }}'],
    ['<% result().output.total %>', '{{ result().total }}'],
    ['<% result().return_code != 0 %>', '{{ result().exit_code != 0 }}'],
    ['<% len(ctx().hosts) > 2 %>', '{{ (workflow.hosts | length) > 2 }}'],
    ['<% ctx().hosts.len() mod 2 %>', '{{ (workflow.hosts | length) % 2 }}'],
    ['<% ctx().name.toUpper() %>', '{{ (workflow.name | upper) }}'],
    ["<% ctx().list.join(', ') %>", "{{ (workflow.list | join(', ')) }}"],
    ["<% ctx().text.split(',')[0] %>", "{{ workflow.text.split(',')[0] }}"],
    ['<% coalesce(ctx().a, ctx().b) %>', '{{ (workflow.a | default(workflow.b, true)) }}'],
    ['<% ctx().get(port, 80) %>', '{{ (workflow.port | default(80, true)) }}'],
    ['<% str(ctx().a) + "x" %>', '{{ (workflow.a | string) + "x" }}'],
    ['<% dict(a => 1, b => ctx().b) %>', "{{ dict([['a', 1], ['b', workflow.b]]) }}"],
    ['<% item() %>', '{{ item }}'],
    ['<% item(name) %>', '{{ item.name }}'],
    ['<% task_status(build) = "succeeded" %>', '{{ task.build.status == "succeeded" }}'],
    ["<% st2kv('system.region') %>", '{{ keystore.region }}'],
    ['<% ctx(st2).action_execution_id %>', '{{ execution.id }}'],
    ['<% (1 + 2) * 3 %>', '{{ (1 + 2) * 3 }}'],
    ['<% completed() %>', '{{ true }}'],
    ['{{ ctx().host | upper }}', '{{ parameters.host | upper }}'],
    ["{{ ctx('host') }}-{{ ctx(count) }}", '{{ parameters.host }}-{{ workflow.count }}'],
    ['{% for h in ctx().hosts %}{{ h }}{% endfor %}', '{% for h in workflow.hosts %}{{ h }}{% endfor %}'],
    ['{{ st2kv.system.region }}', '{{ keystore.region }}'],
    ['no expression, 50 % of all', 'no expression, 50 % of all'],
  ])('%s is %s', (theirs, ours) => {
    expect(convert(theirs)).toEqual({ text: ours, lost: [] });
  });

  test.each([
    ['<% ctx().hosts.where($.up) %>', /lambda/],
    ['<% random(1, 9) %>', /random\(\)/],
    ['<% ctx().name =~ "web.*" %>', /regular expression/],
    ['<% ctx() %>', /ctx\(\) as a whole/],
    ['{{ ctx() }}', /ctx\(\) as a whole/],
    ['<% ctx(st2).api_url %>', /api_url/],
    ['<% 1 + %>', /ends too early/],
    ["{{ ctx().a | regex_nonsense('x') }}", /regex_nonsense/],
    ['<% ` %>', /cannot be read/],
  ])('%s stays as it is, and is told', (text, why) => {
    const { text: left, lost } = convert(text);
    expect(left).toBe(text);
    expect(lost.join()).toMatch(why);
  });
});

const release = `version: 1.0
description: Builds and ships.

input:
  - app
  - region: eu
  - tag: <% ctx().app %>-latest
vars:
  - image: null
output:
  - image: <% ctx().image %>
  - where: <% ctx().region %>

tasks:
  build:
    action: ci.build name=<% ctx().tag %> fast=true tries=2
    retry:
      when: <% failed() %>
      count: 3
      delay: 5
    next:
      - when: <% succeeded() %>
        publish:
          - image: <% result().result.image %>
        do: ship, note
      - when: <% failed() %>
        publish: reason=<% result().stderr %>
        do:
          - note
  ship:
    action: ops.ship
    delay: 2
    with:
      items: host in <% ctx().hosts %>
      concurrency: 2
    input:
      host: <% item(host) %>
      image: <% ctx().image %>
    next:
      - when: <% succeeded() %>
        do: done
  note:
    action: core.echo
    input:
      message: "says <% ctx().image %>"
    next:
      - do: done
  done:
    join: all
`;

describe('an Orquesta workflow', () => {
  test('is carried over: inputs, variables, tasks, transitions, items, joins, retries, output', () => {
    const { definition, format, notes } = read(release);
    expect(format).toBe('orquesta');
    expect(notes).toEqual([]);
    expect(definition).toEqual({
      description: 'Builds and ships.',
      parameters: { app: { required: true }, region: { default: 'eu' }, tag: {} },
      vars: {
        tag: '{% if parameters.tag is not none %}{{ parameters.tag }}{% else %}{{ parameters.app }}-latest{% endif %}',
        image: null,
        reason: null,
      },
      tasks: [
        {
          name: 'build',
          action: 'ci.build',
          input: { name: '{{ workflow.tag }}', fast: true, tries: 2 },
          retry: { count: 3, delay: 5 },
          next: [
            {
              when: '{{ succeeded() }}',
              publish: [{ image: '{{ result().data.image }}' }],
              do: ['ship', 'note'],
            },
            { when: '{{ failed() }}', publish: [{ reason: '{{ result().stderr }}' }], do: ['note'] },
          ],
        },
        {
          name: 'ship',
          action: 'ops.ship',
          input: { host: '{{ item }}', image: '{{ workflow.image }}' },
          delay: 2,
          with_items: { items: '{{ parameters.hosts }}', as: 'host', concurrency: 2 },
          next: [{ when: '{{ succeeded() }}', do: ['done'] }],
        },
        {
          name: 'note',
          action: 'core.echo',
          input: { message: 'says {{ workflow.image }}' },
          next: [{ do: ['done'] }],
        },
        { name: 'done', action: 'core.noop', join: 'all', next: [] },
      ],
      output_map: { image: '{{ workflow.image }}', where: '{{ parameters.region }}' },
    });
  });

  test('runs as it did: a fork, a condition, a join', () => {
    const definition = definitionOf(`version: 1.0
input: [n]
vars:
  - seen: []
tasks:
  begin:
    action: core.noop
    next:
      - do: [low, high]
  low:
    action: core.noop
    next:
      - when: <% succeeded() and ctx().n < 5 %>
        publish:
          - seen: <% ctx().seen + list('low') %>
        do: end
  high:
    action: core.noop
    next:
      - when: <% succeeded() and ctx().n >= 5 %>
        do: end
  end:
    join: 1
    action: core.noop
output:
  - seen: <% ctx().seen %>
`);
    const { end, attempts } = rehearse(definition, {}, { parameters: { n: 3 } });
    expect(end).toMatchObject({ state: 'completed', output: { seen: ['low'] } });
    expect(attempts.map(({ task }) => task)).toEqual(['begin', 'low', 'high', 'end']);
  });

  test.each([
    ['fail', '$fail'],
    ['noop', '$end'],
    ['continue', '$end'],
  ])('a transition to %s leads to %s', (theirs, ours) => {
    const { tasks } = definitionOf(
      `version: 1.0\ntasks:\n  a:\n    action: core.noop\n    next:\n      - do: ${theirs}\n`,
    );
    expect(tasks[0]?.next).toEqual([{ do: [ours] }]);
  });

  test('tells what is not carried over, each with its line', () => {
    const { notes, definition } = read(`version: 1.0
input:
  - hosts
tasks:
  pick:
    action: core.local cmd="uptime"
    input:
      name: <% ctx().hosts.where($.up).first() %>
    notify: ops
    next:
      - when: <% succeeded() %>
        publish:
          - up: <% random(3) %>
        do: ask
  ask:
    action: core.ask
    with: <% zip(ctx().a, ctx().b) %>
    delay: <% ctx().wait %>
    input:
      route: developers
      users: [ada]
      ttl: 60
      schema: { type: object }
    next:
      - do: nowhere
`);
    expect(notes.map(({ line, message }) => [line, message])).toEqual([
      [6, expect.stringMatching(/no core\.local here/)],
      [8, expect.stringMatching(/lambda/)],
      [9, expect.stringMatching(/notify of pick is unknown/)],
      [13, expect.stringMatching(/random\(\)/)],
      [17, expect.stringMatching(/zip\(\)/)],
      [18, expect.stringMatching(/delay of ask is an expression/)],
      [20, expect.stringMatching(/route of core.ask has no counterpart/)],
      [21, expect.stringMatching(/users of core.ask is assigned_to/)],
      [22, expect.stringMatching(/ttl of core.ask is timeout/)],
      [23, expect.stringMatching(/schema of core.ask is response_schema/)],
      [25, expect.stringMatching(/leads to nowhere/)],
    ]);
    // Nothing is dropped silently: what was not understood stands in the text.
    expect(JSON.stringify(definition)).toContain('ctx().hosts.where($.up).first()');
  });
});

const metadata = `name: resize
pack: cloud
description: Resizes a machine.
runner_type: python-script
entry_point: resize.py
enabled: true
parameters:
  size:
    type: string
    enum: [small, large]
    default: small
    position: 1
  machine:
    type: string
    required: true
    position: 0
  key:
    type: string
    secret: true
  timeout:
    type: integer
    immutable: true
    default: 60
`;

describe('the metadata of an action', () => {
  test('is carried over: runtime, parameters in their order, what is required and secret', () => {
    const { action, notes } = read(metadata);
    expect(action).toMatchObject({ pack: 'cloud', name: 'resize', runtime: 'python', isWorkflow: false });
    expect(action?.paramSchema).toEqual({
      type: 'object',
      properties: {
        machine: { type: 'string' },
        size: { type: 'string', enum: ['small', 'large'], default: 'small' },
        key: { type: 'string', secret: true },
        timeout: { type: 'integer', default: 60, enum: [60] },
      },
      required: ['machine'],
    });
    expect(Object.keys(action?.paramSchema['properties'] as object)).toEqual([
      'machine',
      'size',
      'key',
      'timeout',
    ]);
    expect(notes.map(({ line }) => line)).toEqual([5, 20]);
  });

  test('makes code of the command of a shell action', () => {
    const { action } = read(`name: hello
runner_type: local-shell-cmd
parameters:
  cmd: { immutable: true, default: "echo {{ who }} && uptime" }
  who: { type: string }
`);
    expect(action).toMatchObject({ runtime: 'shell', code: 'echo "$who" && uptime' });
    expect(action?.paramSchema['properties']).toEqual({ who: { type: 'string' } });
  });

  test('of a workflow gives it its parameters, in one text with it', () => {
    const both = `name: release
pack: ops
runner_type: orquesta
entry_point: workflows/release.yaml
parameters:
  app: { type: string, required: true }
---
${release}`;
    const { definition, action, notes } = read(both);
    expect(action?.name).toBe('release');
    expect(definition?.parameters).toEqual({
      type: 'object',
      properties: { app: { type: 'string' } },
      required: ['app'],
    });
    expect(notes).toEqual([]);
  });

  test('tells a runner that there is not', () => {
    const { action, notes } = read('name: a\nrunner_type: winrm-cmd\nentry_point: ""\n');
    expect(action?.runtime).toBeNull();
    expect(notes).toMatchObject([{ line: 2, kind: 'lost' }]);
  });
});

describe('a text that is imported', () => {
  test('may be one of ours', () => {
    const { format, definition } = read('vars: { x: 1 }\ntasks:\n  - name: a\n    action: core.noop\n');
    expect(format).toBe('attune');
    expect(definition?.tasks).toHaveLength(1);
  });

  test.each([
    ['', /nothing in it/],
    ['- a\n- b', /map of names/],
    ['a: [1', /./],
    ['just words', /map of names/],
  ])('that cannot be read says why: %s', (text, why) => {
    const result = importText(text);
    expect(result.kind === 'unreadable' && result.message).toMatch(why);
  });

  test.each([
    'tasks: 5',
    'tasks: { a: 5 }\ninput: [x]',
    'input: 7\ntasks: { a: { next: 5, with: 7 } }',
    'runner_type: 5\nparameters: [1]',
  ])('never throws, whatever is in it: %s', (text) => {
    expect(importText(text).kind).toBe('read');
  });
});
