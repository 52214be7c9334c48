import { expect, scenario } from './scenario';
import { only, statesOf } from './spans';
import type { JsonObject } from '../records';
import type { Studio } from '../studio-api';

const payload: JsonObject = {
  host: 'web1',
  disk: { name: 'sda1', used: 97.5, mounts: [{ path: '/var', deep: { er: ['x', 'y'] } }] },
  count: 3,
  big: 9007199254740991,
  tiny: 0.1,
  yes: true,
  no: false,
  nothing: null,
  empty: { list: [], object: {}, text: '' },
  list: [1, 'two', null, { three: 3 }],
  unicode: 'ü – 日本 🚀 "quoted" \\ {{ not a template }}',
  'key with spaces': 'kept',
};

/** A workflow of one task that gives back its inputs. */
async function echoOf(studio: Studio, input: object, more: object = {}): Promise<JsonObject> {
  const ref = await studio.publishWorkflow('echo', {
    ...more,
    tasks: [{ name: 'set', action: 'core.set', input }],
    output_map: { got: '{{ task.set.result.data }}' },
  });
  const run = await studio.ended<{ got: JsonObject }>(await studio.run(ref));
  expect(run.error).toBeNull();
  return run.result.got;
}

/** A rule on a webhook of its own. */
async function onWebhook(
  studio: Studio,
  rule: { action: string; input?: JsonObject; conditions?: JsonObject },
) {
  const { triggerRef, post } = await studio.createWebhook();
  const { action: actionRef, input: actionParams = {}, conditions = {} } = rule;
  const ruleRef = await studio.createRule({ triggerRef, actionRef, actionParams, conditions });
  return { ruleRef, post };
}

scenario.describe('parameter templating', () => {
  scenario('T2.4 a rule hands on event data with its types, nested paths and all', async ({ studio }) => {
    const { post, ruleRef } = await onWebhook(studio, {
      action: 'core.set',
      input: {
        host: '{{ event.payload.host }}',
        used: '{{ event.payload.disk.used }}',
        path: '{{ event.payload.disk.mounts[0].path }}',
        deepest: "{{ event['payload']['disk'].mounts[0]['deep'].er[-1] }}",
        count: '{{ event.payload.count }}',
        big: '{{ event.payload.big }}',
        tiny: '{{ event.payload.tiny }}',
        yes: '{{ event.payload.yes }}',
        no: '{{ event.payload.no }}',
        nothing: '{{ event.payload.nothing }}',
        empty: '{{ event.payload.empty }}',
        list: '{{ event.payload.list }}',
        unicode: '{{ event.payload.unicode }}',
        spaced: "{{ event.payload['key with spaces'] }}",
        whole: '{{ event.payload }}',
        data: '{{ trigger.data.disk.name }}',
        rule: '{{ rule.ref }}',
        text: '{{ event.payload.disk.name }} of {{ event.payload.host }}: {{ event.payload.count }}, {{ event.payload.yes }}',
        fixed: { stays: 7, inner: ['{{ event.payload.count + 1 }}', '{{ event.payload.host | upper }}'] },
      },
    });
    const event = await studio.untilMatched(await post(payload));
    expect(event.payload).toEqual(payload);
    expect(event.enforcements).toHaveLength(1);
    const { executionId } = event.enforcements[0] ?? {};
    const run = await studio.ended(executionId as number);
    const expected = {
      host: 'web1',
      used: 97.5,
      path: '/var',
      deepest: 'y',
      count: 3,
      big: 9007199254740991,
      tiny: 0.1,
      yes: true,
      no: false,
      nothing: null,
      empty: { list: [], object: {}, text: '' },
      list: [1, 'two', null, { three: 3 }],
      unicode: payload['unicode'],
      spaced: 'kept',
      whole: payload,
      data: 'sda1',
      rule: ruleRef,
      text: 'sda1 of web1: 3, True',
      fixed: { stays: 7, inner: [4, 'WEB1'] },
    };
    expect(run).toMatchObject({ state: 'completed', eventId: event.id, ruleRef });
    expect(run.parameters).toEqual(expected);
    expect((run.result as JsonObject)['data']).toEqual(expected);
  });

  scenario(
    'T2.4 the run that a rule starts still knows the event, and so do the runs inside it',
    async ({ studio }) => {
      const inner = await studio.publishWorkflow('inner', {
        tasks: [
          {
            name: 'see',
            action: 'core.set',
            input: { disk: '{{ event.payload.disk.name }}', rule: '{{ rule.ref }}' },
          },
        ],
        output_map: { seen: '{{ task.see.result.data }}' },
      });
      const outer = await studio.publishWorkflow('outer', {
        parameters: { host: { type: 'string' } },
        tasks: [
          { name: 'call', action: inner, next: [{ do: ['tell'] }] },
          {
            name: 'tell',
            action: 'core.set',
            input: {
              text: '{{ parameters.host }}/{{ trigger.data.disk.name }}/{{ event.id }}',
              event: '{{ event.id }}',
            },
          },
        ],
        output_map: { inner: '{{ task.call.result.seen }}', outer: '{{ task.tell.result.data }}' },
      });
      const { post, ruleRef } = await onWebhook(studio, {
        action: outer,
        input: { host: '{{ event.payload.host }}' },
      });
      const event = await studio.untilMatched(await post(payload));
      const run = await studio.ended(event.enforcements[0]?.executionId as number);
      expect(run).toMatchObject({
        state: 'completed',
        result: {
          inner: { disk: 'sda1', rule: ruleRef },
          outer: { text: `web1/sda1/${event.id}`, event: event.id },
        },
      });
    },
  );

  scenario('T2.4 parameters reach the code of an action with their types', async ({ studio }) => {
    const action = await studio.createAction('types', {
      runtime: 'python',
      outputFormat: 'json',
      code: 'def run(**given):\n    return {name: [type(value).__name__, value] for name, value in given.items()}\n',
      parameters: { type: 'object', properties: {}, additionalProperties: true },
    });
    const ref = await studio.publishWorkflow('typed', {
      parameters: { all: { type: 'object' } },
      tasks: [
        {
          name: 'show',
          action,
          input: Object.fromEntries(
            ['count', 'tiny', 'yes', 'nothing', 'list', 'unicode', 'big'].map((name) => [
              name,
              `{{ parameters.all.${name} }}`,
            ]),
          ),
        },
      ],
      output_map: { seen: '{{ task.show.result.data }}' },
    });
    const run = await studio.ended(await studio.run(ref, { all: payload }));
    expect(run).toMatchObject({
      state: 'completed',
      result: {
        seen: {
          count: ['int', 3],
          tiny: ['float', 0.1],
          yes: ['bool', true],
          nothing: ['NoneType', null],
          list: ['list', [1, 'two', null, { three: 3 }]],
          unicode: ['str', payload['unicode']],
          big: ['int', 9007199254740991],
        },
      },
    });
  });

  scenario('T2.4 results and variables go from task to task with their types', async ({ studio }) => {
    const ref = await studio.publishWorkflow(
      'results',
      `
vars: { seen: [], total: 0, config: { on: true } }
tasks:
  - name: first
    action: core.set
    input: { image: "app:1", size: 42, parts: [ { n: 1 }, { n: 2 } ] }
    next:
      - publish:
          - { seen: "{{ workflow.seen + [result().image] }}" }
          - { total: "{{ vars.total + result().data.size }}" }
        do: [second]
  - name: second
    action: core.set
    input:
      image: "{{ task.first.result.data.image }}"
      status: "{{ task.first.status }}"
      numbers: "{{ task.first.result.data.parts | map(attribute='n') | list }}"
      seen: "{{ workflow.seen }}"
      total: "{{ workflow.total }}"
      config: "{{ vars.config }}"
      sentence: "{{ workflow.seen | length }} image, {{ workflow.total }} bytes"
      exit: "{{ task.first.result.exit_code }}"
      later: "{{ task.third.result }}"
    next: [ { do: [third] } ]
  - { name: third, action: core.noop }
output_map: { second: "{{ task.second.result.data }}", total: "{{ workflow.total }}" }
`,
    );
    expect(await studio.ended(await studio.run(ref))).toMatchObject({
      state: 'completed',
      result: {
        total: 42,
        second: {
          image: 'app:1',
          status: 'completed',
          numbers: [1, 2],
          seen: ['app:1'],
          total: 42,
          config: { on: true },
          sentence: '1 image, 42 bytes',
          exit: 0,
          later: null,
        },
      },
    });
  });

  scenario(
    'T2.4 a missing path is null, and so is a path below it; a default stands in',
    async ({ studio }) => {
      const got = await echoOf(
        studio,
        {
          missing: '{{ parameters.nope }}',
          below: '{{ parameters.nope.deeper.still }}',
          outside: '{{ parameters.list[9] }}',
          index: '{{ parameters.list[9].name }}',
          standIn: "{{ parameters.nope | default('here') }}",
          standInBelow: '{{ parameters.nope.deeper | default(7) }}',
          defined: '{{ parameters.nope is defined }}',
          inText: 'got [{{ parameters.nope }}]',
          compared: '{{ parameters.nope == none }}',
        },
        { parameters: { list: { type: 'array', default: [1] } } },
      );
      expect(got).toEqual({
        missing: null,
        below: null,
        outside: null,
        index: null,
        standIn: 'here',
        standInBelow: 7,
        defined: false,
        inText: 'got []',
        compared: true,
      });
    },
  );

  scenario('T2.4 what a value holds is never rendered a second time', async ({ studio }) => {
    const got = await echoOf(
      studio,
      { text: '{{ parameters.text }}', mixed: 'said: {{ parameters.text }}' },
      { parameters: { text: { type: 'string', default: '{{ 1 + 1 }} {% raw %}' } } },
    );
    expect(got).toEqual({ text: '{{ 1 + 1 }} {% raw %}', mixed: 'said: {{ 1 + 1 }} {% raw %}' });
  });

  const broken = [
    { what: 'a wrong type', template: "{{ parameters.n + 'x' }}", line: 1, column: 17 },
    {
      what: 'the second line',
      template: 'all is well here\nand {{ parameters.n + [] }}',
      line: 2,
      column: 21,
    },
    { what: 'null against a number', template: '{{ parameters.nope > 3 }}', line: 1, column: 20 },
  ];
  for (const { what, template, line, column } of broken) {
    scenario(
      `T2.4 an error in an input fails the task before it starts and says where: ${what}`,
      async ({ studio }) => {
        const ref = await studio.publishWorkflow('broken', {
          parameters: { n: { type: 'integer', default: 1 } },
          tasks: [
            {
              name: 'a',
              action: 'core.set',
              input: { good: 1, value: template },
              next: [
                { when: '{{ succeeded() }}', do: ['fine'] },
                { when: '{{ failed() }}', do: ['repair'] },
              ],
            },
            { name: 'fine', action: 'core.noop' },
            { name: 'repair', action: 'core.set', input: { why: '{{ task.a.result.error }}' } },
          ],
          output_map: { why: '{{ task.repair.result.data.why }}' },
        });
        const id = await studio.run(ref);
        const run = await studio.ended<{ why: string }>(id);
        const tree = await studio.tree(id);
        expect(statesOf(tree)).toEqual({ root: 'completed', a: 'failed', repair: 'completed' });
        expect(only(tree, 'a').startedAt).toBeNull();
        expect(only(tree, 'a').error).toBe(run.result.why);
        expect(run.result.why).toContain(`line ${line}, column ${column}`);
        expect(run.result.why).toContain(template.split('\n').at(-1));
      },
    );
  }

  for (const part of ['when', 'publish'] as const) {
    scenario(
      `T2.4 an error in ${part} routes the task as failed, once; its execution stays completed`,
      async ({ studio }) => {
        const bad = "{{ result().data.n + 'x' }}";
        const ref = await studio.publishWorkflow('broken_route', {
          vars: { kept: 'before' },
          tasks: [
            {
              name: 'a',
              action: 'core.set',
              input: { n: 1 },
              next: [
                part === 'when'
                  ? { when: bad, do: ['fine'] }
                  : { when: '{{ succeeded() }}', publish: [{ kept: 'half' }, { broken: bad }], do: ['fine'] },
                { when: '{{ failed() }}', do: ['repair'] },
              ],
            },
            { name: 'fine', action: 'core.noop' },
            { name: 'repair', action: 'core.noop' },
          ],
          output_map: { kept: '{{ workflow.kept }}' },
        });
        const id = await studio.run(ref);
        // Publishing is all or nothing.
        expect(await studio.ended(id)).toMatchObject({ state: 'completed', result: { kept: 'before' } });
        expect(statesOf(await studio.tree(id))).toEqual({
          root: 'completed',
          a: 'completed',
          repair: 'completed',
        });
        const [first] = await studio.taskRuns(id);
        expect(first).toMatchObject({ task: 'a', status: 'failed' });
        expect(first?.transitions[0]?.error).toContain('line 1, column');
        expect(first?.transitions[0]?.error).toContain(
          part === 'when' ? 'a.next.0.when' : 'a.next.0.publish',
        );
      },
    );
  }

  scenario('T2.4 an error in the output fails the run and says where', async ({ studio }) => {
    const ref = await studio.publishWorkflow('broken_output', {
      parameters: { n: { type: 'integer', default: 1 } },
      tasks: [{ name: 'a', action: 'core.noop' }],
      output_map: { sum: "{{ parameters.n + 'x' }}" },
    });
    const { state, error } = await studio.ended(await studio.run(ref));
    expect(state).toBe('failed');
    expect(error).toContain('The output_map could not be rendered');
    expect(error).toContain('line 1, column 17');
  });

  scenario(
    'T2.4 an error in a rule: criteria do not match, inputs fail the execution; both say where',
    async ({ studio }) => {
      const criteria = await onWebhook(studio, {
        action: 'core.noop',
        conditions: { expression: "event.payload.count + 'x' == 4" },
      });
      const inputs = await onWebhook(studio, {
        action: 'core.echo',
        input: { message: "{{ event.payload.count + 'x' }}" },
      });
      const [unmatched, matched] = await Promise.all(
        [criteria, inputs].map(async ({ post }) => studio.untilMatched(await post(payload))),
      );
      expect(unmatched?.enforcements).toEqual([]);
      expect(unmatched?.evaluations).toMatchObject([{ verdict: 'error' }]);
      expect(unmatched?.evaluations[0]?.reason).toContain('line 1, column');
      const execution = await studio.ended(matched?.enforcements[0]?.executionId as number);
      expect(execution).toMatchObject({ state: 'failed', startedAt: null });
      expect(execution.error).toContain('line 1, column 24');
      expect(execution.error).toContain("event.payload.count + 'x'");
    },
  );
});
