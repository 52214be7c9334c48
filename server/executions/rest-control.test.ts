import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { createPack } from '../packs/service';
import { makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { run, work, workflow } from './test-worker';

let rest: RestServer;
let ada: Actor;
let token: string;
let viewerToken: string;
let strangerToken: string;

beforeAll(async () => {
  rest = await startRestServer();
  const tenant = await makeTenant();
  ada = await makeMember(tenant, 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  token = await rest.tokenOf(ada.login);
  const viewer = await makeMember(tenant, 'Vera', [{ resource: 'executions', actions: ['read'] }]);
  viewerToken = await rest.tokenOf(viewer.login);
  strangerToken = await rest.tokenOf((await makeMember(await makeTenant(), 'Eve')).login);
});
afterAll(async () => {
  await stopBoss();
  await rest.close();
});

const call = (method: string, path: string, body?: unknown, as = token) =>
  rest.call(method, `/api/v1${path}`, { token: as, ...(body === undefined ? {} : { body }) });
const chain = [
  { name: 'first', action: 'core.echo', next: [{ do: ['second'] }] },
  { name: 'second', action: 'core.echo' },
];

describe('executions by REST', () => {
  it('are told with their own timeline, and as a tree with the root first', async () => {
    const id = await run(ada, await workflow(ada, chain));
    await work();
    const told = await call('GET', `/executions/${id}`);
    const timeline = told.body.data?.['timeline'] as { state: string; seq: number }[];
    expect(timeline.map(({ state }) => state)).toEqual(['requested', 'running', 'completed']);
    expect(told.body.data).toMatchObject({ root: id, state: 'completed' });
    const tree = await call('GET', `/executions/${id}/tree`);
    expect(
      tree.body.items?.map((one) => [
        one['parent'],
        (one['workflow_task'] as { task_name: string } | null)?.task_name,
      ]),
    ).toEqual([
      [null, undefined],
      [id, 'first'],
      [id, 'second'],
    ]);
    const second = await call('GET', `/executions/${id}/tree?page_size=1&page=3`);
    expect(second.body.items).toHaveLength(1);
    expect(second.body['pagination']).toMatchObject({ total_items: 3, has_next: false });
  });

  it('are run again: whole, with other parameters, or from a task', async () => {
    const id = await run(ada, await workflow(ada, chain));
    await work();
    const whole = await call('POST', `/executions/${id}/rerun`, { parameters: { text: 'new' } });
    expect(whole.status).toBe(201);
    expect(whole.body.data).toMatchObject({ config: { text: 'new' }, status: 'requested' });
    await work();
    const from = await call('POST', `/executions/${id}/rerun`, { from_task: 'second' });
    await work();
    const tree = await call('GET', `/executions/${String(from.body.data?.['id'])}/tree`);
    expect(
      tree.body.items?.map((one) => (one['workflow_task'] as { task_name: string } | null)?.task_name),
    ).toEqual([undefined, 'second']);
    expect(
      (await call('POST', `/executions/${id}/rerun`, { from_task: 'nowhere' })).status,
    ).toBeGreaterThanOrEqual(400);
    expect((await call('POST', `/executions/${id}/rerun`, { from_task: 'nowhere' })).status).toBeLessThan(
      500,
    );
  });

  it('are paused, resumed and cancelled, in a state where that can be', async () => {
    const id = await run(ada, await workflow(ada, chain));
    expect((await call('POST', `/executions/${id}/pause`)).status).toBe(409);
    await work(() => null);
    const paused = await call('POST', `/executions/${id}/pause`);
    expect(paused.body.data).toMatchObject({ status: 'running', state: 'paused' });
    expect((await call('POST', `/executions/${id}/resume`)).body.data).toMatchObject({ state: 'running' });
    expect((await call('POST', `/executions/${id}/cancel`)).body.data).toMatchObject({ status: 'canceling' });
    expect((await call('POST', `/executions/${id}/resume`)).status).toBe(409);
  });

  it('of others are not there, and need the right', async () => {
    const id = await run(ada, 'core.echo');
    for (const verb of ['cancel', 'pause', 'resume', 'rerun']) {
      const body = verb === 'rerun' ? {} : undefined;
      expect((await call('POST', `/executions/${id}/${verb}`, body, viewerToken)).status).toBe(403);
      expect((await call('POST', `/executions/${id}/${verb}`, body, strangerToken)).status).toBe(404);
    }
    expect((await call('GET', `/executions/${id}/tree`, undefined, strangerToken)).status).toBe(404);
    expect((await call('GET', `/executions/${id}/tree`, undefined, viewerToken)).status).toBe(200);
  });
});
