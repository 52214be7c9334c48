import { z } from 'zod';
import { AnyJson, Id, JsonObject, PageInput, Time } from '../fields';

export const ListInquiries = PageInput.extend({
  view: z.enum(['mine', 'teams', 'all', 'answered', 'expired']).default('mine'),
});
export const Respond = z.strictObject({
  id: Id,
  response: JsonObject,
  comment: z.string().max(5000).default(''),
});

export const InquirySummary = z.object({
  id: Id,
  executionId: Id,
  rootId: Id,
  prompt: z.string(),
  status: z.enum(['pending', 'responded', 'timeout', 'cancelled']),
  assignedTo: z.array(z.string()),
  workflowRef: z.string().nullable(),
  taskName: z.string().nullable(),
  timeoutAt: Time.nullable(),
  /** What comes then; it changes as the inquiry is escalated. */
  onTimeout: z.enum(['default', 'fail', 'escalate']),
  /** Who is asked then, where it is escalated. */
  escalateTo: z.array(z.string()),
  escalatedAt: Time.nullable(),
  escalatedFrom: z.array(z.string()).nullable(),
  respondedBy: z.string().nullable(),
  respondedAt: Time.nullable(),
  created: Time,
  mayRespond: z.boolean(),
});
export type InquirySummary = z.infer<typeof InquirySummary>;
export const Inquiry = InquirySummary.extend({
  /** JSON Schema of an object. */
  responseSchema: JsonObject,
  response: AnyJson.nullable(),
  comment: z.string(),
  quorum: z.number(),
  defaultResponse: AnyJson.nullable(),
  answers: z.array(z.object({ by: z.string(), response: AnyJson, comment: z.string(), created: Time })),
});
export type Inquiry = z.infer<typeof Inquiry>;
