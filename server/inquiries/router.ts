import { z } from 'zod';
import { Id, pageOf } from '../fields';
import { needs, router } from '../trpc';
import { Inquiry, InquirySummary, ListInquiries, Respond } from './schema';
import * as service from './service';

export const inquiriesRouter = router({
  list: needs('inquiries', 'read')
    .input(ListInquiries)
    .output(pageOf(InquirySummary))
    .query(({ ctx, input }) => service.listInquiries(ctx.actor, input)),
  /** How many wait for the caller. */
  count: needs('inquiries', 'read')
    .output(z.number())
    .query(({ ctx }) => service.countMine(ctx.actor)),
  get: needs('inquiries', 'read')
    .input(z.strictObject({ id: Id }))
    .output(Inquiry)
    .query(({ ctx, input }) => service.getInquiry(ctx.actor, input.id)),
  /** Conflict when somebody decided already (the message says who); invalid with details per field when the response does not fit. */
  respond: needs('inquiries', 'respond')
    .input(Respond)
    .output(Inquiry)
    .mutation(({ ctx, input }) => service.respond(ctx.actor, input)),
});
