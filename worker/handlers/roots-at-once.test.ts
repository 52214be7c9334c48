import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeDatabase, inSystem, inTenant, querySystem } from '@/server/db';
import { claimExecutions, type Claimed } from '@/server/executions/claims';
import { carryOutRoots } from '@/server/executions/roots-at-once';
import { cancelExecution, getExecution, requestExecution } from '@/server/executions/service';
import { readTimeline } from '@/server/feed/store';
import type { JsonObject } from '@/server/fields';
import type { Actor } from '@/server/identities/actor';
import { stopLive } from '@/server/live';
import { makePerson, makeTenant } from '@/server/packs/test-people';
import { completeJobs, enqueue, fetchJobs, stopBoss } from '@/server/queue';
import { atOnceActions, runAtOnce } from '../runners/native';

let ada: Actor;
const worker = { workerId: 1, leaseSeconds: 30, runtimes: ['native'], carryOut: runAtOnce };

beforeAll(async () => void (ada = await makePerson(await makeTenant(), 'Ada')));
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

const request = async (actionRef: string, parameters: JsonObject = {}) =>
  (await requestExecution(ada, { actionRef, parameters })).id;
const take = (): Promise<Claimed> => claimExecutions(worker, 100, null, [], atOnceActions);

async function feedOf(id: number) {
  const rows = await inTenant(ada.tenantId, (tx) => readTimeline(tx, ada.tenantId, id, 0, 100));
  return rows.map(({ seq, terminal, payload }) => [seq, terminal, (payload as { state: string }).state]);
}

describe('an execution of its own that takes no time', () => {
  test('is carried out in the transaction that takes it, with one end and no gap in the feed', async () => {
    const ids = [
      await request('core.noop'),
      await request('core.set', { size: 3 }),
      await request('core.fail', { message: 'no' }),
    ];
    const { claims, atOnce } = await take();
    expect(claims).toEqual([]);
    expect(atOnce.map(({ id }) => id)).toEqual(ids);
    expect(await carryOutRoots(worker, atOnce)).toBe(0);
    const [noop, set, fail] = await Promise.all(ids.map((id) => getExecution(ada, id)));
    expect(noop).toMatchObject({
      state: 'completed',
      error: null,
      result: { succeeded: true, exit_code: 0 },
    });
    expect(set).toMatchObject({ state: 'completed', result: { data: { size: 3 } } });
    expect(fail).toMatchObject({ state: 'failed', error: 'no' });
    expect(noop?.startedAt).not.toBeNull();
    expect(await feedOf(ids[0] ?? 0)).toEqual([
      [1, false, 'requested'],
      [2, true, 'completed'],
    ]);
    expect((await take()).atOnce).toEqual([]);
  });

  test('is carried out once, whoever else takes it at the same time', async () => {
    const id = await request('core.noop');
    const { atOnce } = await take();
    await Promise.all([carryOutRoots(worker, atOnce), carryOutRoots({ ...worker, workerId: 2 }, atOnce)]);
    expect((await feedOf(id)).filter(([, terminal]) => terminal)).toHaveLength(1);
  });

  test('that was cancelled meanwhile stays cancelled', async () => {
    const id = await request('core.noop');
    const { atOnce } = await take();
    await cancelExecution(ada, id);
    await carryOutRoots(worker, atOnce);
    expect(await getExecution(ada, id)).toMatchObject({ state: 'cancelled' });
  });

  test('that somebody holds at this moment is left to them', async () => {
    const id = await request('core.noop');
    const { atOnce } = await take();
    await inSystem(async (tx) => {
      await tx.query('SELECT FROM execution WHERE tenant_id = $1 AND root_id = $2 AND id = $2 FOR UPDATE', [
        ada.tenantId,
        id,
      ]);
      await carryOutRoots(worker, atOnce);
    });
    expect(await getExecution(ada, id)).toMatchObject({ state: 'requested' });
    await carryOutRoots(worker, (await take()).atOnce);
    expect(await getExecution(ada, id)).toMatchObject({ state: 'completed' });
  });

  test('whose result is not small is claimed, and so is what nobody carries out at once', async () => {
    const large = await request('core.set', { text: 'x'.repeat(10_000) });
    const echo = await request('core.echo', { message: 'hello' });
    const first = await take();
    expect(first.claims.map(({ executionId }) => executionId)).toEqual([echo]);
    expect(await carryOutRoots(worker, first.atOnce)).toBe(1);
    const second = await claimExecutions(worker, 100, null, []);
    expect(second.claims).toMatchObject([{ executionId: large, fence: 2 }]);
    expect(second.atOnce).toEqual([]);
  });
});

describe('a request', () => {
  const waiting = async () =>
    Number(
      (
        await querySystem<{ n: number }>(
          `SELECT count(*) AS n FROM pgboss.job WHERE name = 'execution' AND state < 'active'`,
        )
      )[0]?.n,
    );
  const hearAll = async () => {
    const jobs = await fetchJobs('execution', 1_000);
    await completeJobs(
      'execution',
      jobs.map(({ jobId }) => jobId),
    );
    return jobs;
  };

  test('rings a bell in its own transaction, which says what to look at', async () => {
    await hearAll();
    const id = await request('core.echo', { message: 'hello' });
    expect((await hearAll()).map(({ data }) => data)).toEqual([{ tenantId: ada.tenantId, rootId: id, id }]);
  });

  test('shares a bell that waits, and rings its own where that one is being heard', async () => {
    await hearAll();
    await request('core.echo');
    await request('core.echo');
    expect(await waiting()).toBe(1);
    await inSystem(async (tx) => {
      // As a worker that fetches.
      await tx.query(`SELECT FROM pgboss.job WHERE name = 'execution' AND state < 'active' FOR UPDATE`);
      await request('core.echo');
      expect(await waiting()).toBe(2);
    });
  });

  test('keeps a bell that it shares from being heard before its rows are to be seen', async () => {
    await hearAll();
    await inTenant(ada.tenantId, (tx) =>
      enqueue(tx, 'execution', [{ tenantId: ada.tenantId, rootId: 0, id: 0 }]),
    );
    await inTenant(ada.tenantId, async (tx) => {
      await tx.query(
        `SELECT attune_step_ringing($1, NULL, NULL, 0, NULL, NULL, NULL, NULL, $2, NULL, 1, 0, 0, 1, '[{"nth": 1, "priority": 0}]')`,
        [ada.tenantId, JSON.stringify([bareBirth])],
      );
      expect(await fetchJobs('execution', 10)).toEqual([]);
    });
    expect(await hearAll()).toHaveLength(1);
  });
});

const bareBirth = {
  ...{
    place: 1,
    nth: 1,
    action_ref: 'core.echo',
    kind: 'action',
    state: 'requested',
    runtime: 'native',
    priority: 0,
  },
  ...{
    parameters: {},
    visit: 1,
    attempt: 1,
    max_retries: 0,
    idempotent: false,
    delay_seconds: 0,
    claim: false,
  },
};
