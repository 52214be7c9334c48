import type { Json } from '@/engine/expression/expression';
import { matchCriteria, type Match } from '@/engine/trigger/match';
import { inTenant, isLockTimeout, prepare, type Tx } from '../db';
import { appendChanges, type Change } from '../feed/store';
import type { JsonObject } from '../fields';
import { NamedKeys } from '../keys/named';
import { packRefOf } from '../packs/refs';
import type { JobData } from '../queue';
import type { RuleGuards } from '../rules/schema';
import { decideWithKeys, PreviousEvent, ruleScope, type RuleEvent } from '../rules/scope';
import { raiseAlert } from './alert';
import { findPreviousEvent } from './store';
import { countRounds, mostRounds } from './cause';
import { enforce, type Firing } from './enforce';
import { askGuards, dedupeHash, hasGuards, toHeldReason, toKeyProblem, type Held } from './guards';
import { SilenceSampler, storeSilences } from './silences';

interface WaitingEvent {
  id: number;
  triggerRef: string;
  payload: Json;
  headers: JsonObject;
  created: Date;
  executionId: number | null;
}

interface RuleRow {
  id: number;
  ref: string;
  actionRef: string;
  conditions: Json;
  actionParams: JsonObject;
  guards: RuleGuards;
  priority: number;
  packConfig: JsonObject;
  keepsAll: boolean;
}

/** What one rule said of the event. */
interface Answer extends Firing {
  rule: RuleRow;
  match: Match;
  isCircle: boolean;
  /** What its dedupe key came to. */
  hash: string | null;
  held: Held | null;
}

const sampler = new SilenceSampler();
/** So often an event waits for the time that a lock may take; then the next bell has its turn. */
const mostTurns = 5;

const selectEvent = prepare(
  `SELECT id, trigger_ref AS "triggerRef", payload, headers, created, execution_id AS "executionId" FROM event
   WHERE tenant_id = $1 AND id = $2 AND processed_at IS NULL FOR UPDATE`,
);
export const rulesOfEvent = prepare(
  `SELECT id, ref, action_ref AS "actionRef", conditions, action_params AS "actionParams", guards, priority, config AS "packConfig", keeps_all AS "keepsAll"
   FROM attune_rules_of($1, $2)`,
);
const insertEvaluations = prepare(
  `INSERT INTO rule_evaluation (tenant_id, event_id, rule_id, rule_ref, verdict, reason, clauses, held)
   SELECT $1, $2, v.id, v.ref, v.verdict, v.reason, v.clauses, v.held
   FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::json[], $8::text[]) AS v(id, ref, verdict, reason, clauses, held)
   ON CONFLICT DO NOTHING`,
);
const setProcessed = prepare(
  'UPDATE event SET processed_at = clock_timestamp(), matched = $3, silent = $4, failed = $5 WHERE tenant_id = $1 AND id = $2',
);

/**
 * Asks every enabled rule on the event's trigger, once: what those said that matched or failed is stored, of the others a
 * sample, and each that matched and that none of its guards holds back leads to an enforcement and an execution, all in
 * one transaction. A job that comes twice finds the event done and changes nothing.
 */
export async function matchEvent(job: JobData): Promise<void> {
  const { tenantId } = job;
  await inTurn(tenantId, async (tx) => {
    // Sent together: whoever holds the event, holds up both.
    const [[event], rules] = await Promise.all([
      tx.query<WaitingEvent>(selectEvent, [tenantId, job.id]),
      tx.query<RuleRow>(rulesOfEvent, [tenantId, job.id]),
    ]);
    if (!event) return;
    const facts = toFacts(event);
    const previous = new PreviousEvent((sql) => findPreviousEvent(sql, tenantId, event));
    const answers: Answer[] = [];
    for (const rule of rules) answers.push(await ask(tx, tenantId, event, { facts, previous }, rule));
    await holdBack(tx, tenantId, answers);
    const changes: Change[] = [];
    for (const answer of answers) changes.push(...(await act(tx, tenantId, event, answer)));
    const countOf = (verdict: Match['verdict']) =>
      answers.filter(({ match }) => match.verdict === verdict).length;
    const counts = [countOf('matched'), countOf('silent'), countOf('error')];
    const processed = { id: event.id, triggerRef: event.triggerRef };
    // None of these needs the answer of another, so they are sent together.
    await Promise.all([
      store(tx, tenantId, event.id, answers),
      tx.query(setProcessed, [tenantId, event.id, ...counts]),
      appendChanges(tx, tenantId, [
        ...changes,
        { entityType: 'event', entityId: event.id, kind: 'processed', payload: processed },
      ]),
    ]);
  });
}

/** Events of a guarded rule wait for one another; a long queue of them is no failure of the last in it. */
async function inTurn(tenantId: number, work: (tx: Tx) => Promise<void>): Promise<void> {
  for (let turn = 1; ; turn += 1) {
    try {
      return await inTenant(tenantId, work);
    } catch (error) {
      if (turn >= mostTurns || !isLockTimeout(error)) throw error;
    }
  }
}

function toFacts({ id, payload, headers, triggerRef, created }: WaitingEvent): RuleEvent {
  return { id, payload, headers, trigger: triggerRef, created: created.toISOString() };
}

async function ask(
  tx: Tx,
  tenantId: number,
  event: WaitingEvent,
  { facts, previous }: { facts: RuleEvent; previous: PreviousEvent },
  rule: RuleRow,
): Promise<Answer> {
  const keys = new NamedKeys({ tenantId, packRef: packRefOf(rule.ref), actionRef: null });
  const scope = ruleScope({ event: facts, previous, rule: { ref: rule.ref }, config: rule.packConfig, keys });
  const match = await decideWithKeys(tx, keys, () => matchCriteria(rule.conditions, scope), previous);
  const answer = { rule, scope, keys, previous, match, isCircle: false, hash: null, held: null };
  if (match.verdict !== 'matched') return answer;
  const failed = (reason: string) => ({ ...match, verdict: 'error' as const, reason });
  if (await isEndless(tx, tenantId, event, rule))
    return { ...answer, match: failed(stoppedReason), isCircle: true };
  try {
    return {
      ...answer,
      hash: await decideWithKeys(tx, keys, () => dedupeHash(rule.guards, scope), previous),
    };
  } catch (error) {
    return { ...answer, match: failed(toKeyProblem(error)) };
  }
}

/** Asks the guards of those that matched, all at once and before anything is started. */
async function holdBack(tx: Tx, tenantId: number, answers: readonly Answer[]): Promise<void> {
  const guarded = answers.filter(({ match, rule }) => match.verdict === 'matched' && hasGuards(rule.guards));
  const held = await askGuards(
    tx,
    tenantId,
    guarded.map(({ rule, hash }) => ({ ruleId: rule.id, guards: rule.guards, hash })),
  );
  for (const answer of guarded) {
    answer.held = held.get(answer.rule.id) ?? null;
    if (answer.held)
      answer.match = { ...answer.match, reason: toHeldReason(answer.held, answer.rule.guards) };
  }
}

async function store(tx: Tx, tenantId: number, eventId: number, answers: readonly Answer[]): Promise<void> {
  const isKept = ({ match, rule }: Answer) => match.verdict !== 'silent' || rule.keepsAll;
  const kept = answers.filter(isKept);
  if (kept.length > 0) {
    await tx.query(insertEvaluations, [
      ...[tenantId, eventId],
      kept.map(({ rule }) => rule.id),
      kept.map(({ rule }) => rule.ref),
      kept.map(({ match }) => match.verdict),
      kept.map(({ match }) => match.reason),
      kept.map(({ match }) => JSON.stringify(match.clauses)),
      kept.map(({ held }) => held?.by ?? null),
    ]);
  }
  const nowMs = performance.now();
  const sample = answers.filter((answer) => !isKept(answer) && sampler.takes(answer.rule.id, nowMs));
  await storeSilences(
    tx,
    tenantId,
    eventId,
    sample.map(({ rule, match: { reason, clauses } }) => ({
      ...{ ruleId: rule.id, ruleRef: rule.ref, reason, clauses },
    })),
  );
}

/** Does what follows from an answer. Gives what the feed is to say of it. */
async function act(tx: Tx, tenantId: number, event: WaitingEvent, answer: Answer): Promise<Change[]> {
  const { rule, match, held, isCircle } = answer;
  if (isCircle) await tellOfCircle(tx, tenantId, event, rule);
  if (held?.isStormBegin) await tellOfStorm(tx, tenantId, event, rule, held);
  return match.verdict === 'matched' && held === null ? [await enforce(tx, tenantId, event, answer)] : [];
}

const stoppedReason = `Stopped: this rule has led to itself ${mostRounds} times in a row. Have its criteria say when that ends, or its action call something else.`;

async function isEndless(tx: Tx, tenantId: number, event: WaitingEvent, rule: RuleRow): Promise<boolean> {
  if (event.executionId === null) return false;
  return (await countRounds(tx, tenantId, event.executionId, rule.ref)) >= mostRounds;
}

async function tellOfCircle(tx: Tx, tenantId: number, event: WaitingEvent, rule: RuleRow): Promise<void> {
  await raiseAlert(tx, tenantId, {
    ...{ severity: 'warning', category: 'rules', failureType: 'rule_circle' },
    ...{ componentType: 'rule', componentRef: rule.ref, executionId: event.executionId },
    summary: `The rule ${rule.ref} led to itself ${mostRounds} times in a row and was stopped.`,
    details: { event_id: event.id, trigger_ref: event.triggerRef, execution_id: event.executionId },
  });
}

async function tellOfStorm(
  tx: Tx,
  tenantId: number,
  event: WaitingEvent,
  rule: RuleRow,
  held: Held,
): Promise<void> {
  const { count = 0, window_seconds = 0 } = rule.guards.rate ?? {};
  await raiseAlert(tx, tenantId, {
    ...{ severity: 'warning', category: 'rules', failureType: 'rule_rate' },
    ...{ componentType: 'rule', componentRef: rule.ref, executionId: event.executionId },
    summary: `The rule ${rule.ref} matched more than ${count} times in ${window_seconds} s; what is more is held back.`,
    details: {
      ...{ event_id: event.id, trigger_ref: event.triggerRef, count, window_seconds },
      held_until: held.until.toISOString(),
    },
  });
}
