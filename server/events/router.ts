import { z } from 'zod';
import { Id, pageOf } from '../fields';
import { needs, router } from '../trpc';
import { listEnforcements } from './enforcements';
import { Enforcement, Event, EventSummary, ListEnforcements, ListEvents } from './schema';
import * as service from './service';

export const eventsRouter = router({
  list: needs('events', 'read')
    .input(ListEvents)
    .output(pageOf(EventSummary))
    .query(({ ctx, input }) => service.listEvents(ctx.actor, input)),
  /** What rules started. */
  enforcements: needs('enforcements', 'read')
    .input(ListEnforcements)
    .output(pageOf(Enforcement))
    .query(({ ctx, input }) => listEnforcements(ctx.actor, input)),
  get: needs('events', 'read')
    .input(z.strictObject({ id: Id }))
    .output(Event)
    .query(({ ctx, input }) => service.getEvent(ctx.actor, input.id)),
  /** The same once more, for the rules as they are now. */
  replay: needs('events', 'create')
    .input(z.strictObject({ id: Id }))
    .output(z.object({ id: Id }))
    .mutation(async ({ ctx, input }) => ({ id: await service.replayEvent(ctx.actor, input.id) })),
});
