import { z } from 'zod';
import { Id, PackRef, Time } from '../fields';
import { FilterText, Numbered } from '../http/rest/fields';
import { bare, one, remove, type Route } from '../http/rest/route';
import type { listAssignments } from './assignments';
import { assign, giveSetToRole, listSetsWithRoles, takeSetFromRole, toWhom, unassign } from './assignments';
import { RoleName } from './access-schema';
import { Grant } from './schema';

export const Assignment = z.object({
  id: Id,
  identity_id: Id,
  permission_set_id: Id,
  permission_set_ref: z.string(),
  pack_ref: z.string().nullable().describe('Where it is for one pack alone'),
  created: Time,
});
const SetRole = z.object({
  id: Id,
  permission_set_id: Id,
  role: z.string(),
  pack_ref: z.string().nullable(),
  created: Time,
});
const PermissionSet = z.object({
  id: Id,
  ref: z.string(),
  label: z.string().nullable(),
  description: z.string().nullable(),
  pack_ref: z.string().nullable(),
  grants: z.array(Grant),
  roles: z.array(SetRole),
});

export const Role = RoleName;
export const OfRole = Numbered.extend({ role: Role });
const rights = { resource: 'permissions' } as const;

export const toAssignment = (row: Awaited<ReturnType<typeof listAssignments>>[number]) => ({
  id: Number(row.id),
  identity_id: Number(row.identityId),
  permission_set_id: Number(row.permissionSetId),
  permission_set_ref: row.permissionSet.ref,
  pack_ref: row.packRef,
  created: row.created.toISOString(),
});

/** Permission sets and who holds them, below `/api/v1`. */
export const permissionRoutes: readonly Route[] = [
  bare(
    'get',
    {
      path: '/permissions/sets',
      summary: 'The permission sets that may be assigned, with the roles that give them',
      access: { ...rights, action: 'read' },
      query: z.object({ pack_ref: FilterText }),
      answer: z.array(PermissionSet),
    },
    async ({ actor, query }) =>
      (await listSetsWithRoles(actor, query.pack_ref ?? null)).map((row) => ({
        id: Number(row.id),
        ref: row.ref,
        label: row.label,
        description: row.description,
        pack_ref: row.packRef ?? row.ref.split('.', 1)[0] ?? null,
        grants: row.grants,
        roles: row.roles.map(({ id, role, packRef, created }) => ({
          id: Number(id),
          permission_set_id: Number(row.id),
          role,
          pack_ref: packRef,
          created: created.toISOString(),
        })),
      })),
  ),
  one(
    'post',
    {
      path: '/permissions/sets/{id}/roles',
      summary: 'Has a role give a permission set to everybody who has it',
      access: { ...rights, action: 'manage' },
      params: Numbered,
      body: z.object({ role: Role, pack_ref: PackRef.nullish() }),
      answer: SetRole.extend({ permission_set_ref: z.string() }),
      status: 201,
    },
    async ({ actor, params, body }) => {
      const row = await giveSetToRole(actor, { id: params.id }, body.role, body.pack_ref ?? null);
      return {
        id: Number(row.id),
        permission_set_id: params.id,
        permission_set_ref: row.permissionSetRef,
        role: row.role,
        pack_ref: row.packRef,
        created: row.created.toISOString(),
      };
    },
  ),
  remove(
    {
      path: '/permissions/sets/{id}/roles/{role}',
      summary: 'Has a role not give a permission set any more',
      access: { ...rights, action: 'manage' },
      params: OfRole,
    },
    async ({ actor, params }) => {
      await takeSetFromRole(actor, params.id, params.role);
      return `The role ${params.role} does not give it any more.`;
    },
  ),
  one(
    'post',
    {
      path: '/permissions/assignments',
      summary: 'Assigns a permission set to an identity',
      access: { ...rights, action: 'manage' },
      body: z.object({
        identity_id: Id.nullish(),
        identity_login: z.string().max(200).nullish(),
        permission_set_ref: z.string().min(1).max(200),
        pack_ref: PackRef.nullish().describe('For this pack alone (Default: for everything)'),
      }),
      answer: Assignment,
      status: 201,
    },
    async ({ actor, body }) =>
      toAssignment(await assign(actor, toWhom(body), body.permission_set_ref, body.pack_ref ?? null)),
  ),
  remove(
    {
      path: '/permissions/assignments/{id}',
      summary: 'Takes an assignment back',
      access: { ...rights, action: 'manage' },
      params: Numbered,
    },
    async ({ actor, params }) => {
      await unassign(actor, params.id);
      return `The assignment ${params.id} is taken back.`;
    },
  ),
];
