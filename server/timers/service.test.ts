import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inSystem, querySystem } from '../db';
import { matchEvent } from '../events/match';
import type { JsonObject } from '../fields';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { createRule, removeRule, setRuleEnabled, updateRule } from '../rules/service';
import { fireDue, msUntilDue, purgeFirings, scheduleNewTimers } from './service';

let ada: Actor;
let made = 0;
beforeAll(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

const draft = (ref: string, triggerRef: string, triggerParams: JsonObject) => ({
  ...{ ref, label: ref, description: '', triggerRef, triggerParams, actionRef: 'core.echo' },
  ...{ conditions: {}, actionParams: {}, enabled: true },
});
async function rule(triggerRef: string, triggerParams: JsonObject) {
  const ref = `ops.timer_${(made += 1)}`;
  const { id } = await createRule(ada, { packRef: 'ops', ...draft(ref, triggerRef, triggerParams) });
  return { id, ref };
}
const timerOf = async (ruleId: number) =>
  (
    await querySystem<{
      state: string;
      problem: string | null;
      nextAt: Date | null;
      anchor: Date;
      missed: number;
    }>(
      'SELECT state, problem, next_at AS "nextAt", anchor, missed FROM timer WHERE tenant_id = $1 AND rule_id = $2',
      [ada.tenantId, ruleId],
    )
  )[0];
const eventsOf = (ruleId: number) =>
  querySystem<{ id: number; payload: JsonObject; source: string }>(
    'SELECT id, payload, source FROM event WHERE tenant_id = $1 AND rule_id = $2 ORDER BY id',
    [ada.tenantId, ruleId],
  );
/** Moves a timer into the past, as if time had gone by. */
const goBy = (ruleId: number, interval: string) =>
  inSystem((tx) =>
    tx.query(
      `UPDATE timer SET next_at = next_at - $3::interval, anchor = anchor - $3::interval WHERE tenant_id = $1 AND rule_id = $2`,
      [ada.tenantId, ruleId, interval],
    ),
  );

describe('a timer', () => {
  it('is worked out when its rule is there, fires when it is due, for its own rule only', async () => {
    const { id, ref } = await rule('core.intervaltimer', { unit: 'minutes', interval: 10 });
    const other = await rule('core.intervaltimer', { unit: 'minutes', interval: 10 });
    expect(await timerOf(id)).toMatchObject({ state: 'new', nextAt: null });
    await scheduleNewTimers(100);
    const timer = await timerOf(id);
    expect(timer?.nextAt?.getTime()).toBe((timer?.anchor.getTime() ?? 0) + 600_000);
    await fireDue(100);
    expect(await eventsOf(id)).toEqual([]);
    await goBy(id, '10 minutes');
    const due = (await timerOf(id))?.nextAt;
    await fireDue(100);
    const [event] = await eventsOf(id);
    expect(event).toMatchObject({
      source: 'timer',
      payload: { scheduled_at: due?.toISOString(), missed: 0, rule: ref },
    });
    expect((await timerOf(id))?.nextAt?.getTime()).toBe((due?.getTime() ?? 0) + 600_000);
    await matchEvent({ tenantId: ada.tenantId, rootId: 0, id: event?.id ?? 0 });
    const asked = await querySystem(
      'SELECT rule_ref FROM rule_evaluation WHERE tenant_id = $1 AND event_id = $2',
      [ada.tenantId, event?.id],
    );
    expect(asked).toEqual([{ rule_ref: ref }]);
    expect(await eventsOf(other.id)).toEqual([]);
  });

  it('of which five workers look at once fires once', async () => {
    const { id } = await rule('core.intervaltimer', { interval: 5 });
    await scheduleNewTimers(100);
    await goBy(id, '6 seconds');
    await Promise.all(Array.from({ length: 5 }, () => fireDue(100)));
    expect(await eventsOf(id)).toHaveLength(1);
  });

  it('stops with the commit that switches its rule off, changes it or removes it', async () => {
    const { id, ref } = await rule('core.crontimer', { expression: '0 3 * * *', timezone: 'Europe/Berlin' });
    await scheduleNewTimers(100);
    expect(await timerOf(id)).toMatchObject({ state: 'active' });
    await setRuleEnabled(ada, ref, false);
    expect(await timerOf(id)).toBeUndefined();
    await setRuleEnabled(ada, ref, true);
    await scheduleNewTimers(100);
    const before = (await timerOf(id))?.nextAt;
    await updateRule(ada, { ...draft(ref, 'core.crontimer', { expression: '0 4 * * *' }) });
    await scheduleNewTimers(100);
    expect((await timerOf(id))?.nextAt).not.toEqual(before);
    const { triggerParams: _, ...rest } = draft(ref, 'core.crontimer', {});
    await updateRule(ada, { ...rest, label: 'Renamed' });
    expect(await timerOf(id)).toMatchObject({ state: 'active' });
    await removeRule(ada, ref);
    expect(await timerOf(id)).toBeUndefined();
  });

  it('for a date fires once and is done; a date that has passed fires nothing and says so', async () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const { id } = await rule('core.datetimetimer', { fire_at: soon });
    const past = await rule('core.datetimetimer', { fire_at: '2026-01-01T00:00:00Z' });
    await scheduleNewTimers(100);
    expect(await timerOf(past.id)).toMatchObject({
      state: 'done',
      problem: expect.stringContaining('had passed'),
    });
    await inSystem((tx) =>
      tx.query(
        `UPDATE timer SET next_at = clock_timestamp(), params = json_build_object('fire_at', attune_iso(clock_timestamp())) WHERE rule_id = $1`,
        [id],
      ),
    );
    await fireDue(100);
    await fireDue(100);
    expect(await eventsOf(id)).toHaveLength(1);
    expect(await timerOf(id)).toMatchObject({ state: 'done', nextAt: null });
    expect(await eventsOf(past.id)).toEqual([]);
  });

  it('that nobody was there for fires once, with how many it missed; or all; or none', async () => {
    const once = await rule('core.intervaltimer', { interval: 60 });
    const all = await rule('core.intervaltimer', { interval: 60, misfire: 'fire_all' });
    const none = await rule('core.intervaltimer', { interval: 60, misfire: 'skip' });
    await scheduleNewTimers(100);
    for (const { id } of [once, all, none]) await goBy(id, '210 seconds');
    await fireDue(100);
    expect((await eventsOf(once.id)).map(({ payload }) => payload['missed'])).toEqual([2]);
    expect(await eventsOf(all.id)).toHaveLength(3);
    expect(await eventsOf(none.id)).toEqual([]);
    expect((await timerOf(none.id))?.missed).toBe(3);
  });

  it('whose parameters do not fit is refused with its rule, and one that came another way says why it rests', async () => {
    await expect(rule('core.crontimer', { expression: '61 * * * *' })).rejects.toMatchObject({
      details: [{ path: 'triggerParams.expression' }],
    });
    const { id } = await rule('core.intervaltimer', { interval: 5 });
    await inSystem((tx) =>
      tx.query(`UPDATE rule SET trigger_params = '{"interval": -1}' WHERE id = $1`, [id]),
    );
    await scheduleNewTimers(100);
    expect(await timerOf(id)).toMatchObject({
      state: 'invalid',
      problem: expect.stringContaining('interval'),
    });
  });

  it('is waited for to the millisecond, and what is told of old firings goes', async () => {
    const { id } = await rule('core.intervaltimer', { interval: 5 });
    await scheduleNewTimers(100);
    expect(await msUntilDue(60_000)).toBeLessThanOrEqual(5_000);
    await goBy(id, '6 seconds');
    expect(await msUntilDue(60_000)).toBe(0);
    await fireDue(100);
    await inSystem((tx) => tx.query(`UPDATE timer_firing SET fired_at = fired_at - interval '8 days'`));
    expect(await purgeFirings(1_000)).toBeGreaterThan(0);
  });
});

describe('many timers that are due at the same moment', () => {
  it('fire in one transaction, each once, however many they are and however many look', async () => {
    const rules: number[] = [];
    for (let count = 0; count < 120; count += 1)
      rules.push((await rule('core.intervaltimer', { unit: 'minutes', interval: 10 })).id);
    await scheduleNewTimers(1_000);
    for (const id of rules) await goBy(id, '10 minutes');
    await Promise.all([fireDue(500), fireDue(500), fireDue(500)]);
    const [seen] = await querySystem<{
      events: number;
      firings: number;
      moments: number;
      transactions: number;
    }>(
      `SELECT count(*)::int AS events, count(DISTINCT f.timer_id)::int AS firings, count(DISTINCT e.created)::int AS moments,
         count(DISTINCT f.xmin::text)::int AS transactions
       FROM event e JOIN timer_firing f ON f.tenant_id = e.tenant_id AND f.event_id = e.id WHERE e.tenant_id = $1 AND e.rule_id = ANY ($2)`,
      [ada.tenantId, rules],
    );
    // Three looked; whoever came first may have taken all.
    expect(seen).toMatchObject({ events: 120, firings: 120 });
    expect(seen?.transactions).toBeLessThanOrEqual(3);
    const bells = await querySystem(`SELECT 1 FROM pgboss.job WHERE name = 'event' AND state < 'active'`);
    expect(bells).not.toEqual([]);
    for (const id of rules) await setRuleEnabled(ada, (await refOf(id)) ?? '', false);
  });
});

const refOf = async (id: number) =>
  (await querySystem<{ ref: string }>('SELECT ref FROM rule WHERE id = $1', [id]))[0]?.ref;
