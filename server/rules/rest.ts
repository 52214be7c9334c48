import { z } from 'zod';
import { isTimerTrigger, nextFiring, readSchedule } from '@/engine/trigger/schedule';
import { inTenant, type Sql } from '../db';
import { Id, JsonObject, Label, PackRef, Priority, Ref, Text, Time } from '../fields';
import type { Rule as RuleRow } from '../generated/prisma/client';
import { FilterBoolean, FilterText, Named, PatchText, patchedText } from '../http/rest/fields';
import { partOf } from '../http/rest/paging';
import { list, one, remove, type Route } from '../http/rest/route';
import type { Actor } from '../identities/actor';
import { neverFires } from '../timers/service';
import {
  Conditions,
  Cooldown,
  Dedupe,
  KeepEvaluations,
  Rate,
  type Rule as StoredRule,
  type RuleGuards,
} from './schema';
import {
  createRule,
  getRule,
  getVisibleRule,
  keepEvaluations,
  listVisibleRules,
  removeRule,
  setRuleEnabled,
  updateRule,
} from './service';
import { keepsUntil } from './store';
import { ruleTrialRoutes } from './trial-rest';

const Summary = z.object({
  id: Id,
  ref: z.string(),
  pack_ref: z.string(),
  label: z.string(),
  description: z.string(),
  trigger_ref: z.string(),
  trigger_params: JsonObject.describe('When its timer fires, where its trigger is one'),
  action_ref: z.string(),
  action_params: JsonObject.describe('What its execution is given, with templates'),
  enabled: z.boolean(),
  created: Time,
  updated: Time,
});
const Rule = Summary.extend({
  pack: Id,
  trigger: Id.nullable().describe('Null where there is no such trigger any more'),
  action: Id.nullable().describe('Null where there is no such action any more'),
  conditions: JsonObject.describe('{}, {expression}, or a tree of all, any and none'),
  priority: Priority,
  is_adhoc: z.boolean(),
  cooldown_seconds: Cooldown.nullable(),
  dedupe: Dedupe.nullable(),
  rate: Rate.nullable(),
  keep_evaluations_until: Time.nullable().describe('Until then all that it leaves alone is kept, too'),
  owner_identity: Id.nullable(),
  warnings: z.array(z.string()).describe('What was taken and will not do what it seems to say'),
});

const given = {
  description: Text.nullish(),
  conditions: Conditions.nullish().describe(
    '{} for always, {expression}, a tree of all, any and none over {field, operator, value}, or a list of such',
  ),
  action_params: JsonObject.nullish(),
  trigger_params: JsonObject.nullish(),
  enabled: z.boolean().nullish(),
  priority: Priority.nullish(),
  cooldown_seconds: Cooldown.nullish(),
  dedupe: Dedupe.nullish(),
  rate: Rate.nullish(),
};
const CreateRule = z.object({
  ref: Ref,
  pack_ref: PackRef,
  label: Label,
  trigger_ref: Ref,
  action_ref: Ref,
  ...given,
});
const UpdateRule = z.object({
  label: Label.nullish(),
  trigger_ref: Ref.nullish(),
  action_ref: Ref.nullish(),
  ...given,
  description: PatchText,
});

/** The guards with what is given of them; null takes one away. */
function toGuards(
  given: { [Name in keyof RuleGuards]: RuleGuards[Name] | null | undefined },
  before: RuleGuards,
): RuleGuards {
  const { cooldown_seconds = before.cooldown_seconds, dedupe = before.dedupe, rate = before.rate } = given;
  return { ...(cooldown_seconds && { cooldown_seconds }), ...(dedupe && { dedupe }), ...(rate && { rate }) };
}

function toSummary(row: RuleRow): z.infer<typeof Summary> {
  return {
    id: Number(row.id),
    ref: row.ref,
    pack_ref: row.packRef,
    label: row.label,
    description: row.description,
    trigger_ref: row.triggerRef,
    trigger_params: row.triggerParams as JsonObject,
    action_ref: row.actionRef,
    action_params: row.actionParams as JsonObject,
    enabled: row.enabled,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
  };
}

async function idOf(sql: Sql, table: 'trigger' | 'action', tenantId: number, ref: string) {
  const [row] = await sql.query<{ id: number }>(
    `SELECT id FROM ${table} WHERE tenant_id IN ($1, 1) AND ref = $2 ORDER BY (tenant_id = $1) DESC LIMIT 1`,
    [tenantId, ref],
  );
  return row?.id ?? null;
}

/** The rule as it stands now. */
async function getTold(actor: Actor, ref: string): Promise<z.infer<typeof Rule>> {
  const row = await getVisibleRule(actor, ref);
  const conditions = row.conditions as JsonObject | JsonObject[];
  const { timer, guards } = await getRule(actor, ref);
  return inTenant(actor.tenantId, async (tx) => ({
    ...toSummary(row),
    pack: Number(row.packId),
    trigger: await idOf(tx, 'trigger', actor.tenantId, row.triggerRef),
    action: await idOf(tx, 'action', actor.tenantId, row.actionRef),
    // The older list means all of them.
    conditions: Array.isArray(conditions) ? { all: conditions } : conditions,
    priority: row.priority,
    is_adhoc: row.isAdhoc,
    cooldown_seconds: guards.cooldown_seconds ?? null,
    dedupe: guards.dedupe ?? null,
    rate: guards.rate ?? null,
    keep_evaluations_until: keepsUntil(row),
    owner_identity: row.createdBy === null ? null : Number(row.createdBy),
    warnings: warningsOf(row, timer),
  }));
}

/** A timer that is new has not been looked at yet; what will be said of it can be said at once. */
function warningsOf(row: RuleRow, timer: StoredRule['timer']): string[] {
  if (timer?.problem) return [timer.problem];
  if (timer?.state !== 'new' || !isTimerTrigger(row.triggerRef)) return [];
  const now = row.updated.getTime();
  const { schedule } = readSchedule(row.triggerRef, row.triggerParams as JsonObject, now);
  return schedule && nextFiring(schedule, now - 1, now) === null ? [neverFires] : [];
}

/** Rules, below `/api/v1`. */
export const ruleRoutes: readonly Route[] = [
  list(
    {
      path: '/rules',
      summary: 'Rules by ref',
      access: { resource: 'rules', action: 'read' },
      query: z.object({
        pack_ref: FilterText,
        trigger_ref: FilterText,
        action_ref: FilterText,
        enabled: FilterBoolean,
      }),
      item: Summary,
    },
    async ({ actor, query, paging }) => {
      const rows = (await listVisibleRules(actor)).filter(
        (row) =>
          (query.pack_ref ?? row.packRef) === row.packRef &&
          (query.trigger_ref ?? row.triggerRef) === row.triggerRef &&
          (query.action_ref ?? row.actionRef) === row.actionRef &&
          (query.enabled ?? row.enabled) === row.enabled,
      );
      return partOf(rows.map(toSummary), paging);
    },
  ),
  one(
    'post',
    {
      path: '/rules',
      summary: 'A new rule',
      access: { resource: 'rules', action: 'create' },
      body: CreateRule,
      answer: Rule,
      status: 201,
    },
    async ({ actor, body }) => {
      await createRule(actor, {
        ref: body.ref,
        packRef: body.pack_ref,
        label: body.label,
        description: body.description ?? '',
        triggerRef: body.trigger_ref,
        actionRef: body.action_ref,
        conditions: body.conditions ?? {},
        actionParams: body.action_params ?? {},
        triggerParams: body.trigger_params ?? {},
        guards: toGuards(body, {}),
        enabled: body.enabled ?? true,
        priority: body.priority ?? 0,
      });
      return getTold(actor, body.ref);
    },
  ),
  one(
    'get',
    {
      path: '/rules/{ref}',
      summary: 'A rule',
      access: { resource: 'rules', action: 'read' },
      params: Named,
      answer: Rule,
    },
    ({ actor, params }) => getTold(actor, params.ref),
  ),
  one(
    'put',
    {
      path: '/rules/{ref}',
      summary: 'Changes what is given of a rule',
      access: { resource: 'rules', action: 'update' },
      params: Named,
      body: UpdateRule,
      answer: Rule,
    },
    async ({ actor, params, body }) => {
      const now = await getVisibleRule(actor, params.ref);
      await updateRule(actor, {
        ref: now.ref,
        label: body.label ?? now.label,
        description: patchedText(body.description) ?? now.description,
        triggerRef: body.trigger_ref ?? now.triggerRef,
        actionRef: body.action_ref ?? now.actionRef,
        conditions: body.conditions ?? (now.conditions as JsonObject),
        actionParams: body.action_params ?? (now.actionParams as JsonObject),
        triggerParams: body.trigger_params ?? (now.triggerParams as JsonObject),
        guards: toGuards(body, now.guards as RuleGuards),
        enabled: body.enabled ?? now.enabled,
        priority: body.priority ?? now.priority,
      });
      return getTold(actor, params.ref);
    },
  ),
  ...(['enable', 'disable'] as const).map((verb) =>
    one(
      'post',
      {
        path: `/rules/{ref}/${verb}`,
        summary: verb === 'enable' ? 'Has events ask the rule' : 'Has no event ask the rule',
        access: { resource: 'rules', action: 'update' },
        params: Named,
        answer: Rule,
      },
      async ({ actor, params }) => {
        await setRuleEnabled(actor, params.ref, verb === 'enable');
        return getTold(actor, params.ref);
      },
    ),
  ),
  remove(
    {
      path: '/rules/{ref}',
      summary: 'Removes a rule; what it brought about stays',
      access: { resource: 'rules', action: 'delete' },
      params: Named,
    },
    async ({ actor, params }) => {
      await removeRule(actor, params.ref);
      return `The rule ${params.ref} is removed.`;
    },
  ),
  one(
    'post',
    {
      path: '/rules/{ref}/keep-evaluations',
      summary: 'Keeps all that the rule says for some hours, also of events that it leaves alone',
      access: { resource: 'rules', action: 'update' },
      params: Named,
      body: KeepEvaluations.pick({ hours: true }),
      answer: Rule,
    },
    async ({ actor, params, body }) => {
      await keepEvaluations(actor, params.ref, body.hours);
      return getTold(actor, params.ref);
    },
  ),
  ...ruleTrialRoutes,
];
