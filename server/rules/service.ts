import { invalid } from '@/engine/errors';
import { inConfiguration, type ConfigurationTx } from '../db';
import type { JsonObject } from '../fields';
import type { Prisma, Rule as RuleRow } from '../generated/prisma/client';
import { authorOf, may, requireRight, type Actor } from '../identities/actor';
import { tellChange } from '../packs/changes';
import { refusingDoubles } from '../packs/doubles';
import { requireOwn, requireRefInPack, targetOf } from '../packs/refs';
import { getPackToAddTo } from '../packs/store';
import { checkRule, type RuleDraft } from './check';
import type { CreateRule, Rule, RuleSummary, UpdateRule } from './schema';
import { getRuleRow, listRuleRows, toRule, toRuleSummary } from './store';

/** Every rule that the actor may read, by ref. */
export async function listRules(actor: Actor): Promise<RuleSummary[]> {
  return (await listVisibleRules(actor)).map(toRuleSummary);
}

/** The same, as they are stored. */
export async function listVisibleRules(actor: Actor): Promise<RuleRow[]> {
  requireRight(actor, 'read', 'rules');
  const rows = await inConfiguration(actor.tenantId, (tx) => listRuleRows(tx, actor.tenantId));
  return rows.filter((row) => may(actor, 'read', 'rules', toRuleSummary(row)));
}

/** One rule as it is stored. @throws DomainError rule_not_found */
export async function getVisibleRule(actor: Actor, ref: string): Promise<RuleRow> {
  requireRight(actor, 'read', 'rules', targetOf(ref));
  return inConfiguration(actor.tenantId, (tx) => getRuleRow(tx, actor.tenantId, ref));
}

/** One rule. @throws DomainError rule_not_found */
export async function getRule(actor: Actor, ref: string): Promise<Rule> {
  requireRight(actor, 'read', 'rules', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) =>
    toRule(tx, await getRuleRow(tx, actor.tenantId, ref), actor),
  );
}

/** The new rule. @throws DomainError rule_exists, pack_not_found, or invalid_rule with one detail per field */
export async function createRule(actor: Actor, input: CreateRule): Promise<Rule> {
  requireRight(actor, 'create', 'rules', { ref: input.ref, packRef: input.packRef });
  return refusingDoubles('rule', input.ref, () =>
    inConfiguration(actor.tenantId, async (tx) => {
      const pack = await getPackToAddTo(tx, actor, input.packRef);
      requireRefInPack(input.ref, input.packRef);
      await requireFit(tx, actor, input.ref, input);
      const { packRef: _, priority = 0, triggerParams = {}, guards = {}, ...columns } = input;
      const row = await tx.prisma.rule.create({
        data: {
          tenantId: actor.tenantId,
          packId: pack.id,
          packRef: pack.ref,
          isAdhoc: true,
          createdBy: authorOf(actor),
          ...{ priority, triggerParams, guards },
          ...columns,
        },
      });
      await tellChange(tx, actor, 'rule', row, 'created', { label: row.label, enabled: row.enabled });
      return toRule(tx, row, actor);
    }),
  );
}

/** The rule as it is from now on; events that came before stay as they were judged. @throws DomainError invalid_rule */
export async function updateRule(actor: Actor, input: UpdateRule): Promise<Rule> {
  const { ref, priority, triggerParams, guards, ...columns } = input;
  const data = {
    ...columns,
    ...(priority === undefined ? {} : { priority }),
    ...(triggerParams === undefined ? {} : { triggerParams }),
    ...(guards === undefined ? {} : { guards }),
  };
  return change(actor, ref, data, (tx, row) =>
    requireFit(tx, actor, ref, {
      ...input,
      triggerParams: triggerParams ?? (row.triggerParams as JsonObject),
    }),
  );
}

/** Switches a rule on or off. A rule that is off is not asked. */
export async function setRuleEnabled(actor: Actor, ref: string, enabled: boolean): Promise<Rule> {
  return change(actor, ref, { enabled }, async () => {});
}

/** For so many hours all that the rule says is kept, also of events that it leaves alone; 0 ends that. */
export async function keepEvaluations(actor: Actor, ref: string, hours: number): Promise<Rule> {
  requireRight(actor, 'update', 'rules', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getRuleRow(tx, actor.tenantId, ref);
    requireOwn(actor.tenantId, row);
    const until = hours === 0 ? null : new Date(Date.now() + hours * 3_600_000);
    // Not a change of the rule: whoever edits it need not look at it again.
    const saved = await tx.prisma.rule.update({
      where: { id: row.id },
      data: { keepEvaluationsUntil: until },
    });
    return toRule(tx, saved, actor);
  });
}

/** Removes a rule; its enforcements and executions stay. */
export async function removeRule(actor: Actor, ref: string): Promise<null> {
  requireRight(actor, 'delete', 'rules', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getRuleRow(tx, actor.tenantId, ref);
    requireOwn(actor.tenantId, row);
    await tx.prisma.rule.delete({ where: { id: row.id } });
    await tellChange(tx, actor, 'rule', row, 'deleted');
    return null;
  });
}

async function requireFit(tx: ConfigurationTx, actor: Actor, ref: string, draft: RuleDraft): Promise<void> {
  const details = await checkRule(tx, actor.tenantId, draft, actor.hiddenPacks);
  if (details.length === 0) return;
  const first = details[0];
  throw invalid(`The rule ${ref} does not fit: ${first?.path} ${first?.message}`, details, 'invalid_rule');
}

async function change(
  actor: Actor,
  ref: string,
  data: Prisma.RuleUpdateInput,
  check: (tx: ConfigurationTx, row: RuleRow) => Promise<void>,
): Promise<Rule> {
  requireRight(actor, 'update', 'rules', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getRuleRow(tx, actor.tenantId, ref);
    requireOwn(actor.tenantId, row);
    await check(tx, row);
    const saved = await tx.prisma.rule.update({
      where: { id: row.id },
      data: { ...data, updated: new Date() },
    });
    await tellChange(tx, actor, 'rule', saved, 'updated', { enabled: saved.enabled });
    return toRule(tx, saved, actor);
  });
}
