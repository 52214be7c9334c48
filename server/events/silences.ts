import type { Clause } from '@/engine/trigger/match';
import { prepare, type Sql, type Tx } from '../db';

/** What rules say of events that they leave alone: the last of each rule, for a day (docs/adr/0033). */

const mostSilences = 50;
const keptHours = 24;
/** Of one rule at a time; the next look finds the rest. */
const mostTrimmed = 1_000;
/** More of one rule in a second is a storm, of which the first are enough. */
const mostPerSecond = 100;

interface Silence {
  eventId: number;
  ruleId: number;
  ruleRef: string;
  reason: string;
  clauses: readonly Clause[];
}

/** Chooses which are stored where one rule is asked very often. */
export class SilenceSampler {
  private second = -1;
  private taken = new Map<number, number>();

  /** Whether to store what this rule said now. */
  takes(ruleId: number, nowMs: number): boolean {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.second) {
      this.second = second;
      this.taken = new Map();
    }
    const taken = this.taken.get(ruleId) ?? 0;
    this.taken.set(ruleId, taken + 1);
    return taken < mostPerSecond;
  }
}

/** Rules of which this process has stored more since they were trimmed, with their tenants. */
const touched = new Map<number, number>();

const insert = prepare(
  `INSERT INTO silent_evaluation (tenant_id, rule_id, event_id, rule_ref, reason, clauses)
   SELECT $1, s.id, s.event, s.ref, s.reason, s.clauses
   FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::json[]) AS s(event, id, ref, reason, clauses)
   ORDER BY s.id, s.event ON CONFLICT DO NOTHING`,
);

/** Stores what rules said, in the caller's transaction. */
export async function storeSilences(tx: Tx, tenantId: number, silences: readonly Silence[]): Promise<void> {
  if (silences.length === 0) return;
  await tx.query(insert, [
    tenantId,
    silences.map(({ eventId }) => eventId),
    silences.map(({ ruleId }) => ruleId),
    silences.map(({ ruleRef }) => ruleRef),
    silences.map(({ reason }) => reason),
    silences.map(({ clauses }) => JSON.stringify(clauses)),
  ]);
  tx.afterCommit(() => {
    for (const { ruleId } of silences) touched.set(ruleId, tenantId);
  });
}

/** Removes all but the last of the rules that this process has stored for since it was called last. */
export async function trimTouched(sql: Sql): Promise<void> {
  const rules = [...touched].map(([ruleId, tenantId]) => ({ ruleId, tenantId }));
  touched.clear();
  await trim(sql, rules);
}

/** The same for all rules, for what a process that died left behind, and what is a day old. */
export async function trimAll(sql: Sql, limit: number): Promise<void> {
  await sql.query(
    `DELETE FROM silent_evaluation s USING (SELECT ctid FROM silent_evaluation WHERE created < clock_timestamp() - make_interval(hours => ${keptHours})
       LIMIT $1) old WHERE s.ctid = old.ctid`,
    [limit],
  );
  const long = await sql.query<{ ruleId: number; tenantId: number }>(
    `SELECT rule_id AS "ruleId", tenant_id AS "tenantId" FROM silent_evaluation GROUP BY tenant_id, rule_id HAVING count(*) > ${mostSilences} LIMIT $1`,
    [limit],
  );
  await trim(sql, long);
}

async function trim(sql: Sql, rules: readonly { ruleId: number; tenantId: number }[]): Promise<void> {
  if (rules.length === 0) return;
  // What is beyond the last of each rule is found by the key, newest first, once per rule.
  await sql.query(
    `DELETE FROM silent_evaluation WHERE ctid = ANY (ARRAY(
       SELECT k.ctid FROM unnest($1::bigint[], $2::bigint[]) AS r(tenant, id) CROSS JOIN LATERAL (
         SELECT s.ctid FROM silent_evaluation s WHERE s.tenant_id = r.tenant AND s.rule_id = r.id
         ORDER BY s.event_id DESC OFFSET ${mostSilences} LIMIT ${mostTrimmed}) k))`,
    [rules.map(({ tenantId }) => tenantId), rules.map(({ ruleId }) => ruleId)],
  );
}
