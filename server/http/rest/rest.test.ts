import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../identities/actor';
import { forgetActors } from '../../identities/actor-cache';
import { updatePerson } from '../../identities/service';
import { inSystem } from '../../db';
import { createPack } from '../../packs/service';
import { makeTenant } from '../../packs/test-people';
import { makeMember, password, startRestServer, type RestServer } from './rest-fixture';

let rest: RestServer;
let ada: Actor;
let token: string;
let readerToken: string;
let strangerToken: string;

beforeAll(async () => {
  rest = await startRestServer();
  const tenant = await makeTenant();
  ada = await makeMember(tenant, 'Ada');
  const reader = await makeMember(tenant, 'Reader', [{ resource: 'keys', actions: ['read'] }]);
  const stranger = await makeMember(await makeTenant(), 'Eve');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  token = await rest.tokenOf(ada.login);
  readerToken = await rest.tokenOf(reader.login);
  strangerToken = await rest.tokenOf(stranger.login);
});
afterAll(() => rest.close());

const key = (ref: string, more: object = {}) => ({
  ref,
  name: ref,
  value: 'v',
  owner_type: 'system',
  ...more,
});
const post = (body: unknown, as: string = token) => rest.call('POST', '/api/v1/keys', { token: as, body });

describe('/auth', () => {
  it('gives tokens for a password, and the same refusal for an unknown login and a wrong password', async () => {
    const { status, body } = await rest.call('POST', '/auth/login', { body: { login: ada.login, password } });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      user: { id: ada.identityId, login: ada.login, display_name: 'Ada', tenant_id: ada.tenantId },
    });
    const wrong = await rest.call('POST', '/auth/login', { body: { login: ada.login, password: 'no' } });
    const unknown = await rest.call('POST', '/auth/login', {
      body: { login: 'nobody-here', password: 'no' },
    });
    expect(wrong.status).toBe(401);
    expect({ ...unknown, headers: null }).toEqual({ ...wrong, headers: null });
    expect((await rest.call('POST', '/auth/login', { body: { login: ada.login } })).status).toBe(422);
  });

  it('says who calls and what they may do', async () => {
    const { status, body } = await rest.call('GET', '/auth/me', { token: readerToken });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ effective_permissions: [{ resource: 'keys', actions: ['read'] }] });
    expect((await rest.call('GET', '/auth/me')).status).toBe(401);
    expect((await rest.call('GET', '/auth/settings')).body.data).toMatchObject({
      local_password_enabled: true,
      ldap_enabled: false,
    });
  });

  it('refreshes, but not with an access token, and never calls with a refresh token', async () => {
    const { body } = await rest.call('POST', '/auth/login', { body: { login: ada.login, password } });
    const { access_token: access, refresh_token: refresh } = body.data as Record<string, string>;
    const again = await rest.call('POST', '/auth/refresh', { body: { refresh_token: refresh } });
    expect(again.status).toBe(200);
    expect(
      (await rest.call('GET', '/auth/me', { token: String(again.body.data?.['access_token']) })).status,
    ).toBe(200);
    expect((await rest.call('POST', '/auth/refresh', { body: { refresh_token: access } })).status).toBe(401);
    expect((await rest.call('GET', '/auth/me', { token: refresh })).status).toBe(401);
    expect((await rest.call('GET', '/auth/me', { token: `${access?.slice(0, -2)}AA` })).status).toBe(401);
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${access?.split('.')[1]}.`;
    expect((await rest.call('GET', '/auth/me', { token: unsigned })).status).toBe(401);
  });

  it('ends the tokens of a frozen account, and of a session that has ended', async () => {
    const bob = await makeMember(ada.tenantId, 'Bob');
    const { body } = await rest.call('POST', '/auth/login', { body: { login: bob.login, password } });
    const { access_token: access = '', refresh_token: refresh } = body.data as Record<string, string>;
    expect((await rest.call('GET', '/auth/me', { token: access })).status).toBe(200);
    await updatePerson(ada, { id: bob.identityId, frozen: true });
    expect((await rest.call('GET', '/auth/me', { token: access })).status).toBe(401);
    expect((await rest.call('POST', '/auth/refresh', { body: { refresh_token: refresh } })).status).toBe(401);
    const carol = await makeMember(ada.tenantId, 'Carol');
    const hers = await rest.tokenOf(carol.login);
    await inSystem((tx) => tx.query('DELETE FROM session WHERE identity_id = $1', [carol.identityId]));
    forgetActors();
    expect((await rest.call('GET', '/auth/me', { token: hers })).status).toBe(401);
  });
});

describe('the order of refusals', () => {
  it('asks who calls before anything else, then for the right, then looks at the body', async () => {
    expect((await rest.call('POST', '/api/v1/keys', { body: '{' })).status).toBe(401);
    expect((await rest.call('GET', '/api/v1/keys/none')).status).toBe(401);
    const forbidden = await post('{', readerToken);
    expect(forbidden.status).toBe(403);
    expect(forbidden.body['error']).toContain('keys:create');
    expect((await post('{')).status).toBe(400);
  });

  it('names every field that does not fit', async () => {
    const { status, body } = await post({ ref: 'a key', owner_type: 'nobody', value: 1 });
    expect(status).toBe(400);
    expect((body['details'] as { path: string }[]).map(({ path }) => path).sort()).toEqual([
      'name',
      'owner_type',
      'ref',
    ]);
  });

  it.each([
    ['/actions', { entrypoint: 'true' }],
    ['/triggers', {}],
    ['/workflows', { version: '1', definition: { tasks: [{ name: 'a', action: 'core.noop' }] } }],
    ['/rules', { trigger_ref: 'core.webhook', action_ref: 'core.noop' }],
    ['/queues', { dispatch_action_ref: 'core.noop' }],
  ])(
    'tells of an unknown pack before it looks at the name of what is to be in it: %s',
    async (path, more) => {
      for (const ref of ['elsewhere.one', 'ops.one']) {
        const body = { ref, pack_ref: 'elsewhere', label: 'One', ...more };
        const answer = await rest.call('POST', `/api/v1${path}`, { token, body });
        expect([answer.status, answer.body['error']]).toEqual([404, 'There is no pack elsewhere.']);
      }
      const body = { ref: 'core.one', pack_ref: 'ops', label: 'One', ...more };
      const { status } = await rest.call('POST', `/api/v1${path}`, { token, body });
      expect(status).toBe(400);
    },
  );

  it('takes only JSON that can be kept', async () => {
    const { status } = await rest.call('POST', '/api/v1/keys', {
      token,
      body: 'a=b',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(status).toBe(415);
    expect(
      (await post(key('deep', { value: JSON.parse('['.repeat(70) + ']'.repeat(70)) as unknown }))).status,
    ).toBe(400);
    expect((await post(key('nul', { value: 'a\0b' }))).status).toBe(400);
    expect((await post(`{"ref":"half","name":"h","owner_type":"system","value":"\\ud800"}`)).status).toBe(
      400,
    );
    expect((await post(key('large', { value: 'x'.repeat(3 * 2 ** 20) }))).status).toBe(413);
  });

  it('answers JSON where there is no route', async () => {
    const { status, body } = await rest.call('GET', '/api/v1/nothing/here', { token });
    expect(status).toBe(404);
    expect(body['error']).toEqual(expect.any(String));
  });

  it('takes a cookie only from a page of ours', async () => {
    const signedIn = await rest.call('POST', '/trpc/auth.signIn', {
      body: { login: ada.login, password },
      headers: { 'x-attune': '1' },
    });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect((await rest.call('GET', '/api/v1/keys', { headers: { cookie } })).status).toBe(403);
    expect((await rest.call('GET', '/api/v1/keys', { headers: { cookie, 'x-attune': '1' } })).status).toBe(
      200,
    );
  });
});

describe('/api/v1/keys', () => {
  it('makes, gives, changes and removes a key', async () => {
    const made = await post(
      key('db.password', { value: { user: 'u', password: 's3cret' }, ttl_seconds: 600 }),
    );
    expect(made.status).toBe(201);
    expect(made.body.data).toMatchObject({
      id: expect.any(Number) as number,
      ref: 'db.password',
      owner_type: 'system',
      owner: null,
      encrypted: true,
      value: { user: 'u', password: 's3cret' },
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      expires_at: expect.stringMatching(/Z$/) as string,
    });
    expect((await post(key('db.password'))).status).toBe(409);
    const path = '/api/v1/keys/db.password';
    expect((await rest.call('GET', path, { token: readerToken })).body.data).toMatchObject({
      value: null,
      encrypted: true,
    });
    const changed = await rest.call('PUT', path, {
      token,
      body: { value: [1, 2], encrypted: false, ttl_seconds: null },
    });
    expect(changed.status).toBe(200);
    expect(changed.body.data).toMatchObject({ value: [1, 2], encrypted: false, expires_at: null });
    expect((await rest.call('GET', path, { token: readerToken })).body.data).toMatchObject({ value: [1, 2] });
    expect((await rest.call('PUT', path, { token: readerToken, body: {} })).status).toBe(403);
    const gone = await rest.call('DELETE', path, { token });
    expect(gone).toMatchObject({
      status: 200,
      body: { success: true, message: expect.any(String) as string },
    });
    expect(gone.body.data).toBeUndefined();
    expect((await rest.call('GET', path, { token })).status).toBe(404);
    expect((await rest.call('DELETE', path, { token })).status).toBe(404);
    expect((await rest.call('GET', '/api/v1/keys/no%20such%20key', { token })).status).toBe(404);
    expect((await rest.call('GET', '/api/v1/keys/a%00b', { token })).status).toBe(400);
  });

  it('answers for another tenant’s key as for one that is missing', async () => {
    await post(key('ours'));
    for (const [method, body] of [
      ['GET', undefined],
      ['PUT', { value: 1 }],
      ['DELETE', undefined],
    ] as const) {
      const theirs = await rest.call(method, '/api/v1/keys/ours', { token: strangerToken, body });
      const missing = await rest.call(method, '/api/v1/keys/never', { token: strangerToken, body });
      expect(theirs.status).toBe(404);
      expect(theirs.body['error']).toBe(String(missing.body['error']).replace('never', 'ours'));
    }
    expect((await rest.call('GET', '/api/v1/keys', { token: strangerToken })).body.items).toEqual([]);
  });

  it('names owners by ref, by id, or by themselves', async () => {
    const pack = await post(key('color', { owner_type: 'pack', owner_pack_ref: 'ops', encrypted: false }));
    expect(pack.body.data).toMatchObject({ owner: 'ops', owner_pack_ref: 'ops', owner_action_ref: null });
    const mine = await post(key('color', { owner_type: 'identity', owner_identity: ada.identityId }));
    expect(mine.body.data).toMatchObject({ owner: ada.login });
    expect((await post(key('x', { owner_type: 'pack', owner_pack_ref: 'no_such' }))).status).toBe(400);
    expect((await post(key('x', { owner_type: 'pack' }))).status).toBe(400);
    const path = '/api/v1/keys/color';
    expect((await rest.call('GET', path, { token })).body.data).toMatchObject({ owner_type: 'identity' });
    expect((await rest.call('GET', `${path}?owner_type=pack`, { token })).body.data).toMatchObject({
      owner: 'ops',
    });
  });

  it('lists without values, in pages that are brought into range', async () => {
    for (let n = 0; n < 5; n += 1)
      await post(key(`page.${n}`, { owner_type: 'pack', owner_pack_ref: 'ops' }));
    const list = (query: string) =>
      rest.call('GET', `/api/v1/keys?owner_type=pack&owner=ops&${query}`, { token });
    const all = await list('');
    expect(all.body['pagination']).toMatchObject({
      page: 1,
      page_size: 100,
      total_items: 6,
      total_pages: 1,
      has_next: false,
      has_previous: false,
    });
    expect(all.body.items?.every((item) => !('value' in item))).toBe(true);
    const second = await list('page=2&per_page=2');
    expect(second.body['pagination']).toMatchObject({
      page: 2,
      page_size: 2,
      total_items: 6,
      total_pages: 3,
      has_next: true,
      has_previous: true,
    });
    expect(second.body.items?.map((item) => item['ref'])).toEqual(['page.1', 'page.2']);
    expect((await list('limit=2&offset=2')).body.items).toEqual(second.body.items);
    const { next } = second.body['pagination'] as { next: string };
    expect((await list(`page_size=2&after=${next}`)).body.items?.map((item) => item['ref'])).toEqual([
      'page.3',
      'page.4',
    ]);
    expect((await list('page=0&page_size=99999')).body['pagination']).toMatchObject({
      page: 1,
      page_size: 1000,
    });
    expect((await list('page=-3&page_size=nonsense')).body['pagination']).toMatchObject({
      page: 1,
      page_size: 100,
    });
    expect((await list('page=99')).body).toMatchObject({
      items: [],
      pagination: { has_next: false, has_previous: true },
    });
    expect((await list('after=nonsense')).status).toBe(400);
  });
});
