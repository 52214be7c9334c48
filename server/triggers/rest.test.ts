import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { createPack } from '../packs/service';
import { makeTenant } from '../packs/test-people';
import { createRule } from '../rules/service';

let rest: RestServer;
let ada: Actor;
let token: string;
let viewerToken: string;
let colleagueToken: string;
let strangerToken: string;

beforeAll(async () => {
  rest = await startRestServer();
  const tenant = await makeTenant();
  ada = await makeMember(tenant, 'Ada');
  const viewer = await makeMember(tenant, 'Vera', [{ resource: 'triggers', actions: ['read'] }]);
  const colleague = await makeMember(tenant, 'Carl');
  const stranger = await makeMember(await makeTenant(), 'Eve');
  const pack = { label: 'Pack', description: '', version: '0.1.0' };
  await createPack(ada, { ref: 'ops', ...pack });
  await createPack(ada, { ref: 'mine', visibility: 'private', ...pack });
  token = await rest.tokenOf(ada.login);
  viewerToken = await rest.tokenOf(viewer.login);
  colleagueToken = await rest.tokenOf(colleague.login);
  strangerToken = await rest.tokenOf(stranger.login);
});
afterAll(() => rest.close());

const call = (method: string, path: string, body?: unknown, as = token) =>
  rest.call(method, `/api/v1${path}`, { token: as, ...(body === undefined ? {} : { body }) });
const trigger = (name: string, more: object = {}) => ({
  ref: `ops.${name}`,
  pack_ref: 'ops',
  label: name,
  ...more,
});
const make = async (name: string, more: object = {}) => {
  const made = await call('POST', '/triggers', trigger(name, more));
  expect(made.status).toBe(201);
  return made.body.data as { [name: string]: unknown };
};
const switchTo = (name: string, verb: 'enable' | 'disable' | 'regenerate', as = token) =>
  call('POST', `/triggers/ops.${name}/webhooks/${verb}`, {}, as);

describe('triggers by REST', () => {
  it('are made with all that the models name, and schemas as they were posted', async () => {
    const param_schema = { url: { type: 'string', required: true }, count: { type: 'integer', default: 3 } };
    const made = await make('made', {
      description: 'When it is made',
      param_schema,
      out_schema: { id: { type: 'integer' } },
    });
    expect(made).toEqual({
      id: expect.any(Number) as number,
      ref: 'ops.made',
      pack: expect.any(Number) as number,
      pack_ref: 'ops',
      label: 'made',
      description: 'When it is made',
      enabled: true,
      is_adhoc: true,
      param_schema,
      out_schema: { id: { type: 'integer' } },
      sensor_ref: null,
      webhook_enabled: false,
      webhook_key: null,
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      updated: expect.stringMatching(/Z$/) as string,
    });
    expect((await call('GET', '/triggers/ops.made')).body.data).toEqual(made);
  });

  it('need neither a pack nor schemas to be named: the ref says the pack', async () => {
    const made = await call('POST', '/triggers', { ref: 'ops.short', label: 'Short', enabled: false });
    expect(made.body.data).toMatchObject({
      pack_ref: 'ops',
      param_schema: {},
      out_schema: {},
      enabled: false,
      description: '',
    });
  });

  it('that do not fit are refused by the field that is wrong', async () => {
    await make('twice');
    const refusals: [object, number, RegExp][] = [
      [trigger('twice'), 409, /There is a trigger ops\.twice already/],
      [trigger('x', { ref: 'core.x' }), 400, /must start with ops\./],
      [trigger('x', { ref: 'gone.x', pack_ref: 'gone' }), 404, /There is no pack gone/],
      [trigger('x', { ref: 'nodot' }), 400, /ref/],
      [trigger('x', { label: ' ' }), 400, /label/],
      [trigger('x', { param_schema: { a: 'text' } }), 400, /param_schema/],
      [trigger('x', { param_schema: [] }), 400, /param_schema/],
      [{ pack_ref: 'ops', label: 'x' }, 400, /ref/],
    ];
    for (const [body, status, message] of refusals) {
      const answer = await call('POST', '/triggers', body);
      expect({ body, status: answer.status }).toEqual({ body, status });
      expect(answer.body['error']).toMatch(message);
    }
    const standard = await call('POST', '/triggers', trigger('x', { ref: 'core.mine', pack_ref: 'core' }));
    expect(standard.status).toBe(403);
  });

  it('come by page and filter, with all that a summary names', async () => {
    for (const name of ['list_b', 'list_a', 'list_c']) await make(name);
    await switchTo('list_b', 'enable');
    const page = await call('GET', '/triggers?search=ops.list_&page_size=2');
    expect(page.body.items?.map(({ ref }) => ref)).toEqual(['ops.list_a', 'ops.list_b']);
    expect(page.body['pagination']).toMatchObject({ total_items: 3, total_pages: 2, has_next: true });
    expect(page.body.items?.[0]).toEqual({
      id: expect.any(Number) as number,
      ref: 'ops.list_a',
      pack_ref: 'ops',
      label: 'list_a',
      description: '',
      enabled: true,
      is_adhoc: true,
      webhook_enabled: false,
      created: expect.any(String) as string,
      updated: expect.any(String) as string,
    });
    const on = await call('GET', '/triggers?pack_ref=ops&webhook_enabled=true');
    expect(on.body.items?.map(({ ref }) => ref)).toEqual(['ops.list_b']);
    const core = await call('GET', '/triggers?pack_ref=core&enabled=true');
    expect(core.body.items?.map(({ ref }) => ref)).toContain('core.webhook');
    expect((await call('GET', '/triggers?enabled=maybe')).status).toBe(400);
  });

  it('of packs have flat schemas too', async () => {
    const { body } = await call('GET', '/triggers/core.intervaltimer');
    expect(body.data).toMatchObject({ is_adhoc: false, webhook_key: null });
    expect(body.data?.['param_schema']).toMatchObject({ interval: { required: true } });
  });

  it('change what is given and keep the rest; a text can be cleared', async () => {
    await make('change', { description: 'Words', out_schema: { a: { type: 'string' } } });
    const put = async (body: object) => (await call('PUT', '/triggers/ops.change', body)).body.data;
    expect(await put({ label: 'New', enabled: false })).toMatchObject({
      label: 'New',
      description: 'Words',
      enabled: false,
      out_schema: { a: { type: 'string' } },
    });
    expect(await put({ description: { op: 'set', value: 'More' }, label: null })).toMatchObject({
      label: 'New',
      description: 'More',
    });
    expect(
      await put({ description: { op: 'clear' }, param_schema: { b: { type: 'integer' } } }),
    ).toMatchObject({ description: '', param_schema: { b: { type: 'integer' } } });
    expect((await call('PUT', '/triggers/ops.change', { label: '' })).status).toBe(400);
    expect((await call('PUT', '/triggers/ops.change', { out_schema: { a: 1 } })).body['error']).toMatch(
      /out_schema/,
    );
    expect((await call('PUT', '/triggers/core.webhook', { label: 'Ours' })).status).toBe(403);
  });

  it('have a webhook that is switched on, off and given a new key', async () => {
    await make('hook');
    const on = await switchTo('hook', 'enable');
    const key = String(on.body.data?.['webhook_key']);
    expect(key).toMatch(/^wh_[0-9A-Za-z]{32}$/);
    expect((await switchTo('hook', 'enable')).body.data?.['webhook_key']).toBe(key);
    const post = async (to: string) => (await call('POST', `/webhooks/${to}`, { payload: 1 })).status;
    expect(await post(key)).toBe(200);
    const renewed = String((await switchTo('hook', 'regenerate')).body.data?.['webhook_key']);
    expect(renewed).not.toBe(key);
    expect([await post(key), await post(renewed)]).toEqual([404, 200]);
    expect((await switchTo('hook', 'disable')).body.data).toMatchObject({
      webhook_enabled: false,
      webhook_key: null,
    });
    expect(await post(renewed)).toBe(404);
    const refused = await switchTo('hook', 'regenerate');
    expect({ status: refused.status, code: refused.body['code'] }).toEqual({
      status: 400,
      code: 'webhook_disabled',
    });
    expect((await switchTo('nothing', 'enable')).status).toBe(404);
  });

  it('show their key only to those who look after them', async () => {
    await make('guarded');
    await switchTo('guarded', 'enable');
    const seen = await call('GET', '/triggers/ops.guarded', undefined, viewerToken);
    expect(seen.body.data).toMatchObject({ webhook_enabled: true, webhook_key: null });
    expect((await switchTo('guarded', 'disable', viewerToken)).status).toBe(403);
    expect((await call('DELETE', '/triggers/ops.guarded', undefined, viewerToken)).status).toBe(403);
  });

  it('of another tenant, or of somebody’s private pack, are not there', async () => {
    await make('private');
    const hidden = await call('POST', '/triggers', { ref: 'mine.own', pack_ref: 'mine', label: 'Own' });
    expect(hidden.status).toBe(201);
    for (const [ref, as] of [
      ['ops.private', strangerToken],
      ['mine.own', strangerToken],
      ['mine.own', colleagueToken],
    ] as const) {
      for (const [method, path, body] of [
        ['GET', `/triggers/${ref}`, undefined],
        ['PUT', `/triggers/${ref}`, { label: 'x' }],
        ['DELETE', `/triggers/${ref}`, undefined],
        ['POST', `/triggers/${ref}/webhooks/enable`, {}],
        ['GET', `/triggers/${ref}/webhooks/config`, undefined],
        ['PUT', `/triggers/${ref}/webhooks/config`, {}],
        ['GET', `/triggers/${ref}/webhooks/deliveries`, undefined],
        ['POST', `/triggers/${ref}/webhooks/deliveries/1/redeliver`, {}],
      ] as const) {
        const answer = await call(method, path, body, as);
        expect({ method, path, status: answer.status, error: answer.body['error'] }).toEqual({
          ...{ method, path, status: 404 },
          error: `There is no trigger ${ref}.`,
        });
      }
    }
    const listed = await call('GET', '/triggers?search=own', undefined, colleagueToken);
    expect(listed.body.items).toEqual([]);
  });

  it('go, unless a rule names them', async () => {
    await make('used');
    await createRule(ada, {
      ...{ packRef: 'ops', ref: 'ops.uses', label: 'Uses', description: '', triggerRef: 'ops.used' },
      ...{ actionRef: 'core.echo', conditions: {}, actionParams: {}, triggerParams: {} },
      ...{ enabled: true, priority: 0 },
    });
    expect((await call('DELETE', '/triggers/ops.used')).status).toBe(409);
    await make('free');
    expect((await call('DELETE', '/triggers/ops.free')).body).toEqual({
      success: true,
      message: 'The trigger ops.free is removed.',
    });
    expect((await call('GET', '/triggers/ops.free')).status).toBe(404);
  });
});
