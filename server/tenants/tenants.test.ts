import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMember, password, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { actorOfBearer } from '../identities/bearer';
import { changePassword, updatePerson } from '../identities/service';
import { defaultTenantId } from '../packs/refs';
import { makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { joinPerson, leaveTenant, listOwnTenants } from './service';

let rest: RestServer;
let keeper: Actor;
let token: string;
beforeAll(async () => {
  rest = await startRestServer();
  keeper = await makeMember(defaultTenantId, 'Kim', undefined, ['core.admin']);
  token = await rest.tokenOf(keeper.login);
});
afterAll(async () => {
  await stopBoss();
  await rest.close();
});

const bodyOf = async (method: string, path: string, as: string, body?: object) => {
  const answer = await rest.call(method, path, { token: as, ...(body && { body }) });
  return { status: answer.status, data: answer.body.data ?? {}, error: answer.body['error'] };
};
const switchTo = (as: string, tenantId: unknown) =>
  bodyOf('POST', '/auth/switch-tenant', as, { tenant_id: tenantId });

describe('a tenant', () => {
  it('is made with a new administrator, who sees nothing of others', async () => {
    const login = `boss-${Date.now()}`;
    const made = await bodyOf('POST', '/api/v1/tenants', token, {
      name: 'New house',
      slug: `new-house-${Date.now()}`,
      admin: { login, password },
    });
    expect(made).toMatchObject({ status: 201, data: { name: 'New house', people: 1, suspended_at: null } });
    const boss = await rest.tokenOf(login);
    const { body } = await rest.call('GET', '/api/v1/identities', { token: boss });
    expect(body.items).toMatchObject([{ login }]);
  });

  it('is made by administrators of the default tenant alone', async () => {
    const other = await makeMember(await makeTenant(), 'Otto', undefined, ['core.admin']);
    const refused = await bodyOf('POST', '/api/v1/tenants', await rest.tokenOf(other.login), {
      name: 'Mine',
      admin: { login: 'nobody-new', password },
    });
    expect(refused).toMatchObject({
      status: 403,
      error: expect.stringContaining('default tenant') as string,
    });
  });

  it('refuses everybody while it is suspended, with the tokens that they have, and lets them in again', async () => {
    const login = `guest-${Date.now()}`;
    const { data } = await bodyOf('POST', '/api/v1/tenants', token, {
      name: login,
      admin: { login, password },
    });
    const boss = await rest.tokenOf(login);
    const address = `/api/v1/tenants/${String(data['id'])}`;
    expect((await bodyOf('POST', `${address}/suspend`, token)).data['suspended_at']).toEqual(
      expect.any(String),
    );
    expect((await rest.call('GET', '/auth/me', { token: boss })).status).toBe(401);
    expect((await rest.call('POST', '/auth/login', { body: { login, password } })).status).toBe(401);
    await bodyOf('POST', `${address}/resume`, token);
    expect((await rest.call('GET', '/auth/me', { token: boss })).status).toBe(200);
    expect((await bodyOf('POST', `/api/v1/tenants/${defaultTenantId}/suspend`, token)).status).toBe(409);
  });
});

describe('a person in two tenants', () => {
  it('goes from one to the other with one login, with the rights of each', async () => {
    const made = await bodyOf('POST', '/api/v1/tenants', token, {
      name: 'Second house',
      slug: `second-${Date.now()}`,
      admin: { login: keeper.login },
    });
    const there = await switchTo(token, made.data['id']);
    expect(there).toMatchObject({
      status: 200,
      data: { user: { login: keeper.login, tenant_id: made.data['id'] } },
    });
    const second = String(there.data['access_token']);
    const me = await bodyOf('GET', '/auth/me', second);
    expect(me.data['assigned_permission_set_refs']).toEqual(['core.admin']);
    const { body } = await rest.call('GET', '/auth/tenants', { token: second });
    expect(body.items?.map(({ id, current }) => ({ id, current }))).toEqual(
      expect.arrayContaining([
        { id: defaultTenantId, current: false },
        { id: made.data['id'], current: true },
      ]),
    );
    // Not a keeper of the installation from there.
    expect((await rest.call('GET', '/api/v1/tenants', { token: second })).status).toBe(403);
  });

  it('goes to no tenant that they are not in, which is as if there were none', async () => {
    const strange = await switchTo(token, await makeTenant());
    const none = await switchTo(token, 987_654_321);
    expect(strange.status).toBe(404);
    expect(String(strange.error).replace(/\d+/, '')).toBe(String(none.error).replace(/\d+/, ''));
  });

  it('comes in by an administrator there, who cannot touch their password', async () => {
    const host = await makeMember(await makeTenant(), 'Hanna', undefined, ['core.admin']);
    const guest = await makeMember(defaultTenantId, 'Gustav', undefined, ['core.viewer']);
    const id = await joinPerson(host, { login: guest.login, permissionSets: ['core.executor'] });
    await expect(updatePerson(host, { id, password: 'taken over' })).rejects.toMatchObject({
      code: 'password_is_elsewhere',
    });
    await expect(joinPerson(host, { login: guest.login, permissionSets: [] })).rejects.toMatchObject({
      code: 'in_tenant_already',
    });
    await expect(joinPerson(host, { login: 'no-such-login', permissionSets: [] })).rejects.toMatchObject({
      kind: 'invalid',
    });
    const mine = await rest.tokenOf(guest.login);
    const there = String((await switchTo(mine, host.tenantId)).data['access_token']);
    expect((await rest.call('GET', '/auth/me', { token: there })).status).toBe(200);
    // Frozen there they are still at home; frozen at home they are nowhere.
    await updatePerson(host, { id, frozen: true });
    expect((await rest.call('GET', '/auth/me', { token: there })).status).toBe(401);
    expect((await rest.call('GET', '/auth/me', { token: mine })).status).toBe(200);
    await updatePerson(host, { id, frozen: false });
    const again = String((await switchTo(mine, host.tenantId)).data['access_token']);
    await updatePerson(keeper, { id: guest.identityId, frozen: true });
    for (const one of [mine, again])
      expect((await rest.call('GET', '/auth/me', { token: one })).status).toBe(401);
  });

  it('changes their password from where they are, and signs in with it', async () => {
    const login = `two-${Date.now()}`;
    const first = await bodyOf('POST', '/api/v1/tenants', token, { name: login, admin: { login, password } });
    const second = await bodyOf('POST', '/api/v1/tenants', token, { name: `${login} b`, admin: { login } });
    expect([first.status, second.status]).toEqual([201, 201]);
    const home = await rest.tokenOf(login);
    const there = String((await switchTo(home, second.data['id'])).data['access_token']);
    const next = 'another horse battery';
    await changePassword(await actorOfBearer(there, '127.0.0.1', 'test'), { current: password, next });
    expect((await rest.call('GET', '/auth/me', { token: home })).status).toBe(401);
    expect((await rest.call('GET', '/auth/me', { token: there })).status).toBe(200);
    const signIn = (secret: string) =>
      rest.call('POST', '/auth/login', { body: { login, password: secret } });
    expect([(await signIn(password)).status, (await signIn(next)).status]).toEqual([401, 200]);
  });
});

describe('leaving a tenant', () => {
  it('is for whoever was taken in, and ends what they had there; the home of the login is not left', async () => {
    const [home, other] = [await makeTenant(), await makeTenant()];
    const pia = await makeMember(home, 'Pia', undefined, ['core.viewer']);
    const host = await makeMember(other, 'Hal', undefined, ['core.admin']);
    await joinPerson(host, { login: pia.login, permissionSets: ['core.viewer'] });
    expect((await listOwnTenants(pia)).map(({ id, isHome }) => [id, isHome])).toEqual(
      expect.arrayContaining([
        [home, true],
        [other, false],
      ]),
    );
    const there = await switchTo(await rest.tokenOf(pia.login), other);
    const token = String(there.data['access_token']);
    expect((await rest.call('GET', '/auth/me', { token })).status).toBe(200);
    expect(await leaveTenant(pia, other)).toBeNull();
    expect((await rest.call('GET', '/auth/me', { token })).status).toBe(401);
    expect((await listOwnTenants(pia)).map(({ id }) => id)).toEqual([home]);
    await expect(leaveTenant(pia, other)).rejects.toMatchObject({ kind: 'not_found' });
    await expect(leaveTenant(pia, home)).rejects.toMatchObject({ code: 'this_tenant' });
    // Taken in again, and seen from there: home stays home.
    await joinPerson(host, { login: pia.login, permissionSets: ['core.viewer'] });
    const again = await switchTo(await rest.tokenOf(pia.login), other);
    const asGuest = await actorOfBearer(String(again.data['access_token']), '127.0.0.1', 'test');
    await expect(leaveTenant(asGuest, home)).rejects.toMatchObject({ code: 'at_home' });
  });

  it('is refused to the last administrator', async () => {
    const pia = await makeMember(await makeTenant(), 'Pia', undefined, ['core.viewer']);
    const { data } = await bodyOf('POST', '/api/v1/tenants', token, {
      name: `Lone ${Date.now()}`,
      admin: { login: pia.login },
    });
    await expect(leaveTenant(pia, Number(data['id']))).rejects.toMatchObject({ code: 'last_administrator' });
  });
});
