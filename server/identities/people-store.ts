import type { z } from 'zod';
import { notFound } from '@/engine/errors';
import type { ConfigurationTx } from '../db';
import { appendChanges } from '../feed/store';
import type { Actor } from './actor';
import type { Person } from './schema';

/** What a person's row is read with: their roles, and when they were last seen. */
export const withRoles = {
  assignments: {
    where: { packRef: null },
    select: { permissionSet: { select: { ref: true, grants: true } } },
  },
  sessions: { select: { lastSeen: true }, orderBy: { lastSeen: 'desc' }, take: 1 },
} as const;

export type PersonRow = Awaited<ReturnType<typeof getPersonRow>>;

export async function getPersonRow(tx: ConfigurationTx, tenantId: number, id: number) {
  const row = await tx.prisma.identity.findFirst({ where: { id, tenantId }, include: withRoles });
  if (!row) throw notFound('person', id);
  return row;
}

export function rolesOf(row: PersonRow): string[] {
  return row.assignments.map(({ permissionSet }) => permissionSet.ref).sort();
}

export function toPerson(row: PersonRow): z.infer<typeof Person> {
  return {
    id: Number(row.id),
    login: row.login,
    displayName: row.displayName,
    frozen: row.frozen,
    isGuest: row.homeId !== null,
    permissionSets: rolesOf(row),
    created: row.created.toISOString(),
    lastSeen: row.sessions[0]?.lastSeen.toISOString() ?? null,
  };
}

export async function tellPerson(
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
