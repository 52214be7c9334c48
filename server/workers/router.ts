import { z } from 'zod';
import { needs, router } from '../trpc';
import { WorkerSummary } from './schema';
import * as service from './service';

export const workersRouter = router({
  list: needs('workers', 'read')
    .output(z.array(WorkerSummary))
    .query(({ ctx }) => service.listWorkers(ctx.actor)),
});
