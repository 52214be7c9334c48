import { z } from 'zod';
import { Id } from '../fields';
import { needs, person, router } from '../trpc';
import * as service from './service';

export const liveRouter = router({
  /**
   * Every change that the caller may read, in commit order, in batches. Each is `tracked` by the feed's cursor:
   * a reader that comes back with `lastEventId` misses nothing and sees nothing twice.
   */
  changes: person
    .input(z.strictObject({ lastEventId: z.string().max(60).nullish() }))
    .subscription(({ ctx, input, signal }) =>
      service.streamChanges(ctx.actor, input.lastEventId ?? null, signal),
    ),
  /** The output of one execution as it streams, tracked by its sequence number; ends after the execution has. */
  log: needs('executions', 'read')
    .input(z.strictObject({ executionId: Id, lastEventId: z.string().max(20).nullish() }))
    .subscription(({ ctx, input, signal }) =>
      service.streamLog(ctx.actor, input.executionId, input.lastEventId ?? null, signal),
    ),
});
