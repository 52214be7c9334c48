import { inTenantOfRows, isDatabaseAway, prepare, type Tx } from '../db';
import { toClaimOfBirth, type Claim } from '../executions/claims';
import type { Started, StepWorker } from '../executions/steps';
import { askRules, matchEvent, type RuleRow, type WaitingEvent } from './match';

/** Events of one tenant that wait, held by the transaction that took them, and the rules on their triggers. */
interface Taken {
  tenant: number;
  mayBeMore: boolean;
  events: (WaitingEvent & { ruleId: number | null })[];
  rules: RuleRow[];
}

export interface Matched {
  /** There may be more that wait. */
  mayBeMore: boolean;
  /** Where the next call goes on, so that every tenant has its turn. */
  lastTenantId: number;
  /** What the worker has claimed of the executions that were started. */
  claims: Claim[];
  /** Events whose rules could not be asked. They wait still. */
  failed: { id: number; error: unknown }[];
}

const takeThem = prepare('SELECT attune_take_events($1, $2, $3) AS taken');

/**
 * Asks the rules of events that wait, at most `limit` and of the next tenant after `afterTenantId`, all in one transaction;
 * what others hold at this moment is theirs. Should it fail, they are asked one by one, so that none pays for another's fault.
 *
 * @param without ids that are left alone
 * @param worker claims of the executions what it may
 * @throws Error when the database is away, or nothing could be taken
 */
export async function matchWaiting(
  afterTenantId: number,
  limit: number,
  without: readonly number[],
  worker: StepWorker | null,
): Promise<Matched> {
  const last: { taken: Taken | null } = { taken: null };
  try {
    const started = await inTenantOfRows(async (tx) => {
      last.taken = await take(tx, [afterTenantId, limit, without]);
      return last.taken ? askRulesOf(tx, last.taken, worker) : [];
    });
    return { ...toMatched(last.taken, afterTenantId), claims: toClaims(last.taken, started) };
  } catch (error) {
    if (last.taken === null || isDatabaseAway(error)) throw error;
    return { ...toMatched(last.taken, afterTenantId), failed: await oneByOne(last.taken) };
  }
}

function toClaims(taken: Taken | null, started: readonly Started[]): Claim[] {
  const tenantId = taken?.tenant ?? 0;
  return started.flatMap((each) => toClaimOfBirth({ tenantId, rootId: each.id }, each) ?? []);
}

async function take(tx: Tx, values: readonly unknown[]): Promise<Taken | null> {
  const [row] = await tx.query<{ taken: Taken | null }>(takeThem, values);
  return row?.taken ?? null;
}

function askRulesOf(tx: Tx, { tenant, events, rules }: Taken, worker: StepWorker | null): Promise<Started[]> {
  const byTrigger = Map.groupBy(rules, ({ triggerRef }) => triggerRef);
  const meant = new Map(events.map(({ id, ruleId }) => [id, ruleId]));
  const rulesOf = ({ id, triggerRef }: WaitingEvent) => {
    const all = byTrigger.get(triggerRef) ?? [];
    const only = meant.get(id) ?? null;
    return only === null ? all : all.filter((rule) => rule.id === only);
  };
  // What is counted off it is counted again when the transaction is tried again.
  const fresh = worker && { ...worker, allowance: { ...worker.allowance } };
  return askRules(tx, tenant, events, rulesOf, fresh);
}

function toMatched(taken: Taken | null, afterTenantId: number): Matched {
  return {
    mayBeMore: taken?.mayBeMore ?? false,
    lastTenantId: taken?.tenant ?? afterTenantId,
    claims: [],
    failed: [],
  };
}

async function oneByOne({ tenant, events }: Taken): Promise<Matched['failed']> {
  const failed: Matched['failed'] = [];
  for (const { id } of events) {
    try {
      await matchEvent({ tenantId: tenant, rootId: 0, id });
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      failed.push({ id, error });
    }
  }
  return failed;
}
