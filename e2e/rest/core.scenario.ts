import { expect, good, scenario } from './program';

scenario.describe('by the typed client', () => {
  scenario(
    'T1.1 an interval timer fires its rule, and each firing is one event, one enforcement, one execution',
    async ({ program }) => {
      const action = await program.shell('tick', 'echo tick');
      const rule = {
        ...{ ref: 'p.each_second', pack_ref: 'p', label: 'Each second', enabled: true },
        ...{
          trigger_ref: 'core.intervaltimer',
          trigger_params: { unit: 'seconds', interval: 1 },
          action_ref: action,
        },
      };
      await good(program.api.POST('/api/v1/rules', { body: rule }));
      const query = { rule_ref: rule.ref };
      const executions = async () =>
        (await good(program.api.GET('/api/v1/executions', { params: { query } }))).items;
      await program.until(executions, ({ length }) => length >= 3);
      await good(program.api.POST('/api/v1/rules/{ref}/disable', { params: { path: { ref: rule.ref } } }));
      const { items: enforcements } = await good(
        program.api.GET('/api/v1/enforcements', { params: { query } }),
      );
      const { items: events } = await good(program.api.GET('/api/v1/events', { params: { query } }));
      expect(events.length).toBe(enforcements.length);
      expect(new Set(enforcements.map(({ event }) => event)).size).toBe(events.length);
      expect(events[0]).toMatchObject({ rule_ref: rule.ref, trigger_ref: 'core.intervaltimer' });
      const all = await executions();
      expect(new Set(all.map(({ enforcement }) => enforcement)).size).toBe(all.length);
    },
  );

  scenario('T1.2 a date in the past is taken with a warning and fires nothing', async ({ program }) => {
    const body = {
      ...{ ref: 'p.past', pack_ref: 'p', label: 'Past', action_ref: 'core.noop' },
      ...{ trigger_ref: 'core.datetimetimer', trigger_params: { fire_at: '2020-01-01T00:00:00Z' } },
    };
    const { data } = await good(program.api.POST('/api/v1/rules', { body }));
    expect(data.enabled).toBe(true);
    const query = { rule_ref: 'p.past' };
    expect((await good(program.api.GET('/api/v1/events', { params: { query } }))).items).toEqual([]);
  });

  scenario(
    'T1.4 a webhook’s payload is kept exactly, and reaches the action through its parameters',
    async ({ program }) => {
      const action = await program.shell('greet', 'echo "hello $who"', {
        param_schema: { who: { type: 'string' } },
      });
      const { ref, post } = await program.webhook('rang');
      const action_params = { who: '{{ event.payload.user.name }}' };
      const body = {
        ref: 'p.greets',
        pack_ref: 'p',
        label: 'Greets',
        trigger_ref: ref,
        action_ref: action,
        action_params,
      };
      await good(program.api.POST('/api/v1/rules', { body }));
      const payload = { user: { name: 'Ünï ☃' }, list: [1, 2.5, null, true], empty: {} };
      const id = await post(payload);
      const { data } = await good(
        program.api.GET('/api/v1/events/{id}', { params: { path: { id: String(id) } } }),
      );
      expect(data).toMatchObject({ trigger_ref: ref, rule: null, payload });
      const query = { rule_ref: 'p.greets' };
      const [started] = await program.until(
        async () => (await good(program.api.GET('/api/v1/executions', { params: { query } }))).items,
        ({ length }) => length === 1,
      );
      const ended = await program.ended(started?.id ?? 0);
      expect(ended).toMatchObject({ status: 'completed', rule_ref: 'p.greets', trigger_ref: ref });
      expect(ended.result).toMatchObject({ stdout: 'hello Ünï ☃\n', exit_code: 0 });
    },
  );

  scenario(
    'T1.5 items are executions of their own below the run, in order of their index',
    async ({ program }) => {
      const action = await program.shell('double', 'echo $((n * 2))', {
        param_schema: { n: { type: 'integer' } },
      });
      const flow = await program.workflow(
        'each',
        {
          tasks: [
            { name: 'each', action, with_items: '{{ parameters.numbers }}', input: { n: '{{ item }}' } },
          ],
          output_map: { all: '{{ task.each.result | map(attribute="stdout") | list }}' },
        },
        { numbers: { type: 'array', required: true } },
      );
      const run = await program.run(flow, { numbers: [1, 2, 3, 4, 5] });
      expect(run.status).toBe('completed');
      expect(run.result).toEqual(expect.objectContaining({ all: ['2\n', '4\n', '6\n', '8\n', '10\n'] }));
      const children = await program.children(run.id);
      expect(children.map(({ workflow_task: task }) => task?.task_index).sort()).toEqual([0, 1, 2, 3, 4]);
      for (const child of children) {
        expect(child.parent).toBe(run.id);
        expect(child.workflow_task).toMatchObject({ task_name: 'each', retry_count: 0, timed_out: false });
        expect(Date.parse(child.updated)).toBeLessThanOrEqual(Date.parse(run.updated));
      }
    },
  );

  scenario(
    'T1.6 an action reads the datastore by name and by template; what is missing is null',
    async ({ program }) => {
      await good(
        program.api.POST('/api/v1/keys', {
          body: {
            ref: 'token',
            name: 'Token',
            value: 'open sesame',
            owner_type: 'pack',
            owner_pack_ref: 'p',
            encrypted: true,
          },
        }),
      );
      await good(
        program.api.POST('/api/v1/keys', {
          body: { ref: 'limits', name: 'Limits', value: { cpu: 4 }, owner_type: 'system', encrypted: false },
        }),
      );
      const action = await program.shell(
        'read',
        'test "$token" = "open sesame" && echo "cpu $cpu none [$none]"',
        {
          param_schema: { cpu: { type: 'integer' }, none: {} },
        },
      );
      const flow = await program.workflow('reads', {
        tasks: [
          {
            ...{ name: 'read', action },
            input: { cpu: '{{ datastore.limits.cpu }}', none: '{{ datastore.nowhere }}' },
          },
        ],
        output_map: { said: '{{ task.read.result.stdout }}' },
      });
      expect((await program.run(flow)).result).toMatchObject({ said: 'cpu 4 none [null]\n' });
      // The value that is shown to nobody is not in the record either.
      const { data } = await good(
        program.api.GET('/api/v1/keys/{ref}', { params: { path: { ref: 'token' } } }),
      );
      expect(data).toMatchObject({ value: 'open sesame', encrypted: true, owner_type: 'pack' });
      const { items } = await good(program.api.GET('/api/v1/keys'));
      expect(JSON.stringify(items)).not.toContain('open sesame');
    },
  );

  scenario(
    'T1.8 a failing action keeps its exit code, its error output and a message, and is not tried again',
    async ({ program }) => {
      const action = await program.shell('breaks', 'echo out; echo "no disk" >&2; exit 3');
      const ended = await program.run(action);
      expect(ended).toMatchObject({ status: 'failed', original_execution: null });
      expect(ended.result).toMatchObject({
        succeeded: false,
        exit_code: 3,
        stdout: 'out\n',
        stderr: 'no disk\n',
      });
      expect(String((ended.result as { error: unknown }).error)).not.toBe('');
      expect((await program.run(await program.shell('fine', 'echo fine'))).status).toBe('completed');
    },
  );

  scenario(
    'T3.13 parameters that do not fit are taken, and end the execution at once with the reason',
    async ({ program }) => {
      const action = await program.shell('counts', 'echo $n', {
        param_schema: { n: { type: 'integer', required: true } },
      });
      const body = { action_ref: action, parameters: { n: 'many', more: true } };
      const { data } = await good(program.api.POST('/api/v1/executions/execute', { body }));
      expect(data).toMatchObject({ status: 'failed', worker: null, config: { n: 'many', more: true } });
      expect(String((data.result as { error: unknown }).error)).toMatch(/n.*integer/);
      const missing = await program.api.POST('/api/v1/executions/execute', {
        body: { action_ref: 'p.nowhere' },
      });
      expect(missing.response.status).toBe(404);
    },
  );

  scenario(
    'T3.23 a running execution is cancelled with what it started, and keeps what it had printed',
    async ({ program }) => {
      const action = await program.shell('long', 'echo begun; sleep 300');
      const flow = await program.workflow('waits', { tasks: [{ name: 'long', action }] });
      const id = await program.execute(flow);
      const [child] = await program.until(
        () => program.children(id),
        ([first]) => first?.status === 'running',
      );
      const logs = async () => {
        const params = { path: { id: String(child?.id) } };
        return (await good(program.api.GET('/api/v1/executions/{id}/logs', { params }))).data.chunks;
      };
      await program.until(logs, ({ length }) => length > 0);
      await good(
        program.api.POST('/api/v1/executions/{id}/cancel', { params: { path: { id: String(id) } } }),
      );
      expect((await program.ended(id)).status).toBe('cancelled');
      const ended = await program.ended(child?.id ?? 0);
      expect(ended.status).toBe('cancelled');
      expect(ended.result).toMatchObject({ stdout: 'begun\n' });
      const again = await program.api.POST('/api/v1/executions/{id}/cancel', {
        params: { path: { id: String(id) } },
      });
      expect(again.response.status).toBe(409);
    },
  );
});
