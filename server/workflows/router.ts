import { z } from 'zod';
import { Id, JsonObject, Ref } from '../fields';
import { ExecutionSummary } from '../executions/schema';
import { needs, router } from '../trpc';
import { runDraft, RunDraft } from './draft-run';
import {
  InputSet,
  listInputSets,
  removeInputSet,
  removeSharedInputSet,
  SaveInputSet,
  saveInputSet,
} from './input-sets';
import { Pin, pinOutput } from './pins';
import { Here, Present, tellPresence } from './presence';
import {
  CreateWorkflow,
  NameRevision,
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
  nameRevision: needs('actions', 'update')
    .input(NameRevision)
    .output(z.array(RevisionSummary))
    .mutation(({ ctx, input }) => service.nameRevision(ctx.actor, input)),
  /** Runs the draft without publishing it: whole, one step, or up to a task. */
  runDraft: needs('actions', 'update', { resource: 'executions', action: 'execute' })
    .input(RunDraft)
    .output(ExecutionSummary)
    .mutation(({ ctx, input }) => runDraft(ctx.actor, input)),
  pin: needs('actions', 'update')
    .input(Pin)
    .output(JsonObject)
    .mutation(({ ctx, input }) => pinOutput(ctx.actor, input)),
  inputSets: needs('actions', 'read')
    .input(z.strictObject({ ref: Ref }))
    .output(z.array(InputSet))
    .query(({ ctx, input }) => listInputSets(ctx.actor, input.ref)),
  saveInputSet: needs('executions', 'execute')
    .input(SaveInputSet)
    .output(z.array(InputSet))
    .mutation(({ ctx, input }) => saveInputSet(ctx.actor, input)),
  removeInputSet: needs('executions', 'execute')
    .input(z.strictObject({ ref: Ref, id: Id }))
    .output(z.array(InputSet))
    .mutation(({ ctx, input }) => removeInputSet(ctx.actor, input.ref, input.id)),
  removeSharedInputSet: needs('actions', 'update')
    .input(z.strictObject({ ref: Ref, id: Id }))
    .output(z.array(InputSet))
    .mutation(({ ctx, input }) => removeSharedInputSet(ctx.actor, input.ref, input.id)),
  /** Who else has the editor open; asked every ten seconds by each tab that has. */
  here: needs('actions', 'read')
    .input(Here)
    .output(z.array(Present))
    .mutation(({ ctx, input }) => tellPresence(ctx.actor, input)),
  remove: needs('actions', 'delete')
    .input(z.strictObject({ ref: Ref }))
    .output(z.null())
    .mutation(({ ctx, input }) => service.removeWorkflow(ctx.actor, input.ref)),
});
