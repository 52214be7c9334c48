import { z } from 'zod';
import { Id, Label, Time } from '../fields';
import { Numbered } from '../http/rest/fields';
import { partOf } from '../http/rest/paging';
import { list, one, type Route } from '../http/rest/route';
import { Login } from '../identities/schema';
import { Slug, type Tenant } from './schema';
import { createTenant, listTenants, setSuspended } from './service';

const TenantAnswer = z.object({
  id: Id,
  name: z.string(),
  slug: z.string(),
  people: z.number().int(),
  suspended_at: Time.nullable(),
  created: Time,
});
const toAnswer = ({ suspendedAt, ...tenant }: z.infer<typeof Tenant>) => ({
  ...tenant,
  suspended_at: suspendedAt,
});
const access = { resource: 'permissions', action: 'manage' } as const;

const suspension = (path: string, summary: string, isSuspended: boolean) =>
  one('post', { path, summary, access, params: Numbered, answer: TenantAnswer }, async ({ actor, params }) =>
    toAnswer(await setSuspended(actor, params.id, isSuspended)),
  );

/** Tenants, for administrators of the default one, below `/api/v1`. */
export const tenantRoutes: readonly Route[] = [
  list(
    { path: '/tenants', summary: 'Every tenant of the installation', access, item: TenantAnswer },
    async ({ actor, paging }) => partOf((await listTenants(actor)).map(toAnswer), paging),
  ),
  one(
    'post',
    {
      path: '/tenants',
      summary:
        'A tenant with its first administrator: without a password somebody who has that login already',
      access,
      body: z.object({
        name: Label,
        slug: Slug.nullish(),
        admin: z.object({
          login: Login,
          display_name: Label.nullish(),
          password: z.string().min(8, 'At least 8 characters.').max(1000).nullish(),
        }),
      }),
      answer: TenantAnswer,
      status: 201,
    },
    async ({ actor, body: { name, slug, admin } }) =>
      toAnswer(
        await createTenant(actor, {
          name,
          ...(slug && { slug }),
          admin: {
            login: admin.login,
            ...(admin.display_name && { displayName: admin.display_name }),
            ...(admin.password && { password: admin.password }),
          },
        }),
      ),
  ),
  suspension('/tenants/{id}/suspend', 'Suspends a tenant: nobody of it may come in', true),
  suspension('/tenants/{id}/resume', 'Lets a suspended tenant in again', false),
];
