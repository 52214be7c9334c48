import { inSystem, querySystem } from '../db';
import { env } from '../env';
import { purgeRuleFirings } from './guards';
import { trimAll, trimTouched } from './silences';

/**
 * What happened is kept for some days (docs/adr/0033): of what is older, whole ranges of ids are dropped where nobody is
 * at work at that moment, and the rest goes in small batches. An event whose execution has not ended stays.
 */

const isNeeded = `EXISTS (SELECT FROM enforcement f JOIN execution x ON x.tenant_id = f.tenant_id AND x.root_id = f.execution_id AND x.id = f.execution_id
  WHERE f.tenant_id = t.id AND f.event_id = e.id AND x.ended_at IS NULL)`;

/** Removes events that are too old, with what the rules said of them. Gives how many, at most `limit`. */
export async function purgeEvents(limit: number): Promise<number> {
  return inSystem(async (tx) => {
    // Of each tenant the oldest are looked at, ten times as many as may go: some stay for long.
    const gone = await tx.query(
      `WITH old AS (
         SELECT t.id AS tenant, o.id FROM tenant t CROSS JOIN LATERAL (
           SELECT e.id FROM (
             SELECT id, created FROM event WHERE tenant_id = t.id AND processed_at IS NOT NULL ORDER BY id LIMIT $1 * 10) e
           WHERE e.created < clock_timestamp() - make_interval(secs => $2::float8 * 86400) AND NOT ${isNeeded} ORDER BY e.id LIMIT $1) o
         LIMIT $1),
       evaluations AS (DELETE FROM rule_evaluation v USING old WHERE v.tenant_id = old.tenant AND v.event_id = old.id),
       enforcements AS (DELETE FROM enforcement f USING old WHERE f.tenant_id = old.tenant AND f.event_id = old.id)
       DELETE FROM event e USING old WHERE e.tenant_id = old.tenant AND e.id = old.id RETURNING 1`,
      [limit, env().ATTUNE_EVENT_KEEP_DAYS],
    );
    return gone.length;
  });
}

/** Drops the oldest range of events where all of it is too old. Gives its name; null where there is none, or somebody is at work. */
export async function dropOldEvents(): Promise<string | null> {
  const [row] = await querySystem<{ dropped: string | null }>(
    'SELECT attune_drop_old_events($1) AS dropped',
    [env().ATTUNE_EVENT_KEEP_DAYS],
  );
  return row?.dropped ? row.dropped : null;
}

/** Keeps what rules left alone to the last of each rule. */
export async function trimSilences(): Promise<void> {
  await inSystem(trimTouched);
}

/** The same for what other processes left behind and what is a day old; at most `limit` of each. */
export async function sweepSilences(limit: number): Promise<void> {
  await inSystem((tx) => trimAll(tx, limit));
}

/** Forgets what the guards of rules do not look at any more. Gives how many. */
export async function purgeFirings(limit: number): Promise<number> {
  return inSystem((tx) => purgeRuleFirings(tx, limit));
}
