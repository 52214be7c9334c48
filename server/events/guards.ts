import { createHash } from 'node:crypto';
import { ExpressionError, renderValue, type Scope } from '@/engine/expression/expression';
import { prepare, type Sql } from '../db';
import type { RuleGuards } from '../rules/schema';

type Guard = 'cooldown' | 'dedupe' | 'rate';

/** A rule that matched and wants to be let through. */
interface GuardAsk {
  ruleId: number;
  guards: RuleGuards;
  /** What its dedupe key came to, as a digest; null where it has none. */
  hash: string | null;
}

/** By what a match is held back, and until when. */
export interface Held {
  by: Guard;
  until: Date;
  /** Whether its rate holds back for the first time in a window. */
  isStormBegin: boolean;
}

const askThem = prepare('SELECT nth, held, until, begins FROM attune_ask_guards($1, $2)');

export function hasGuards({ cooldown_seconds, dedupe, rate }: RuleGuards): boolean {
  return cooldown_seconds !== undefined || dedupe !== undefined || rate !== undefined;
}

/**
 * What makes two events the same to a rule, as a digest; null where it does not say.
 * @throws ExpressionError
 */
export function dedupeHash({ dedupe }: RuleGuards, scope: Scope): string | null {
  if (!dedupe) return null;
  const { value } = renderValue(dedupe.key, scope);
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/** Why there is no such digest, in a sentence. */
export function toKeyProblem(error: unknown): string {
  if (!(error instanceof ExpressionError)) throw error;
  return `It matched, but its dedupe key could not be made: ${error.message} (line ${error.line}, column ${error.column})`;
}

/**
 * Asks the guards of rules that matched, by the database's clock, and remembers who was let through, in the caller's
 * transaction: another event of the same rule waits for its end. Gives for each who is held back, in order; of one rule
 * those that are let through count for those that come after.
 */
export async function askGuards(
  sql: Sql,
  tenantId: number,
  asks: readonly GuardAsk[],
): Promise<(Held | null)[]> {
  if (asks.length === 0) return [];
  const rows = await sql.query<{ nth: number; held: Guard | null; until: Date; begins: boolean }>(askThem, [
    tenantId,
    JSON.stringify(
      asks.map(({ ruleId, hash, guards: { cooldown_seconds, dedupe, rate } }, nth) => ({
        nth,
        rule: ruleId,
        cooldown: cooldown_seconds ?? null,
        hash,
        dedupe: dedupe?.window_seconds ?? null,
        count: rate?.count ?? null,
        rate: rate?.window_seconds ?? null,
      })),
    ),
  ]);
  const answers = new Map(rows.map((row) => [row.nth, row]));
  return asks.map((_, nth) => {
    const { held = null, until = new Date(0), begins = false } = answers.get(nth) ?? {};
    return held === null ? null : { by: held, until, isStormBegin: begins };
  });
}

/** Why a match led to nothing, in a sentence. */
export function toHeldReason({ by, until }: Held, { dedupe, rate }: RuleGuards): string {
  const at = until.toISOString();
  switch (by) {
    case 'cooldown':
      return `Matched, held back by its cooldown until ${at}.`;
    case 'dedupe':
      return `Matched, held back as a double until ${at}: the same key came within ${dedupe?.window_seconds ?? 0} s.`;
    case 'rate':
      return `Matched, held back by its rate until ${at}: ${rate?.count ?? 0} times in ${rate?.window_seconds ?? 0} s.`;
  }
}

/** Forgets enforcements that no guard looks at any more. Gives how many. */
export async function purgeRuleFirings(sql: Sql, limit: number): Promise<number> {
  const gone = await sql.query(
    `DELETE FROM rule_firing f USING (
       SELECT tenant_id, rule_id, id FROM rule_firing WHERE expires_at < clock_timestamp() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED) old
     WHERE f.tenant_id = old.tenant_id AND f.rule_id = old.rule_id AND f.id = old.id RETURNING 1`,
    [limit],
  );
  return gone.length;
}
