import { z } from 'zod';
import { Id } from '../fields';
import { needs, router } from '../trpc';
import { CordonReason, WorkerSummary } from './schema';
import * as service from './service';

export const workersRouter = router({
  list: needs('workers', 'read')
    .output(z.array(WorkerSummary))
    .query(({ ctx }) => service.listWorkers(ctx.actor)),
  /** It takes no new executions from now on. */
  cordon: needs('workers', 'manage')
    .input(z.strictObject({ id: Id, reason: CordonReason }))
    .output(WorkerSummary)
    .mutation(({ ctx, input }) => service.cordonWorker(ctx.actor, input.id, input.reason)),
  uncordon: needs('workers', 'manage')
    .input(z.strictObject({ id: Id }))
    .output(WorkerSummary)
    .mutation(({ ctx, input }) => service.cordonWorker(ctx.actor, input.id, null)),
});
