import { conflict, DomainError, invalid } from '@/engine/errors';
import type { ConfigurationTx } from '../db';
import { may, type Actor } from './actor';
import { administratorSet } from './permission-sets';
import { getPersonRow, rolesOf, type PersonRow } from './people-store';
import { Grant } from './schema';
import { setsOfIdentity } from './store';

export const standardTenant = 1;

export function parseGrants(grants: unknown): Grant[] {
  return Grant.array().parse(grants);
}

/**
 * Whether the actor holds, without limits, every right of the grants. Those that name a pack which is hidden from the
 * actor they do not hold: else whoever makes sets could open it for themselves.
 */
export function holds(actor: Actor, grants: readonly Grant[]): boolean {
  return grants.every(
    ({ resource, actions, constraints }) =>
      !constraints?.pack_refs?.some((ref) => actor.hiddenPacks?.includes(ref)) &&
      actions.every((action) => may(actor, action, resource, {})),
  );
}

/** Else a helper with the right to edit people could make the administrator's password their own. */
export async function requireNotAbove(tx: ConfigurationTx, actor: Actor, row: PersonRow): Promise<void> {
  if (Number(row.id) === actor.identityId) return;
  const ids = await tx.query<{ permission_set_id: bigint }>(setsOfIdentity('$1::bigint', '$2::bigint'), [
    actor.tenantId,
    row.id,
  ]);
  const sets = await tx.prisma.permissionSet.findMany({
    where: { id: { in: ids.map(({ permission_set_id: id }) => id) } },
  });
  const above = sets.find(({ grants }) => !holds(actor, parseGrants(grants)));
  if (!above) return;
  throw new DomainError(
    'forbidden',
    'above_your_rights',
    `${row.login} holds ${above.ref}, which gives rights that you do not have. Ask somebody who has them.`,
  );
}

/** Nobody gives what they do not hold. @throws DomainError above_your_rights */
export function requireHolding(actor: Actor, set: { ref: string; grants: unknown }): void {
  if (holds(actor, parseGrants(set.grants))) return;
  throw new DomainError(
    'forbidden',
    'above_your_rights',
    `${set.ref} gives rights that you do not have yourself, so you cannot give it to others.`,
  );
}

/** The ids of the named sets. @throws DomainError invalid for an unknown one, forbidden for more than the actor holds */
export async function getAssignableSets(
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
  for (const row of rows) if (!held.includes(row.ref)) requireHolding(actor, row);
  return rows.map((row) => row.id);
}

export async function assignSets(
  tx: ConfigurationTx,
  actor: Actor,
  identityId: number,
  refs: readonly string[],
): Promise<void> {
  const held = rolesOf(await getPersonRow(tx, actor.tenantId, identityId));
  const sets = await getAssignableSets(tx, actor, refs, held);
  await tx.prisma.permissionAssignment.deleteMany({
    where: { tenantId: actor.tenantId, identityId, packRef: null, permissionSetId: { notIn: sets } },
  });
  await tx.prisma.permissionAssignment.createMany({
    data: sets.map((permissionSetId) => ({ tenantId: actor.tenantId, identityId, permissionSetId })),
    skipDuplicates: true,
  });
}

/** Under the tenant's lock, so that two administrators cannot take the role from each other at the same time. */
export async function keepAnAdministrator(
  tx: ConfigurationTx,
  tenantId: number,
  without: number,
): Promise<void> {
  await tx.query('SELECT count(*)::int AS held FROM pg_advisory_xact_lock(72707372, $1::int)', [tenantId]);
  const others = await tx.prisma.permissionAssignment.count({
    where: {
      tenantId,
      packRef: null,
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
