import type { ErrorDetail } from '@/engine/errors';
import { parseTemplate, type Json } from '@/engine/expression/expression';
import { nearest } from '@/engine/expression/nearest';
import { matchCriteria } from '@/engine/trigger/match';
import { isTimerTrigger, readSchedule } from '@/engine/trigger/schedule';
import type { ConfigurationTx } from '../db';
import type { JsonObject } from '../fields';
import { NamedKeys } from '../keys/named';
import { packRefOf, visibleTo } from '../packs/refs';
import type { RuleGuards } from './schema';
import { ruleScope } from './scope';

/** The parts of a rule that can be wrong on their own. */
export interface RuleDraft {
  triggerRef: string;
  actionRef: string;
  conditions: Json;
  actionParams: JsonObject;
  triggerParams?: JsonObject | undefined;
  guards?: RuleGuards | undefined;
}

/** What would keep a rule from working, one entry per field; empty when it fits. */
export async function checkRule(
  tx: ConfigurationTx,
  tenantId: number,
  draft: RuleDraft,
  hiddenPacks: readonly string[] = [],
): Promise<ErrorDetail[]> {
  const where = visibleTo(tenantId);
  const triggers = await tx.prisma.trigger.findMany({ where, select: { ref: true } });
  const actions = await tx.prisma.action.findMany({ where, select: { ref: true } });
  const isThere = ({ ref }: { ref: string }) => !hiddenPacks.includes(packRefOf(ref));
  return [
    ...checkName('triggerRef', 'trigger', draft.triggerRef, triggers.filter(isThere)),
    ...checkName('actionRef', 'action', draft.actionRef, actions.filter(isThere)),
    ...checkTimer(draft),
    ...checkConditions(draft.conditions),
    ...checkTemplates(draft.actionParams, 'actionParams'),
    ...checkTemplates(draft.guards?.dedupe?.key ?? '', 'guards.dedupe.key'),
  ];
}

/** Whether a timer can make something of its parameters. */
function checkTimer({ triggerRef, triggerParams = {} }: RuleDraft): ErrorDetail[] {
  if (!isTimerTrigger(triggerRef)) return [];
  const { problems } = readSchedule(triggerRef, triggerParams, Date.now());
  return problems.map(({ path, message }) => ({ path: `triggerParams.${path}`, message }));
}

function checkName(
  path: string,
  thing: string,
  ref: string,
  known: readonly { ref: string }[],
): ErrorDetail[] {
  if (known.some((each) => each.ref === ref)) return [];
  const near = nearest(
    ref,
    known.map((each) => each.ref),
  );
  return [{ path, message: `there is no ${thing} ${ref}.${near === null ? '' : ` Did you mean ${near}?`}` }];
}

/** An expression is checked as one; the values inside a tree or a list as templates. */
function checkConditions(conditions: Json): ErrorDetail[] {
  const expression =
    typeof conditions === 'object' && conditions !== null && !Array.isArray(conditions)
      ? conditions['expression']
      : undefined;
  if (expression === undefined) {
    const details = checkTemplates(conditions, 'conditions');
    return details.length > 0 ? details : checkShape(conditions);
  }
  if (typeof expression !== 'string') {
    return [{ path: 'conditions', message: 'the expression must be text' }];
  }
  return checkTemplate(expression, 'conditions', true);
}

/** What is no criterion at all; that an empty event has not the fields to compare says nothing about the rule. */
function checkShape(conditions: Json): ErrorDetail[] {
  const event = { id: 0, payload: null, headers: {}, trigger: '', created: '' };
  // Nothing is read: every key is missing.
  const keys = new NamedKeys({ tenantId: 0, packRef: '', actionRef: null });
  const match = matchCriteria(conditions, ruleScope({ event, rule: { ref: '' }, config: {}, keys }));
  const isComparison = match.clauses.some(
    (clause) => clause.result === null && match.reason.startsWith(`${clause.path} could not be compared`),
  );
  return match.verdict === 'error' && !isComparison ? [{ path: 'conditions', message: match.reason }] : [];
}

/** What is wrong with the templates inside of a value, each with its place. */
export function checkTemplates(value: Json, path: string): ErrorDetail[] {
  if (typeof value === 'string') return checkTemplate(value, path);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => checkTemplates(entry, `${path}.${key}`));
}

function checkTemplate(source: string, path: string, isBare = false): ErrorDetail[] {
  return parseTemplate(source, isBare).problems.map(({ message, hint, line, column }) => ({
    path,
    message: `${hint && !message.includes(hint) ? `${message} ${hint}` : message} (line ${line}, column ${column})`,
  }));
}
