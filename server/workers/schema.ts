import { z } from 'zod';
import { Id, JsonObject, Time } from '../fields';

export const WorkerSummary = z.object({
  id: Id,
  name: z.string(),
  host: z.string(),
  pid: z.number(),
  status: z.enum(['active', 'draining', 'offline']),
  slots: z.number(),
  busy: z.number(),
  runtimes: JsonObject,
  sandbox: z.string(),
  started: Time,
  heartbeatAt: Time,
  heartbeatAgeSeconds: z.number(),
  /** Since when it takes nothing new. */
  cordonedAt: Time.nullable(),
  cordonedBy: z.string().nullable(),
  cordonReason: z.string(),
  mayManage: z.boolean(),
});
export const CordonReason = z.string().trim().max(1000);
export type WorkerSummary = z.infer<typeof WorkerSummary>;
