import type { z } from 'zod';
import { conflict, invalid, notFound } from '@/engine/errors';
import { inConfiguration, isUniqueViolation, type ConfigurationTx } from '../db';
import type { CreateTeam, RoleSummary, Team, UpdateTeam } from './access-schema';
import { requireRight, type Actor } from './actor';
import { forgetActors } from './actor-cache';
import { getPersonRow, tellPerson } from './people-store';
import { requireHolding, requireNotAbove } from './roles';

/** Named groups of identities: what is assigned to a team is held by each of its members (docs/adr/0043). */

type Team = z.infer<typeof Team>;

const withParts = {
  members: {
    include: { identity: { select: { id: true, login: true, displayName: true } } },
    orderBy: { identity: { login: 'asc' } },
    take: 1_000,
  },
  assignments: { include: { permissionSet: true }, orderBy: { id: 'asc' } },
} as const;

async function getRow(tx: ConfigurationTx, tenantId: number, id: number) {
  const row = await tx.prisma.team.findFirst({ where: { id, tenantId }, include: withParts });
  if (!row) throw notFound('team', id);
  return row;
}

interface AssignedSet {
  id: bigint;
  packRef: string | null;
  permissionSet: { ref: string; label: string };
}
const toHolding = ({ id, packRef, permissionSet }: AssignedSet) => ({
  id: Number(id),
  setRef: permissionSet.ref,
  setLabel: permissionSet.label,
  packRef,
});

function toTeam(row: Awaited<ReturnType<typeof getRow>>): Team {
  return {
    id: Number(row.id),
    name: row.name,
    label: row.label,
    description: row.description,
    members: row.members.map(({ identity }) => ({ ...identity, id: Number(identity.id) })),
    sets: row.assignments.map(toHolding),
    created: row.created.toISOString(),
  };
}

/** The teams of the tenant by name, at most 1,000. */
export async function listTeams(actor: Actor): Promise<Team[]> {
  requireRight(actor, 'read', 'permissions');
  return inConfiguration(actor.tenantId, async (tx) => {
    const rows = await tx.prisma.team.findMany({
      where: { tenantId: actor.tenantId },
      include: withParts,
      orderBy: { name: 'asc' },
      take: 1_000,
    });
    return rows.map(toTeam);
  });
}

/** @throws DomainError not_found */
export async function getTeam(actor: Actor, id: number): Promise<Team> {
  requireRight(actor, 'read', 'permissions');
  return inConfiguration(actor.tenantId, async (tx) => toTeam(await getRow(tx, actor.tenantId, id)));
}

/** A new team, without rights. @throws DomainError team_taken, invalid for a member that is not there */
export async function createTeam(actor: Actor, input: z.infer<typeof CreateTeam>): Promise<Team> {
  requireRight(actor, 'manage', 'permissions');
  const { members, ...named } = input;
  const { tenantId } = actor;
  const team = await inConfiguration(tenantId, async (tx) => {
    await requirePeople(tx, tenantId, members);
    const { id } = await tx.prisma.team.create({
      data: {
        ...named,
        tenantId,
        members: { create: [...new Set(members)].map((identityId) => ({ tenantId, identityId })) },
      },
    });
    await tell(tx, actor, 'team_created', named.name, members);
    return toTeam(await getRow(tx, tenantId, Number(id)));
  }).catch((error: unknown) => {
    if (!isUniqueViolation(error)) throw error;
    throw conflict('team_taken', `There is a team ${input.name} already.`);
  });
  forgetActors();
  return team;
}

/**
 * The changed team; `members` are all that it has from now on. Who comes in is given what the team holds, so the caller must
 * hold it; who goes out must hold no more than the caller. @throws DomainError not_found, above_your_rights, invalid
 */
export async function updateTeam(actor: Actor, input: z.infer<typeof UpdateTeam>): Promise<Team> {
  requireRight(actor, 'manage', 'permissions');
  const { id: teamId, members, label, description } = input;
  const { tenantId } = actor;
  const team = await inConfiguration(tenantId, async (tx) => {
    const row = await getRow(tx, tenantId, teamId);
    await tx.prisma.team.update({
      where: { id: teamId },
      data: { ...(label !== undefined && { label }), ...(description !== undefined && { description }) },
    });
    const before = new Set(row.members.map(({ identityId }) => Number(identityId)));
    const after = new Set(members ?? before);
    const joining = [...after].filter((one) => !before.has(one));
    const leaving = [...before].filter((one) => !after.has(one));
    await requirePeople(tx, tenantId, joining);
    if (joining.length > 0)
      for (const { permissionSet } of row.assignments) requireHolding(actor, permissionSet);
    for (const one of leaving) await requireNotAbove(tx, actor, await getPersonRow(tx, tenantId, one));
    await tx.prisma.teamMember.deleteMany({ where: { tenantId, teamId, identityId: { in: leaving } } });
    await tx.prisma.teamMember.createMany({
      data: joining.map((identityId) => ({ tenantId, teamId, identityId })),
    });
    await tell(tx, actor, 'team_changed', row.name, [...joining, ...leaving]);
    return toTeam(await getRow(tx, tenantId, teamId));
  });
  forgetActors();
  return team;
}

/** Removes the team; its members lose what it gave. @throws DomainError not_found, above_your_rights */
export async function removeTeam(actor: Actor, id: number): Promise<null> {
  requireRight(actor, 'manage', 'permissions');
  await inConfiguration(actor.tenantId, async (tx) => {
    const row = await getRow(tx, actor.tenantId, id);
    for (const { permissionSet } of row.assignments) requireHolding(actor, permissionSet);
    await tx.prisma.team.delete({ where: { id } });
    const members = row.members.map(({ identityId }) => Number(identityId));
    await tell(tx, actor, 'team_removed', row.name, members);
  });
  forgetActors();
  return null;
}

/** The roles of the tenant by name: who has them, and what they give. At most 1,000 people and sets each. */
export async function listRoles(actor: Actor): Promise<z.infer<typeof RoleSummary>[]> {
  requireRight(actor, 'read', 'permissions');
  const { tenantId } = actor;
  return inConfiguration(tenantId, async (tx) => {
    const people = await tx.prisma.identityRole.findMany({
      where: { tenantId },
      include: { identity: { select: { id: true, login: true, displayName: true } } },
      orderBy: { identity: { login: 'asc' } },
      take: 1_000,
    });
    const given = await tx.prisma.permissionSetRole.findMany({
      where: { tenantId },
      include: { permissionSet: true },
      orderBy: { id: 'asc' },
      take: 1_000,
    });
    const names = new Set([...people, ...given].map(({ role }) => role));
    return [...names].sort().map((role) => ({
      role,
      members: people
        .filter((one) => one.role === role)
        .map(({ identity }) => ({ ...identity, id: Number(identity.id) })),
      sets: given.filter((one) => one.role === role).map(toHolding),
    }));
  });
}

async function requirePeople(tx: ConfigurationTx, tenantId: number, ids: readonly number[]): Promise<void> {
  const rows = await tx.prisma.identity.findMany({
    where: { tenantId, id: { in: [...ids] } },
    select: { id: true },
  });
  const known = new Set(rows.map(({ id }) => Number(id)));
  const unknown = ids.flatMap((id, index) =>
    known.has(id) ? [] : [{ path: `members.${index}`, message: `there is no person ${id}` }],
  );
  if (unknown.length > 0) throw invalid('A member does not exist.', unknown);
}

/** Told as a change of each whose rights it moves, so that their open pages know. */
async function tell(
  tx: ConfigurationTx,
  actor: Actor,
  kind: string,
  team: string,
  people: readonly number[],
): Promise<void> {
  for (const id of people.length > 0 ? people : [actor.identityId])
    await tellPerson(tx, actor, id, kind, { team });
}
