import { z } from 'zod';
import { AnyJson, Id, JsonObject, Time } from '../fields';
import { Named } from '../http/rest/fields';
import { one, type Route } from '../http/rest/route';
import type { Actor } from '../identities/actor';
import { backtestRule, testRule } from './backtest';
import { Clause, Conditions, mostBacktested, Verdict } from './schema';
import { getVisibleRule } from './service';

const changed = {
  conditions: Conditions.nullish().describe('Other criteria than the rule has'),
  action_params: JsonObject.nullish().describe('Other inputs than the rule gives'),
};
const Before = z.object({ verdict: Verdict, reason: z.string(), clauses: z.array(Clause) });

/** The rule with what the call would change. */
async function toDraft(actor: Actor, ref: string, body: z.infer<z.ZodObject<typeof changed>>) {
  const row = await getVisibleRule(actor, ref);
  return {
    ref: row.ref,
    packRef: row.packRef,
    triggerRef: row.triggerRef,
    conditions: body.conditions ?? (row.conditions as JsonObject),
    actionParams: body.action_params ?? (row.actionParams as JsonObject),
  };
}

/** Rules over events that are made up or have been, without side effects. */
export const ruleTrialRoutes: readonly Route[] = [
  one(
    'post',
    {
      path: '/rules/{ref}/test',
      summary:
        'What a rule, as it is or changed, would say of a payload or a stored event; nothing is started',
      access: { resource: 'rules', action: 'read' },
      params: Named,
      body: z
        .object({ ...changed, payload: AnyJson.optional(), event: Id.nullish() })
        .refine(({ payload, event }) => (payload === undefined) !== ((event ?? undefined) === undefined), {
          message: 'give a payload or an event, one of both',
          path: ['payload'],
        }),
      answer: z.object({
        verdict: Verdict,
        reason: z.string(),
        clauses: z.array(Clause),
        parameters: JsonObject.nullable().describe('What it would give; null where it does not match'),
        error: z.string().nullable().describe('Why its inputs cannot be made'),
        before: Before.nullable().describe('What the rule says as it is saved'),
      }),
    },
    async ({ actor, params, body }) => {
      const { payload, event } = body;
      const what = event === undefined || event === null ? { payload } : { eventId: event };
      return testRule(actor, { ...(await toDraft(actor, params.ref, body)), ...what });
    },
  ),
  one(
    'post',
    {
      path: '/rules/{ref}/backtest',
      summary: 'The same over the newest stored events of its trigger',
      access: { resource: 'rules', action: 'read' },
      params: Named,
      body: z.object({
        ...changed,
        last: z.number().int().min(1).max(mostBacktested).nullish().describe('How many (Default: 100)'),
      }),
      answer: z.object({
        asked: z.number(),
        is_cut: z.boolean().describe('Whether there was no time for the rest'),
        events: z.array(
          z.object({
            event: Id,
            created: Time,
            verdict: Verdict,
            reason: z.string(),
            before: Verdict.nullable(),
            fired: z.boolean().describe('Whether the rule led to an enforcement when the event came'),
          }),
        ),
      }),
    },
    async ({ actor, params, body }) => {
      const draft = await toDraft(actor, params.ref, body);
      const { asked, isCut, events } = await backtestRule(actor, { ...draft, last: body.last ?? 100 });
      return {
        asked,
        is_cut: isCut,
        events: events.map(({ id, ...said }) => ({ event: id, ...said })),
      };
    },
  ),
];
