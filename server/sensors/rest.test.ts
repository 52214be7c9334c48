import { afterAll, beforeAll, expect, it } from 'vitest';
import { inSystem } from '../db';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { createPack } from '../packs/service';
import { makeTenant } from '../packs/test-people';
import { createTrigger, getTrigger } from '../triggers/service';
import { createSensor, getSensor, updateSensor } from './service';

let rest: RestServer;
let ada: Actor;
let token: string;
let readerToken: string;
let strangerToken: string;

beforeAll(async () => {
  rest = await startRestServer();
  const tenant = await makeTenant();
  ada = await makeMember(tenant, 'Ada');
  const reader = await makeMember(tenant, 'Vera', [{ resource: 'triggers', actions: ['read'] }]);
  const stranger = await makeMember(await makeTenant(), 'Eve');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  const trigger = { packRef: 'ops', ref: 'ops.alarm', label: 'Alarm', description: '', webhook: false };
  await createTrigger(ada, trigger);
  token = await rest.tokenOf(ada.login);
  readerToken = await rest.tokenOf(reader.login);
  strangerToken = await rest.tokenOf(stranger.login);
});
afterAll(() => rest.close());

const call = (method: string, path: string, body?: unknown, as = token) =>
  rest.call(method, `/api/v1${path}`, { token: as, ...(body === undefined ? {} : { body }) });
const watch = {
  ...{ ref: 'ops.watch', pack_ref: 'ops', label: 'Watch', entrypoint: 'watch.py' },
  ...{ runtime_ref: 'core.python', trigger_ref: 'ops.alarm', param_schema: { every: { type: 'integer' } } },
};

it('a sensor is made, shown, changed and removed as the models name it', async () => {
  const made = await call('POST', '/sensors', watch);
  expect(made.status).toBe(201);
  const placement = { worker_selector: {}, worker_tolerations: [], worker_affinity: {} };
  expect(made.body.data).toMatchObject({
    ...watch,
    ...placement,
    ...{ enabled: true, description: '', pack: expect.any(Number), runtime: 2, trigger: expect.any(Number) },
    created: expect.stringMatching(/\.\d{3}Z$/),
  });
  expect((await getTrigger(ada, 'ops.alarm')).sensorRef).toBe('ops.watch');
  const list = await call('GET', '/sensors?page_size=5000');
  expect(list.body.items).toEqual([
    expect.objectContaining({
      ref: 'core.timer_sensor',
      runtime_ref: 'core.native',
      state: 'built_in',
      ...placement,
    }),
    expect.objectContaining({
      ref: 'ops.watch',
      trigger_ref: 'ops.alarm',
      entrypoint: 'watch.py',
      ...placement,
    }),
  ]);
  const changed = await call('PUT', '/sensors/ops.watch', {
    enabled: false,
    label: 'Watcher',
    param_schema: null,
  });
  expect(changed.body.data).toMatchObject({
    enabled: false,
    label: 'Watcher',
    param_schema: watch.param_schema,
  });
  expect((await call('POST', '/sensors', watch)).status).toBe(409);
  expect((await call('DELETE', '/sensors/ops.watch')).body).toMatchObject({ success: true });
  expect((await call('GET', '/sensors/ops.watch')).status).toBe(404);
});

it('what cannot be a sensor is refused with its place', async () => {
  const status = async (change: object) => (await call('POST', '/sensors', { ...watch, ...change })).status;
  expect(await status({ runtime_ref: 'core.http' })).toBe(400);
  expect(await status({ runtime_ref: 'core.native' })).toBe(400);
  expect(await status({ trigger_ref: 'ops.none' })).toBe(404);
  expect(await status({ pack_ref: 'none', ref: 'none.x' })).toBe(404);
  expect(await status({ label: '' })).toBe(400);
  expect(await status({ param_schema: { a: { type: 'colour' } } })).toBe(400);
  expect((await call('PUT', '/sensors/core.timer_sensor', { enabled: false })).status).toBe(403);
  expect((await call('POST', '/sensors', watch, readerToken)).status).toBe(403);
});

it('a sensor with code of its own is made in the studio, changed, and no one of files is', async () => {
  const draft = {
    ...{ packRef: 'ops', ref: 'ops.own', label: 'Own', description: '', runtime: 'shell' as const },
    ...{ triggerRefs: ['ops.alarm'], paramSchema: { every: { type: 'integer', required: true } } },
    ...{ entrypoint: '', code: 'sleep 600', config: {}, limits: {}, enabled: true },
  };
  await expect(createSensor(ada, { ...draft, triggerRefs: ['ops.none'] })).rejects.toMatchObject({
    details: [{ path: 'triggerRefs' }],
  });
  await expect(createSensor(ada, { ...draft, config: { every: 'x' } })).rejects.toMatchObject({
    details: [{ path: 'config.every' }],
  });
  const made = await createSensor(ada, draft);
  expect(made).toMatchObject({ code: 'sleep 600', isAdhoc: true, revision: 1, mayDelete: true });
  const changed = await updateSensor(ada, {
    ...{ ref: 'ops.own', code: 'sleep 60', runtime: 'python', config: { every: 5 } },
  });
  expect(changed).toMatchObject({ code: 'sleep 60', runtime: 'python', revision: 2 });
  await expect(updateSensor(ada, { ref: 'ops.own', config: { every: 'x' } })).rejects.toMatchObject({
    kind: 'invalid',
  });
  // Its label alone wants no other process.
  expect(await updateSensor(ada, { ref: 'ops.own', label: 'Mine' })).toMatchObject({ revision: 2 });
  await inSystem((tx) => tx.query(`UPDATE sensor SET is_adhoc = false WHERE ref = 'ops.own'`));
  await expect(updateSensor(ada, { ref: 'ops.own', code: 'true' })).rejects.toMatchObject({
    code: 'sensor_of_files',
  });
  const byRest = await call('POST', '/sensors', { ...watch, ref: 'ops.coded', code: 'import attune' });
  expect(byRest.status).toBe(201);
  await call('PUT', '/sensors/ops.coded', { code: 'pass' });
  expect((await getSensor(ada, 'ops.coded')).code).toBe('pass');
  await call('DELETE', '/sensors/ops.coded');
  await call('DELETE', '/sensors/ops.own');
});

it('the logs are told bare, and another stream is 422', async () => {
  await call('POST', '/sensors', { ...watch, ref: 'ops.logs' });
  expect((await call('GET', '/sensors/ops.logs/logs', undefined, readerToken)).body).toEqual({
    sensor_ref: 'ops.logs',
    logs: [
      { stream: 'stdout', artifact_ref: 'sensor.ops.logs.stdout' },
      { stream: 'stderr', artifact_ref: 'sensor.ops.logs.stderr' },
    ],
  });
  await inSystem((tx) =>
    tx.query(
      `INSERT INTO sensor_log (tenant_id, sensor_id, stream, content, lines)
       SELECT tenant_id, id, 'stdout', piece, 2 FROM sensor, (VALUES (E'a\nb\n'), (E'c\nd\n')) AS given(piece) WHERE tenant_id = $1 AND ref = 'ops.logs'`,
      [ada.tenantId],
    ),
  );
  const content = async (query: string) =>
    (await call('GET', `/sensors/ops.logs/logs/stdout${query}`)).body.data?.['content'];
  expect(await content('')).toBe('a\nb\nc\nd\n');
  expect(await content('?tail=3')).toBe('b\nc\nd\n');
  expect(await content('?tail=-5')).toBe('d\n');
  expect(await content('?tail=x')).toBe('a\nb\nc\nd\n');
  expect((await call('GET', '/sensors/ops.logs/logs/result')).status).toBe(422);
  expect((await call('GET', '/sensors/none.x/logs')).status).toBe(404);
  for (const path of ['', '/logs', '/logs/stderr'])
    expect((await call('GET', `/sensors/ops.logs${path}`, undefined, strangerToken)).status).toBe(404);
  expect((await call('GET', '/sensors/core.timer_sensor/logs', undefined, strangerToken)).status).toBe(200);
});
