import type { z } from 'zod';
import { conflict, forbidden, invalid, notFound } from '@/engine/errors';
import { inConfiguration, inSystem, isUniqueViolation, querySystem, type Tx } from '../db';
import { appendChanges } from '../feed/store';
import { requireRight, type Actor } from '../identities/actor';
import { forgetActors } from '../identities/actor-cache';
import { identitiesOfPerson, requirePerson } from '../identities/own-sessions';
import { hashPassword } from '../identities/passwords';
import { administratorSet } from '../identities/permission-sets';
import { insertTenant } from '../identities/registration';
import { getAssignableSets, keepAnAdministrator } from '../identities/roles';
import { defaultTenantId, standardTenantId } from '../packs/refs';
import type { CreateTenant, JoinPerson, OwnTenant, Tenant } from './schema';

/** Tenants, and who is in which. They belong to the installation, whose people are those of the default tenant. */

type Tenant = z.infer<typeof Tenant>;

/** The tenants that the caller may switch to, and the one that they are in, by name. @throws DomainError forbidden */
export async function listOwnTenants(actor: Actor): Promise<z.infer<typeof OwnTenant>[]> {
  requirePerson(actor);
  const rows = await querySystem<{ id: number; name: string; slug: string; isHome: boolean }>(
    `SELECT t.id, t.name, t.slug, i.home_id IS NULL AS "isHome" FROM identity i JOIN tenant t ON t.id = i.tenant_id
     WHERE i.id IN (${identitiesOfPerson}) AND NOT i.frozen AND t.suspended_at IS NULL ORDER BY t.name, t.id LIMIT 200`,
    [actor.identityId],
  );
  return rows.map((row) => ({ ...row, isThis: row.id === actor.tenantId }));
}

/** The person's identity in another of their tenants. @throws DomainError not_found */
export async function getOwnIdentityIn(actor: Actor, tenantId: number): Promise<number> {
  requirePerson(actor);
  const [row] = await querySystem<{ id: number }>(
    `SELECT i.id FROM identity i JOIN tenant t ON t.id = i.tenant_id
     WHERE i.id IN (${identitiesOfPerson}) AND i.tenant_id = $2 AND NOT i.frozen AND t.suspended_at IS NULL`,
    [actor.identityId, tenantId],
  );
  if (!row) throw notFound('tenant', tenantId);
  return row.id;
}

/**
 * Takes the person out of another of their tenants, by their own wish: nobody has to stay where somebody else took them in.
 * @throws DomainError not_found, at_home, this_tenant, last_administrator
 */
export async function leaveTenant(actor: Actor, tenantId: number): Promise<null> {
  const id = await getOwnIdentityIn(actor, tenantId);
  if (tenantId === actor.tenantId)
    throw conflict('this_tenant', 'You are in this tenant at this moment: switch to another one first.');
  await inConfiguration(tenantId, async (tx) => {
    const { homeId, login } = await tx.prisma.identity.findUniqueOrThrow({ where: { id } });
    if (homeId === null)
      throw conflict('at_home', 'Your login belongs to this tenant. Its administrators can remove it.');
    const keeps = await tx.prisma.permissionAssignment.count({
      where: { tenantId, identityId: id, packRef: null, permissionSet: { ref: administratorSet } },
    });
    if (keeps > 0) await keepAnAdministrator(tx, tenantId, id);
    await tx.prisma.identity.delete({ where: { id } });
    await appendChanges(tx, tenantId, [
      { entityType: 'identity', entityId: id, kind: 'left', actorId: null, payload: { id, login } },
    ]);
  });
  forgetActors();
  return null;
}

/** @throws DomainError forbidden for all but administrators of the default tenant */
export function requireKeeper(actor: Actor): void {
  requireRight(actor, 'manage', 'permissions');
  if (actor.tenantId !== defaultTenantId)
    throw forbidden(
      'This belongs to the whole installation: ask an administrator of its default tenant for it.',
    );
}

const selectTenants = `SELECT t.id, t.name, t.slug, t.suspended_at AS "suspendedAt", t.created,
    (SELECT count(*)::int FROM identity i WHERE i.tenant_id = t.id) AS people
  FROM tenant t WHERE t.id <> ${standardTenantId}`;

function toTenant(
  row: Omit<Tenant, 'suspendedAt' | 'created'> & { suspendedAt: Date | null; created: Date },
) {
  const { suspendedAt, created } = row;
  return { ...row, suspendedAt: suspendedAt?.toISOString() ?? null, created: created.toISOString() };
}

/** Every tenant but the one of the standard packs, oldest first, at most 1,000. @throws DomainError forbidden */
export async function listTenants(actor: Actor): Promise<Tenant[]> {
  requireKeeper(actor);
  return (await querySystem<Parameters<typeof toTenant>[0]>(`${selectTenants} ORDER BY t.id LIMIT 1000`)).map(
    toTenant,
  );
}

async function getTenant(tx: Tx, id: number): Promise<Tenant> {
  const [row] = await tx.query<Parameters<typeof toTenant>[0]>(`${selectTenants} AND t.id = $1`, [id]);
  if (!row) throw notFound('tenant', id);
  return toTenant(row);
}

/**
 * A tenant with its first administrator: somebody new with a password, or somebody who has that login elsewhere.
 * @throws DomainError forbidden, tenant_taken, login_taken, invalid for a login that nobody has and no password
 */
export async function createTenant(actor: Actor, input: z.infer<typeof CreateTenant>): Promise<Tenant> {
  requireKeeper(actor);
  const { login, password, displayName = login } = input.admin;
  const passwordHash = password === undefined ? null : await hashPassword(password);
  return inSystem(async (tx) => {
    const tenantId = await insertTenant(tx, input.name, input.slug);
    const identityId =
      passwordHash === null
        ? await insertElsewhere(tx, tenantId, login, 'admin.login')
        : await insertNew(tx, { tenantId, login, displayName, passwordHash });
    await tx.query(
      `INSERT INTO permission_assignment (tenant_id, identity_id, permission_set_id)
       SELECT $1, $2, id FROM permission_set WHERE tenant_id = $3 AND ref = $4`,
      [tenantId, identityId, standardTenantId, administratorSet],
    );
    await tell(tx, actor, { tenantId, kind: 'tenant_created', name: input.name });
    return getTenant(tx, tenantId);
  });
}

async function insertNew(
  tx: Tx,
  one: { tenantId: number; login: string; displayName: string; passwordHash: string },
): Promise<number> {
  const [row] = await tx
    .query<{ id: number }>(
      'INSERT INTO identity (tenant_id, login, display_name, password_hash) VALUES ($1, $2, $3, $4) RETURNING id',
      [one.tenantId, one.login, one.displayName, one.passwordHash],
    )
    .catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error;
      throw conflict(
        'login_taken',
        `The login ${one.login} is taken: leave the password out to take them in.`,
      );
    });
  return row?.id ?? 0;
}

/**
 * The identity in this tenant of whoever has the login in another: they sign in as before, and switch.
 * @throws DomainError invalid at `path` for a login that nobody has, in_tenant_already
 */
async function insertElsewhere(tx: Tx, tenantId: number, login: string, path: string): Promise<number> {
  const [home] = await tx.query<{ id: number; tenantId: number; displayName: string }>(
    `SELECT id, tenant_id AS "tenantId", display_name AS "displayName" FROM identity WHERE login = $1 AND home_id IS NULL`,
    [login],
  );
  if (!home) throw invalid(`Nobody has the login ${login}.`, [{ path, message: 'nobody has this login' }]);
  const [row] = await tx.query<{ id: number }>(
    `INSERT INTO identity (tenant_id, login, display_name, home_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, login) DO NOTHING RETURNING id`,
    [tenantId, login, home.displayName, home.id],
  );
  if (!row) throw conflict('in_tenant_already', `${login} is in this tenant already.`);
  return row.id;
}

/**
 * Takes somebody of another tenant in, with permission sets that the caller holds. Their id here.
 * @throws DomainError invalid for a login that nobody has, in_tenant_already, forbidden
 */
export async function joinPerson(actor: Actor, input: z.infer<typeof JoinPerson>): Promise<number> {
  requireRight(actor, 'create', 'identities');
  const { tenantId } = actor;
  const sets = await inConfiguration(tenantId, (tx) => getAssignableSets(tx, actor, input.permissionSets));
  return inSystem(async (tx) => {
    const id = await insertElsewhere(tx, tenantId, input.login, 'login');
    await tx.query(
      `INSERT INTO permission_assignment (tenant_id, identity_id, permission_set_id) SELECT $1, $2, unnest($3::bigint[])`,
      [tenantId, id, sets.map(String)],
    );
    const { login, permissionSets } = input;
    await appendChanges(tx, tenantId, [
      {
        entityType: 'identity',
        entityId: id,
        kind: 'joined',
        actorId: actor.identityId,
        payload: { id, login, permissionSets },
      },
    ]);
    return id;
  });
}

/**
 * Suspends a tenant, or lets it in again. While it is suspended nobody of it signs in or calls, by no token; what runs goes
 * on. @throws DomainError not_found, own_tenant
 */
export async function setSuspended(actor: Actor, id: number, isSuspended: boolean): Promise<Tenant> {
  requireKeeper(actor);
  if (id === defaultTenantId)
    throw conflict('own_tenant', 'The default tenant keeps the installation and cannot be suspended.');
  const tenant = await inSystem(async (tx) => {
    await getTenant(tx, id);
    await tx.query(
      'UPDATE tenant SET suspended_at = CASE WHEN $2 THEN coalesce(suspended_at, now()) END WHERE id = $1',
      [id, isSuspended],
    );
    const changed = await getTenant(tx, id);
    await tell(tx, actor, {
      tenantId: id,
      kind: isSuspended ? 'tenant_suspended' : 'tenant_resumed',
      name: changed.name,
    });
    return changed;
  });
  forgetActors();
  return tenant;
}

/** In the log of those who keep the installation, and of whom it is about. */
async function tell(
  tx: Tx,
  actor: Actor,
  { tenantId, kind, name }: { tenantId: number; kind: string; name: string },
): Promise<void> {
  for (const [whose, actorId] of [
    [defaultTenantId, actor.identityId],
    [tenantId, null],
  ] as const)
    await appendChanges(tx, whose, [
      {
        entityType: 'identity',
        entityId: actor.identityId,
        kind,
        actorId,
        payload: { tenant: name, tenantId },
      },
    ]);
}
