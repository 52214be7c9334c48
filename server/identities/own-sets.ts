import type { z } from 'zod';
import { conflict, invalid, notFound } from '@/engine/errors';
import { inConfiguration, isUniqueViolation, type ConfigurationTx } from '../db';
import type { PermissionSetDetails, Resolved, SaveSet } from './access-schema';
import { requireRight, type Actor } from './actor';
import { forgetActors } from './actor-cache';
import { getPersonRow, tellPerson } from './people-store';
import { newcomerGrants, standardPacks } from './permission-sets';
import { parseGrants, requireHolding, standardTenant } from './roles';
import { setsOfIdentity, withinPack } from './store';

/** Permission sets that are made in the studio, and what somebody may do by all that they hold. */

type Details = z.infer<typeof PermissionSetDetails>;

async function findSets(tx: ConfigurationTx, tenantId: number) {
  return tx.prisma.permissionSet.findMany({
    where: { tenantId: { in: [standardTenant, tenantId] } },
    include: {
      _count: { select: { assignments: { where: { tenantId } }, roles: { where: { tenantId } } } },
    },
    orderBy: { ref: 'asc' },
    take: 1_000,
  });
}

function toDetails(row: Awaited<ReturnType<typeof findSets>>[number]): Details {
  const { id, ref, label, description, packRef } = row;
  const origin = Number(row.tenantId) === standardTenant ? 'built in' : row.isAdhoc ? 'here' : 'pack';
  const uses = row._count.assignments + row._count.roles;
  return { id: Number(id), ref, label, description, packRef, grants: parseGrants(row.grants), origin, uses };
}

/** The sets that the tenant may assign, by ref, at most 1,000. */
export async function listSetDetails(actor: Actor): Promise<Details[]> {
  requireRight(actor, 'read', 'permissions');
  return inConfiguration(actor.tenantId, async (tx) => (await findSets(tx, actor.tenantId)).map(toDetails));
}

async function getDetails(tx: ConfigurationTx, tenantId: number, id: number): Promise<Details> {
  const row = (await findSets(tx, tenantId)).find((one) => Number(one.id) === id);
  if (!row) throw notFound('permission set', id);
  return toDetails(row);
}

/** A set of the tenant's own; who makes it holds all that it gives. @throws DomainError set_taken, above_your_rights, invalid */
export async function createSet(actor: Actor, input: z.infer<typeof SaveSet>): Promise<Details> {
  requireRight(actor, 'manage', 'permissions');
  const [pack = ''] = input.ref.split('.', 1);
  if ((standardPacks as readonly string[]).includes(pack))
    throw invalid(`${pack} is a standard pack: choose another name before the dot.`, [
      { path: 'ref', message: `must not begin with ${pack}.` },
    ]);
  requireHolding(actor, input);
  return inConfiguration(actor.tenantId, async (tx) => {
    const { id } = await tx.prisma.permissionSet.create({ data: { ...input, tenantId: actor.tenantId } });
    await tellPerson(tx, actor, actor.identityId, 'set_created', { set: input.ref });
    return getDetails(tx, actor.tenantId, Number(id));
  }).catch((error: unknown) => {
    if (!isUniqueViolation(error)) throw error;
    throw conflict('set_taken', `There is a permission set ${input.ref} already.`);
  });
}

/**
 * The changed set. Who changes it holds what it gave and what it is to give, for others hold it already.
 * @throws DomainError not_found, set_of_pack, above_your_rights
 */
export async function updateSet(actor: Actor, input: z.infer<typeof SaveSet>): Promise<Details> {
  requireRight(actor, 'manage', 'permissions');
  const changed = await inConfiguration(actor.tenantId, async (tx) => {
    const row = await getOwnSet(tx, actor, input.ref);
    requireHolding(actor, row);
    requireHolding(actor, input);
    const { label, description, grants } = input;
    await tx.prisma.permissionSet.update({ where: { id: row.id }, data: { label, description, grants } });
    await tellPerson(tx, actor, actor.identityId, 'set_changed', { set: input.ref });
    return getDetails(tx, actor.tenantId, Number(row.id));
  });
  forgetActors();
  return changed;
}

/** Removes a set, and with it what it gave. @throws DomainError not_found, set_of_pack, above_your_rights */
export async function removeSet(actor: Actor, ref: string): Promise<null> {
  requireRight(actor, 'manage', 'permissions');
  await inConfiguration(actor.tenantId, async (tx) => {
    const row = await getOwnSet(tx, actor, ref);
    requireHolding(actor, row);
    await tx.prisma.permissionSet.delete({ where: { id: row.id } });
    await tellPerson(tx, actor, actor.identityId, 'set_removed', { set: ref });
  });
  forgetActors();
  return null;
}

async function getOwnSet(tx: ConfigurationTx, actor: Actor, ref: string) {
  const row = await tx.prisma.permissionSet.findFirst({
    where: { ref, tenantId: { in: [standardTenant, actor.tenantId] } },
    orderBy: { tenantId: 'asc' },
  });
  if (!row) throw notFound('permission set', ref);
  if (Number(row.tenantId) === standardTenant || !row.isAdhoc)
    throw conflict('set_of_pack', `${ref} comes with a pack or the studio, and is changed there.`);
  return row;
}

interface Held {
  assignmentId: bigint;
  ref: string;
  label: string;
  grants: unknown;
  packRef: string | null;
  via: 'identity' | 'team' | 'role';
  name: string | null;
}

/** What a person may do, right by right, and by which sets: the caller's own, or with the right to see permissions anybody's. */
export async function resolveRights(actor: Actor, identityId: number): Promise<z.infer<typeof Resolved>> {
  if (identityId !== actor.identityId || actor.execution !== undefined)
    requireRight(actor, 'read', 'permissions');
  return inConfiguration(actor.tenantId, async (tx) => {
    const person = await getPersonRow(tx, actor.tenantId, identityId);
    const held = await tx.query<Held>(
      `SELECT x.assignment_id AS "assignmentId", p.ref, p.label, p.grants, x.pack_ref AS "packRef", x.via, x.name
       FROM permission_set p JOIN (${setsOfIdentity('$1::bigint', '$2::bigint')}) x ON x.permission_set_id = p.id
       WHERE p.tenant_id IN (1, $1) ORDER BY p.ref, x.via, x.name`,
      [actor.tenantId, identityId],
    );
    const given = held.flatMap(({ ref, packRef, via, name, grants }) =>
      withinPack(parseGrants(grants), packRef).map((grant) => ({ grant, setRef: ref, via, name })),
    );
    const everybodys = newcomerGrants(person.login).map((grant) => ({
      ...{ grant, setRef: null, via: null, name: null },
    }));
    const rights = new Map<string, z.infer<typeof Resolved>['rights'][number]>();
    for (const { grant, ...reason } of held.length > 0 ? given : everybodys)
      for (const action of grant.actions) {
        const { resource, constraints } = grant;
        const right = rights.get(`${resource}:${action}`) ?? { resource, action, reasons: [] };
        right.reasons.push({ ...reason, constraints });
        rights.set(`${resource}:${action}`, right);
      }
    return {
      isNewcomer: held.length === 0,
      holdings: held.map(({ assignmentId, ref, label, packRef, via, name }) => ({
        ...{ assignmentId: Number(assignmentId), setRef: ref, setLabel: label, packRef, via, name },
      })),
      rights: [...rights.values()],
    };
  });
}
