import { expect, scenario } from './scenario';
import { Trpc } from '../trpc';

/** Work queues through the real server and worker, by the REST API alone. */

interface Item {
  id: number;
  item_key: string;
  status: string;
  leased_execution: number | null;
  ack_summary: { status: string; summary: unknown } | null;
}

scenario.describe('work queues', () => {
  scenario(
    'Q1 items posted by API go out by priority in batches, are acknowledged one by one, and a rule hears when the queue is empty',
    async ({ studio, request, baseURL }) => {
      const login = {
        login: process.env['ATTUNE_ADMIN_LOGIN'] ?? 'admin',
        password: process.env['ATTUNE_ADMIN_PASSWORD'] ?? 'scenarios-need-a-password',
      };
      const signed = (await (await request.post('/auth/login', { data: login })).json()) as {
        data: { access_token: string };
      };
      const headers = { authorization: `Bearer ${signed.data.access_token}` };
      const call = async <Body>(method: 'get' | 'post' | 'put', path: string, data?: object) => {
        const response = await request[method](`${baseURL ?? ''}/api/v1${path}`, {
          headers,
          ...(data === undefined ? {} : { data }),
        });
        return { status: response.status(), body: (await response.json()) as Body };
      };
      const action = await studio.createAction('count', {
        runtime: 'python',
        outputFormat: 'json',
        code: `def run(order, items):
    acks = [{"id": i["id"], "status": "skipped" if i["payload"]["n"] == 2 else "completed", "summary": {"n": i["payload"]["n"]}} for i in items]
    return {"order": order, "queue_ack": {"version": 1, "items": acks}}`,
        parameters: { order: { type: 'array' }, items: { type: 'array' } },
      });
      const packRef = action.split('.')[0] ?? '';
      const ref = `${packRef}.counted_${Date.now()}`;
      const made = await call('post', '/queues', {
        ...{ ref, label: 'Counted', dispatch_action_ref: action, batch_mode: 'batch', enabled: false },
        config: { batch_size: 3 },
        action_params: { order: '{{ items | map(attribute="n") | list }}', items: '{{ queue_items }}' },
      });
      expect(made.status).toBe(201);
      const trpc = new Trpc(request);
      await trpc.mutate('auth.signIn', login);
      await trpc.mutate('rules.create', {
        ...{
          packRef,
          ref: `${ref}_heard`,
          label: 'Heard',
          triggerRef: 'core.queue_empty',
          actionRef: 'core.echo',
        },
        conditions: { expression: `event.payload.queue_ref == "${ref}"` },
        actionParams: { message: 'empty after {{ event.payload.leased_item_count }}' },
      });
      for (let n = 0; n < 5; n += 1) {
        const posted = await call('post', `/queues/${ref}/items`, {
          ...{ item_key: `k${n}`, payload: { n }, priority: n === 4 ? 9 : 0 },
        });
        expect(posted.status).toBe(201);
      }
      await call('put', `/queues/${ref}`, { enabled: true });

      const itemsOf = async () =>
        (await call<{ items: Item[] }>('get', `/queues/${ref}/items`)).body.items.toReversed();
      await expect
        .poll(async () => (await itemsOf()).map(({ status }) => status), { timeout: 60_000 })
        .toEqual(['completed', 'completed', 'skipped', 'completed', 'completed']);
      expect((await itemsOf())[2]).toMatchObject({
        ...{ leased_execution: null, ack_summary: { status: 'skipped', summary: { n: 2 } } },
      });
      const given = async () =>
        (
          await call<{ items: { id: number }[] }>('get', `/executions?action_ref=${action}`)
        ).body.items.toReversed();
      const orders = await Promise.all(
        (await given()).map(
          async ({ id }) => (await studio.get<{ data: { order: number[] } }>(id)).result.data.order,
        ),
      );
      expect(orders).toEqual([
        [4, 0, 1],
        [2, 3],
      ]);
      const heard = async () =>
        (await call<{ items: { id: number; status: string }[] }>('get', `/executions?rule_ref=${ref}_heard`))
          .body.items;
      await expect
        .poll(async () => (await heard()).map(({ status }) => status), { timeout: 60_000 })
        .toEqual(['completed']);
      const [execution] = await heard();
      expect((await studio.get<{ stdout: string }>(execution?.id ?? 0)).result.stdout).toContain(
        'empty after 2',
      );
    },
  );
});
