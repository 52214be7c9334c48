import { z } from 'zod';
import { ExecutionSummary } from '../executions/schema';
import { Id } from '../fields';

export const Home = z.object({
  counts: z.object({
    running: z.number(),
    waiting: z.number(),
    endedToday: z.number(),
    failedToday: z.number(),
    inbox: z.number(),
    workers: z.number(),
  }),
  recent: z.array(ExecutionSummary),
  /** The example story, while its pack is loaded. */
  example: z
    .object({
      workflowRef: z.string(),
      triggerRef: z.string(),
      webhookUrl: z.string().nullable(),
      payload: z.record(z.string(), z.unknown()),
      lastExecutionId: Id.nullable(),
    })
    .nullable(),
});
export type Home = z.infer<typeof Home>;
