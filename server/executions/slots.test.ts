import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeAction } from '../actions/service';
import { closeDatabase, inSystem, inTenant, querySystem } from '../db';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { stopBoss } from '../queue';
import { claimExecutions, type Claim } from './claims';
import { promoteAll, promotionsSettled } from './concurrency';
import { createExecution } from './create';
import { cancelExecution, getExecution, getTree } from './service';
import { StepTaker } from './step-taker';
import { ask, changePolicy, limited, somebody, standOf, workAll } from './test-limits';
import { claimer, done, finishExecution, run, statesOf, work, workflow } from './test-worker';
import { reapLostLeases } from './upkeep';

let ada: Actor;

beforeAll(async () => {
  ada = await somebody();
});
afterAll(async () => {
  await promotionsSettled();
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

async function countHeld(ref: string): Promise<number> {
  const rows = await querySystem('SELECT FROM execution_slot WHERE slot_key = $1 AND is_held', [ref]);
  return rows.length;
}

async function countOpen(ids: readonly number[]): Promise<number> {
  const rows = await querySystem('SELECT FROM execution WHERE id = ANY ($1) AND ended_at IS NULL', [ids]);
  return rows.length;
}

describe('slots', () => {
  it('are never given out beyond the limit, and never lost, by 20 transactions at a time', async () => {
    const limit = 3;
    const ref = await limited(ada, { limit });
    let isOver = false;
    let most = 0;
    const watch = async () => {
      while (!isOver) most = Math.max(most, await countHeld(ref));
    };
    const carryOut = async () => {
      let claims = 0;
      while (!isOver) {
        for (const claim of (await claimExecutions(claimer, 5, null, [])).claims) {
          claims += 1;
          await finishExecution(claim, done());
        }
      }
      return claims;
    };
    // Each stays open for a while, as a long step does.
    const askSlowly = async (_: unknown, place: number) =>
      inTenant(ada.tenantId, async (tx) => {
        await tx.query('SELECT pg_sleep($1)', [(place % 5) / 50]);
        const order = { actionRef: ref, parameters: {} };
        const ids = [];
        for (let count = 0; count < 2; count += 1)
          ids.push((await createExecution(tx, ada.tenantId, order)).id);
        await tx.query('SELECT pg_sleep($1)', [(place % 3) / 50]);
        return ids;
      });
    const watching = watch();
    let working: Promise<number>[] = [];
    try {
      const first = await Promise.all(Array.from({ length: 20 }, askSlowly));
      await expect.poll(() => most).toBe(limit);
      // More come while others end.
      working = [carryOut(), carryOut(), carryOut()];
      const ids = [...first, ...(await Promise.all(Array.from({ length: 10 }, askSlowly)))].flat();
      await expect.poll(() => countOpen(ids), { timeout: 15_000 }).toBe(0);
      isOver = true;
      expect((await Promise.all(working)).reduce((sum, count) => sum + count, 0)).toBe(60);
      expect(new Set(await standOf(ada, ids))).toEqual(new Set(['completed']));
      expect(most).toBe(limit);
      expect(await querySystem('SELECT FROM execution_slot WHERE slot_key = $1', [ref])).toEqual([]);
    } finally {
      isOver = true;
      await Promise.allSettled([watching, ...working]);
    }
  });

  it('are not waited for by a step of another tree: it queues, and gets one right after', async () => {
    const ref = await limited(ada, { limit: 5 });
    const slow = await inTenant(ada.tenantId, async (tx) => {
      const mine = await createExecution(tx, ada.tenantId, { actionRef: ref, parameters: {} });
      const [theirs] = await ask(ada, ref, 1);
      expect((await getExecution(ada, theirs ?? 0)).state).toBe('queued');
      return [mine.id, theirs ?? 0];
    });
    await expect.poll(async () => standOf(ada, slow)).toEqual(['requested', 'scheduled']);
    await workAll();
  });

  it('for many keys at once are given out a few with the step, the others right after', async () => {
    const ref = await limited(ada, { limit: 1, key: '{{ parameters.host }}' });
    const tasks = [
      { name: 'each', action: ref, with_items: '{{ range(80) | list }}', input: { host: 'h{{ item }}' } },
    ];
    const id = await run(ada, await workflow(ada, tasks));
    await work(() => null);
    await promotionsSettled();
    const states = (await getTree(ada, id)).map(({ state }) => state);
    expect(states.filter((state) => state === 'queued')).toEqual([]);
    await cancelExecution(ada, id);
  });

  it('are had by what a worker claims with the very step that starts it', async () => {
    const ref = await limited(ada, { limit: 1 });
    const tasks = [
      { name: 'a', action: ref, next: [{ do: ['b'] }] },
      { name: 'b', action: ref },
    ];
    const id = await run(ada, await workflow(ada, tasks));
    const claimed: Claim[] = [];
    const steps = new StepTaker(
      claimer,
      (claims) => claimed.push(...claims),
      () => performance.now(),
      () => true,
    );
    const [row] = (await claimExecutions(claimer, 1, null, [])).workflows;
    if (!row) throw new Error('the run was not found');
    await steps.begin(row, true);
    const [other] = await ask(ada, ref, 1);
    // The task that follows comes after who waited before it, though its worker has room for it.
    expect(claimed).toHaveLength(1);
    for (const claim of claimed.splice(0)) await steps.finish(claim, done(), true);
    await promotionsSettled();
    expect(claimed).toEqual([]);
    expect(await standOf(ada, [other])).toEqual(['scheduled']);
    expect(await statesOf(ada, id)).toEqual({ run: 'running', a: 'completed', b: 'queued' });
    await workAll();
    expect(await statesOf(ada, id)).toEqual({ run: 'completed', a: 'completed', b: 'completed' });
  });

  it('stay with an idempotent action whose worker died', async () => {
    const ref = await limited(ada, { limit: 1 }, { idempotent: true });
    const ids = await ask(ada, ref, 2);
    const [claim] = await work(() => null);
    await inSystem((tx) =>
      tx.query('UPDATE execution SET lease_until = now() WHERE id = $1', [claim?.executionId]),
    );
    await reapLostLeases(10);
    await promotionsSettled();
    expect(await standOf(ada, ids)).toEqual(['scheduled', 'queued 1']);
    await workAll();
  });

  it('are given out by the upkeep where the process that freed them died', async () => {
    const ref = await limited(ada, { limit: 1 });
    const ids = await ask(ada, ref, 2);
    const [claim] = await work(() => null);
    await promotionsSettled();
    // Ended by a process that did not live to give the slot out.
    await inSystem((tx) =>
      tx.query(`UPDATE execution SET state = 'completed', ended_at = now() WHERE id = $1`, [
        claim?.executionId,
      ]),
    );
    expect(await standOf(ada, ids)).toEqual(['completed', 'queued 1']);
    expect(await promoteAll(10)).toBe(1);
    expect(await standOf(ada, ids)).toEqual(['completed', 'scheduled']);
    await workAll();
  });

  it('that are held by what is gone are repaired', async () => {
    const ref = await limited(ada, { limit: 1 });
    await inSystem((tx) =>
      tx.query(
        `INSERT INTO execution_slot (tenant_id, execution_id, root_id, slot_key, is_held, rank) VALUES ($1, 1, 1, $2, true, 0)`,
        [ada.tenantId, ref],
      ),
    );
    const ids = await ask(ada, ref, 1);
    await promotionsSettled();
    expect(await standOf(ada, ids)).toEqual(['queued 1']);
    expect(await promoteAll(10)).toBe(1);
    expect(await standOf(ada, ids)).toEqual(['scheduled']);
    await workAll();
  });

  it('follow the policy as it is now: raised, and taken away', async () => {
    const ref = await limited(ada, { limit: 1 });
    const ids = await ask(ada, ref, 5);
    await promotionsSettled();
    await changePolicy(ada, ref, { limit: 3 });
    expect(await promoteAll(10)).toBe(2);
    expect(await standOf(ada, ids)).toEqual(['requested', 'scheduled', 'scheduled', 'queued 1', 'queued 2']);
    await promotionsSettled();
    await changePolicy(ada, ref, null);
    expect(await promoteAll(10)).toBe(2);
    await workAll();
    expect(new Set(await standOf(ada, ids))).toEqual(new Set(['completed']));
  });

  it('of an action that was removed let its queue go, and each says why it failed', async () => {
    const ref = await limited(ada, { limit: 1 });
    const ids = await ask(ada, ref, 2);
    await promotionsSettled();
    await removeAction(ada, ref);
    await promoteAll(10);
    await workAll();
    expect(await standOf(ada, ids)).toEqual(['failed', 'failed']);
  });
});
