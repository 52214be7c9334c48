import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inTenant, querySystem } from '../db';
import { publicUrl } from '../env';
import { stopLive } from '../live';
import { makePerson, makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { backtestRule, testRule } from '../rules/backtest';
import { keepEvaluations, removeRule } from '../rules/service';
import { listEnforcements } from './enforcements';
import { rulesOfEvent } from './match';
import { sweepSilences, trimSilences } from './retention';
import { RulesFixture } from './rules-fixture';
import { getEvent, listEvents } from './service';
import { SilenceSampler } from './silences';

let ground: RulesFixture;
beforeAll(async () => {
  ground = await RulesFixture.open();
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

const high = { all: [{ field: 'payload.level', operator: 'equals', value: 'high' }] };

/** How many rows there are of what a rule said, by where they are kept. */
async function countKept(ruleId: number): Promise<{ all: number; sample: number }> {
  const [row] = await querySystem<{ all: number; sample: number }>(
    `SELECT (SELECT count(*)::int FROM rule_evaluation WHERE tenant_id = $1 AND rule_id = $2) AS all,
       (SELECT count(*)::int FROM silent_evaluation WHERE tenant_id = $1 AND rule_id = $2) AS sample`,
    [ground.ada.tenantId, ruleId],
  );
  return row ?? { all: -1, sample: -1 };
}

it('a rule’s inputs see where the studio is, and what rules started is listed', async () => {
  const rule = await ground.rule({ actionParams: { message: '{{ system.url }}/rules/{{ rule.ref }}' } });
  const { enforcements, id } = await ground.send({});
  const mine = enforcements.find(({ ruleRef }) => ruleRef === rule.ref);
  expect(mine).toMatchObject({ error: null, parameters: { message: `${publicUrl()}/rules/${rule.ref}` } });
  const list = (more: object) => listEnforcements(ground.ada, { limit: 1, ...more });
  expect(await list({ ruleRef: rule.ref })).toMatchObject({
    items: [{ id: mine?.id, eventId: id, actionRef: 'core.echo', executionId: mine?.executionId }],
    next: null,
  });
  await ground.send({});
  const first = await list({ ruleRef: rule.ref });
  expect(await list({ ruleRef: rule.ref, cursor: first.next })).toMatchObject({ items: [{ id: mine?.id }] });
  expect((await list({ ruleRef: 'ops.none' })).items).toEqual([]);
  const stranger = await makePerson(await makeTenant(), 'Eve');
  expect((await listEnforcements(stranger, { limit: 10, ruleRef: rule.ref })).items).toEqual([]);
  await removeRule(ground.ada, rule.ref);
});

it('a rule may ask what changed since the event before', async () => {
  const triggerRef = 'ops.levels';
  await ground.trigger(triggerRef);
  const conditions = { all: [{ field: 'payload.level', operator: 'changed' }] };
  const changed = await ground.rule({
    ...{ triggerRef, conditions },
    actionParams: { message: '{{ event.previous.payload.level }}', whole: '{{ event }}' },
  });
  const levels = ['low', 'low', 'high', 'high', 'low'];
  const events = [];
  for (const level of levels) events.push(await ground.send({ level }, triggerRef));
  expect(events.map(({ matched }) => matched)).toEqual([0, 0, 1, 0, 1]);
  expect(events[2]?.enforcements[0]?.parameters).toMatchObject({ message: 'low' });
  expect(events[2]?.enforcements[0]?.parameters['whole']).not.toHaveProperty('previous');
  const draft = { ref: changed.ref, triggerRef, conditions, actionParams: {} };
  const { events: asked } = await backtestRule(ground.ada, { ...draft, last: 10 });
  expect(asked.map(({ verdict }) => verdict)).toEqual(['matched', 'silent', 'matched', 'silent', 'silent']);
  // One that is made up comes after the newest.
  expect(await testRule(ground.ada, { ...draft, payload: { level: 'low' } })).toMatchObject({
    verdict: 'silent',
  });
  expect(await testRule(ground.ada, { ...draft, payload: { level: 'high' } })).toMatchObject({
    verdict: 'matched',
  });
});

describe('what rules say', () => {
  it('is kept where they match or fail, and of what they leave alone the last 50 of each rule', async () => {
    const rule = await ground.rule({ conditions: high });
    const events = [];
    for (let count = 0; count < 60; count += 1) events.push(await ground.send({ level: 'low', count }));
    expect(events.at(-1)).toMatchObject({
      silent: 1,
      evaluations: [{ verdict: 'silent', clauses: [{ path: 'payload.level', actual: 'low' }] }],
    });
    await ground.send({ level: 'high' });
    expect(await countKept(rule.id)).toEqual({ all: 1, sample: 60 });
    await trimSilences();
    expect(await countKept(rule.id)).toEqual({ all: 1, sample: 50 });
    // Counted for all of them, explained for the last.
    const first = await getEvent(ground.ada, events[0]?.id ?? 0);
    expect(first).toMatchObject({ silent: 1, matched: 0, failed: 0, evaluations: [] });
    expect((await getEvent(ground.ada, events[10]?.id ?? 0)).evaluations).toHaveLength(1);
    const { items } = await listEvents(ground.ada, { limit: 2 });
    expect(items).toMatchObject([
      { matched: 1, silent: 0 },
      { matched: 0, silent: 1 },
    ]);
  });

  it('is forgotten after a day where they left the event alone', async () => {
    const rule = await ground.rule({ conditions: high });
    const event = await ground.send({ level: 'low' });
    await querySystem(
      `UPDATE silent_evaluation SET created = created - interval '25 hours' WHERE tenant_id = $1 AND event_id = $2`,
      [ground.ada.tenantId, event.id],
    );
    await sweepSilences(100);
    expect(await countKept(rule.id)).toEqual({ all: 0, sample: 0 });
  });

  it('is trimmed also where the process died that stored it', async () => {
    const { id } = await ground.rule({ conditions: high, enabled: false });
    await querySystem(
      `INSERT INTO silent_evaluation (tenant_id, rule_id, event_id, rule_ref) SELECT $1, $2, n, 'ops.x' FROM generate_series(1, 80) n`,
      [ground.ada.tenantId, id],
    );
    await sweepSilences(100);
    expect(await countKept(id)).toEqual({ all: 0, sample: 50 });
  });

  it('is kept whole for as long as somebody asked for it', async () => {
    const rule = await ground.rule({ conditions: high });
    expect((await keepEvaluations(ground.ada, rule.ref, 24)).keepEvaluationsUntil).not.toBeNull();
    for (let count = 0; count < 3; count += 1) await ground.send({ level: 'low' });
    expect(await countKept(rule.id)).toEqual({ all: 3, sample: 0 });
    expect((await keepEvaluations(ground.ada, rule.ref, 0)).keepEvaluationsUntil).toBeNull();
    await ground.send({ level: 'low' });
    expect(await countKept(rule.id)).toEqual({ all: 3, sample: 1 });
  });

  it('is a sample where one rule is asked more than a hundred times in a second', () => {
    const sampler = new SilenceSampler();
    const take = (ruleId: number, nowMs: number) =>
      Array.from({ length: 150 }, () => sampler.takes(ruleId, nowMs)).filter(Boolean).length;
    expect([take(1, 1_000), take(2, 1_999), take(1, 1_999), take(1, 2_000)]).toEqual([100, 100, 0, 100]);
  });
});

describe('the rules on a trigger', () => {
  it('are found by the index of the trigger, however many there are on others', async () => {
    const { tenantId } = ground.ada;
    await querySystem(
      `INSERT INTO rule (tenant_id, pack_id, pack_ref, ref, label, trigger_ref, action_ref)
       SELECT $1, p.id, 'ops', 'ops.other_' || n, 'Other', 'ops.other_' || n, 'core.echo' FROM pack p, generate_series(1, 1000) n
       WHERE p.tenant_id = $1 AND p.ref = 'ops'`,
      [tenantId],
    );
    const event = await ground.record();
    await ground.rule({ conditions: high });
    // The counts of this session, before and after.
    const [known, scanned, fetched] = await inTenant(tenantId, async (tx) => {
      const count = async () => {
        const [row] = await tx.query<{ scanned: number; fetched: number }>(
          `SELECT seq_tup_read::int AS scanned, idx_tup_fetch::int AS fetched FROM pg_stat_xact_user_tables WHERE relname = 'rule'`,
        );
        return row ?? { scanned: -1, fetched: -1 };
      };
      const before = await count();
      const rules = await tx.query(rulesOfEvent, [tenantId, event]);
      const after = await count();
      return [rules.length, after.scanned - before.scanned, after.fetched - before.fetched];
    });
    const [all] = await querySystem<{ count: number }>(
      'SELECT count(*)::int AS count FROM rule WHERE tenant_id = $1 AND trigger_ref = $2',
      [tenantId, ground.triggerRef],
    );
    expect(known).toBeGreaterThan(0);
    expect({ scanned, fetched }).toEqual({ scanned: 0, fetched: all?.count });
  });
});
