import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAction } from '../actions/service';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { createPack } from '../packs/service';
import { makeTenant } from '../packs/test-people';
import { appendLog, claimExecutions } from './claims';
import { done, claimer, work } from './test-worker';

let rest: RestServer;
let ada: Actor;
let token: string;
let strangerToken: string;

beforeAll(async () => {
  rest = await startRestServer();
  ada = await makeMember(await makeTenant(), 'Ada');
  const stranger = await makeMember(await makeTenant(), 'Eve');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  for (const name of ['greet', 'other']) {
    await createAction(ada, {
      packRef: 'ops',
      ref: `ops.${name}`,
      label: name,
      description: '',
      runtime: 'shell',
      code: 'echo',
      paramSchema: { count: { type: 'integer' } },
      outputFormat: 'text',
      timeoutSeconds: 10,
      idempotent: false,
    });
  }
  token = await rest.tokenOf(ada.login);
  strangerToken = await rest.tokenOf(stranger.login);
});
afterAll(() => rest.close());

const execute = (body: object, as = token) =>
  rest.call('POST', '/api/v1/executions/execute', { token: as, body });
const get = (path: string, as = token) => rest.call('GET', `/api/v1/executions${path}`, { token: as });
const start = async (body: object = {}) => {
  const answer = await execute({ action_ref: 'ops.greet', ...body });
  expect(answer.status).toBe(201);
  return answer.body.data as { [name: string]: unknown } & { id: number };
};

describe('POST /api/v1/executions/execute', () => {
  it('answers with the requested execution', async () => {
    expect(await start({ parameters: { count: 3, extra: true } })).toMatchObject({
      action_ref: 'ops.greet',
      status: 'requested',
      config: { count: 3, extra: true },
      result: {},
      parent: null,
      enforcement: null,
      original_execution: null,
      workflow_task: null,
      started_at: null,
      permission_set_refs: [],
    });
  });

  it('ends what does not fit at once, with the reason in its result', async () => {
    const failed = await start({ parameters: { count: 'three' } });
    expect(failed).toMatchObject({
      status: 'failed',
      result: { error: expect.stringMatching(/count/) as string },
    });
  });

  it('stores nothing for an unknown action or without the right', async () => {
    expect((await execute({ action_ref: 'ops.no_such' })).status).toBe(404);
    expect((await execute({ action_ref: 'ops.greet' }, strangerToken)).status).toBe(404);
    expect((await execute({})).status).toBe(400);
    expect((await get('?action_ref=ops.no_such')).body.items).toEqual([]);
  });

  it('refuses variables that decide how programs run, or are ours', async () => {
    for (const name of [
      'NODE_OPTIONS',
      'LD_PRELOAD',
      'PYTHONPATH',
      'BASH_ENV',
      'ENV',
      'PERL5LIB',
      'GIT_DIR',
      'npm_config_x',
      'HTTPS_PROXY',
      'ATTUNE_API_TOKEN',
      'PATH',
      'HOME',
      'not a name',
      '',
    ]) {
      const { status, body } = await execute({ action_ref: 'ops.greet', env_vars: { [name]: 'x' } });
      expect(status, name).toBe(400);
      expect(body['details'], name).toMatchObject([{ path: `env_vars.${name}` }]);
    }
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`V${n}`, '']));
    expect((await execute({ action_ref: 'ops.greet', env_vars: many })).status).toBe(400);
    expect((await execute({ action_ref: 'ops.greet', env_vars: { V: 'x'.repeat(40_000) } })).status).toBe(
      400,
    );
    expect((await execute({ action_ref: 'ops.greet', env_vars: { COLOR: 'blue' } })).status).toBe(201);
  });

  it('keeps the permission sets that were asked for, and refuses unknown ones', async () => {
    const { id } = await start({ permission_set_refs: ['standard', 'core.viewer'] });
    expect((await get(`/${id}`)).body.data).toMatchObject({
      permission_set_refs: ['standard', 'core.viewer'],
    });
    expect((await execute({ action_ref: 'ops.greet', permission_set_refs: ['no.such'] })).status).toBe(400);
  });
});

describe('GET /api/v1/executions', () => {
  it('lists newest first, by filter and in pages that neither repeat nor skip', async () => {
    const ids: number[] = [];
    for (let n = 0; n < 5; n += 1) ids.unshift((await start({ action_ref: 'ops.other' })).id);
    const list = async (query: string) => (await get(`?action_ref=ops.other&${query}`)).body;
    const idsOf = ({ items }: { items?: { [name: string]: unknown }[] }) => items?.map(({ id }) => id);
    expect(idsOf(await list(''))).toEqual(ids);
    const first = await list('limit=2');
    expect(idsOf(first)).toEqual(ids.slice(0, 2));
    expect(first['pagination']).toMatchObject({ total_items: 5, total_pages: 3, has_next: true });
    // What is added meanwhile comes before what was read.
    await start({ action_ref: 'ops.other' });
    const { next } = first['pagination'] as { next: string };
    expect(idsOf(await list(`limit=2&after=${next}`))).toEqual(ids.slice(2, 4));
    expect(idsOf(await list('status=completed'))).toEqual([]);
    expect(idsOf(await list('status=requested'))).toHaveLength(6);
    expect((await get('?status=nonsense')).status).toBe(400);
  });

  it('gives an execution with its result and its log, and keeps them from other tenants', async () => {
    const { id } = await start();
    // Another test's may wait too.
    await work((claim) => (claim.executionId === id ? null : done()));
    const [claim] = (await claimExecutions(claimer, 100, null, [])).claims;
    expect(claim).toBeUndefined();
    expect((await get(`/${id}`)).body.data).toMatchObject({
      id,
      status: 'running',
      started_at: expect.stringMatching(/\.\d{3}Z$/) as string,
    });
    const held = { tenantId: ada.tenantId, rootId: id, executionId: id, fence: 1 };
    await appendLog(
      held,
      [
        { stream: 'stdout', content: 'hello' },
        { stream: 'stderr', content: 'oh' },
      ],
      1,
    );
    const log = await get(`/${id}/logs?stream=stderr`);
    expect(log.body.data).toMatchObject({
      execution: id,
      chunks: [{ stream: 'stderr', content: 'oh' }],
      ended: false,
    });
    for (const path of [`/${id}`, `/${id}/logs`]) expect((await get(path, strangerToken)).status).toBe(404);
    const cancelled = await rest.call('POST', `/api/v1/executions/${id}/cancel`, { token });
    expect(cancelled.body.data).toMatchObject({ id, status: 'canceling' });
    expect(
      (await rest.call('POST', `/api/v1/executions/${id}/cancel`, { token: strangerToken })).status,
    ).toBe(404);
    expect((await get('/999999999')).status).toBe(404);
    expect((await get('/abc')).status).toBe(400);
  });

  it('tells an action that ran out of time as failed, with the finer state beside', async () => {
    const { id } = await start();
    let ended = false;
    await work((claim) => {
      if (claim.executionId !== id) return done();
      ended = true;
      return { state: 'timeout', result: { error: 'timed out after 10 s' }, error: 'timed out after 10 s' };
    });
    expect(ended).toBe(true);
    expect((await get(`/${id}`)).body.data).toMatchObject({
      status: 'failed',
      state: 'timeout',
      result: { error: 'timed out after 10 s' },
    });
    const again = await rest.call('POST', `/api/v1/executions/${id}/cancel`, { token });
    expect(again.status).toBe(409);
    const ids = async (status: string) =>
      (await get(`?status=${status}`)).body.items?.map((item) => item['id']);
    expect(await ids('failed')).toContain(id);
    expect(await ids('timeout')).not.toContain(id);
  });
});
