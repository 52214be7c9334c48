import { conflict, DomainError, invalid, notFound } from '@/engine/errors';
import { inConfiguration, inSystem, isUniqueViolation } from '../db';
import { may, requireRight, type Actor } from './actor';
import { forgetActors } from './actor-cache';
import { hashPassword, passwordFits } from './passwords';
import { getPersonRow, rolesOf, tellPerson, toPerson, withRoles } from './people-store';
import { administratorSet } from './permission-sets';
import {
  assignSets,
  getAssignableSets,
  keepAnAdministrator,
  parseGrants,
  requireNotAbove,
  standardTenant,
} from './roles';
import { defaultTenantId } from '../packs/refs';
import { resources, rightActions, type Me } from './schema';
import { appendChanges } from '../feed/store';
import { endSessionsOfPerson } from './own-sessions';
import { chargeAttempt } from './store';
import type { ChangePassword, CreatePerson, PermissionSetSummary, Person, UpdatePerson } from './schema';
import type { z } from 'zod';

/** What the signed-in person is told of themself; `rights` lists what they may do to anything at all. */
export function toMe(actor: Actor): Me {
  return {
    id: actor.identityId,
    login: actor.login,
    displayName: actor.displayName,
    tenantId: actor.tenantId,
    tenantName: actor.tenantName,
    permissionSets: [...actor.permissionSets],
    keepsInstallation: actor.tenantId === defaultTenantId && may(actor, 'manage', 'permissions'),
    rights: resources
      .map((resource) => ({
        resource,
        actions: rightActions.filter((action) => may(actor, action, resource)),
      }))
      .filter(({ actions }) => actions.length > 0),
  };
}

/**
 * Sets the caller's own password and ends their other sessions. The current one is asked for, with the same
 * lock-out as signing in. @throws DomainError invalid (field `current`), too_many
 */
export async function changePassword(actor: Actor, input: z.infer<typeof ChangePassword>): Promise<null> {
  const lockedSeconds = await inSystem((tx) => chargeAttempt(tx, `password:${actor.identityId}`, 5));
  if (lockedSeconds > 0) {
    throw new DomainError(
      'too_many',
      'locked',
      `Too many failed attempts. Try again in ${lockedSeconds} s.`,
      { retryAfterSeconds: lockedSeconds },
    );
  }
  const passwordHash = await hashPassword(input.next);
  await inSystem(async (tx) => {
    // It lies with the identity at home, whichever tenant they are in.
    const [home] = await tx.query<{ id: number; tenantId: number; passwordHash: string | null }>(
      `SELECT h.id, h.tenant_id AS "tenantId", h.password_hash AS "passwordHash"
       FROM identity i JOIN identity h ON h.id = coalesce(i.home_id, i.id) WHERE i.id = $1 FOR UPDATE OF h`,
      [actor.identityId],
    );
    if (!home) throw notFound('identity', actor.identityId);
    if (!(await passwordFits(home.passwordHash, input.current))) {
      throw invalid('The current password is wrong.', [{ path: 'current', message: 'is wrong' }]);
    }
    const { id, tenantId } = home;
    await tx.query('UPDATE identity SET password_hash = $2, updated = now() WHERE id = $1', [
      id,
      passwordHash,
    ]);
    await endSessionsOfPerson(tx, actor, actor.sessionId ?? 0);
    await appendChanges(tx, tenantId, [
      { entityType: 'identity', entityId: id, kind: 'password_changed', actorId: id, payload: { id } },
    ]);
  });
  await inSystem((tx) =>
    tx.query('DELETE FROM sign_in_failure WHERE tenant_id = 1 AND subject = $1', [
      `password:${actor.identityId}`,
    ]),
  );
  forgetActors();
  return null;
}

/** Every identity of the tenant by login. `lastSeen` is null for one without a live session. */
export async function listPeople(actor: Actor): Promise<z.infer<typeof Person>[]> {
  requireRight(actor, 'read', 'identities');
  return inConfiguration(actor.tenantId, async (tx) => {
    const rows = await tx.prisma.identity.findMany({
      where: { tenantId: actor.tenantId },
      include: withRoles,
      orderBy: { login: 'asc' },
    });
    return rows.filter((row) => may(actor, 'read', 'identities', { id: Number(row.id) })).map(toPerson);
  });
}

/** The new person. Nobody can give a right that they do not hold. @throws DomainError login_taken, invalid, forbidden */
export async function createPerson(
  actor: Actor,
  input: z.infer<typeof CreatePerson>,
): Promise<z.infer<typeof Person>> {
  requireRight(actor, 'create', 'identities');
  const passwordHash = input.password === undefined ? null : await hashPassword(input.password);
  try {
    return await inConfiguration(actor.tenantId, async (tx) => {
      const sets = await getAssignableSets(tx, actor, input.permissionSets);
      const { id } = await tx.prisma.identity.create({
        data: {
          tenantId: actor.tenantId,
          login: input.login,
          displayName: input.displayName,
          passwordHash,
          ...(input.attributes && { attributes: input.attributes }),
          assignments: {
            create: sets.map((permissionSetId) => ({ tenantId: actor.tenantId, permissionSetId })),
          },
        },
      });
      await tellPerson(tx, actor, Number(id), 'created', {
        login: input.login,
        permissionSets: input.permissionSets,
      });
      return toPerson(await getPersonRow(tx, actor.tenantId, Number(id)));
    });
  } catch (error) {
    if (isUniqueViolation(error)) {
      throw conflict('login_taken', `The login ${input.login} is taken. Choose another.`);
    }
    throw error;
  }
}

/**
 * The changed person. Freezing and a new password end their sessions at once.
 * @throws DomainError last_administrator, own_account, forbidden
 */
export async function updatePerson(
  actor: Actor,
  input: z.infer<typeof UpdatePerson>,
): Promise<z.infer<typeof Person>> {
  requireRight(actor, 'update', 'identities', { id: input.id });
  const passwordHash = input.password === undefined ? undefined : await hashPassword(input.password);
  const person = await inConfiguration(actor.tenantId, async (tx) => {
    const row = await getPersonRow(tx, actor.tenantId, input.id);
    await requireNotAbove(tx, actor, row);
    if (passwordHash !== undefined && row.homeId !== null)
      throw conflict(
        'password_is_elsewhere',
        `${row.login} comes from another tenant, which keeps their password.`,
      );
    if (input.frozen === true && input.id === actor.identityId) {
      throw conflict('own_account', 'You cannot freeze your own account. Ask another administrator.');
    }
    const losesAdministration =
      (input.frozen === true || input.permissionSets?.includes(administratorSet) === false) &&
      rolesOf(row).includes(administratorSet);
    if (losesAdministration) await keepAnAdministrator(tx, actor.tenantId, input.id);
    if (input.permissionSets) await assignSets(tx, actor, input.id, input.permissionSets);
    await tx.prisma.identity.update({
      where: { id: input.id },
      data: {
        ...(input.displayName !== undefined && { displayName: input.displayName }),
        ...(input.frozen !== undefined && { frozen: input.frozen }),
        ...(passwordHash !== undefined && { passwordHash }),
        ...(input.attributes && { attributes: input.attributes }),
        updated: new Date(),
      },
    });
    if (input.frozen === true)
      await tx.prisma.session.deleteMany({ where: { tenantId: actor.tenantId, identityId: input.id } });
    await tellPerson(tx, actor, input.id, 'updated', {
      login: row.login,
      ...(input.frozen !== undefined && { frozen: input.frozen }),
      ...(input.permissionSets && { permissionSets: input.permissionSets }),
      ...(passwordHash !== undefined && { passwordChanged: true }),
    });
    return toPerson(await getPersonRow(tx, actor.tenantId, input.id));
  });
  // In every tenant where the login and its password were theirs.
  if ((input.frozen === true || passwordHash !== undefined) && !person.isGuest)
    await inSystem((tx) => endSessionsOfPerson(tx, { identityId: input.id }, 0));
  forgetActors();
  return person;
}

/** Removes the person and their sessions; what they made stays. @throws DomainError last_administrator, own_account */
export async function removePerson(actor: Actor, id: number): Promise<null> {
  requireRight(actor, 'delete', 'identities', { id });
  await inConfiguration(actor.tenantId, async (tx) => {
    const row = await getPersonRow(tx, actor.tenantId, id);
    await requireNotAbove(tx, actor, row);
    if (id === actor.identityId) {
      throw conflict('own_account', 'You cannot remove your own account. Ask another administrator.');
    }
    if (rolesOf(row).includes(administratorSet)) await keepAnAdministrator(tx, actor.tenantId, id);
    await tx.prisma.identity.delete({ where: { id } });
    await tellPerson(tx, actor, id, 'deleted', { login: row.login });
  });
  forgetActors();
  return null;
}

/** The permission sets that the tenant may assign: the built-in ones and its own, by ref. */
export async function listPermissionSets(actor: Actor): Promise<z.infer<typeof PermissionSetSummary>[]> {
  requireRight(actor, 'read', 'permissions');
  return inConfiguration(actor.tenantId, async (tx) => {
    const rows = await tx.prisma.permissionSet.findMany({
      where: { tenantId: { in: [standardTenant, actor.tenantId] } },
      orderBy: { ref: 'asc' },
    });
    return rows.map((row) => ({
      ref: row.ref,
      label: row.label,
      description: row.description,
      grants: parseGrants(row.grants),
    }));
  });
}
