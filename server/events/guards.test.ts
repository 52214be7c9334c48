import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { closeDatabase, inSystem, querySystem } from '../db';
import { stopLive } from '../live';
import { stopBoss } from '../queue';
import { removeRule, updateRule } from '../rules/service';
import { purgeFirings } from './retention';
import { RulesFixture } from './rules-fixture';

let ground: RulesFixture;
beforeAll(async () => {
  ground = await RulesFixture.open();
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

/** A rule on a trigger of its own. */
async function guarded(guards: object, conditions: object = {}) {
  const triggerRef = `ops.alarm_${Math.random().toString(36).slice(2)}`;
  await ground.trigger(triggerRef);
  const rule = await ground.rule({ triggerRef, guards, conditions: conditions as never });
  const send = (payload: object = {}) => ground.send(payload, triggerRef);
  return { ...rule, triggerRef, send };
}

/** Has the rules asked about all of them: as many at a time as a few workers do, each with a connection of its own. */
async function matchAtOnce(ids: readonly number[]): Promise<void> {
  const left = [...ids];
  const lane = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) await ground.match(id);
  };
  await Promise.all(Array.from({ length: 10 }, lane));
}

const alertsOf = (ruleRef: string) =>
  querySystem(
    `SELECT payload FROM event WHERE tenant_id = $1 AND trigger_ref = 'core.alert' AND payload ->> 'component_ref' = $2`,
    [ground.ada.tenantId, ruleRef],
  );

describe('a rule with a cooldown', () => {
  it('holds matches back until it is over, and says so with the event', async () => {
    const rule = await guarded({ cooldown_seconds: 60 });
    expect((await rule.send()).enforcements).toHaveLength(1);
    const held = await rule.send();
    expect(held.enforcements).toEqual([]);
    expect(held).toMatchObject({ matched: 1, evaluations: [{ verdict: 'matched', held: 'cooldown' }] });
    const until = /held back by its cooldown until (\S+)\.$/.exec(held.evaluations[0]?.reason ?? '')?.[1];
    expect(new Date(until ?? '').getTime() - new Date(held.created).getTime()).toBeGreaterThan(50_000);
    await ground.goBy(rule.id, '61 seconds');
    expect((await rule.send()).enforcements).toHaveLength(1);
    expect(await ground.countEnforcements(rule.id)).toBe(2);
  });

  it('is not started by events that it leaves alone', async () => {
    const rule = await guarded(
      { cooldown_seconds: 60 },
      { all: [{ field: 'payload.level', operator: 'equals', value: 'high' }] },
    );
    expect(await rule.send({ level: 'low' })).toMatchObject({ silent: 1, evaluations: [{ held: null }] });
    expect((await rule.send({ level: 'high' })).enforcements).toHaveLength(1);
  });

  it('lets one of many events through that are matched at once', async () => {
    const rule = await guarded({ cooldown_seconds: 60 });
    const ids = await Promise.all(Array.from({ length: 20 }, () => ground.record({}, rule.triggerRef)));
    // Twice each, as a job may come twice.
    await matchAtOnce([...ids, ...ids]);
    expect(await ground.countEnforcements(rule.id)).toBe(1);
    const [told] = await querySystem<{ held: number }>(
      `SELECT count(*)::int AS held FROM rule_evaluation WHERE tenant_id = $1 AND rule_id = $2 AND held = 'cooldown'`,
      [ground.ada.tenantId, rule.id],
    );
    expect(told?.held).toBe(19);
  });
});

it('an event waits for those before it longer than a lock may take', async () => {
  const rule = await guarded({ cooldown_seconds: 1 });
  await rule.send();
  await ground.goBy(rule.id, '1 minute');
  /** The transaction that waits for a lock; null where none does. */
  const findWaiting = async () => {
    const [row] = await querySystem<{ name: string }>(
      `SELECT l.virtualtransaction AS name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
       WHERE NOT l.granted AND a.datname = current_database()`,
    );
    return row?.name ?? null;
  };
  const id = await ground.record({}, rule.triggerRef);
  let matching: Promise<void> | undefined;
  await inSystem(async (tx) => {
    await tx.query('SELECT 1 FROM rule_guard WHERE tenant_id = $1 AND rule_id = $2 FOR UPDATE', [
      ground.ada.tenantId,
      rule.id,
    ]);
    matching = ground.match(id);
    matching.catch(() => {});
    const patience = { timeout: 15_000, interval: 50 };
    const first = await vi.waitFor(async () => {
      const waiting = await findWaiting();
      expect(waiting).not.toBeNull();
      return waiting;
    }, patience);
    await vi.waitFor(async () => expect([null, first]).not.toContain(await findWaiting()), patience);
  });
  await matching;
  expect(await ground.countEnforcements(rule.id)).toBe(2);
});

describe('a rule that knows doubles', () => {
  it('lets the first of each key through, within the window', async () => {
    const rule = await guarded({ dedupe: { key: '{{ event.payload.host }}', window_seconds: 60 } });
    expect((await rule.send({ host: 'a' })).enforcements).toHaveLength(1);
    expect((await rule.send({ host: 'b' })).enforcements).toHaveLength(1);
    const double = await rule.send({ host: 'a' });
    expect(double.enforcements).toEqual([]);
    expect(double.evaluations).toMatchObject([
      { held: 'dedupe', reason: expect.stringMatching(/held back as a double until .+Z/) as string },
    ]);
    await ground.goBy(rule.id, '61 seconds');
    expect((await rule.send({ host: 'a' })).enforcements).toHaveLength(1);
  });

  it('lets one of each key through when many come at once', async () => {
    const rule = await guarded({ dedupe: { key: '{{ event.payload.host }}', window_seconds: 60 } });
    const hosts = Array.from({ length: 24 }, (_, place) => `host-${place % 3}`);
    const ids = await Promise.all(hosts.map((host) => ground.record({ host }, rule.triggerRef)));
    await matchAtOnce(ids);
    expect(await ground.countEnforcements(rule.id)).toBe(3);
  });

  it('fails where the key cannot be made, and starts nothing', async () => {
    const rule = await guarded({ dedupe: { key: '{{ event.payload.host + 1 }}', window_seconds: 60 } });
    const event = await rule.send({ host: 'a' });
    expect(event).toMatchObject({ failed: 1, enforcements: [] });
    expect(event.evaluations[0]?.reason).toContain('dedupe key could not be made');
  });
});

describe('a rule with a rate', () => {
  it('lets so many through in any window, and tells of a storm once', async () => {
    const rule = await guarded({ rate: { count: 2, window_seconds: 60 } });
    const sent = [];
    for (let count = 0; count < 5; count += 1) sent.push(await rule.send());
    expect(sent.map(({ enforcements }) => enforcements.length)).toEqual([1, 1, 0, 0, 0]);
    expect(sent[4]?.evaluations).toMatchObject([{ held: 'rate' }]);
    expect(await alertsOf(rule.ref)).toHaveLength(1);
    // The storm goes on: what is let through in between does not end it.
    await ground.goBy(rule.id, '40 seconds');
    await rule.send();
    await ground.goBy(rule.id, '30 seconds');
    for (let count = 0; count < 4; count += 1) await rule.send();
    expect(await ground.countEnforcements(rule.id)).toBe(4);
    expect(await alertsOf(rule.ref)).toHaveLength(1);
    // A window without any that was held back: the next one is another.
    await ground.goBy(rule.id, '2 minutes');
    for (let count = 0; count < 3; count += 1) await rule.send();
    expect(await alertsOf(rule.ref)).toHaveLength(2);
  });

  it('lets so many through when many are matched at once, with one alert', async () => {
    const rule = await guarded({ rate: { count: 3, window_seconds: 60 } });
    const ids = await Promise.all(Array.from({ length: 20 }, () => ground.record({}, rule.triggerRef)));
    await matchAtOnce(ids);
    expect(await ground.countEnforcements(rule.id)).toBe(3);
    expect(await alertsOf(rule.ref)).toHaveLength(1);
  });
});

describe('what guards remember', () => {
  it('is forgotten when no window looks at it any more, and with the rule', async () => {
    const rule = await guarded({ cooldown_seconds: 60 });
    const count = async () =>
      (
        await querySystem('SELECT 1 FROM rule_firing WHERE tenant_id = $1 AND rule_id = $2', [
          ground.ada.tenantId,
          rule.id,
        ])
      ).length;
    await rule.send();
    await purgeFirings(1_000);
    expect(await count()).toBe(1);
    await ground.goBy(rule.id, '61 seconds');
    await purgeFirings(1_000);
    expect(await count()).toBe(0);
    await rule.send();
    await removeRule(ground.ada, rule.ref);
    expect(await count()).toBe(0);
  });

  it('a guard that is taken away holds nothing back any more', async () => {
    const rule = await guarded({ cooldown_seconds: 60 });
    await rule.send();
    await updateRule(ground.ada, {
      ...{
        ref: rule.ref,
        label: 'Rule',
        description: '',
        triggerRef: rule.triggerRef,
        actionRef: 'core.echo',
      },
      ...{ conditions: {}, actionParams: {}, enabled: true, guards: {} },
    });
    expect((await rule.send()).enforcements).toHaveLength(1);
  });
});
