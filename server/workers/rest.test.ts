import { afterAll, beforeAll, expect, it } from 'vitest';
import { inSystem } from '../db';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import { defaultTenantId } from '../packs/refs';
import { makeTenant } from '../packs/test-people';
import { heartbeatWorker, registerWorker } from './service';

let rest: RestServer;
let token: string;
let otherToken: string;
let viewerToken: string;
let id: number;

beforeAll(async () => {
  rest = await startRestServer();
  token = await rest.tokenOf((await makeMember(defaultTenantId, 'Ada')).login);
  const viewer = await makeMember(defaultTenantId, 'Vera', [{ resource: 'workers', actions: ['read'] }]);
  viewerToken = await rest.tokenOf(viewer.login);
  otherToken = await rest.tokenOf((await makeMember(await makeTenant(), 'Eve')).login);
  id = await registerWorker({
    name: 'one',
    host: 'here',
    pid: 7,
    slots: 4,
    runtimes: { python: '3.11.2', native: 'built in' },
    sandbox: 'L3: own user',
  });
});
afterAll(() => rest.close());

const call = (method: string, path: string, body?: unknown, as = token) =>
  rest.call(method, `/api/v1/workers${path}`, { token: as, ...(body === undefined ? {} : { body }) });
const mine = async (query = '') =>
  (await call('GET', query)).body.items?.find((worker) => worker['id'] === id);

it('workers are told with their load, their runtimes and how they are', async () => {
  await heartbeatWorker(id, 1, 'active');
  expect(await mine()).toMatchObject({
    name: 'one',
    worker_type: 'local',
    worker_role: 'action',
    status: 'active',
    health_state: 'active',
    heartbeat_stale: false,
    cordoned: false,
    cordon_reason: null,
    cordoned_by: null,
    cordoned_at: null,
    supported_runtimes: [
      { name: 'native', ref: 'core.native', version: 'built in' },
      { name: 'python', ref: 'core.python', version: '3.11.2' },
    ],
    load: { active_executions: 1, max_executions: 4, utilization_percent: 25 },
  });
  await heartbeatWorker(id, 4, 'active');
  expect(await mine('?status=busy')).toMatchObject({ health_state: 'busy' });
  expect(await mine('?health_state=offline')).toBeUndefined();
});

it('a cordon is told to the worker with its next heartbeat, stands alone in the answer, and is lifted again', async () => {
  const cordoned = await call('POST', `/${id}/cordon`, { reason: 'new disk' });
  expect(cordoned.status).toBe(200);
  expect(cordoned.body).toMatchObject({
    id,
    cordoned: true,
    cordon_reason: 'new disk',
    cordoned_by: expect.any(String) as string,
    cordoned_at: expect.stringMatching(/Z$/) as string,
    health_state: 'cordoned',
  });
  expect(await heartbeatWorker(id, 0, 'active')).toEqual({ isCordoned: true });
  expect(await mine('?cordoned=true')).toMatchObject({ cordon_reason: 'new disk' });
  const free = await call('POST', `/${id}/uncordon`);
  expect(free.body).toMatchObject({ id, cordoned: false, cordon_reason: null, cordoned_at: null });
  expect(await heartbeatWorker(id, 0, 'active')).toEqual({ isCordoned: false });
});

it('a worker that was not heard of is offline', async () => {
  await inSystem((tx) =>
    tx.query(`UPDATE worker SET heartbeat_at = clock_timestamp() - interval '10 minutes' WHERE id = $1`, [
      id,
    ]),
  );
  expect(await mine()).toMatchObject({ health_state: 'offline', status: 'inactive', heartbeat_stale: true });
});

it('workers are managed by people of the default tenant that may', async () => {
  expect((await call('POST', `/${id}/cordon`, {}, viewerToken)).status).toBe(403);
  expect((await call('POST', `/${id}/cordon`, {}, otherToken)).status).toBe(403);
  expect((await call('POST', '/999999999/cordon', {})).status).toBe(404);
  expect((await call('GET', '/abc')).status).toBe(400);
});
