import { conflict, DomainError, invalid, notFound } from '@/engine/errors';
import { inConfiguration, inSystem, isUniqueViolation, type ConfigurationTx } from '../db';
import { appendChanges } from '../feed/store';
import { may, requireRight, type Actor } from './actor';
import { forgetActors } from './actor-cache';
import { hashPassword, passwordFits } from './passwords';
import { administratorSet } from './permission-sets';
import { Grant, resources, rightActions, type Me } from './schema';
import { chargeAttempt } from './store';
import type { ChangePassword, CreatePerson, PermissionSetSummary, Person, UpdatePerson } from './schema';
import type { z } from 'zod';

const standardTenant = 1;

/** What the signed-in person is told of themself; `rights` lists what they may do to anything at all. */
export function toMe(actor: Actor): Me {
  return {
    id: actor.identityId,
    login: actor.login,
    displayName: actor.displayName,
    tenantId: actor.tenantId,
    tenantName: actor.tenantName,
    permissionSets: [...actor.permissionSets],
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
  await inConfiguration(actor.tenantId, async (tx) => {
    const identity = await tx.prisma.identity.findFirst({
      where: { id: actor.identityId, tenantId: actor.tenantId },
    });
    if (!identity) throw notFound('identity', actor.identityId);
    if (!(await passwordFits(identity.passwordHash, input.current))) {
      throw invalid('The current password is wrong.', [{ path: 'current', message: 'is wrong' }]);
    }
    await tx.prisma.identity.update({
      where: { id: identity.id },
      data: { passwordHash, updated: new Date() },
    });
    await tx.prisma.session.deleteMany({
      where: {
        tenantId: actor.tenantId,
        identityId: identity.id,
        ...(actor.sessionId !== undefined && { id: { not: actor.sessionId } }),
      },
    });
    await tellIdentity(tx, actor, actor.identityId, 'password_changed', {});
  });
  await inSystem((tx) =>
    tx.query('DELETE FROM sign_in_failure WHERE tenant_id = 1 AND subject = $1', [
      `password:${actor.identityId}`,
    ]),
  );
  forgetActors();
  return null;
}

const withRoles = {
  assignments: { select: { permissionSet: { select: { ref: true, grants: true } } } },
  sessions: { select: { lastSeen: true }, orderBy: { lastSeen: 'desc' }, take: 1 },
} as const;

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
  const passwordHash = await hashPassword(input.password);
  try {
    return await inConfiguration(actor.tenantId, async (tx) => {
      const sets = await getAssignableSets(tx, actor, input.permissionSets);
      const { id } = await tx.prisma.identity.create({
        data: {
          tenantId: actor.tenantId,
          login: input.login,
          displayName: input.displayName,
          passwordHash,
          assignments: {
            create: sets.map((permissionSetId) => ({ tenantId: actor.tenantId, permissionSetId })),
          },
        },
      });
      await tellIdentity(tx, actor, Number(id), 'created', {
        login: input.login,
        permissionSets: input.permissionSets,
      });
      return toPerson(await getRow(tx, actor.tenantId, Number(id)));
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
    const row = await getRow(tx, actor.tenantId, input.id);
    requireNotAbove(actor, row);
    if (input.frozen === true && input.id === actor.identityId) {
      throw conflict('own_account', 'You cannot freeze your own account. Ask another administrator.');
    }
    const losesAdministration =
      (input.frozen === true || input.permissionSets?.includes(administratorSet) === false) &&
      rolesOf(row).includes(administratorSet);
    if (losesAdministration) await keepAnAdministrator(tx, actor.tenantId, input.id);
    if (input.permissionSets) await assign(tx, actor, input.id, input.permissionSets);
    await tx.prisma.identity.update({
      where: { id: input.id },
      data: {
        ...(input.displayName !== undefined && { displayName: input.displayName }),
        ...(input.frozen !== undefined && { frozen: input.frozen }),
        ...(passwordHash !== undefined && { passwordHash }),
        updated: new Date(),
      },
    });
    if (input.frozen === true || passwordHash !== undefined) {
      await tx.prisma.session.deleteMany({ where: { tenantId: actor.tenantId, identityId: input.id } });
    }
    await tellIdentity(tx, actor, input.id, 'updated', {
      login: row.login,
      ...(input.frozen !== undefined && { frozen: input.frozen }),
      ...(input.permissionSets && { permissionSets: input.permissionSets }),
      ...(passwordHash !== undefined && { passwordChanged: true }),
    });
    return toPerson(await getRow(tx, actor.tenantId, input.id));
  });
  forgetActors();
  return person;
}

/** Removes the person and their sessions; what they made stays. @throws DomainError last_administrator, own_account */
export async function removePerson(actor: Actor, id: number): Promise<null> {
  requireRight(actor, 'delete', 'identities', { id });
  await inConfiguration(actor.tenantId, async (tx) => {
    const row = await getRow(tx, actor.tenantId, id);
    requireNotAbove(actor, row);
    if (id === actor.identityId) {
      throw conflict('own_account', 'You cannot remove your own account. Ask another administrator.');
    }
    if (rolesOf(row).includes(administratorSet)) await keepAnAdministrator(tx, actor.tenantId, id);
    await tx.prisma.identity.delete({ where: { id } });
    await tellIdentity(tx, actor, id, 'deleted', { login: row.login });
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

type PersonRow = Awaited<ReturnType<typeof getRow>>;

async function getRow(tx: ConfigurationTx, tenantId: number, id: number) {
  const row = await tx.prisma.identity.findFirst({ where: { id, tenantId }, include: withRoles });
  if (!row) throw notFound('person', id);
  return row;
}

function rolesOf(row: PersonRow): string[] {
  return row.assignments.map(({ permissionSet }) => permissionSet.ref).sort();
}

function toPerson(row: PersonRow): z.infer<typeof Person> {
  return {
    id: Number(row.id),
    login: row.login,
    displayName: row.displayName,
    frozen: row.frozen,
    permissionSets: rolesOf(row),
    created: row.created.toISOString(),
    lastSeen: row.sessions[0]?.lastSeen.toISOString() ?? null,
  };
}

function parseGrants(grants: unknown): Grant[] {
  return Grant.array().parse(grants);
}

/** Whether the actor holds, without limits, every right of the grants. */
function holds(actor: Actor, grants: readonly Grant[]): boolean {
  return grants.every(({ resource, actions }) => actions.every((action) => may(actor, action, resource, {})));
}

/** Else a helper with the right to edit people could make the administrator's password their own. */
function requireNotAbove(actor: Actor, row: PersonRow): void {
  const above = row.assignments.find(({ permissionSet }) => !holds(actor, parseGrants(permissionSet.grants)));
  if (!above || Number(row.id) === actor.identityId) return;
  throw new DomainError(
    'forbidden',
    'above_your_rights',
    `${row.login} holds ${above.permissionSet.ref}, which gives rights that you do not have. Ask somebody who has them.`,
  );
}

/** The ids of the named sets. @throws DomainError invalid for an unknown one, forbidden for more than the actor holds */
async function getAssignableSets(
  tx: ConfigurationTx,
  actor: Actor,
  refs: readonly string[],
  held: readonly string[] = [],
): Promise<bigint[]> {
  const rows = await tx.prisma.permissionSet.findMany({
    where: { tenantId: { in: [standardTenant, actor.tenantId] }, ref: { in: [...refs] } },
  });
  const unknown = refs.flatMap((ref, index) =>
    rows.some((row) => row.ref === ref)
      ? []
      : [{ path: `permissionSets.${index}`, message: `there is no permission set ${ref}` }],
  );
  if (unknown.length > 0) throw invalid('A permission set does not exist.', unknown);
  const above = rows.find((row) => !held.includes(row.ref) && !holds(actor, parseGrants(row.grants)));
  if (above) {
    throw new DomainError(
      'forbidden',
      'above_your_rights',
      `${above.ref} gives rights that you do not have yourself, so you cannot give it to others.`,
    );
  }
  return rows.map((row) => row.id);
}

async function assign(
  tx: ConfigurationTx,
  actor: Actor,
  identityId: number,
  refs: readonly string[],
): Promise<void> {
  const held = rolesOf(await getRow(tx, actor.tenantId, identityId));
  const sets = await getAssignableSets(tx, actor, refs, held);
  await tx.prisma.permissionAssignment.deleteMany({
    where: { tenantId: actor.tenantId, identityId, permissionSetId: { notIn: sets } },
  });
  await tx.prisma.permissionAssignment.createMany({
    data: sets.map((permissionSetId) => ({ tenantId: actor.tenantId, identityId, permissionSetId })),
    skipDuplicates: true,
  });
}

/** Under the tenant's lock, so that two administrators cannot take the role from each other at the same time. */
async function keepAnAdministrator(tx: ConfigurationTx, tenantId: number, without: number): Promise<void> {
  await tx.query('SELECT count(*)::int AS held FROM pg_advisory_xact_lock(72707372, $1::int)', [tenantId]);
  const others = await tx.prisma.permissionAssignment.count({
    where: {
      tenantId,
      permissionSet: { tenantId: standardTenant, ref: administratorSet },
      identity: { frozen: false, id: { not: without } },
    },
  });
  if (others === 0) {
    throw conflict(
      'last_administrator',
      'This is the last administrator of the tenant. Make somebody else administrator first.',
    );
  }
}

async function tellIdentity(
  tx: ConfigurationTx,
  actor: Actor,
  id: number,
  kind: string,
  changed: { [key: string]: string | boolean | string[] },
): Promise<void> {
  await appendChanges(tx, actor.tenantId, [
    { entityType: 'identity', entityId: id, kind, actorId: actor.identityId, payload: { id, ...changed } },
  ]);
}
