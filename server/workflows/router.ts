import { z } from 'zod';
import { Ref } from '../fields';
import { needs, router } from '../trpc';
import {
  CreateWorkflow,
  Publish,
  Revision,
  RevisionSummary,
  SaveDraft,
  SavedDraft,
  Workflow,
  WorkflowSummary,
} from './schema';
import * as service from './service';

const ByNumber = z.strictObject({ ref: Ref, number: z.number().int().positive() });

export const workflowsRouter = router({
  list: needs('actions', 'read')
    .output(z.array(WorkflowSummary))
    .query(({ ctx }) => service.listWorkflows(ctx.actor)),
  get: needs('actions', 'read')
    .input(z.strictObject({ ref: Ref }))
    .output(Workflow)
    .query(({ ctx, input }) => service.getWorkflow(ctx.actor, input.ref)),
  create: needs('actions', 'create')
    .input(CreateWorkflow)
    .output(Workflow)
    .mutation(({ ctx, input }) => service.createWorkflow(ctx.actor, input)),
  /** Conflict (word `stale_draft`) when somebody saved since; the draft may hold problems. */
  saveDraft: needs('actions', 'update')
    .input(SaveDraft)
    .output(SavedDraft)
    .mutation(({ ctx, input }) => service.saveDraft(ctx.actor, input)),
  /** Makes an immutable numbered revision of the draft. Errors in it refuse; their list is in the error's details. */
  publish: needs('actions', 'update')
    .input(Publish)
    .output(RevisionSummary)
    .mutation(({ ctx, input }) => service.publish(ctx.actor, input)),
  revisions: needs('actions', 'read')
    .input(z.strictObject({ ref: Ref }))
    .output(z.array(RevisionSummary))
    .query(({ ctx, input }) => service.listRevisions(ctx.actor, input.ref)),
  revision: needs('actions', 'read')
    .input(ByNumber)
    .output(Revision)
    .query(({ ctx, input }) => service.getRevision(ctx.actor, input.ref, input.number)),
  /** Puts an old revision into the draft. */
  restore: needs('actions', 'update')
    .input(ByNumber)
    .output(Workflow)
    .mutation(({ ctx, input }) => service.restoreRevision(ctx.actor, input.ref, input.number)),
  remove: needs('actions', 'delete')
    .input(z.strictObject({ ref: Ref }))
    .output(z.null())
    .mutation(({ ctx, input }) => service.removeWorkflow(ctx.actor, input.ref)),
});
