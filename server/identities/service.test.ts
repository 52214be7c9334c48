import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { closeDatabase, inSystem } from '../db';
import { stopLive } from '../live';
import { makePerson, makeReader, makeTenant, readFeed } from '../packs/test-people';
import type { Actor } from './actor';
import { passwordFits } from './passwords';
import { builtInPermissionSets } from './permission-sets';
import {
  changePassword,
  createPerson,
  listPeople,
  listPermissionSets,
  removePerson,
  toMe,
  updatePerson,
} from './service';

let admin: Actor;
beforeEach(async () => {
  admin = await makePerson(await makeTenant(), 'Admin');
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

const person = (permissionSets: string[] = ['core.viewer']) => ({
  login: `p-${randomUUID()}`,
  displayName: 'Person',
  password: 'long enough',
  permissionSets,
});

/** An actor with the rights of one built-in set. */
function withSet(ref: string): Promise<Actor> {
  const grants = builtInPermissionSets.find((set) => set.ref === ref)?.grants ?? [];
  return makePerson(admin.tenantId, 'Somebody', grants);
}

describe('people', () => {
  it('are made with permission sets, listed, and told to the feed', async () => {
    const made = await createPerson(admin, person(['core.approver', 'core.viewer']));
    expect(made).toMatchObject({
      frozen: false,
      permissionSets: ['core.approver', 'core.viewer'],
      lastSeen: null,
    });
    expect((await listPeople(admin)).find(({ id }) => id === made.id)).toEqual(made);
    expect((await readFeed(admin.tenantId, 'identity')).at(-1)).toMatchObject({
      kind: 'created',
      payload: { id: made.id },
      actorId: admin.identityId,
    });
  });

  it('have one login each in the whole studio', async () => {
    const input = person();
    await createPerson(admin, input);
    const stranger = await makePerson(await makeTenant(), 'Stranger');
    await expect(createPerson(stranger, input)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'login_taken',
    });
  });

  it('cannot be given a permission set that does not exist: the field is named', async () => {
    await expect(createPerson(admin, person(['core.viewer', 'core.nothing']))).rejects.toMatchObject({
      kind: 'invalid',
      details: [{ path: 'permissionSets.1' }],
    });
  });

  it('of another tenant are not there', async () => {
    const stranger = await makePerson(await makeTenant(), 'Stranger');
    const made = await createPerson(admin, person());
    expect((await listPeople(stranger)).map(({ id }) => id)).not.toContain(made.id);
    await expect(updatePerson(stranger, { id: made.id, displayName: 'Mine' })).rejects.toMatchObject({
      kind: 'not_found',
    });
    await expect(removePerson(stranger, made.id)).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('are read and changed only by those who may', async () => {
    const viewer = await withSet('core.viewer');
    await expect(listPeople(viewer)).rejects.toMatchObject({ kind: 'forbidden' });
    const reader = await makeReader(admin.tenantId);
    await expect(createPerson(reader, person())).rejects.toMatchObject({ kind: 'forbidden' });
  });
});

describe('nobody gives more than they hold', () => {
  const helper = () =>
    makePerson(admin.tenantId, 'Helper', [
      { resource: 'identities', actions: ['read', 'create', 'update', 'delete'] },
      { resource: 'executions', actions: ['read'] },
    ]);

  it('when making a person', async () => {
    await expect(createPerson(await helper(), person(['core.admin']))).rejects.toMatchObject({
      code: 'above_your_rights',
    });
  });

  it('nor takes over somebody above them by a new password', async () => {
    const boss = await createPerson(admin, person(['core.admin']));
    await expect(updatePerson(await helper(), { id: boss.id, password: 'mine now!' })).rejects.toMatchObject({
      code: 'above_your_rights',
    });
  });
});

describe('the last administrator', () => {
  it('cannot be frozen, removed or stripped; with a second one they can', async () => {
    const first = await createPerson(admin, person(['core.admin']));
    const refused = { kind: 'conflict', code: 'last_administrator' };
    await expect(updatePerson(admin, { id: first.id, frozen: true })).rejects.toMatchObject(refused);
    await expect(updatePerson(admin, { id: first.id, permissionSets: [] })).rejects.toMatchObject(refused);
    await expect(removePerson(admin, first.id)).rejects.toMatchObject(refused);
    await createPerson(admin, person(['core.admin']));
    await expect(updatePerson(admin, { id: first.id, frozen: true })).resolves.toMatchObject({
      frozen: true,
    });
  });

  it('stays when two are removed at the same time', async () => {
    const [first, second] = [
      await createPerson(admin, person(['core.admin'])),
      await createPerson(admin, person(['core.admin'])),
    ];
    const outcomes = await Promise.allSettled([
      removePerson(admin, first.id),
      removePerson(admin, second.id),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('nobody freezes or removes their own account', async () => {
    await expect(updatePerson(admin, { id: admin.identityId, frozen: true })).rejects.toMatchObject({
      code: 'own_account',
    });
    await expect(removePerson(admin, admin.identityId)).rejects.toMatchObject({ code: 'own_account' });
  });
});

describe('changing the own password', () => {
  it('asks for the current one and ends the other sessions', async () => {
    const made = await createPerson(admin, person());
    const sessionIds = await inSystem(async (tx) => {
      const rows = await tx.query<{ id: number }>(
        `INSERT INTO session (tenant_id, identity_id, token_hash, expires_at)
         SELECT $1, $2, decode(md5(random()::text), 'hex'), now() + interval '1 day' FROM generate_series(1, 3)
         RETURNING id`,
        [admin.tenantId, made.id],
      );
      return rows.map(({ id }) => id);
    });
    const self: Actor = { ...admin, identityId: made.id, sessionId: sessionIds[0] ?? 0 };
    await expect(changePassword(self, { current: 'not it', next: 'a new one' })).rejects.toMatchObject({
      kind: 'invalid',
      details: [{ path: 'current' }],
    });
    await changePassword(self, { current: 'long enough', next: 'a new one' });
    const rows = await inSystem((tx) =>
      tx.query<{ hash: string; sessions: number[] }>(
        `SELECT password_hash AS hash, (SELECT jsonb_agg(id) FROM session WHERE identity_id = i.id) AS sessions
         FROM identity i WHERE id = $1`,
        [made.id],
      ),
    );
    expect(rows[0]?.sessions).toEqual([sessionIds[0]]);
    expect(await passwordFits(rows[0]?.hash ?? null, 'a new one')).toBe(true);
  });
});

describe('permission sets', () => {
  it('of the studio are there for every tenant', async () => {
    expect((await listPermissionSets(admin)).map(({ ref }) => ref)).toEqual(
      builtInPermissionSets.map(({ ref }) => ref).sort(),
    );
  });

  it('let viewers look and nothing else, and hide people and the values of keys', async () => {
    const { rights } = toMe(await withSet('core.viewer'));
    expect(rights.every(({ actions }) => actions.join() === 'read')).toBe(true);
    expect(rights.map(({ resource }) => resource)).not.toContain('identities');
  });

  it('let approvers respond but not run', async () => {
    const { rights } = toMe(await withSet('core.approver'));
    expect(rights.find(({ resource }) => resource === 'inquiries')?.actions).toEqual(['read', 'respond']);
    expect(rights.find(({ resource }) => resource === 'executions')?.actions).toEqual(['read']);
  });
});
