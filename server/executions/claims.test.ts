import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAction } from '../actions/service';
import { closeDatabase, inSystem, querySystem } from '../db';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { claimExecutions } from './claims';
import { cancelExecution, getExecution } from './service';
import { done, failed, finishExecution, run, statesOf, work, workflow } from './test-worker';
import { reapLostLeases, reconcile } from './upkeep';

let ada: Actor;

beforeAll(async () => {
  const tenant = await makeTenant();
  ada = await makePerson(tenant, 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
  const once = {
    packRef: 'ops',
    ref: 'ops.once',
    label: 'Once',
    description: '',
    code: 'true',
    paramSchema: {},
  };
  await createAction(ada, {
    ...once,
    runtime: 'shell',
    outputFormat: 'text',
    timeoutSeconds: 30,
    idempotent: false,
  });
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

describe('claims', () => {
  it('refuse the result of an older claim and record it', async () => {
    const id = await run(ada, 'core.echo');
    const [claim] = await work(() => null);
    if (!claim) throw new Error('nothing was claimed');
    await inSystem((tx) => tx.query('UPDATE execution SET fence = fence + 1 WHERE id = $1', [id]));
    expect(await finishExecution(claim, done())).toEqual({ accepted: false });
    expect((await getExecution(ada, id)).state).toBe('running');
    expect(
      await querySystem('SELECT kind FROM change_feed WHERE root_id = $1 AND kind = $2', [
        id,
        'stale_result',
      ]),
    ).toHaveLength(1);
    expect(await finishExecution({ ...claim, fence: claim.fence + 1 }, done())).toEqual({ accepted: true });
  });

  async function loseLease(action: string): Promise<number> {
    const tasks = [
      { name: 'a', action, next: [{ when: '{{ failed() }}', do: ['b'] }] },
      { name: 'b', action: 'core.echo' },
    ];
    const id = await run(ada, await workflow(ada, tasks));
    const [claim] = await work(() => null);
    await inSystem((tx) =>
      tx.query(`UPDATE execution SET lease_until = now() - interval '1 second' WHERE id = $1`, [
        claim?.executionId,
      ]),
    );
    expect(await reapLostLeases(10)).toBe(1);
    await work();
    return id;
  }

  it('T3.12 whose lease ran out end as abandoned, and the run goes on to its end', async () => {
    const id = await loseLease('ops.once');
    expect(await statesOf(ada, id)).toEqual({ run: 'completed', a: 'abandoned', b: 'completed' });
  });

  it('T3.12 of an idempotent action are handed to another worker', async () => {
    const id = await loseLease('core.echo');
    expect(await statesOf(ada, id)).toEqual({ run: 'completed', a: 'completed' });
  });

  it('whose jobs were all lost are found by the reconciler', async () => {
    const id = await run(ada, 'core.echo');
    await inSystem((tx) => tx.query(`DELETE FROM pgboss.job WHERE name = 'execution'`));
    await inSystem((tx) =>
      tx.query(`UPDATE execution SET updated = now() - interval '1 minute' WHERE id = $1`, [id]),
    );
    expect(await reconcile(10)).toBe(1);
    await work();
    expect((await getExecution(ada, id)).state).toBe('completed');
  });
});

describe('claiming', () => {
  const claimer = { workerId: 1, leaseSeconds: 30, runtimes: ['shell', 'native'] };

  it('takes turns between tenants: who has 100 waiting does not keep another waiting', async () => {
    await work();
    const grace = await makePerson(await makeTenant(), 'Grace');
    for (let n = 0; n < 20; n += 1) await run(ada, 'core.echo', { message: `ada ${n}` });
    for (let n = 0; n < 2; n += 1) await run(grace, 'core.echo', { message: `grace ${n}` });
    const { claims } = await claimExecutions(claimer, 4, null, []);
    expect(claims.map(({ tenantId }) => tenantId).sort()).toEqual(
      [ada.tenantId, ada.tenantId, grace.tenantId, grace.tenantId].sort(),
    );
    // One at a time as well: the next call goes on after the tenant that was served last.
    for (const person of [ada, grace, ada, grace]) await run(person, 'core.echo');
    const first = await claimExecutions(claimer, 1, ada.tenantId, []);
    expect(first.claims.map(({ tenantId }) => tenantId)).toEqual([grace.tenantId]);
    const second = await claimExecutions(claimer, 1, first.lastTenantId, []);
    expect(second.claims.map(({ tenantId }) => tenantId)).toEqual([ada.tenantId]);
    for (const claim of [...claims, ...first.claims, ...second.claims]) await finishExecution(claim, done());
    await work();
  });

  it('leaves what this worker has no runtime for to others', async () => {
    await work();
    const id = await run(ada, 'ops.once');
    expect((await claimExecutions({ ...claimer, runtimes: ['native'] }, 10, null, [])).claims).toEqual([]);
    expect((await work()).map(({ executionId }) => executionId)).toEqual([id]);
  });

  it('by ten workers at once takes each execution once', async () => {
    await work();
    const ids = await Promise.all(Array.from({ length: 30 }, () => run(ada, 'core.echo')));
    const taken = await Promise.all(Array.from({ length: 10 }, () => claimExecutions(claimer, 5, null, [])));
    const all = taken.flatMap(({ claims }) => claims);
    expect(new Set(all.map(({ executionId }) => executionId)).size).toBe(all.length);
    for (const claim of all) await finishExecution(claim, done());
    const rest = await work();
    expect([...all, ...rest].map(({ executionId }) => executionId).sort()).toEqual(ids.sort());
  });
});

describe('cancelling', () => {
  it('T3.23 ends what waits at once and tells the worker of what runs; the run ends last', async () => {
    const id = await run(
      ada,
      await workflow(ada, [
        { name: 'a', action: 'core.echo' },
        { name: 'b', action: 'core.ask', input: { prompt: 'Well?' } },
      ]),
    );
    const claims = await work(() => null);
    await cancelExecution(ada, id);
    expect(await statesOf(ada, id)).toEqual({ run: 'canceling', a: 'canceling', b: 'cancelled' });
    const running = claims.find(({ actionRef }) => actionRef === 'core.echo');
    if (running) await finishExecution(running, failed);
    expect(await statesOf(ada, id)).toEqual({ run: 'cancelled', a: 'cancelled', b: 'cancelled' });
  });
});
