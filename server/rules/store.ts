import { notFound } from '@/engine/errors';
import type { ConfigurationTx } from '../db';
import type { Rule as RuleRow } from '../generated/prisma/client';
import { may, type Actor } from '../identities/actor';
import { visibleTo } from '../packs/refs';
import type { Rule, RuleGuards, RuleSummary } from './schema';

/** Every rule by ref. */
export async function listRuleRows(tx: ConfigurationTx, tenantId: number): Promise<RuleRow[]> {
  return tx.prisma.rule.findMany({ where: visibleTo(tenantId), orderBy: { ref: 'asc' } });
}

/** @throws DomainError not_found */
export async function getRuleRow(tx: ConfigurationTx, tenantId: number, ref: string): Promise<RuleRow> {
  const row = await tx.prisma.rule.findFirst({
    where: { ref, ...visibleTo(tenantId) },
    orderBy: { tenantId: 'desc' },
  });
  if (!row) throw notFound('rule', ref);
  return row;
}

export function toRuleSummary(row: RuleRow): RuleSummary {
  return {
    id: Number(row.id),
    ref: row.ref,
    packRef: row.packRef,
    label: row.label,
    description: row.description,
    triggerRef: row.triggerRef,
    actionRef: row.actionRef,
    enabled: row.enabled,
    isAdhoc: row.isAdhoc,
    updated: row.updated.toISOString(),
  };
}

interface TimerRow {
  state: 'new' | 'active' | 'done' | 'invalid';
  nextAt: Date | null;
  lastAt: Date | null;
  missed: number | bigint;
  problem: string | null;
}

/** When the rule's timer fires, as it stands now; null where it has none. */
async function readTimer(tx: ConfigurationTx, row: RuleRow): Promise<Rule['timer']> {
  const [timer] = await tx.query<TimerRow>(
    `SELECT state, next_at AS "nextAt", last_at AS "lastAt", missed, problem FROM timer WHERE tenant_id = $1::bigint AND rule_id = $2::bigint`,
    [row.tenantId, row.id],
  );
  if (!timer) return null;
  const toIso = (time: Date | null) => (time === null ? null : new Date(time).toISOString());
  return { ...timer, nextAt: toIso(timer.nextAt), lastAt: toIso(timer.lastAt), missed: Number(timer.missed) };
}

/** Until when all that it says is kept; null where that is over. */
export function keepsUntil({ keepEvaluationsUntil: until }: RuleRow): string | null {
  return until !== null && until.getTime() > Date.now() ? until.toISOString() : null;
}

export async function toRule(tx: ConfigurationTx, row: RuleRow, actor: Actor): Promise<Rule> {
  const target = { id: Number(row.id), ref: row.ref, packRef: row.packRef };
  return {
    ...toRuleSummary(row),
    conditions: row.conditions as Rule['conditions'],
    actionParams: row.actionParams as Rule['actionParams'],
    triggerParams: row.triggerParams as Rule['triggerParams'],
    guards: row.guards as RuleGuards,
    keepEvaluationsUntil: keepsUntil(row),
    priority: row.priority,
    mayEdit: Number(row.tenantId) === actor.tenantId && may(actor, 'update', 'rules', target),
    timer: await readTimer(tx, row),
  };
}
