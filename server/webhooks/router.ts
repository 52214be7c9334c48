import { z } from 'zod';
import { Id, pageOf, Ref } from '../fields';
import { needs, router } from '../trpc';
import { Delivery, DeliveryDetails, ListDeliveries, OneDelivery, SaveConfig, ToldConfig } from './schema';
import * as service from './service';

export const webhooksRouter = router({
  config: needs('triggers', 'update')
    .input(z.strictObject({ ref: Ref }))
    .output(ToldConfig)
    .query(({ ctx, input }) => service.getConfig(ctx.actor, input.ref)),
  saveConfig: needs('triggers', 'update')
    .input(z.strictObject({ ref: Ref, config: SaveConfig }))
    .output(ToldConfig)
    .mutation(({ ctx, input }) => service.saveConfig(ctx.actor, input.ref, input.config)),
  deliveries: needs('triggers', 'update')
    .input(ListDeliveries)
    .output(pageOf(Delivery))
    .query(({ ctx, input }) => service.listDeliveries(ctx.actor, input)),
  delivery: needs('triggers', 'update')
    .input(OneDelivery)
    .output(DeliveryDetails)
    .query(({ ctx, input }) => service.getDelivery(ctx.actor, input.ref, input.id)),
  redeliver: needs('executions', 'execute', { resource: 'triggers', action: 'update' })
    .input(OneDelivery)
    .output(z.object({ eventId: Id }))
    .mutation(({ ctx, input }) => service.redeliver(ctx.actor, input.ref, input.id)),
});
