import { z } from 'zod';
import { Id } from '../fields';
import { needs, router } from '../trpc';
import { CreateTenant, Tenant } from './schema';
import * as service from './service';

/** For those who keep the installation. */
export const tenantsRouter = router({
  list: needs('permissions', 'manage')
    .output(z.array(Tenant))
    .query(({ ctx }) => service.listTenants(ctx.actor)),
  create: needs('permissions', 'manage')
    .input(CreateTenant)
    .output(Tenant)
    .mutation(({ ctx, input }) => service.createTenant(ctx.actor, input)),
  setSuspended: needs('permissions', 'manage')
    .input(z.strictObject({ id: Id, suspended: z.boolean() }))
    .output(Tenant)
    .mutation(({ ctx, input }) => service.setSuspended(ctx.actor, input.id, input.suspended)),
});
