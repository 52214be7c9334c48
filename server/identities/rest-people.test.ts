import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMember, password, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import { makeTenant } from '../packs/test-people';
import { newcomerGrants } from './permission-sets';
import type { Actor } from './actor';
import type { Grant } from './schema';

let rest: RestServer;
let root: Actor;
let token: string;
let strangerToken: string;
let count = 0;

beforeAll(async () => {
  rest = await startRestServer();
  root = await makeMember(await makeTenant(), 'Root', [], ['core.admin']);
  token = await rest.tokenOf(root.login);
  strangerToken = await rest.tokenOf((await makeMember(await makeTenant(), 'Eve')).login);
});
afterAll(() => rest.close());

const call = (method: string, path: string, body?: unknown, as = token) =>
  rest.call(method, `/api/v1${path}`, { token: as, ...(body === undefined ? {} : { body }) });
async function newcomer(): Promise<{ id: number; login: string; token: string }> {
  const login = `new-${process.pid}-${(count += 1)}`;
  const made = await call('POST', '/identities', { login, password, attributes: { team: 'night' } });
  expect(made.status).toBe(201);
  return { id: Number(made.body.data?.['id']), login, token: await rest.tokenOf(login) };
}

describe('identities by REST', () => {
  it('are made without rights, changed in part, frozen and removed', async () => {
    const { id, login, token: own } = await newcomer();
    const told = await call('GET', `/identities/${id}`);
    expect(told.body.data).toMatchObject({
      id,
      login,
      display_name: login,
      frozen: false,
      attributes: { team: 'night' },
      roles: [],
      direct_permissions: [],
    });
    expect((await call('GET', '/identities', undefined, own)).status).toBe(403);
    expect((await call('GET', `/identities/${id}`, undefined, own)).status).toBe(200);
    expect((await call('PUT', `/identities/${id}`, { display_name: 'Nora' })).body.data).toMatchObject({
      display_name: 'Nora',
      attributes: { team: 'night' },
    });
    expect((await call('PUT', `/identities/${id}`, { frozen: true })).body.data).toMatchObject({
      frozen: true,
    });
    expect((await call('GET', `/identities/${id}`, undefined, own)).status).toBe(401);
    expect((await call('POST', '/identities', { login, password })).status).toBe(409);
    expect((await call('DELETE', `/identities/${id}`)).body).toMatchObject({ success: true });
    expect((await call('GET', `/identities/${id}`)).status).toBe(404);
  });

  it('of another tenant are not there', async () => {
    const { id } = await newcomer();
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PUT', '', { frozen: true }],
      ['DELETE', '', undefined],
      ['POST', '/roles', { role: 'x' }],
      ['POST', '/integration-tokens', { label: 'x' }],
      ['GET', '/permissions', undefined],
    ] as const)
      expect([path, (await call(method, `/identities/${id}${path}`, body, strangerToken)).status]).toEqual([
        path,
        404,
      ]);
  });
});

describe('permission sets by REST', () => {
  it('are assigned and taken back', async () => {
    const { id, login, token: own } = await newcomer();
    const made = await call('POST', '/permissions/assignments', {
      identity_login: login,
      permission_set_ref: 'core.viewer',
    });
    expect(made.status).toBe(201);
    expect(made.body.data).toMatchObject({ identity_id: id, permission_set_ref: 'core.viewer' });
    expect((await call('GET', `/identities/${id}/permissions`)).body).toMatchObject([
      { permission_set_ref: 'core.viewer' },
    ]);
    expect((await call('GET', '/rules', undefined, own)).status).toBe(200);
    const again = { identity_id: id, permission_set_ref: 'core.viewer' };
    expect((await call('POST', '/permissions/assignments', again)).status).toBe(409);
    expect((await call('DELETE', `/permissions/assignments/${String(made.body.data?.['id'])}`)).status).toBe(
      200,
    );
    expect((await call('GET', '/rules', undefined, own)).status).toBe(403);
    expect(
      (await call('POST', '/permissions/assignments', { ...again, permission_set_ref: 'no.such' })).status,
    ).toBe(404);
    expect(
      (await call('POST', '/permissions/assignments', { permission_set_ref: 'core.viewer' })).status,
    ).toBe(400);
  });

  it('come by a role to everybody who has it', async () => {
    const { id, token: own } = await newcomer();
    const sets = (await call('GET', '/permissions/sets')).body as unknown as {
      id: number;
      ref: string;
      grants: Grant[];
    }[];
    expect(sets.map(({ ref }) => ref)).toEqual(
      expect.arrayContaining(['core.admin', 'core.approver', 'core.editor', 'core.executor', 'core.viewer']),
    );
    const viewer = sets.find(({ ref }) => ref === 'core.viewer');
    expect((await call('POST', `/identities/${id}/roles`, { role: 'watch' })).body.data).toMatchObject({
      role: 'watch',
    });
    expect((await call('GET', '/rules', undefined, own)).status).toBe(403);
    expect((await call('POST', `/permissions/sets/${viewer?.id}/roles`, { role: 'watch' })).status).toBe(201);
    expect((await call('GET', '/rules', undefined, own)).status).toBe(200);
    const me = await rest.call('GET', '/auth/me', { token: own });
    expect(me.body.data).toMatchObject({ assigned_permission_set_refs: ['core.viewer'] });
    expect((await call('DELETE', `/identities/${id}/roles/watch`)).status).toBe(200);
    expect((await call('GET', '/rules', undefined, own)).status).toBe(403);
  });

  it('are not given by those who hold less, directly or by a role, and their holders are not changed by them', async () => {
    const limited: Grant[] = [
      { resource: 'permissions', actions: ['manage', 'read'] },
      { resource: 'identities', actions: ['read', 'update', 'manage', 'delete'] },
    ];
    const helper = await makeMember(root.tenantId, 'Helper', limited);
    const helperToken = await rest.tokenOf(helper.login);
    const { id, login } = await newcomer();
    const assign = { identity_login: login, permission_set_ref: 'core.admin' };
    expect((await call('POST', '/permissions/assignments', assign, helperToken)).status).toBe(403);
    const sets = (await call('GET', '/permissions/sets')).body as unknown as { id: number; ref: string }[];
    const admin = sets.find(({ ref }) => ref === 'core.admin')?.id;
    expect(
      (await call('POST', `/permissions/sets/${admin}/roles`, { role: 'chiefs' }, helperToken)).status,
    ).toBe(403);
    await call('POST', `/permissions/sets/${admin}/roles`, { role: 'chiefs' });
    expect((await call('POST', `/identities/${id}/roles`, { role: 'chiefs' }, helperToken)).status).toBe(403);
    await call('POST', `/identities/${id}/roles`, { role: 'chiefs' });
    // Now an administrator by a role: no helper may take the account over.
    expect(
      (await call('PUT', `/identities/${id}`, { password: 'another password' }, helperToken)).status,
    ).toBe(403);
    expect(
      (await call('POST', `/identities/${id}/integration-tokens`, { label: 'x' }, helperToken)).status,
    ).toBe(403);
    expect((await call('DELETE', `/identities/${id}`, undefined, helperToken)).status).toBe(403);
  });
});

describe('T3.24 tokens for integrations', () => {
  it('are told once, exchanged, listed without themselves, and revoked at once', async () => {
    const { id, token: own } = await newcomer();
    const made = await call(
      'POST',
      `/identities/${id}/integration-tokens`,
      { label: 'CI', description: 'nightly' },
      own,
    );
    expect(made.status).toBe(201);
    const secret = String(made.body.data?.['token']);
    const { id: tokenId } = made.body.data?.['integration_token'] as { id: number };
    expect(made.body.data?.['integration_token']).toMatchObject({
      label: 'CI',
      active: true,
      identity_id: id,
    });
    const login = () => rest.call('POST', '/auth/token-login', { body: { token: secret } });
    const signedIn = await login();
    expect(signedIn.body.data).toMatchObject({ token_type: 'Bearer', user: { id } });
    const access = String(signedIn.body.data?.['access_token']);
    const refreshToken = String(signedIn.body.data?.['refresh_token']);
    expect((await rest.call('GET', '/auth/me', { token: access })).status).toBe(200);
    const listed = await call('GET', `/identities/${id}/integration-tokens`, undefined, own);
    expect(JSON.stringify(listed.body)).not.toContain(secret);
    expect(listed.body.items).toMatchObject([{ id: tokenId, last_used: expect.any(String) as string }]);

    expect(
      (await call('DELETE', `/identities/${id}/integration-tokens/${tokenId}`, undefined, own)).status,
    ).toBe(200);
    expect((await rest.call('GET', '/auth/me', { token: access })).status).toBe(401);
    expect((await rest.call('POST', '/auth/refresh', { body: { refresh_token: refreshToken } })).status).toBe(
      401,
    );
    expect((await login()).status).toBe(401);
    expect((await rest.call('POST', '/auth/token-login', { body: {} })).status).toBe(422);
  });
});

describe('registration', () => {
  const register = (body: object) => rest.call('POST', '/auth/register', { body });

  it('gives an account that sees standard packs, runs their actions, and sees what it started and nothing else', async () => {
    const login = `reg-${process.pid}-1`;
    const made = await register({ login, password, display_name: 'Reg' });
    expect(made.status).toBe(200);
    expect(made.body.data).toMatchObject({
      token_type: 'Bearer',
      user: { login, display_name: 'Reg', tenant_id: 2 },
    });
    const own = String(made.body.data?.['access_token']);
    const packs = await call('GET', '/packs', undefined, own);
    expect(packs.body.items?.map(({ ref }) => ref)).toEqual(['core']);
    const actions = await call('GET', '/actions', undefined, own);
    expect(actions.body.items?.every(({ pack_ref: pack }) => pack === 'core')).toBe(true);
    const started = await call(
      'POST',
      '/executions/execute',
      { action_ref: 'core.echo', parameters: { message: 'hi' } },
      own,
    );
    expect(started.status).toBe(201);
    const id = String(started.body.data?.['id']);
    expect((await call('GET', `/executions/${id}`, undefined, own)).status).toBe(200);

    const other = await register({ login: `reg-${process.pid}-2`, password });
    const otherToken = String(other.body.data?.['access_token']);
    expect((await call('GET', `/executions/${id}`, undefined, otherToken)).status).toBe(404);
    expect((await call('GET', '/executions', undefined, otherToken)).body.items).toEqual([]);
    expect((await call('POST', '/packs', { ref: 'mine', label: 'x', version: '1' }, own)).status).toBe(403);
    expect((await call('GET', '/keys', undefined, own)).status).toBe(403);
    expect((await register({ login, password })).status).toBe(409);
  });

  it('with a tenant makes its first administrator, who sees nothing of others', async () => {
    const login = `owner-${process.pid}`;
    const made = await register({ login, password, tenant: { name: `Tenant ${process.pid}` } });
    expect(made.status).toBe(200);
    const own = String(made.body.data?.['access_token']);
    expect(made.body.data).toMatchObject({ user: { tenant_id: expect.any(Number) as number } });
    expect((await rest.call('GET', '/auth/me', { token: own })).body.data).toMatchObject({
      assigned_permission_set_refs: ['core.admin'],
    });
    expect((await call('GET', '/identities', undefined, own)).body.items).toMatchObject([{ login }]);
    expect(
      (await register({ login: `${login}-2`, password, tenant: { name: `Tenant ${process.pid}` } })).status,
    ).toBe(409);
  });

  it('is refused for what cannot be an account', async () => {
    expect((await register({ login: 'short', password: 'short' })).status).toBe(422);
    expect((await register({ login: 'a b', password })).status).toBe(422);
    expect((await register({ password })).status).toBe(422);
  });
});

it('a directory is not configured, and says so after it has looked at the fields', async () => {
  expect((await rest.call('POST', '/auth/ldap/login', { body: { login: 'a' } })).status).toBe(422);
  expect((await rest.call('POST', '/auth/ldap/login', { body: { login: '', password: 'x' } })).status).toBe(
    422,
  );
  expect((await rest.call('POST', '/auth/ldap/login', { body: { login: 'a', password: 'b' } })).status).toBe(
    501,
  );
});

it('who holds no set has no right but those of a newcomer', () => {
  const resources = new Set(newcomerGrants('nora').map(({ resource }) => resource));
  expect([...resources].sort()).toEqual(['actions', 'executions', 'packs', 'runtimes', 'triggers']);
  for (const { resource, constraints } of newcomerGrants('nora'))
    if (resource !== 'runtimes') expect(constraints?.pack_refs).toEqual(['core']);
});
