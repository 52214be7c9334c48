import { z } from 'zod';
import { AnyJson, Id, JsonObject, Label, PackRef, Priority, Ref, Text, Time } from '../fields';

/** `{}`, `{expression}`, a tree of all/any/none, or the older list. */
export const Conditions = z.union([JsonObject, z.array(JsonObject).max(100)]);
const fields = {
  label: Label,
  description: Text.default(''),
  triggerRef: Ref,
  actionRef: Ref,
  conditions: Conditions.default({}),
  actionParams: JsonObject.default({}),
  /** When its timer fires, where its trigger is one. */
  triggerParams: JsonObject.optional(),
  priority: Priority.optional(),
  enabled: z.boolean().default(true),
};
export const CreateRule = z.strictObject({ packRef: PackRef, ref: Ref, ...fields });
export const UpdateRule = z.strictObject({ ref: Ref, ...fields });
export type UpdateRule = z.infer<typeof UpdateRule>;
export type CreateRule = z.infer<typeof CreateRule>;
export const TestRule = z.strictObject({
  /** Whose keys it would see; without it those of the system. */
  packRef: PackRef.optional(),
  triggerRef: Ref,
  conditions: Conditions,
  actionParams: JsonObject.default({}),
  payload: AnyJson,
});
export type TestRule = z.infer<typeof TestRule>;

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
});
export type RuleTest = z.infer<typeof RuleTest>;
