import type { Json } from '@/engine/expression/expression';
import { matchCriteria, type Match } from '@/engine/trigger/match';
import { inTenant, isLockTimeout, prepare, type Tx } from '../db';
import type { Started, StepWorker } from '../executions/steps';
import { appendChanges, type Change } from '../feed/store';
import type { JsonObject } from '../fields';
import { NamedKeys } from '../keys/named';
import { packRefOf } from '../packs/refs';
import type { JobData } from '../queue';
import type { RuleGuards } from '../rules/schema';
import { decideWithKeys, PreviousEvent, ruleScope, type RuleEvent } from '../rules/scope';
import { raiseAlert } from './alert';
import { countRounds, mostRounds } from './cause';
import { planEnforcements, type Firing } from './enforce';
import { askGuards, dedupeHash, hasGuards, toHeldReason, toKeyProblem, type Held } from './guards';
import { SilenceSampler, storeSilences } from './silences';
import { findPreviousEvent } from './store';

/** An event whose rules have not been asked yet. */
export interface WaitingEvent {
  id: number;
  triggerRef: string;
  payload: Json;
  headers: JsonObject;
  /** In ISO 8601. */
  created: string;
  executionId: number | null;
}

/** An enabled rule, with what asking it needs. */
export interface RuleRow {
  id: number;
  ref: string;
  triggerRef: string;
  actionRef: string;
  conditions: Json;
  actionParams: JsonObject;
  guards: RuleGuards;
  priority: number;
  packConfig: JsonObject;
  keepsAll: boolean;
}

/** What one rule said of an event. */
interface Answer extends Firing {
  event: WaitingEvent;
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
  `SELECT id, trigger_ref AS "triggerRef", payload, headers, attune_iso(created) AS created, execution_id AS "executionId" FROM event
   WHERE tenant_id = $1 AND id = $2 AND processed_at IS NULL FOR UPDATE`,
);
export const rulesOfEvent = prepare('SELECT attune_rules_of($1, $2) AS rule');
const insertEvaluations = prepare(
  `INSERT INTO rule_evaluation (tenant_id, event_id, rule_id, rule_ref, verdict, reason, clauses, held)
   SELECT $1, v.event, v.id, v.ref, v.verdict, v.reason, v.clauses, v.held
   FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::json[], $8::text[]) AS v(event, id, ref, verdict, reason, clauses, held)
   ON CONFLICT DO NOTHING`,
);
const finishEvents = prepare('SELECT attune_finish_events($1, $2, $3, $4, $5)');

/** Asks the rules of one event, where it waits still. A job that comes twice finds it done and changes nothing. */
export async function matchEvent({ tenantId, id }: JobData): Promise<void> {
  await inTurn(tenantId, async (tx) => {
    // Sent together: whoever holds the event, holds up both.
    const [events, rules] = await Promise.all([
      tx.query<WaitingEvent>(selectEvent, [tenantId, id]),
      tx.query<{ rule: RuleRow }>(rulesOfEvent, [tenantId, id]),
    ]);
    await askRules(tx, tenantId, events, () => rules.map(({ rule }) => rule));
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

/**
 * Asks every rule of each of these events, once: what those said that matched or failed is stored, of the others a sample,
 * and each that matched and that none of its guards holds back leads to an enforcement and an execution, all in the
 * caller's transaction, which holds the events. `worker` claims of the executions what it may. Gives them.
 */
export async function askRules(
  tx: Tx,
  tenantId: number,
  events: readonly WaitingEvent[],
  rulesOf: (event: WaitingEvent) => readonly RuleRow[],
  worker: StepWorker | null = null,
): Promise<Started[]> {
  if (events.length === 0) return [];
  const answers: Answer[] = [];
  for (const event of events) {
    const facts = toFacts(event);
    const previous = new PreviousEvent((sql) => findPreviousEvent(sql, tenantId, event));
    for (const rule of rulesOf(event))
      answers.push(await ask(tx, tenantId, event, { facts, previous }, rule));
  }
  await holdBack(tx, tenantId, answers);
  await tell(tx, tenantId, answers);
  const enforcements = await planEnforcements(
    tx,
    tenantId,
    answers.filter(({ match, held }) => match.verdict === 'matched' && held === null),
    worker,
  );
  const counts = countVerdicts(events, answers);
  // None of these needs the answer of another, so they are sent together.
  const [started] = await Promise.all([
    enforcements.write(),
    store(tx, tenantId, answers),
    tx.query(finishEvents, [
      tenantId,
      events.map(({ id }) => id),
      counts.matched,
      counts.silent,
      counts.error,
    ]),
    appendChanges(tx, tenantId, [...enforcements.changes, ...events.map(toProcessed)]),
  ]);
  return started;
}

function toProcessed({ id, triggerRef }: WaitingEvent): Change {
  return { entityType: 'event', entityId: id, kind: 'processed', payload: { id, triggerRef } };
}

function countVerdicts(
  events: readonly WaitingEvent[],
  answers: readonly Answer[],
): Record<Match['verdict'], number[]> {
  const places = new Map(events.map(({ id }, place) => [id, place]));
  const none = () => events.map(() => 0);
  const counts = { matched: none(), silent: none(), error: none() };
  for (const { event, match } of answers) {
    const of = counts[match.verdict];
    const place = places.get(event.id) ?? 0;
    of[place] = (of[place] ?? 0) + 1;
  }
  return counts;
}

function toFacts({ id, payload, headers, triggerRef, created }: WaitingEvent): RuleEvent {
  return { id, payload, headers, trigger: triggerRef, created };
}

async function ask(
  tx: Tx,
  tenantId: number,
  event: WaitingEvent,
  { facts, previous }: { facts: RuleEvent; previous: PreviousEvent },
  rule: RuleRow,
): Promise<Answer> {
  const keys = new NamedKeys({ tenantId, packRef: packRefOf(rule.ref), actionRef: null });
  const scope = ruleScope({
    ...{ event: facts, previous, rule: { ref: rule.ref }, config: rule.packConfig, keys },
  });
  const match = await decideWithKeys(tx, keys, () => matchCriteria(rule.conditions, scope), previous);
  const answer = { event, rule, scope, keys, previous, match, isCircle: false, hash: null, held: null };
  if (match.verdict !== 'matched') return answer;
  const failed = (reason: string) => ({ ...match, verdict: 'error' as const, reason });
  if (await isEndless(tx, tenantId, event, rule))
    return { ...answer, match: failed(stoppedReason), isCircle: true };
  try {
    const hash = await decideWithKeys(tx, keys, () => dedupeHash(rule.guards, scope), previous);
    return { ...answer, hash };
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
  for (const [place, answer] of guarded.entries()) {
    answer.held = held[place] ?? null;
    if (answer.held)
      answer.match = { ...answer.match, reason: toHeldReason(answer.held, answer.rule.guards) };
  }
}

async function store(tx: Tx, tenantId: number, answers: readonly Answer[]): Promise<void> {
  const isKept = ({ match, rule }: Answer) => match.verdict !== 'silent' || rule.keepsAll;
  const kept = answers.filter(isKept);
  if (kept.length > 0) {
    await tx.query(insertEvaluations, [
      tenantId,
      kept.map(({ event }) => event.id),
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
    sample.map(({ event, rule, match: { reason, clauses } }) => ({
      ...{ eventId: event.id, ruleId: rule.id, ruleRef: rule.ref, reason, clauses },
    })),
  );
}

/** Raises an alert where a rule goes round in circles, or begins to be held back by its rate. */
async function tell(tx: Tx, tenantId: number, answers: readonly Answer[]): Promise<void> {
  for (const { event, rule, held, isCircle } of answers) {
    if (isCircle) await tellOfCircle(tx, tenantId, event, rule);
    if (held?.isStormBegin) await tellOfStorm(tx, tenantId, event, rule, held);
  }
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
