import { z } from 'zod';
import { needs, router } from '../trpc';
import { CreatePack, PackSummary } from './schema';
import * as service from './service';

export const packsRouter = router({
  list: needs('packs', 'read').output(z.array(PackSummary)).query(({ ctx }) => service.listPacks(ctx.actor)),
  create: needs('packs', 'create').input(CreatePack).output(PackSummary).mutation(({ ctx, input }) => service.createPack(ctx.actor, input)),
});
