import { z } from 'zod';
import { Id, Ref } from '../fields';
import { needs, router } from '../trpc';
import { CreateTrigger, EmitEvent, Trigger, TriggerSummary, UpdateTrigger } from './schema';
import * as service from './service';

const ByRef = z.strictObject({ ref: Ref });

export const triggersRouter = router({
  list: needs('triggers', 'read')
    .output(z.array(TriggerSummary))
    .query(({ ctx }) => service.listTriggers(ctx.actor)),
  get: needs('triggers', 'read')
    .input(ByRef)
    .output(Trigger)
    .query(({ ctx, input }) => service.getTrigger(ctx.actor, input.ref)),
  create: needs('triggers', 'create')
    .input(CreateTrigger)
    .output(Trigger)
    .mutation(({ ctx, input }) => service.createTrigger(ctx.actor, input)),
  update: needs('triggers', 'update')
    .input(UpdateTrigger)
    .output(Trigger)
    .mutation(({ ctx, input }) => service.updateTrigger(ctx.actor, input)),
  enableWebhook: needs('triggers', 'update')
    .input(ByRef)
    .output(Trigger)
    .mutation(({ ctx, input }) => service.enableWebhook(ctx.actor, input.ref)),
  disableWebhook: needs('triggers', 'update')
    .input(ByRef)
    .output(Trigger)
    .mutation(({ ctx, input }) => service.disableWebhook(ctx.actor, input.ref)),
  regenerateWebhook: needs('triggers', 'update')
    .input(ByRef)
    .output(Trigger)
    .mutation(({ ctx, input }) => service.regenerateWebhook(ctx.actor, input.ref)),
  emit: needs('executions', 'execute')
    .input(EmitEvent)
    .output(z.object({ eventId: Id }))
    .mutation(({ ctx, input }) => service.emitEvent(ctx.actor, input)),
  remove: needs('triggers', 'delete')
    .input(ByRef)
    .output(z.null())
    .mutation(({ ctx, input }) => service.removeTrigger(ctx.actor, input.ref)),
});
