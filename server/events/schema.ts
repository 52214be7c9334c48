import { z } from 'zod';
import { AnyJson, Id, JsonObject, PageInput, Time } from '../fields';
import { Clause, Verdict } from '../rules/schema';

export const ListEvents = PageInput.extend({ triggerRef: z.string().max(200).optional() });
export const ListEnforcements = PageInput.extend({
  ruleRef: z.string().max(200).optional(),
  triggerRef: z.string().max(200).optional(),
});
export const Enforcement = z.object({
  id: Id,
  eventId: Id,
  ruleRef: z.string(),
  triggerRef: z.string(),
  actionRef: z.string(),
  status: z.enum(['created', 'processed', 'disabled']),
  executionId: Id.nullable(),
  executionState: z.string().nullable(),
  error: z.string().nullable(),
  created: Time,
});
export type Enforcement = z.infer<typeof Enforcement>;
export const EventSummary = z.object({
  id: Id,
  triggerRef: z.string(),
  source: z.string(),
  /** The one rule that it is for, such as a timer's. */
  ruleRef: z.string().nullable(),
  /** What brought it about, where an execution did. */
  executionId: Id.nullable(),
  /** The event that somebody had happen again. */
  replayOf: Id.nullable(),
  created: Time,
  processedAt: Time.nullable(),
  /** How many rules matched, stayed silent, and failed. */
  matched: z.number(),
  silent: z.number(),
  failed: z.number(),
});
export type EventSummary = z.infer<typeof EventSummary>;
export const Event = EventSummary.extend({
  payload: AnyJson,
  headers: JsonObject,
  mayReplay: z.boolean(),
  /** Of those that stayed silent perhaps not all: the last of each rule are kept, for a day. */
  evaluations: z.array(
    z.object({
      ruleId: Id,
      ruleRef: z.string(),
      verdict: Verdict,
      reason: z.string(),
      clauses: z.array(Clause),
      /** What held it back, where it matched and led to nothing. */
      held: z.enum(['cooldown', 'dedupe', 'rate']).nullable(),
    }),
  ),
  enforcements: z.array(
    z.object({
      id: Id,
      ruleRef: z.string(),
      actionRef: z.string(),
      status: z.enum(['created', 'processed', 'disabled']),
      executionId: Id.nullable(),
      executionState: z.string().nullable(),
      error: z.string().nullable(),
      parameters: JsonObject,
      created: Time,
    }),
  ),
});
export type Event = z.infer<typeof Event>;
