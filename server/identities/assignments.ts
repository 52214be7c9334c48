import type { z } from 'zod';
import { conflict, invalid, notFound } from '@/engine/errors';
import { inConfiguration, type ConfigurationTx } from '../db';
import type { AssignSet, TakeSet } from './access-schema';
import { requireRight, type Actor } from './actor';
import { forgetActors } from './actor-cache';
import { getPersonRow, rolesOf, tellPerson } from './people-store';
import { administratorSet } from './permission-sets';
import { keepAnAdministrator, parseGrants, requireHolding, requireNotAbove, standardTenant } from './roles';

/**
 * Who holds which permission set: by assignment, or by a role, a name that joins identities to sets. Nobody gives what
 * they do not hold, and nobody takes from those who hold more.
 */

const withSet = { permissionSet: true } as const;

async function getSet(tx: ConfigurationTx, actor: Actor, where: { id: number } | { ref: string }) {
  const row = await tx.prisma.permissionSet.findFirst({
    where: { ...where, tenantId: { in: [standardTenant, actor.tenantId] } },
    // A tenant's set hides no built-in one.
    orderBy: { tenantId: 'asc' },
  });
  if (!row) throw notFound('permission set', 'id' in where ? where.id : where.ref);
  return row;
}

/** The assignments of an identity, in the order in which they were made. */
export async function listAssignments(actor: Actor, identityId: number) {
  if (identityId !== actor.identityId || actor.execution !== undefined)
    requireRight(actor, 'read', 'permissions');
  return inConfiguration(actor.tenantId, async (tx) => {
    await getPersonRow(tx, actor.tenantId, identityId);
    return tx.prisma.permissionAssignment.findMany({
      where: { tenantId: actor.tenantId, identityId },
      include: withSet,
      orderBy: { id: 'asc' },
    });
  });
}

type Whom = { id: number } | { login: string } | { teamId: number };

async function getHolder(tx: ConfigurationTx, { tenantId }: Actor, whom: Whom) {
  if ('teamId' in whom) {
    const team = await tx.prisma.team.findFirst({ where: { tenantId, id: whom.teamId } });
    if (!team) throw notFound('team', whom.teamId);
    return { name: `team:${team.name}`, identityId: null, teamId: team.id };
  }
  const person = await tx.prisma.identity.findFirst({ where: { ...whom, tenantId } });
  if (!person) throw notFound('identity', 'id' in whom ? whom.id : whom.login);
  return { name: person.login, identityId: person.id, teamId: null };
}

/** A pack that the actor sees. @throws DomainError not_found */
async function requirePack(tx: ConfigurationTx, actor: Actor, ref: string | null): Promise<void> {
  if (ref === null) return;
  const { tenantId, hiddenPacks } = actor;
  const known = await tx.prisma.pack.count({ where: { ref, tenantId: { in: [standardTenant, tenantId] } } });
  if (known === 0 || hiddenPacks?.includes(ref)) throw notFound('pack', ref);
}

/**
 * Gives a set to an identity or to a team, for everything or for one pack.
 * @throws DomainError not_found, above_your_rights, assigned_already
 */
export async function assign(actor: Actor, whom: Whom, setRef: string, packRef: string | null = null) {
  requireRight(actor, 'manage', 'permissions');
  const made = await inConfiguration(actor.tenantId, async (tx) => {
    const { name, ...holder } = await getHolder(tx, actor, whom);
    const set = await getSet(tx, actor, { ref: setRef });
    requireHolding(actor, set);
    await requirePack(tx, actor, packRef);
    const place = { tenantId: actor.tenantId, ...holder, permissionSetId: set.id, packRef };
    if ((await tx.prisma.permissionAssignment.count({ where: place })) > 0)
      throw conflict('assigned_already', `${name} holds ${set.ref} already.`);
    const row = await tx.prisma.permissionAssignment.create({ data: place, include: withSet });
    await tellPerson(tx, actor, Number(holder.identityId ?? actor.identityId), 'set_assigned', {
      ...{ login: name, set: set.ref },
      ...(packRef !== null && { pack: packRef }),
    });
    return row;
  });
  forgetActors();
  return made;
}

/** Gives a set to an identity, a team or a role. @throws DomainError as {@link assign} */
export async function assignSet(actor: Actor, input: z.infer<typeof AssignSet>): Promise<void> {
  const { identityId, teamId, role, setRef, packRef = null } = input;
  if (identityId !== undefined) await assign(actor, { id: identityId }, setRef, packRef);
  else if (teamId !== undefined) await assign(actor, { teamId }, setRef, packRef);
  else if (role !== undefined) await giveSetToRole(actor, { ref: setRef }, role, packRef);
}

/** Takes a set back from an identity, a team or a role. @throws DomainError not_found, last_administrator, above_your_rights */
export async function takeSet(actor: Actor, { kind, id }: z.infer<typeof TakeSet>): Promise<void> {
  if (kind === 'assignment') return unassign(actor, id);
  requireRight(actor, 'manage', 'permissions');
  const row = await inConfiguration(actor.tenantId, (tx) =>
    tx.prisma.permissionSetRole.findFirst({ where: { tenantId: actor.tenantId, id } }),
  );
  if (!row) throw notFound('permission assignment', id);
  await takeSetFromRole(actor, Number(row.permissionSetId), row.role, { packRef: row.packRef });
}

/** Takes an assignment back. @throws DomainError not_found, last_administrator, above_your_rights */
export async function unassign(actor: Actor, assignmentId: number): Promise<void> {
  requireRight(actor, 'manage', 'permissions');
  await inConfiguration(actor.tenantId, async (tx) => {
    const row = await tx.prisma.permissionAssignment.findFirst({
      where: { id: assignmentId, tenantId: actor.tenantId },
      include: { ...withSet, team: true },
    });
    if (!row) throw notFound('permission assignment', assignmentId);
    const { ref } = row.permissionSet;
    if (row.identityId === null) {
      requireHolding(actor, row.permissionSet);
      await tx.prisma.permissionAssignment.delete({ where: { id: row.id } });
      await tellPerson(tx, actor, actor.identityId, 'set_taken', {
        login: `team:${row.team?.name ?? ''}`,
        set: ref,
      });
      return;
    }
    const identityId = Number(row.identityId);
    const person = await getPersonRow(tx, actor.tenantId, identityId);
    await requireNotAbove(tx, actor, person);
    if (row.packRef === null && ref === administratorSet && rolesOf(person).includes(ref))
      await keepAnAdministrator(tx, actor.tenantId, identityId);
    await tx.prisma.permissionAssignment.delete({ where: { id: row.id } });
    await tellPerson(tx, actor, identityId, 'set_taken', { login: person.login, set: ref });
  });
  forgetActors();
}

/** Gives a role to an identity. @throws DomainError not_found, above_your_rights */
export async function giveRole(actor: Actor, identityId: number, role: string) {
  requireRight(actor, 'manage', 'permissions');
  const made = await inConfiguration(actor.tenantId, async (tx) => {
    const person = await getPersonRow(tx, actor.tenantId, identityId);
    const given = await tx.prisma.permissionSetRole.findMany({
      where: { tenantId: actor.tenantId, role },
      include: withSet,
    });
    for (const { permissionSet } of given) requireHolding(actor, permissionSet);
    const where = { tenantId: actor.tenantId, identityId, role };
    const before = await tx.prisma.identityRole.findFirst({ where });
    if (before) throw conflict('has_role_already', `${person.login} has the role ${role} already.`);
    const row = await tx.prisma.identityRole.create({ data: where });
    await tellPerson(tx, actor, identityId, 'role_given', { login: person.login, role });
    return row;
  });
  forgetActors();
  return made;
}

/** Takes a role from an identity. @throws DomainError not_found, above_your_rights */
export async function takeRole(actor: Actor, identityId: number, role: string): Promise<void> {
  requireRight(actor, 'manage', 'permissions');
  await inConfiguration(actor.tenantId, async (tx) => {
    const person = await getPersonRow(tx, actor.tenantId, identityId);
    await requireNotAbove(tx, actor, person);
    const { count } = await tx.prisma.identityRole.deleteMany({
      where: { tenantId: actor.tenantId, identityId, role },
    });
    if (count === 0) throw notFound('role', role);
    await tellPerson(tx, actor, identityId, 'role_taken', { login: person.login, role });
  });
  forgetActors();
}

/** Has a role give a set to everybody who has it. @throws DomainError not_found, above_your_rights */
export async function giveSetToRole(
  actor: Actor,
  which: { id: number } | { ref: string },
  role: string,
  packRef: string | null = null,
) {
  requireRight(actor, 'manage', 'permissions');
  const made = await inConfiguration(actor.tenantId, async (tx) => {
    const set = await getSet(tx, actor, which);
    requireHolding(actor, set);
    await requirePack(tx, actor, packRef);
    const place = { tenantId: actor.tenantId, permissionSetId: set.id, role, packRef };
    const before = await tx.prisma.permissionSetRole.findFirst({ where: place });
    if (before) throw conflict('has_role_already', `The role ${role} gives ${set.ref} already.`);
    const row = await tx.prisma.permissionSetRole.create({ data: place });
    await tellPerson(tx, actor, actor.identityId, 'role_changed', { role, set: set.ref });
    return { ...row, permissionSetRef: set.ref };
  });
  forgetActors();
  return made;
}

/** Has a role not give a set any more. @throws DomainError not_found */
export async function takeSetFromRole(
  actor: Actor,
  setId: number,
  role: string,
  only: { packRef?: string | null } = {},
): Promise<void> {
  requireRight(actor, 'manage', 'permissions');
  await inConfiguration(actor.tenantId, async (tx) => {
    const set = await getSet(tx, actor, { id: setId });
    requireHolding(actor, set);
    const { count } = await tx.prisma.permissionSetRole.deleteMany({
      where: { tenantId: actor.tenantId, permissionSetId: set.id, role, ...only },
    });
    if (count === 0) throw notFound('role', role);
    await tellPerson(tx, actor, actor.identityId, 'role_changed', { role, set: set.ref });
  });
  forgetActors();
}

/** The sets that the tenant may assign, with the roles that give them, by ref. */
export async function listSetsWithRoles(actor: Actor, packRef: string | null) {
  requireRight(actor, 'read', 'permissions');
  return inConfiguration(actor.tenantId, async (tx) => {
    const rows = await tx.prisma.permissionSet.findMany({
      where: {
        tenantId: { in: [standardTenant, actor.tenantId] },
        ...(packRef !== null && { packRef }),
      },
      include: { roles: { where: { tenantId: actor.tenantId }, orderBy: { role: 'asc' } } },
      orderBy: { ref: 'asc' },
    });
    return rows.map((row) => ({ ...row, grants: parseGrants(row.grants) }));
  });
}

/** @throws DomainError invalid, where neither or both are named */
export function toWhom(given: {
  identity_id?: number | null | undefined;
  identity_login?: string | null | undefined;
}): { id: number } | { login: string } {
  const { identity_id: id, identity_login: login } = given;
  if (id) return { id };
  if (login) return { login };
  throw invalid('Say whom: identity_id or identity_login.', [
    { path: 'identity_id', message: 'is missing, and so is identity_login' },
  ]);
}
