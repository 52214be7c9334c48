import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAction } from '../actions/service';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { createRule } from '../rules/service';
import { createTrigger } from '../triggers/service';
import { makeTenant } from './test-people';

let rest: RestServer;
let ada: Actor;
let token: string;
let readerToken: string;
let strangerToken: string;

beforeAll(async () => {
  rest = await startRestServer();
  const tenant = await makeTenant();
  ada = await makeMember(tenant, 'Ada');
  const reader = await makeMember(tenant, 'Reader', [{ resource: 'packs', actions: ['read'] }]);
  const stranger = await makeMember(await makeTenant(), 'Eve');
  token = await rest.tokenOf(ada.login);
  readerToken = await rest.tokenOf(reader.login);
  strangerToken = await rest.tokenOf(stranger.login);
});
afterAll(() => rest.close());

const call = (method: string, path: string, body?: unknown, as = token) =>
  rest.call(method, `/api/v1/packs${path}`, { token: as, body });
const pack = (ref: string, more: object = {}) => ({ ref, label: ref, version: '1.0.0', ...more });

describe('/api/v1/packs', () => {
  it('makes, gives, changes and removes a pack', async () => {
    const conf_schema = {
      region: { type: 'string', required: true },
      token: { type: 'string', secret: true },
    };
    const made = await call(
      'POST',
      '',
      pack('web', {
        conf_schema,
        config: { region: 'eu' },
        tags: ['a'],
        meta: { by: 'us' },
        dependencies: ['core'],
        runtime_deps: ['python'],
      }),
    );
    expect(made.status).toBe(201);
    expect(made.body.data).toMatchObject({
      ref: 'web',
      version: '1.0.0',
      is_standard: false,
      config: { region: 'eu' },
      tags: ['a'],
      meta: { by: 'us' },
      dependencies: ['core'],
      runtime_deps: ['python'],
      description: '',
      created: expect.stringMatching(/\.\d{3}Z$/) as string,
    });
    expect((await call('POST', '', pack('web'))).status).toBe(409);
    const changed = await call('PUT', '/web', {
      label: 'The web',
      description: { op: 'set', value: 'Pages' },
      config: { region: 'us' },
    });
    expect(changed).toMatchObject({
      status: 200,
      body: {
        data: {
          label: 'The web',
          description: 'Pages',
          config: { region: 'us' },
          version: '1.0.0',
          tags: ['a'],
        },
      },
    });
    expect((await call('PUT', '/web', { description: { op: 'clear' } })).body.data).toMatchObject({
      description: '',
    });
    expect((await call('PUT', '/web', { config: { region: 3 } })).status).toBe(400);
    expect((await call('PUT', '/web', { config: { region: 'eu', token: 'x' } })).status).toBe(400);
    expect((await call('DELETE', '/web')).body).toEqual({
      success: true,
      message: 'The pack web is removed.',
    });
    expect((await call('GET', '/web')).status).toBe(404);
  });

  it('refuses what does not fit, and whoever lacks the right', async () => {
    expect((await call('POST', '', { ref: 'no.dots', label: '', version: '1' })).status).toBe(400);
    expect((await call('POST', '', { ref: 'x' }, readerToken)).status).toBe(403);
    expect((await call('POST', '', pack('standard_one', { is_standard: true }))).status).toBe(403);
    expect((await rest.call('GET', '/api/v1/packs')).status).toBe(401);
    await call('POST', '', pack('ours'));
    expect((await call('DELETE', '/ours', undefined, readerToken)).status).toBe(403);
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect((await call(method, '/ours', method === 'PUT' ? {} : undefined, strangerToken)).status).toBe(
        404,
      );
    expect((await call('POST', '/register', { path: '/tmp' })).status).toBe(403);
  });

  it('lists the newest first, page by page', async () => {
    for (const ref of ['one', 'two', 'three']) await call('POST', '', pack(ref));
    const refs = async (query: string) =>
      (await call('GET', `?${query}`)).body.items
        ?.filter((item) => !item['is_standard'])
        .map((item) => item['ref']);
    expect((await refs(''))?.slice(0, 3)).toEqual(['three', 'two', 'one']);
    expect((await call('GET', '?page_size=1&page=2')).body['pagination']).toMatchObject({
      page: 2,
      page_size: 1,
      has_previous: true,
    });
  });

  it('keeps a pack that others use', async () => {
    for (const ref of ['base', 'user']) await call('POST', '', pack(ref));
    await createAction(ada, {
      packRef: 'base',
      ref: 'base.go',
      label: 'Go',
      description: '',
      runtime: 'shell',
      code: 'true',
      paramSchema: {},
      outputFormat: 'text',
      timeoutSeconds: 10,
      idempotent: false,
    });
    await createTrigger(ada, {
      packRef: 'user',
      ref: 'user.rang',
      label: 'Rang',
      description: '',
      webhook: false,
    });
    await createRule(ada, {
      packRef: 'user',
      ref: 'user.on',
      label: 'On',
      description: '',
      triggerRef: 'user.rang',
      actionRef: 'base.go',
      conditions: {},
      actionParams: {},
      enabled: true,
    });
    const refused = await call('DELETE', '/base');
    expect(refused.status).toBe(409);
    expect(refused.body['error']).toContain('the rule user.on');
    expect((await call('DELETE', '/user')).status).toBe(200);
    expect((await call('DELETE', '/base')).status).toBe(200);
  });
});
