import { misfires, planFirings, type Misfire } from '@/engine/trigger/misfire';
import { isTimerTrigger, nextFiring, readSchedule, type Schedule } from '@/engine/trigger/schedule';
import { inSystem, prepare, type Tx } from '../db';
import { announceEvents } from '../events/store';
import type { JsonObject } from '../fields';
import { standardTenantId } from '../packs/refs';

/**
 * Timers: a row per rule on a timer's trigger, made and removed with the rule by the database (docs/adr/0025). Any number of
 * workers look; each time is fired for once.
 */

/** Said of a timer whose only time lies in the past. */
export const neverFires = 'Its time had passed when it was switched on, so it never fires.';

interface TimerRow {
  id: number;
  tenantId: number;
  ruleId: number;
  ruleRef: string;
  triggerRef: string;
  params: JsonObject;
  anchor: Date;
  nextAt: Date | null;
  now: Date;
}

const columns = `t.id, t.tenant_id AS "tenantId", t.rule_id AS "ruleId", r.ref AS "ruleRef", t.trigger_ref AS "triggerRef", t.params, t.anchor,
  t.next_at AS "nextAt", clock_timestamp() AS now`;

/** Works out when new timers fire first. Gives how many there were; at most `limit`. */
export async function scheduleNewTimers(limit: number): Promise<number> {
  return inSystem(async (tx) => {
    const rows = await tx.query<TimerRow>(
      `SELECT ${columns} FROM timer t JOIN rule r ON r.id = t.rule_id WHERE t.state = 'new' ORDER BY t.id LIMIT $1 FOR UPDATE OF t SKIP LOCKED`,
      [limit],
    );
    for (const row of rows) {
      const read = readTimer(row);
      if (typeof read === 'string') {
        await setState(tx, row, 'invalid', null, read);
        continue;
      }
      // From the moment when it was switched on: what should have come since then is not lost.
      const next = nextFiring(read.schedule, row.anchor.getTime() - 1, row.anchor.getTime());
      if (next !== null) await setState(tx, row, 'active', next, null);
      else await setState(tx, row, 'done', null, neverFires);
    }
    return rows.length;
  });
}

/** One time of one timer, as its event tells of it. */
interface Firing {
  tenant: number;
  timer: number;
  rule: number;
  trigger: number | null;
  trigger_ref: string;
  at: string;
  payload: JsonObject;
}
/** Where a timer goes on from here. */
interface Move {
  tenant: number;
  timer: number;
  next: string | null;
  last: string | null;
  missed: number;
}

const selectDue = prepare(
  `SELECT ${columns} FROM timer t JOIN rule r ON r.id = t.rule_id WHERE t.next_at <= clock_timestamp()
   ORDER BY t.next_at LIMIT $1 FOR UPDATE OF t SKIP LOCKED`,
);
const fireTimers = prepare('SELECT attune_fire_timers($1::json, $2::json) AS made');

/**
 * Fires for timers that are due, all their times with their events in one transaction of three statements. Gives how many
 * timers there were.
 */
export async function fireDue(limit: number): Promise<number> {
  return inSystem(async (tx) => {
    const rows = await tx.query<TimerRow>(selectDue, [limit]);
    if (rows.length === 0) return 0;
    const triggers = await findTriggers(tx);
    const firings: Firing[] = [];
    const moves: Move[] = [];
    for (const row of rows) {
      const plan = planOf(row);
      if (typeof plan === 'string') {
        await setState(tx, row, 'invalid', null, plan);
        continue;
      }
      for (const [index, at] of plan.fire.entries())
        firings.push(toFiring(row, at, index === plan.fire.length - 1 ? plan.missed : 0, triggers));
      moves.push({
        ...{ tenant: row.tenantId, timer: row.id, missed: plan.missed },
        ...{ next: toTime(plan.next), last: toTime(plan.fire.at(-1) ?? null) },
      });
    }
    const [fired] = await tx.query<{ made: number }>(fireTimers, [
      JSON.stringify(firings),
      JSON.stringify(moves),
    ]);
    if (fired && fired.made > 0) tx.afterCommit(announceEvents);
    return rows.length;
  });
}

/** Milliseconds until the next timer is due, at most `most`, by the database's clock. */
export async function msUntilDue(most: number): Promise<number> {
  const [row] = await inSystem((tx) =>
    tx.query<{ ms: number | null }>(
      'SELECT (extract(epoch FROM min(next_at) - clock_timestamp()) * 1000)::float8 AS ms FROM timer WHERE next_at IS NOT NULL',
    ),
  );
  return row?.ms === null || row?.ms === undefined ? most : Math.min(Math.max(row.ms, 0), most);
}

/** Removes what is told of firings long ago. Gives how many. */
export async function purgeFirings(limit: number): Promise<number> {
  return inSystem(async (tx) => {
    const gone = await tx.query(
      `DELETE FROM timer_firing f USING (
         SELECT tenant_id, timer_id, fire_at FROM timer_firing WHERE fired_at < clock_timestamp() - interval '7 days' LIMIT $1) old
       WHERE f.tenant_id = old.tenant_id AND f.timer_id = old.timer_id AND f.fire_at = old.fire_at RETURNING 1`,
      [limit],
    );
    return gone.length;
  });
}

function readTimer({
  triggerRef,
  params,
  anchor,
}: TimerRow): { schedule: Schedule; misfire: Misfire } | string {
  if (!isTimerTrigger(triggerRef)) return `${triggerRef} is no timer.`;
  const { schedule, problems } = readSchedule(triggerRef, params, anchor.getTime());
  if (!schedule) return problems.map(({ path, message }) => `${path}: ${message}`).join(' ');
  const misfire = misfires.find((one) => one === params['misfire']) ?? 'fire_once';
  return { schedule, misfire };
}

/** What a timer does now; a sentence where it cannot be read. */
function planOf(row: TimerRow): ReturnType<typeof planFirings> | string {
  const read = readTimer(row);
  if (typeof read === 'string') return read;
  if (row.nextAt === null) return 'It has no time.';
  return planFirings(
    ...([read.schedule, row.nextAt.getTime(), row.now.getTime()] as const),
    ...([row.anchor.getTime(), read.misfire] as const),
  );
}

function toFiring(row: TimerRow, at: number, missed: number, triggers: ReadonlyMap<string, number>): Firing {
  return {
    ...{ tenant: row.tenantId, timer: row.id, rule: row.ruleId, at: toTime(at) },
    ...{ trigger: triggers.get(row.triggerRef) ?? null, trigger_ref: row.triggerRef },
    payload: { scheduled_at: toTime(at), fired_at: row.now.toISOString(), missed, rule: row.ruleRef },
  };
}

const selectTriggers = prepare('SELECT id, ref FROM trigger WHERE tenant_id = $1');

async function findTriggers(tx: Tx): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.query<{ id: number; ref: string }>(selectTriggers, [standardTenantId]);
  return new Map(rows.map(({ id, ref }) => [ref, id]));
}

async function setState(
  tx: Tx,
  { tenantId, id }: TimerRow,
  state: 'active' | 'done' | 'invalid',
  next: number | null,
  problem: string | null,
): Promise<void> {
  await tx.query(
    'UPDATE timer SET state = $3, next_at = $4, problem = $5, updated = clock_timestamp() WHERE tenant_id = $1 AND id = $2',
    [tenantId, id, state, toTime(next), problem],
  );
}

function toTime(ms: number): string;
function toTime(ms: number | null): string | null;
function toTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
