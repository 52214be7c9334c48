import { DomainError, notFound } from '@/engine/errors';
import { ExpressionError, renderValue, type Json, type Scope } from '@/engine/expression/expression';
import { secretMask } from '@/engine/definition/secret-parameters';
import { matchCriteria, type Match } from '@/engine/trigger/match';
import { inTenant, type Sql } from '../db';
import { findPreviousEvent } from '../events/store';
import type { JsonObject } from '../fields';
import { may, requireRight, type Actor } from '../identities/actor';
import { NamedKeys } from '../keys/named';
import { mayUseKey } from '../keys/rights';
import { getPackDetail } from '../packs/service';
import type { Backtest, BacktestRule, RuleTest, TestRule } from './schema';
import { decideWithKeys, PreviousEvent, ruleScope, type RuleEvent } from './scope';
import { getVisibleRule } from './service';

/** Small, as a payload may have a megabyte. */
const batch = 25;
const longestMs = 5_000;
/** Others of this process get their turn after so long. */
const turnMs = 20;

/** What stays the same for each event that a draft is asked about. */
interface Trial {
  actor: Actor;
  packRef: string;
  config: JsonObject;
  rule: { ref: string };
  conditions: Json;
  actionParams: JsonObject;
  /** The criteria of the saved rule; undefined without one on the same trigger. */
  saved: Json | undefined;
}

/**
 * What a rule that is not saved yet would say to a payload or to a stored event, clause by clause, the inputs it would
 * give, and what the saved rule says. Nothing is started or stored. Of a key whose value the actor may not read it sees a
 * mask. @throws DomainError not_found for an event that is none of the trigger's, or the actor may not read
 */
export async function testRule(actor: Actor, input: TestRule): Promise<RuleTest> {
  requireRight(actor, 'read', 'rules');
  const trial = await prepare(actor, input);
  return inTenant(actor.tenantId, async (tx) => {
    const event =
      input.eventId === undefined
        ? {
            ...{ id: 0, payload: input.payload ?? null, headers: {}, trigger: input.triggerRef },
            created: new Date().toISOString(),
          }
        : await getStoredEvent(tx, actor, input.triggerRef, input.eventId);
    const keys = keysOf(trial);
    const previous = previousOf(trial, event);
    const scope = scopeOf(trial, event, keys, previous);
    const before = trial.saved;
    const decide = () => ({
      ...tryRule(trial, scope),
      before: before === undefined ? null : toTold(matchCriteria(before, scope)),
    });
    return decideWithKeys(tx, keys, decide, previous);
  });
}

/**
 * What a rule that is not saved yet would have said of the newest stored events of its trigger, beside what the saved rule
 * says of them. Nothing is started or stored. Events that the actor may not read are left out; it ends after some seconds,
 * and says so.
 */
export async function backtestRule(actor: Actor, input: BacktestRule): Promise<Backtest> {
  requireRight(actor, 'read', 'rules');
  requireRight(actor, 'read', 'events');
  const trial = await prepare(actor, input);
  const untilMs = performance.now() + longestMs;
  const events: Backtest['events'] = [];
  let before: number | null = null;
  let asked = 0;
  while (asked < input.last) {
    if (performance.now() > untilMs) return { asked, isCut: true, events };
    const limit = Math.min(batch, input.last - asked);
    const rows = await readBatch(actor.tenantId, input, before, limit);
    const { answers, isCut } = await askAll(trial, rows, untilMs);
    events.push(...answers);
    asked += isCut ? answers.length : rows.length;
    if (isCut) return { asked, isCut, events };
    if (rows.length < limit) break;
    before = rows.at(-1)?.id ?? null;
  }
  return { asked, isCut: false, events };
}

async function askAll(
  trial: Trial,
  rows: readonly (RuleEvent & { fired: boolean })[],
  untilMs: number,
): Promise<{ answers: Backtest['events']; isCut: boolean }> {
  return inTenant(trial.actor.tenantId, async (tx) => {
    const answers: Backtest['events'] = [];
    let turnEndsMs = performance.now() + turnMs;
    for (const { fired, ...event } of rows) {
      if (performance.now() > untilMs) return { answers, isCut: true };
      if (performance.now() > turnEndsMs) {
        await new Promise((resolve) => setImmediate(resolve));
        turnEndsMs = performance.now() + turnMs;
      }
      if (!may(trial.actor, 'read', 'events', { id: event.id, ref: event.trigger })) continue;
      const keys = keysOf(trial);
      const previous = previousOf(trial, event);
      const scope = scopeOf(trial, event, keys, previous);
      const decide = () => {
        const { verdict, reason } = matchCriteria(trial.conditions, scope);
        const before = trial.saved === undefined ? null : matchCriteria(trial.saved, scope).verdict;
        return { verdict, reason, before };
      };
      const answer = await decideWithKeys(tx, keys, decide, previous);
      answers.push({ id: event.id, created: event.created, ...answer, fired });
    }
    return { answers, isCut: false };
  });
}

async function prepare(actor: Actor, input: BacktestRule | TestRule): Promise<Trial> {
  const { ref, triggerRef, conditions, actionParams } = input;
  const saved = ref === undefined ? null : await getVisibleRule(actor, ref);
  const packRef = saved?.packRef ?? input.packRef ?? '';
  return {
    ...{ actor, packRef, conditions, actionParams, rule: { ref: ref ?? '' } },
    config: packRef === '' ? {} : await readConfig(actor, packRef),
    saved: saved?.triggerRef === triggerRef ? (saved.conditions as Json) : undefined,
  };
}

/** The configuration of the pack as far as the actor may read it, with masks for what is secret. */
async function readConfig(actor: Actor, packRef: string): Promise<JsonObject> {
  try {
    const { config, secretFields } = await getPackDetail(actor, packRef);
    return { ...config, ...Object.fromEntries(secretFields.map((name) => [name, secretMask])) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return {};
  }
}

/** One set per event, as when it is matched. */
function keysOf({ actor, packRef }: Trial): NamedKeys {
  return new NamedKeys({ tenantId: actor.tenantId, packRef, actionRef: null }, (key) =>
    mayUseKey(actor, key.encrypted ? 'decrypt' : 'read', key),
  );
}

function scopeOf({ rule, config }: Trial, event: RuleEvent, keys: NamedKeys, previous: PreviousEvent): Scope {
  return ruleScope({ event, previous, rule, config, keys });
}

/** The event before it, or before one that is made up the newest, as far as the actor may read it. */
function previousOf({ actor }: Trial, { id, trigger: triggerRef }: RuleEvent): PreviousEvent {
  return new PreviousEvent(async (sql) => {
    const found = await findPreviousEvent(sql, actor.tenantId, { triggerRef, id: id === 0 ? null : id });
    return found && may(actor, 'read', 'events', { id: found.id, ref: triggerRef }) ? found : null;
  });
}

const toTold = ({ verdict, reason, clauses }: Match) => ({ verdict, reason, clauses });

function tryRule({ conditions, actionParams }: Trial, scope: Scope): Omit<RuleTest, 'before'> {
  const told = toTold(matchCriteria(conditions, scope));
  if (told.verdict !== 'matched') return { ...told, parameters: null, error: null };
  try {
    const parameters = renderValue(actionParams, scope).redacted as JsonObject;
    return { ...told, parameters, error: null };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { ...told, parameters: null, error: error.message };
  }
}

type EventRow = Omit<RuleEvent, 'created'> & { created: Date };
const columns = 'e.id, e.payload, e.headers, e.trigger_ref AS trigger, e.created';
const toStored = <Row extends EventRow>(row: Row) => ({ ...row, created: row.created.toISOString() });

async function getStoredEvent(sql: Sql, actor: Actor, triggerRef: string, id: number): Promise<RuleEvent> {
  requireRight(actor, 'read', 'events');
  const [row] = await sql.query<EventRow>(
    `SELECT ${columns} FROM event e WHERE e.tenant_id = $1 AND e.id = $2 AND e.trigger_ref = $3`,
    [actor.tenantId, id, triggerRef],
  );
  if (!row || !may(actor, 'read', 'events', { id, ref: row.trigger })) throw notFound('event', id);
  return toStored(row);
}

/** A transaction each, so that none lasts long. Events that are another rule's own are none of this one's. */
async function readBatch(
  tenantId: number,
  { triggerRef, ref }: BacktestRule,
  before: number | null,
  limit: number,
): Promise<(RuleEvent & { fired: boolean })[]> {
  const rows = await inTenant(tenantId, (tx) =>
    tx.query<EventRow & { fired: boolean }>(
      `SELECT ${columns}, EXISTS (SELECT FROM enforcement f WHERE f.tenant_id = $1 AND f.event_id = e.id AND f.rule_ref = $5) AS fired
       FROM event e WHERE e.tenant_id = $1 AND e.trigger_ref = $2 AND ($3::bigint IS NULL OR e.id < $3)
         AND (e.rule_id IS NULL OR e.rule_id = (SELECT r.id FROM rule r WHERE r.tenant_id = $1 AND r.ref = $5))
       ORDER BY e.id DESC LIMIT $4`,
      [tenantId, triggerRef, before, limit, ref ?? ''],
    ),
  );
  return rows.map(toStored);
}
