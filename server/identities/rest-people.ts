import { z } from 'zod';
import { notFound } from '@/engine/errors';
import { inConfiguration, type ConfigurationTx } from '../db';
import { Id, JsonObject, Label, Text, Time } from '../fields';
import type { ApiToken as ApiTokenRow } from '../generated/prisma/client';
import { FilterText, IdText, Numbered } from '../http/rest/fields';
import { partOf } from '../http/rest/paging';
import { bare, list, one, remove, type Route } from '../http/rest/route';
import { may, requireRight, type Actor } from './actor';
import { createApiToken, listApiTokens, revokeApiToken } from './api-tokens';
import { giveRole, listAssignments, takeRole } from './assignments';
import { Login } from './schema';
import { Assignment, OfRole, permissionRoutes, Role, toAssignment } from './rest-permissions';
import { createPerson, removePerson, updatePerson } from './service';

const IdentityRole = z.object({ id: Id, identity_id: Id, role: z.string(), created: Time });
const Summary = z.object({
  id: Id,
  login: z.string(),
  display_name: z.string().nullable(),
  frozen: z.boolean(),
  attributes: JsonObject,
  roles: z.array(z.string()),
});
const Identity = Summary.extend({
  tenant_id: Id,
  roles: z.array(IdentityRole),
  direct_permissions: z.array(Assignment),
  created: Time,
  updated: Time,
});
const Token = z.object({
  id: Id,
  identity_id: Id,
  label: z.string(),
  description: z.string(),
  active: z.boolean(),
  created: Time,
  last_used: Time.nullable(),
  revoked_at: Time.nullable(),
});

const Password = z.string().min(8, 'At least 8 characters.').max(1_000);
const people = { resource: 'identities' } as const;

const toToken = (row: ApiTokenRow): z.infer<typeof Token> => ({
  id: Number(row.id),
  identity_id: Number(row.identityId),
  label: row.label,
  description: row.description,
  active: row.active,
  created: row.created.toISOString(),
  last_used: row.lastUsed?.toISOString() ?? null,
  revoked_at: row.revokedAt?.toISOString() ?? null,
});

const included = {
  roles: { orderBy: { role: 'asc' } },
  assignments: { include: { permissionSet: true }, orderBy: { id: 'asc' } },
} as const;

function findIdentities(tx: ConfigurationTx, tenantId: number, id?: number) {
  return tx.prisma.identity.findMany({
    where: { tenantId, ...(id !== undefined && { id }) },
    include: included,
    orderBy: { login: 'asc' },
  });
}
type Row = Awaited<ReturnType<typeof findIdentities>>[number];

const toSummary = (row: Row): z.infer<typeof Summary> => ({
  id: Number(row.id),
  login: row.login,
  display_name: row.displayName,
  frozen: row.frozen,
  attributes: row.attributes as JsonObject,
  roles: row.roles.map(({ role }) => role),
});

/** Everybody may look at themselves. */
function getTold(actor: Actor, id: number): Promise<z.infer<typeof Identity>> {
  const isOwn = id === actor.identityId && actor.execution === undefined;
  if (!isOwn) requireRight(actor, 'read', 'identities', { id });
  return tell(actor, id);
}

async function tell(actor: Actor, id: number): Promise<z.infer<typeof Identity>> {
  const [row] = await inConfiguration(actor.tenantId, (tx) => findIdentities(tx, actor.tenantId, id));
  if (!row) throw notFound('identity', id);
  return {
    ...toSummary(row),
    tenant_id: Number(row.tenantId),
    roles: row.roles.map((given) => ({
      id: Number(given.id),
      identity_id: id,
      role: given.role,
      created: given.created.toISOString(),
    })),
    direct_permissions: row.assignments.map(toAssignment),
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
  };
}

const identityRoutes: readonly Route[] = [
  list(
    {
      path: '/identities',
      summary: 'Identities by login',
      access: { ...people, action: 'read' },
      query: z.object({ search: FilterText }),
      item: Summary,
    },
    async ({ actor, query, paging }) => {
      const rows = await inConfiguration(actor.tenantId, (tx) => findIdentities(tx, actor.tenantId));
      const sought = query.search?.toLowerCase() ?? '';
      const found = rows.filter(
        (row) =>
          may(actor, 'read', 'identities', { id: Number(row.id) }) &&
          `${row.login}\n${row.displayName}`.toLowerCase().includes(sought),
      );
      return partOf(found.map(toSummary), paging);
    },
  ),
  one(
    'post',
    {
      path: '/identities',
      summary: 'A new identity, without rights',
      access: { ...people, action: 'create' },
      body: z.object({
        login: Login,
        display_name: Label.nullish(),
        password: Password.nullish(),
        attributes: JsonObject.nullish(),
      }),
      answer: Identity,
      status: 201,
    },
    async ({ actor, body }) => {
      const { id } = await createPerson(actor, {
        login: body.login,
        displayName: body.display_name ?? body.login,
        permissionSets: [],
        ...(body.password && { password: body.password }),
        ...(body.attributes && { attributes: body.attributes }),
      });
      return tell(actor, id);
    },
  ),
  one(
    'get',
    {
      path: '/identities/{id}',
      summary: 'An identity with its roles and permission sets',
      access: { ...people, action: 'read', orSelf: true },
      params: Numbered,
      answer: Identity,
    },
    ({ actor, params }) => getTold(actor, params.id),
  ),
  one(
    'put',
    {
      path: '/identities/{id}',
      summary: 'Changes what is given of an identity; a new password and freezing end its sessions',
      access: { ...people, action: 'update' },
      params: Numbered,
      body: z.object({
        display_name: Label.nullish(),
        password: Password.nullish(),
        frozen: z.boolean().nullish(),
        attributes: JsonObject.nullish(),
      }),
      answer: Identity,
    },
    async ({ actor, params: { id }, body }) => {
      await updatePerson(actor, {
        id,
        ...(body.display_name && { displayName: body.display_name }),
        ...(body.password && { password: body.password }),
        ...(typeof body.frozen === 'boolean' && { frozen: body.frozen }),
        ...(body.attributes && { attributes: body.attributes }),
      });
      return tell(actor, id);
    },
  ),
  remove(
    {
      path: '/identities/{id}',
      summary: 'Removes an identity with its sessions and tokens; what it made stays',
      access: { ...people, action: 'delete' },
      params: Numbered,
    },
    async ({ actor, params }) => {
      await removePerson(actor, params.id);
      return `The identity ${params.id} is removed.`;
    },
  ),
  one(
    'post',
    {
      path: '/identities/{id}/roles',
      summary: 'Gives a role to an identity',
      access: { resource: 'permissions', action: 'manage' },
      params: Numbered,
      body: z.object({ role: Role }),
      answer: IdentityRole,
      status: 201,
    },
    async ({ actor, params: { id }, body }) => {
      const row = await giveRole(actor, id, body.role);
      return { id: Number(row.id), identity_id: id, role: row.role, created: row.created.toISOString() };
    },
  ),
  remove(
    {
      path: '/identities/{id}/roles/{role}',
      summary: 'Takes a role from an identity',
      access: { resource: 'permissions', action: 'manage' },
      params: OfRole,
    },
    async ({ actor, params }) => {
      await takeRole(actor, params.id, params.role);
      return `The role ${params.role} is taken.`;
    },
  ),
  bare(
    'get',
    {
      path: '/identities/{id}/permissions',
      summary: 'The permission sets that are assigned to an identity',
      access: { resource: 'permissions', action: 'read', orSelf: true },
      params: Numbered,
      answer: z.array(Assignment),
    },
    async ({ actor, params }) => (await listAssignments(actor, params.id)).map(toAssignment),
  ),
];

const tokenRoutes: readonly Route[] = [
  one(
    'post',
    {
      path: '/identities/{id}/integration-tokens',
      summary: 'A token for programs, told this once, to be exchanged by POST /auth/token-login',
      access: { ...people, action: 'manage', orSelf: true },
      params: Numbered,
      body: z.object({ label: Label, description: Text.nullish() }),
      answer: z.object({ token: z.string(), integration_token: Token }),
      tellsSecret: true,
      status: 201,
    },
    async ({ actor, params, body }) => {
      const words = { label: body.label, description: body.description ?? '' };
      const { token, row } = await createApiToken(actor, params.id, words);
      return { token, integration_token: toToken(row) };
    },
  ),
  list(
    {
      path: '/identities/{id}/integration-tokens',
      summary: 'The tokens of an identity, newest first',
      access: { ...people, action: 'manage', orSelf: true },
      params: Numbered,
      item: Token,
    },
    async ({ actor, params, paging }) => partOf((await listApiTokens(actor, params.id)).map(toToken), paging),
  ),
  remove(
    {
      path: '/identities/{id}/integration-tokens/{token}',
      summary: 'Revokes a token, and at once what was exchanged for it',
      access: { ...people, action: 'manage', orSelf: true },
      params: Numbered.extend({ token: IdText }),
    },
    async ({ actor, params }) => {
      await revokeApiToken(actor, params.id, params.token);
      return `The token ${params.token} is revoked.`;
    },
  ),
];

/** People, their roles, tokens and rights, below `/api/v1`. */
export const peopleRoutes: readonly Route[] = [...identityRoutes, ...tokenRoutes, ...permissionRoutes];
