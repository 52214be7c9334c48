import { expect, good, scenario } from './program';

const say = { param_schema: { text: { type: 'string' } } };
const script = 'echo "$text"';

scenario.describe('by the typed client', () => {
  scenario(
    'T2.1 workflows nest four levels deep, each waits for its child, and the result comes up',
    async ({ program }) => {
      let inner = await program.shell('say', script, say);
      for (const [depth, name] of ['four', 'three', 'two', 'one'].entries())
        inner = await program.workflow(
          name,
          {
            tasks: [{ name: 'below', action: inner, input: { text: '{{ parameters.text }}' } }],
            output_map: { said: `{{ task.below.result.${depth === 0 ? 'stdout' : 'said'} }}` },
          },
          { text: { type: 'string' } },
        );
      const run = await program.run(inner, { text: 'deep' });
      expect(run.result).toMatchObject({ said: 'deep\n' });
      let level = run.id;
      for (let depth = 0; depth < 4; depth += 1) {
        const [child] = await program.children(level);
        expect(child?.parent).toBe(level);
        level = child?.id ?? 0;
      }
      const path = { id: String(level) };
      const { items } = await good(program.api.GET('/api/v1/executions/{id}/tree', { params: { path } }));
      expect(items).toHaveLength(5);
      expect(items[0]?.id).toBe(run.id);
    },
  );

  scenario(
    'T2.2 a failure takes its own transition, and other branches are not touched',
    async ({ program }) => {
      const ok = await program.shell('ok', 'echo ok');
      const bad = await program.shell('bad', 'exit 1');
      const flow = await program.workflow('recovers', {
        tasks: [
          { name: 'breaks', action: bad, next: [{ when: '{{ failed() }}', do: ['mend'] }] },
          { name: 'mend', action: ok },
          { name: 'beside', action: ok, next: [{ when: '{{ succeeded() }}', do: ['after'] }] },
          { name: 'after', action: ok },
        ],
      });
      const run = await program.run(flow);
      expect(run.status).toBe('completed');
      const states = (await program.children(run.id)).map(
        ({ workflow_task: task, status }) => `${task?.task_name} ${status}`,
      );
      expect(states.sort()).toEqual([
        'after completed',
        'beside completed',
        'breaks failed',
        'mend completed',
      ]);
      const abort = await program.workflow('aborts', {
        tasks: [
          { name: 'breaks', action: bad, on_success: 'never' },
          { name: 'never', action: ok },
        ],
      });
      const failed = await program.run(abort);
      expect(failed.status).toBe('failed');
      expect(String((failed.result as { error?: unknown }).error)).not.toBe('');
      expect((await program.children(failed.id)).map(({ workflow_task: task }) => task?.task_name)).toEqual([
        'breaks',
      ]);
    },
  );

  scenario('T2.4 templates keep types, reach into results, and say what is wrong', async ({ program }) => {
    const flow = await program.workflow(
      'templates',
      {
        vars: { n: 2 },
        tasks: [
          {
            ...{ name: 'first', action: 'core.set' },
            input: {
              list: '{{ parameters.list }}',
              sum: '{{ parameters.list | sum + workflow.n }}',
              text: 'n={{ workflow.n }}',
            },
            next: [{ do: ['second'] }],
          },
          {
            name: 'second',
            action: 'core.set',
            input: { got: '{{ task.first.result.data.list[1] }}', none: '{{ parameters.nothing }}' },
          },
        ],
        output_map: { first: '{{ task.first.result }}', second: '{{ task.second.result }}' },
      },
      { list: { type: 'array' }, nothing: {} },
    );
    const { result } = await program.run(flow, { list: [1, 20] });
    expect(result).toMatchObject({
      first: { data: { list: [1, 20], sum: 23, text: 'n=2' } },
      second: { data: { got: 20, none: null } },
    });
    const body = {
      ...{ ref: 'p.broken', pack_ref: 'p', label: 'x', version: '1', param_schema: {}, out_schema: {} },
      definition: { tasks: [{ name: 'a', action: 'core.set', input: { x: '{{ 1 + }}' } }] },
    };
    const { response, error } = await program.api.POST('/api/v1/workflows', { body });
    expect(response.status).toBe(400);
    expect(JSON.stringify(error)).toContain('tasks');
  });

  scenario(
    'T2.5 T3.4 T3.5 one webhook feeds several rules, each by its own criteria',
    async ({ program }) => {
      const { ref, post } = await program.webhook('rang');
      const rules: [string, object][] = [
        ['all', {}],
        ['high', { expression: 'event.payload.level > 5' }],
        ['listed', [{ field: 'payload.kind', operator: 'equals', value: 'disk' }]],
        [
          'tree',
          {
            any: [
              { field: 'payload.level', operator: 'less', value: 0 },
              { all: [{ field: 'payload.kind', operator: 'in', value: ['cpu', 'disk'] }] },
            ],
          },
        ],
        ['never', { expression: '{{ event.payload.missing == "x" }}' }],
      ];
      for (const [name, conditions] of rules)
        await good(
          program.api.POST('/api/v1/rules', {
            body: {
              ...{ ref: `p.${name}`, pack_ref: 'p', label: name, trigger_ref: ref },
              ...{ action_ref: 'core.noop', conditions: conditions as { [key: string]: unknown } },
            },
          }),
        );
      const matching = async (payload: { [name: string]: string | number }, expected: string[]) => {
        const id = await post(payload);
        const query = { event: String(id) };
        const seen = await program.until(
          async () => (await good(program.api.GET('/api/v1/enforcements', { params: { query } }))).items,
          ({ length }) => length >= expected.length,
        );
        expect(seen.map(({ rule_ref: rule }) => rule).sort()).toEqual(expected);
        for (const enforcement of seen) expect(enforcement).toMatchObject({ event: id, trigger_ref: ref });
      };
      await matching({ level: 9, kind: 'disk' }, ['p.all', 'p.high', 'p.listed', 'p.tree']);
      await matching({ level: 1, kind: 'cpu' }, ['p.all', 'p.tree']);
      await matching({ level: 2, kind: 'fan' }, ['p.all']);
    },
  );

  scenario(
    'T2.6 T2.7 a run waits for a person, goes the way that was answered, or the way of nobody’s answer',
    async ({ program }) => {
      const flow = await program.workflow(
        'asks',
        {
          tasks: [
            {
              ...{ name: 'ask', action: 'core.ask' },
              input: {
                prompt: 'Deploy?',
                response_schema: {
                  type: 'object',
                  required: ['approved'],
                  properties: { approved: { type: 'boolean' } },
                },
                timeout: '{{ parameters.patience }}',
                default_response: { approved: false },
              },
              next: [
                { when: '{{ result().response.approved }}', do: ['yes'] },
                { otherwise: true, do: ['no'] },
              ],
            },
            { name: 'yes', action: 'core.noop' },
            { name: 'no', action: 'core.noop' },
          ],
        },
        { patience: { type: 'integer' } },
      );
      const went = async (id: number) =>
        (await program.children(id)).map(({ workflow_task: task }) => task?.task_name).slice(1);
      const asked = async (id: number) => {
        const [child] = await program.until(
          () => program.children(id),
          ([first]) => first?.state === 'waiting',
        );
        const query = { execution: String(child?.id) };
        const { items } = await good(program.api.GET('/api/v1/inquiries', { params: { query } }));
        expect(items).toHaveLength(1);
        expect(items[0]).toMatchObject({ prompt: 'Deploy?', status: 'pending', has_response: false });
        return { params: { path: { id: String(items[0]?.id) } } };
      };
      const first = await program.execute(flow, { patience: 300 });
      const inquiry = await asked(first);
      const wrong = await program.api.POST('/api/v1/inquiries/{id}/respond', {
        ...inquiry,
        body: { response: {} },
      });
      expect(wrong.response.status).toBe(400);
      const body = { response: { approved: true, note: 'kept' } };
      const { data } = await good(program.api.POST('/api/v1/inquiries/{id}/respond', { ...inquiry, body }));
      expect(data).toMatchObject({ status: 'responded', response: body.response });
      expect((await program.ended(first)).status).toBe('completed');
      expect(await went(first)).toEqual(['yes']);
      const second = await program.api.POST('/api/v1/inquiries/{id}/respond', { ...inquiry, body });
      expect(second.response.status).toBe(409);
      expect(JSON.stringify(second.error)).toContain(program.login);

      const third = await program.run(flow, { patience: 1 });
      expect(third.status).toBe('completed');
      expect(await went(third.id)).toEqual(['no']);
      expect((await program.children(third.id))[0]).toMatchObject({ status: 'completed' });
    },
  );

  scenario(
    'T2.8 each try is an execution that points to the first, until one succeeds or none is left',
    async ({ program }) => {
      const flaky = await program.shell(
        'flaky',
        'test "$ATTUNE_ATTEMPT" -ge 3 && echo "try $ATTUNE_ATTEMPT"',
      );
      const retry = { count: 3, delay: 0 };
      const flow = await program.workflow('retries', { tasks: [{ name: 'flaky', action: flaky, retry }] });
      const run = await program.run(flow);
      expect(run.status).toBe('completed');
      const tries = await program.children(run.id);
      expect(tries.map(({ status }) => status)).toEqual(['failed', 'failed', 'completed']);
      expect(tries.map(({ workflow_task: task }) => task?.retry_count)).toEqual([0, 1, 2]);
      expect(tries.map(({ original_execution: first }) => first)).toEqual([null, tries[0]?.id, tries[0]?.id]);
      for (const { workflow_task: task } of tries) expect(task?.max_retries).toBe(3);
      const bad = await program.shell('bad', 'exit 2');
      const exhausted = await program.run(
        await program.workflow('gives_up', {
          tasks: [{ name: 'bad', action: bad, retry: { count: 1, delay: 0 } }],
        }),
      );
      expect([exhausted.status, (await program.children(exhausted.id)).length]).toEqual(['failed', 2]);
    },
  );

  scenario('T2.9 an action that runs out of time failed, and says after how long', async ({ program }) => {
    const action = await program.shell('slow', 'echo begun; sleep 60', { timeout_seconds: 1 });
    const ended = await program.run(action);
    expect(ended).toMatchObject({ status: 'failed', state: 'timeout' });
    expect((ended.result as { error: unknown }).error).toMatch(/timed out after 1 s/);
    expect(ended.result).toMatchObject({ stdout: 'begun\n' });
  });

  scenario('T2.10 items with a limit overlap no more than that', async ({ program }) => {
    const action = await program.shell('waits', 'sleep 0.2');
    const flow = await program.workflow('limited', {
      tasks: [{ name: 'each', action, with_items: '{{ range(6) | list }}', concurrency: 2 }],
    });
    const run = await program.run(flow);
    const spans = (await program.children(run.id)).map(
      ({ started_at: from, updated }) => [Date.parse(from ?? ''), Date.parse(updated)] as const,
    );
    expect(spans).toHaveLength(6);
    for (const [from] of spans)
      expect(spans.filter(([start, end]) => start <= from && from < end).length).toBeLessThanOrEqual(2);
  });

  scenario('T2.11 a diamond of depends_on waits for both sides', async ({ program }) => {
    const flow = await program.workflow('diamond', {
      tasks: {
        top: { action: 'core.noop' },
        left: { action: 'core.sleep', input: { seconds: 0.3 }, depends_on: ['top'] },
        right: { action: 'core.noop', depends_on: ['top'] },
        bottom: { action: 'core.noop', depends_on: ['left', 'right'] },
      },
    });
    const run = await program.run(flow);
    expect(run.status).toBe('completed');
    const children = await program.children(run.id);
    const by = (name: string) => children.find(({ workflow_task: task }) => task?.task_name === name);
    expect(children).toHaveLength(4);
    for (const side of ['left', 'right'])
      expect(Date.parse(by(side)?.updated ?? '')).toBeLessThanOrEqual(
        Date.parse(by('bottom')?.started_at ?? ''),
      );
  });

  scenario(
    'a work queue gives its items out by priority, and keeps what the action acknowledges',
    async ({ program }) => {
      const ack = `echo '{"queue_ack": {"version": 1, "items": [{"id": '$id', "status": "completed", "summary": "seen"}]}}'`;
      const action = await program.shell('work', ack, {
        output_format: 'json',
        param_schema: { id: { type: 'integer' }, name: {} },
      });
      const params = { path: { ref: 'p.line' } };
      const action_params = { id: '{{ queue_item.id }}', name: '{{ item.name }}' };
      await good(
        program.api.POST('/api/v1/queues', {
          body: { ref: 'p.line', label: 'Line', dispatch_action_ref: action, enabled: false, action_params },
        }),
      );
      for (const [item_key, priority] of [
        ['low', 1],
        ['high', 9],
      ] as const)
        await good(
          program.api.POST('/api/v1/queues/{ref}/items', {
            params,
            body: { item_key, priority, payload: { name: item_key } },
          }),
        );
      await good(program.api.PUT('/api/v1/queues/{ref}', { params, body: { enabled: true } }));
      const items = await program.until(
        async () => (await good(program.api.GET('/api/v1/queues/{ref}/items', { params }))).items,
        (all) => all.every(({ status }) => status === 'completed'),
      );
      for (const item of items)
        expect(item).toMatchObject({
          ack_summary: { status: 'completed', summary: 'seen' },
          leased_execution: null,
          lease_token: null,
        });
      const query = { action_ref: action };
      const { items: executions } = await good(program.api.GET('/api/v1/executions', { params: { query } }));
      const oldest = await program.get(executions.at(-1)?.id ?? 0);
      expect(JSON.stringify(oldest.config)).toContain('high');
    },
  );
});
