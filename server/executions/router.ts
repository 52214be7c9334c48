import { z } from 'zod';
import { Id, pageOf } from '../fields';
import { needs, router } from '../trpc';
import {
  Execution,
  ExecutionSummary,
  ListExecutions,
  LogPage,
  ReadLog,
  RequestExecution,
  RerunExecution,
  RunView,
  TimelineEntry,
} from './schema';
import { pauseExecution, resumeExecution } from './pause';
import { rerunExecution } from './rerun';
import * as service from './service';

const ById = z.strictObject({ id: Id });

export const executionsRouter = router({
  /** Parameters that do not fit the schema make an execution that has failed, with the reason. */
  request: needs('executions', 'execute')
    .input(RequestExecution)
    .output(ExecutionSummary)
    .mutation(({ ctx, input }) => service.requestExecution(ctx.actor, input)),
  list: needs('executions', 'read')
    .input(ListExecutions)
    .output(pageOf(ExecutionSummary))
    .query(({ ctx, input }) => service.listExecutions(ctx.actor, input)),
  get: needs('executions', 'read')
    .input(ById)
    .output(Execution)
    .query(({ ctx, input }) => service.getExecution(ctx.actor, input.id)),
  /** The whole tree that the execution belongs to, root first, then by id; at most 5,000. */
  tree: needs('executions', 'read')
    .input(ById)
    .output(z.array(ExecutionSummary))
    .query(({ ctx, input }) => service.getTree(ctx.actor, input.id)),
  /** Only for an execution of kind workflow. */
  run: needs('executions', 'read')
    .input(ById)
    .output(RunView)
    .query(({ ctx, input }) => service.getRun(ctx.actor, input.id)),
  log: needs('executions', 'read')
    .input(ReadLog)
    .output(LogPage)
    .query(({ ctx, input }) => service.readLog(ctx.actor, input)),
  timeline: needs('executions', 'read')
    .input(z.strictObject({ id: Id, after: z.number().int().min(0).default(0) }))
    .output(z.array(TimelineEntry))
    .query(({ ctx, input }) => service.getTimeline(ctx.actor, input.id, input.after)),
  cancel: needs('executions', 'cancel')
    .input(ById)
    .output(ExecutionSummary)
    .mutation(({ ctx, input }) => service.cancelExecution(ctx.actor, input.id)),
  /** A workflow's run and the runs below it start nothing new; what runs may finish. */
  pause: needs('executions', 'execute')
    .input(ById)
    .output(ExecutionSummary)
    .mutation(({ ctx, input }) => pauseExecution(ctx.actor, input.id)),
  resume: needs('executions', 'execute')
    .input(ById)
    .output(ExecutionSummary)
    .mutation(({ ctx, input }) => resumeExecution(ctx.actor, input.id)),
  /** A new execution; the old one stays as it is. */
  rerun: needs('executions', 'execute')
    .input(RerunExecution)
    .output(ExecutionSummary)
    .mutation(({ ctx, input }) => rerunExecution(ctx.actor, input)),
});
