import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import { readerOf } from '../inquiries/service';
import { makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { Resolved } from './access-schema';
import type { Actor } from './actor';
import { assign, assignSet, takeSet } from './assignments';
import { actorOfBearer } from './bearer';
import { createSet, listSetDetails, removeSet, resolveRights, updateSet } from './own-sets';
import { createTeam, getTeam, listRoles, removeTeam, updateTeam } from './teams';

let rest: RestServer;
let tenantId: number;
let ada: Actor;
beforeAll(async () => {
  rest = await startRestServer();
  tenantId = await makeTenant();
  const made = await makeMember(tenantId, 'Ada', undefined, ['core.admin']);
  ada = await now(made);
  const body = { ref: 'billing', label: 'Billing', version: '1', visibility: 'tenant' };
  await rest.call('POST', '/api/v1/packs', { token: await rest.tokenOf(ada.login), body });
});
afterAll(async () => {
  await stopBoss();
  await rest.close();
});

/** With the rights of this moment, as their next call would have them. */
const now = async ({ login }: Actor) => actorOfBearer(await rest.tokenOf(login), '127.0.0.1', 'test');
const newcomer = (name: string) => makeMember(tenantId, name, [], []);
const rightsOf = async (person: Actor) => (await now(person)).grants;

describe('a team', () => {
  it('gives its members what is assigned to it, as long as they are in it', async () => {
    const ben = await makeMember(tenantId, 'Ben', [], ['core.viewer']);
    const team = await createTeam(ada, { name: 'release', label: 'Release', description: '', members: [] });
    await assign(ada, { teamId: team.id }, 'core.approver');
    expect((await now(ben)).permissionSets).not.toContain('core.approver');
    await updateTeam(ada, { id: team.id, members: [ben.identityId] });
    const inside = await now(ben);
    expect(inside.permissionSets).toContain('core.approver');
    expect(readerOf(inside).names).toContain('team:release');
    expect((await getTeam(ada, team.id)).members).toMatchObject([{ login: ben.login }]);
    await removeTeam(ada, team.id);
    expect((await now(ben)).permissionSets).not.toContain('core.approver');
  });

  it('takes no people of other tenants', async () => {
    const stranger = await makeMember(await makeTenant(), 'Sten', [], []);
    const asked = { name: 'odd', label: 'Odd', description: '', members: [stranger.identityId] };
    await expect(createTeam(ada, asked)).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('is not a way up: who does not hold what it gives puts nobody in, and takes nobody out', async () => {
    const lea = await now(
      await makeMember(tenantId, 'Lea', [{ resource: 'permissions', actions: ['read', 'manage'] }]),
    );
    const team = await createTeam(ada, { name: 'top', label: 'Top', description: '', members: [] });
    await assign(ada, { teamId: team.id }, 'core.admin');
    await expect(updateTeam(lea, { id: team.id, members: [lea.identityId] })).rejects.toMatchObject({
      code: 'above_your_rights',
    });
    await updateTeam(ada, { id: team.id, members: [ada.identityId] });
    for (const attempt of [
      () => updateTeam(lea, { id: team.id, members: [] }),
      () => removeTeam(lea, team.id),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: 'above_your_rights' });
  });
});

describe('a set for one pack', () => {
  it('gives its rights there and nowhere else, and none to what lies in no pack', async () => {
    const eve = await newcomer('Eve');
    await assignSet(ada, { identityId: eve.identityId, setRef: 'core.admin', packRef: 'billing' });
    const grants = await rightsOf(eve);
    expect(grants.length).toBeGreaterThan(0);
    expect(grants.every(({ constraints }) => constraints?.pack_refs?.join() === 'billing')).toBe(true);
    const token = await rest.tokenOf(eve.login);
    const status = async (method: string, path: string, body?: object) =>
      (await rest.call(method, path, { token, ...(body && { body }) })).status;
    const action = (pack: string) => ({
      ...{ ref: `${pack}.a`, pack_ref: pack, label: 'A', entrypoint: 'echo', runtime_ref: 'core.shell' },
    });
    expect(await status('POST', '/api/v1/actions', action('billing'))).toBe(201);
    await rest.call('POST', '/api/v1/packs', {
      token: await rest.tokenOf(ada.login),
      body: { ref: 'payroll', label: 'Payroll', version: '1', visibility: 'tenant' },
    });
    expect(await status('POST', '/api/v1/actions', action('payroll'))).toBe(403);
    const { body } = await rest.call('GET', '/api/v1/identities', { token });
    expect(body.items ?? []).toEqual([]);
    // Nor is it holding the set: they could hand it on.
    expect((await now(eve)).permissionSets).toEqual([`tests.${eve.login}`]);
  });

  it('is refused for a pack that is not there, or not for whoever assigns it', async () => {
    const owner = await makeMember(tenantId, 'Olga', undefined, ['core.editor']);
    const body = { ref: `private_${Date.now()}`, label: 'Private', version: '1' };
    await rest.call('POST', '/api/v1/packs', { token: await rest.tokenOf(owner.login), body });
    const admin = await now(ada);
    for (const packRef of ['nosuch', body.ref])
      await expect(
        assignSet(admin, { identityId: admin.identityId, setRef: 'core.viewer', packRef }),
      ).rejects.toMatchObject({ kind: 'not_found' });
    const grants = [
      { resource: 'packs' as const, actions: ['read' as const], constraints: { pack_refs: [body.ref] } },
    ];
    await expect(
      createSet(admin, { ref: 'mine.opener', label: 'Opener', description: '', grants }),
    ).rejects.toMatchObject({ code: 'above_your_rights' });
  });
});

describe('permission sets made here', () => {
  const grants = [
    { resource: 'executions' as const, actions: ['read' as const], constraints: { pack_refs: ['billing'] } },
  ];

  it('are made, changed and removed, and those who hold them with them', async () => {
    const fay = await newcomer('Fay');
    await createSet(ada, { ref: 'here.watch', label: 'Watch', description: '', grants });
    await assignSet(ada, { role: 'watcher', setRef: 'here.watch' });
    await rest.call('POST', `/api/v1/identities/${fay.identityId}/roles`, {
      token: await rest.tokenOf(ada.login),
      body: { role: 'watcher' },
    });
    expect(await rightsOf(fay)).toEqual(grants);
    const more = [...grants, { resource: 'rules' as const, actions: ['read' as const] }];
    await updateSet(ada, { ref: 'here.watch', label: 'Watch', description: '', grants: more });
    expect(await rightsOf(fay)).toEqual(more);
    const role = (await listRoles(ada)).find((one) => one.role === 'watcher');
    expect(role?.members).toMatchObject([{ login: fay.login }]);
    await takeSet(ada, { kind: 'role', id: role?.sets[0]?.id ?? 0 });
    expect((await now(fay)).permissionSets).not.toContain('here.watch');
    await removeSet(ada, 'here.watch');
    expect((await listSetDetails(ada)).map(({ ref }) => ref)).not.toContain('here.watch');
  });

  it('are neither the built-in ones nor under their name', async () => {
    const set = { label: 'x', description: '', grants: [] };
    await expect(updateSet(ada, { ref: 'core.viewer', ...set })).rejects.toMatchObject({
      code: 'set_of_pack',
    });
    await expect(removeSet(ada, 'core.admin')).rejects.toMatchObject({ code: 'set_of_pack' });
    await expect(createSet(ada, { ref: 'core.mine', ...set })).rejects.toMatchObject({ kind: 'invalid' });
  });
});

describe('what somebody may do', () => {
  it('is told right by right, with every set that gives it and how it came to them', async () => {
    const gil = await makeMember(tenantId, 'Gil', [], ['core.viewer']);
    const team = await createTeam(ada, { name: 'night', label: 'Night', description: '', members: [] });
    await updateTeam(ada, { id: team.id, members: [gil.identityId] });
    await assignSet(ada, { teamId: team.id, setRef: 'core.executor', packRef: 'billing' });
    const told = await resolveRights(ada, gil.identityId);
    // As it goes over the wire.
    expect(Resolved.parse(told)).toEqual(told);
    const { rights, isNewcomer } = told;
    const execute = rights.find(({ resource, action }) => resource === 'actions' && action === 'execute');
    expect(execute?.reasons).toEqual([
      { setRef: 'core.executor', via: 'team', name: 'night', constraints: { pack_refs: ['billing'] } },
    ]);
    const reads = rights.find(({ resource, action }) => resource === 'rules' && action === 'read');
    expect(reads?.reasons.map(({ via }) => via).sort()).toEqual(['identity', 'team']);
    expect(isNewcomer).toBe(false);
  });

  it('is one’s own to see, and others’ with the right to see permissions', async () => {
    const hal = await now(await makeMember(tenantId, 'Hal', [], ['core.viewer']));
    expect((await resolveRights(hal, hal.identityId)).rights.length).toBeGreaterThan(0);
    await expect(resolveRights(hal, ada.identityId)).rejects.toMatchObject({ kind: 'forbidden' });
  });
});
