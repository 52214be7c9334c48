import { z } from 'zod';
import { AnyJson, Id, JsonObject, Label, PackRef, Priority, Ref, Text, Time } from '../fields';

/** `{}`, `{expression}`, a tree of all/any/none, or the older list. */
export const Conditions = z.union([JsonObject, z.array(JsonObject).max(100)]);
const windowSeconds = z
  .number()
  .min(0.1)
  .max(7 * 86_400)
  .describe('For so many seconds, at most a week');
export const Cooldown = z
  .number()
  .min(0.1)
  .max(7 * 86_400)
  .describe('After it has started its action, it starts none for so many seconds (Default: none)');
export const Dedupe = z
  .strictObject({
    key: z
      .string()
      .min(1)
      .max(2_000)
      .describe('What makes two events the same, such as {{ event.payload.host }}'),
    window_seconds: windowSeconds,
  })
  .describe('Of events with the same key within the window only the first starts the action (Default: none)');
export const Rate = z
  .strictObject({
    count: z.number().int().min(1).max(10_000).describe('How often, within the window'),
    window_seconds: windowSeconds,
  })
  .describe(
    'It starts its action no more often; the rest is held back and told by core.alert (Default: none)',
  );
/** What holds a rule back though it matches, as it is written in files. */
export const RuleGuards = z.strictObject({
  cooldown_seconds: Cooldown.optional(),
  dedupe: Dedupe.optional(),
  rate: Rate.optional(),
});
export type RuleGuards = z.infer<typeof RuleGuards>;
const fields = {
  label: Label,
  description: Text.default(''),
  triggerRef: Ref,
  actionRef: Ref,
  conditions: Conditions.default({}),
  actionParams: JsonObject.default({}),
  /** When its timer fires, where its trigger is one. */
  triggerParams: JsonObject.optional(),
  guards: RuleGuards.optional(),
  priority: Priority.optional(),
  enabled: z.boolean().default(true),
};
export const CreateRule = z.strictObject({ packRef: PackRef, ref: Ref, ...fields });
export const UpdateRule = z.strictObject({ ref: Ref, ...fields });
export type UpdateRule = z.infer<typeof UpdateRule>;
export type CreateRule = z.infer<typeof CreateRule>;
export const KeepEvaluations = z.strictObject({
  ref: Ref,
  hours: z.number().min(0).max(168).describe('For how long, at most a week; 0 ends it'),
});
const draft = {
  /** The saved rule that this is to replace: what it says is told beside it. */
  ref: Ref.optional(),
  /** Whose keys and configuration it would see; without it those of the system. */
  packRef: PackRef.optional(),
  triggerRef: Ref,
  conditions: Conditions,
  actionParams: JsonObject.default({}),
};
export const TestRule = z
  .strictObject({
    ...draft,
    payload: AnyJson.optional().describe('An event that is made up'),
    eventId: Id.optional().describe('Or a stored event of the trigger'),
  })
  .refine(({ payload, eventId }) => (payload === undefined) !== (eventId === undefined), {
    message: 'give a payload or an event, one of both',
    path: ['payload'],
  });
export type TestRule = z.infer<typeof TestRule>;
export const mostBacktested = 1_000;
export const BacktestRule = z.strictObject({
  ...draft,
  last: z
    .number()
    .int()
    .min(1)
    .max(mostBacktested)
    .default(100)
    .describe('How many stored events of the trigger it is asked about, newest first (Default: 100)'),
});
export type BacktestRule = z.infer<typeof BacktestRule>;

export const RuleSummary = z.object({
  id: Id,
  ref: z.string(),
  packRef: z.string(),
  label: z.string(),
  description: z.string(),
  triggerRef: z.string(),
  actionRef: z.string(),
  enabled: z.boolean(),
  isAdhoc: z.boolean(),
  updated: Time,
});
export type RuleSummary = z.infer<typeof RuleSummary>;
export const Rule = RuleSummary.extend({
  conditions: Conditions,
  actionParams: JsonObject,
  triggerParams: JsonObject,
  guards: RuleGuards,
  /** Until then all that it leaves alone is kept, too; null for the last of it. */
  keepEvaluationsUntil: Time.nullable(),
  /** Of the executions that it starts. */
  priority: z.number(),
  mayEdit: z.boolean(),
  /** When it fires next, where its trigger is a timer and it is enabled. */
  timer: z
    .object({
      state: z.enum(['new', 'active', 'done', 'invalid']),
      nextAt: Time.nullable(),
      lastAt: Time.nullable(),
      missed: z.number(),
      problem: z.string().nullable(),
    })
    .nullable(),
});
export type Rule = z.infer<typeof Rule>;

export const Clause = z.object({
  path: z.string(),
  operator: z.string(),
  expected: AnyJson,
  actual: AnyJson,
  result: z.boolean().nullable(),
  error: z.string().optional(),
});
export type Clause = z.infer<typeof Clause>;
export const Verdict = z.enum(['matched', 'silent', 'error']);
export type Verdict = z.infer<typeof Verdict>;
export const RuleTest = z.object({
  verdict: Verdict,
  reason: z.string(),
  clauses: z.array(Clause),
  parameters: JsonObject.nullable(),
  error: z.string().nullable(),
  /** What the saved rule says of the same event; null without one, or where it is on another trigger. */
  before: z.object({ verdict: Verdict, reason: z.string(), clauses: z.array(Clause) }).nullable(),
});
export type RuleTest = z.infer<typeof RuleTest>;

export const Backtest = z.object({
  /** How many events were looked at. */
  asked: z.number(),
  /** Whether there was no time for the rest of them. */
  isCut: z.boolean(),
  /** Newest first. */
  events: z.array(
    z.object({
      id: Id,
      created: Time,
      verdict: Verdict,
      reason: z.string(),
      /** What the saved rule says; null without one, or where it is on another trigger. */
      before: Verdict.nullable(),
      /** Whether the saved rule led to an enforcement when the event came. */
      fired: z.boolean(),
    }),
  ),
});
export type Backtest = z.infer<typeof Backtest>;
