import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, connectAlone, inTenant, querySystem } from '../db';
import { findLostRoots } from '../executions/claims';
import { stopLive } from '../live';
import { stopBoss } from '../queue';
import { RulesFixture } from './rules-fixture';
import { matchEvent } from './match';
import { recordEvent } from './store';
import { registerWorker } from '../workers/service';
import { matchWaiting } from './take';

/** This file has a database of its own, so whatever waits is of these tests. */

let ground: RulesFixture;
beforeAll(async () => {
  ground = await RulesFixture.open();
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

/** Takes until none is left. Gives how often something was taken. */
async function matchAll(limit = 50): Promise<number> {
  let lastTenantId = 0;
  for (let turns = 1; ; turns += 1) {
    const taken = await matchWaiting(lastTenantId, limit, [], null);
    expect(taken.failed).toEqual([]);
    if (!taken.mayBeMore) return turns;
    ({ lastTenantId } = taken);
  }
}

async function asOwner(text: string): Promise<void> {
  const client = await connectAlone('test');
  await client.query(`SET ROLE NONE; ${text}`);
  await client.end();
}

const rowsOf = (ids: readonly number[]) =>
  querySystem<{
    id: number;
    tenantId: number;
    matched: number;
    silent: number;
    executions: number;
    moment: string;
  }>(
    `SELECT e.id, e.tenant_id AS "tenantId", e.matched, e.silent, e.processed_at::text AS moment, (SELECT count(*)::int FROM enforcement f JOIN execution x
       ON x.tenant_id = f.tenant_id AND x.root_id = f.execution_id AND x.id = f.execution_id AND x.event_id = e.id AND x.enforcement_id = f.id
       WHERE f.tenant_id = e.tenant_id AND f.event_id = e.id) AS executions
     FROM event e WHERE e.id = ANY ($1) AND e.processed_at IS NOT NULL ORDER BY e.id`,
    [ids],
  );

const critical = { all: [{ field: 'payload.level', operator: 'equals', value: 'critical' }] };

describe('events that wait', () => {
  it('are asked about in few transactions, each with its own rules, verdicts and executions', async () => {
    await ground.trigger('ops.other');
    await ground.rule({ conditions: critical, actionParams: { message: '{{ event.payload.n }}' } });
    await ground.rule({ conditions: {} });
    await ground.rule({ triggerRef: 'ops.other', conditions: {} });
    const ids: number[] = [];
    for (let n = 0; n < 30; n += 1)
      ids.push(
        await ground.record(
          { n, level: n % 3 === 0 ? 'critical' : 'low' },
          n % 10 === 9 ? 'ops.other' : undefined,
        ),
      );
    expect(await matchAll()).toBe(1);
    const rows = await rowsOf(ids);
    expect(rows.map(({ id, matched, silent, executions }) => [id, matched, silent, executions])).toEqual(
      ids.map((id, n) => {
        if (n % 10 === 9) return [id, 1, 0, 1];
        return n % 3 === 0 ? [id, 2, 0, 2] : [id, 1, 1, 1];
      }),
    );
    const said = await querySystem<{ message: string }>(
      `SELECT parameters ->> 'message' AS message FROM execution WHERE tenant_id = $1 AND event_id = ANY ($2) AND parameters ->> 'message' <> '' ORDER BY event_id`,
      [ground.ada.tenantId, ids],
    );
    expect(said.map(({ message }) => message)).toEqual(
      ids.flatMap((_, n) => (n % 3 === 0 && n % 10 !== 9 ? [String(n)] : [])),
    );
  });

  it('that are for one rule ask that one only', async () => {
    const { tenantId } = ground.ada;
    const [one] = [await ground.rule(), await ground.rule()];
    const { eventId } = await inTenant(tenantId, (tx) =>
      recordEvent(tx, {
        ...{ tenantId, triggerRef: ground.triggerRef, triggerId: null, source: 'timer', ruleId: one.id },
        ...{ payload: {}, headers: {} },
      }),
    );
    await matchAll();
    expect(await rowsOf([eventId])).toMatchObject([{ matched: 1, silent: 0, executions: 1 }]);
    expect(await ground.countEnforcements(one.id)).toBe(1);
  });

  it('count for one another where a rule has a cooldown or a rate', async () => {
    await ground.trigger('ops.guarded');
    const cool = await ground.rule({ triggerRef: 'ops.guarded', guards: { cooldown_seconds: 60 } });
    const rated = await ground.rule({
      triggerRef: 'ops.guarded',
      guards: { rate: { count: 3, window_seconds: 60 } },
    });
    const deduped = await ground.rule({
      triggerRef: 'ops.guarded',
      guards: { dedupe: { key: '{{ event.payload.host }}', window_seconds: 60 } },
    });
    for (let n = 0; n < 8; n += 1) await ground.record({ host: `web-${n % 2}` }, 'ops.guarded');
    await matchAll();
    const counts = await Promise.all([cool, rated, deduped].map(({ id }) => ground.countEnforcements(id)));
    expect(counts).toEqual([1, 3, 2]);
  });

  it('of several tenants have their turns, however many one of them has', async () => {
    const others = await Promise.all([RulesFixture.open(), RulesFixture.open()]);
    for (const each of [ground, ...others]) await each.rule();
    const many: number[] = [];
    for (let n = 0; n < 12; n += 1) many.push(await ground.record());
    const few = await Promise.all(others.map((each) => each.record()));
    // Each call goes on after the tenant of the one before, in rounds.
    const tenants: number[] = [];
    let last = others[0].ada.tenantId;
    for (let turn = 0; turn < 3; turn += 1) {
      const taken = await matchWaiting(last, 4, [], null);
      expect(taken.mayBeMore).toBe(true);
      last = taken.lastTenantId;
      tenants.push(last);
    }
    expect(new Set(tenants).size).toBe(3);
    await matchAll(4);
    expect(await rowsOf([...many, ...few])).toHaveLength(14);
  });

  it('are passed by while somebody else holds them, and taken when not', async () => {
    const [held, free] = [await ground.record(), await ground.record()];
    await inTenant(ground.ada.tenantId, async (tx) => {
      await tx.query('SELECT 1 FROM event WHERE tenant_id = $1 AND id = $2 FOR UPDATE', [
        ground.ada.tenantId,
        held,
      ]);
      await matchAll();
      expect((await rowsOf([held, free])).map(({ id }) => id)).toEqual([free]);
    });
    await matchAll();
    expect(await rowsOf([held])).toHaveLength(1);
  });

  it('are asked about once each, however many look', async () => {
    const ids: number[] = [];
    for (let n = 0; n < 60; n += 1) ids.push(await ground.record());
    await Promise.all([
      matchAll(7),
      matchAll(7),
      matchAll(7),
      ...ids.slice(0, 20).map((id) => ground.match(id)),
    ]);
    await matchAll();
    const rows = await rowsOf(ids);
    expect(rows).toHaveLength(60);
    for (const { matched, executions } of rows) expect(executions).toBe(matched);
  });

  it('of which one cannot be asked about do not hold up the others, and it waits still', async () => {
    const [bad, good] = [await ground.record({ bad: true }), await ground.record()];
    // What a full disk or a defect of ours may be: a row that the database refuses.
    await asOwner(`ALTER TABLE enforcement ADD CONSTRAINT refused CHECK (event_id <> ${bad}) NOT VALID`);
    const taken = await matchWaiting(0, 50, [], null);
    expect(taken.failed.map(({ id }) => id)).toEqual([bad]);
    expect((await rowsOf([bad, good])).map(({ id }) => id)).toEqual([good]);
    // Left alone for a while by who failed.
    expect(await matchWaiting(0, 50, [bad], null)).toMatchObject({ failed: [], mayBeMore: false });
    await asOwner('ALTER TABLE enforcement DROP CONSTRAINT refused');
    await matchAll();
    expect(await rowsOf([bad])).toHaveLength(1);
  });

  it('with large payloads are taken a few at a time', async () => {
    // Text that does not shrink: what counts is what lies in the table.
    const large = () =>
      Array.from({ length: 120_000 }, () => Math.random().toString(36).slice(2, 12)).join('');
    for (let n = 0; n < 8; n += 1) await ground.record({ text: large() });
    expect(await matchAll()).toBeGreaterThan(1);
  });

  it('lead to executions that are claimed by who asks, as far as its slots go; a claim whose answer is lost is found', async () => {
    await ground.trigger('ops.claimed');
    await ground.rule({ triggerRef: 'ops.claimed', actionParams: { message: 'hello' } });
    for (let n = 0; n < 3; n += 1) await ground.record({}, 'ops.claimed');
    const workerId = await registerWorker({
      ...{ name: 'test', host: 'test', pid: process.pid, slots: 2, runtimes: {}, sandbox: 'L1' },
    });
    const allowance = { slots: 2, runtimes: new Set(['native']), atOnce: 0, carryOut: () => null };
    const { claims } = await matchWaiting(0, 50, [], { workerId, leaseSeconds: 30, allowance });
    expect(
      claims.map(({ actionRef, fence, token, parameters }) => [actionRef, fence, token, parameters]),
    ).toEqual([1, 2].map(() => ['core.echo', 1, null, { message: 'hello' }]));
    const states = await querySystem<{ state: string; mine: boolean; started: boolean }>(
      `SELECT state, worker_id = $2 AND lease_until > clock_timestamp() AS mine, started_at IS NOT NULL AS started
       FROM execution WHERE tenant_id = $1 AND trigger_ref = 'ops.claimed' ORDER BY id`,
      [ground.ada.tenantId, workerId],
    );
    expect(states).toEqual([
      { state: 'running', mine: true, started: true },
      { state: 'running', mine: true, started: true },
      { state: 'requested', mine: null, started: false },
    ]);
    const [first] = claims;
    const lost = await findLostRoots(workerId, (id) => id === first?.executionId);
    expect(lost).toEqual(claims.slice(1));
  });

  it('are done with, whatever comes twice', async () => {
    const id = await ground.record();
    await matchAll();
    const [before] = await rowsOf([id]);
    await matchEvent({ tenantId: ground.ada.tenantId, rootId: 0, id });
    expect(await rowsOf([id])).toEqual([before]);
    expect(await matchWaiting(0, 50, [], null)).toEqual({
      mayBeMore: false,
      lastTenantId: 0,
      claims: [],
      failed: [],
    });
  });
});
