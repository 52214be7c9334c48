import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inSystem, querySystem } from '../db';
import type { Actor } from '../identities/actor';
import { matchEvent } from '../events/match';
import { getEvent } from '../events/service';
import { stopLive } from '../live';
import { stopBoss } from '../queue';
import { createRule } from '../rules/service';
import { createTrigger, emitEvent } from '../triggers/service';
import type { Claim } from './claims';
import { promotionsSettled } from './concurrency';
import { pauseExecution, resumeExecution } from './pause';
import { cancelExecution, getExecution, getTree, requestExecution } from './service';
import { ask, end, limited, somebody, standOf, workAll } from './test-limits';
import { failed, run, statesOf, work, workflow } from './test-worker';
import { fireDueTimers, reapLostLeases } from './upkeep';

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

describe('executions of a limited action', () => {
  it('wait in a queue with a reason and a position once the limit is reached', async () => {
    const ref = await limited(ada, { limit: 2 });
    const ids = await ask(ada, ref, 4);
    expect(await standOf(ada, ids)).toEqual(['requested', 'requested', 'queued 1', 'queued 2']);
    expect(await getExecution(ada, ids[3] ?? 0)).toMatchObject({
      stateReason: `waits for a free slot of ${ref} (2 of 2 run)`,
      slotHolders: [
        { id: ids[0], actionRef: ref },
        { id: ids[1], actionRef: ref },
      ],
    });
    expect(await workAll()).toHaveLength(4);
    expect(await standOf(ada, ids)).toEqual(['completed', 'completed', 'completed', 'completed']);
  });

  it.each([
    ['completes', async (claim: Claim) => end(claim)],
    ['fails', async (claim: Claim) => end(claim, failed)],
    ['times out', async (claim: Claim) => end(claim, { ...failed, state: 'timeout' })],
    [
      'is cancelled',
      async (claim: Claim) => {
        await cancelExecution(ada, claim.executionId);
        await end(claim, failed);
      },
    ],
    [
      'is abandoned',
      async (claim: Claim) => {
        await inSystem((tx) =>
          tx.query('UPDATE execution SET lease_until = now() WHERE id = $1', [claim.executionId]),
        );
        await reapLostLeases(10);
        await promotionsSettled();
      },
    ],
  ])('let exactly the next one go when one %s', async (_, finish) => {
    const ref = await limited(ada, { limit: 1 });
    const ids = await ask(ada, ref, 3);
    const [first] = await workAll(() => null);
    if (!first) throw new Error('nothing was claimed');
    await finish(first);
    expect((await standOf(ada, ids)).slice(1)).toEqual(['scheduled', 'queued 1']);
    expect(await workAll()).toHaveLength(2);
  });

  it('go by priority, then by age', async () => {
    const ref = await limited(ada, { limit: 1 });
    const [holder] = await ask(ada, ref, 1);
    const [low] = await ask(ada, ref, 1, { priority: -5 });
    const [first, second] = await ask(ada, ref, 2);
    const [high] = await ask(ada, ref, 1, { priority: 100 });
    expect(await standOf(ada, [high, first, second, low])).toEqual([
      'queued 1',
      'queued 2',
      'queued 3',
      'queued 4',
    ]);
    const claims = await workAll();
    expect(claims.map(({ executionId }) => executionId)).toEqual([holder, high, first, second, low]);
  });

  it('share the limit where the key is the same, and only there', async () => {
    const ref = await limited(ada, { limit: 1, key: '{{ parameters.host | lower }}' });
    const [a] = await ask(ada, ref, 1, { host: 'web-1' });
    const [b] = await ask(ada, ref, 1, { host: 'WEB-1' });
    const [c] = await ask(ada, ref, 1, { host: 'web-2' });
    const [d] = await ask(ada, ref, 1, { host: 'x'.repeat(300) });
    expect(await standOf(ada, [a, b, c, d])).toEqual(['requested', 'queued 1', 'requested', 'requested']);
    expect((await getExecution(ada, b ?? 0)).stateReason).toContain(`of ${ref} for web-1 (1 of 1 run)`);
    await workAll();
    expect(await standOf(ada, [a, b, c, d])).toEqual(Array(4).fill('completed'));
  });

  it('fail with a sentence where the key cannot be worked out', async () => {
    const ref = await limited(ada, { limit: 1, key: '{{ parameters.host + 1 }}' });
    const [id] = await ask(ada, ref, 1, { host: 'a' });
    const { state, error } = await getExecution(ada, id ?? 0);
    expect(state).toBe('failed');
    expect(error).toMatch(/The concurrency key of ops\.\S+ cannot be worked out: .* Repair it/);
  });

  it('are refused at once where the policy says reject', async () => {
    const ref = await limited(ada, { limit: 1, when_full: 'reject' });
    const [holder, refused] = await ask(ada, ref, 2);
    expect(await getExecution(ada, refused ?? 0)).toMatchObject({
      state: 'failed',
      error: expect.stringContaining(`${ref} runs once already, and more are refused`) as string,
    });
    await workAll();
    const [again] = await ask(ada, ref, 1);
    await workAll();
    expect(await standOf(ada, [holder ?? 0, again ?? 0])).toEqual(['completed', 'completed']);
  });

  it('are refused once the queue is full', async () => {
    const ref = await limited(ada, { limit: 1, max_queued: 2 });
    const ids = await ask(ada, ref, 4);
    expect(await standOf(ada, ids)).toEqual(['requested', 'queued 1', 'queued 2', 'failed']);
    expect((await getExecution(ada, ids[3] ?? 0)).error).toContain(
      `The queue of ${ref} is full: 2 wait already for its one slot.`,
    );
    await workAll();
  });

  it('leave the queue while their run is paused, and come back when it goes on', async () => {
    const ref = await limited(ada, { limit: 1 });
    const [holder] = await ask(ada, ref, 1);
    const runId = await run(ada, await workflow(ada, [{ name: 'deploy', action: ref }]));
    const [first] = await workAll(() => null);
    expect(await statesOf(ada, runId)).toEqual({ run: 'running', deploy: 'queued' });
    await pauseExecution(ada, runId);
    const [next] = await ask(ada, ref, 1);
    expect(await standOf(ada, [next])).toEqual(['queued 1']);
    await end(first);
    expect(await standOf(ada, [holder, next])).toEqual(['completed', 'scheduled']);
    await workAll();
    await resumeExecution(ada, runId);
    await workAll();
    expect(await statesOf(ada, runId)).toEqual({ run: 'completed', deploy: 'completed' });
  });

  it('leave the queue when they are cancelled, and nobody else moves', async () => {
    const ref = await limited(ada, { limit: 1 });
    const ids = await ask(ada, ref, 3);
    await cancelExecution(ada, ids[1] ?? 0);
    await promotionsSettled();
    expect(await standOf(ada, ids)).toEqual(['requested', 'cancelled', 'queued 1']);
    await workAll();
  });

  it('of two tenants never meet, also for an action of the standard packs', async () => {
    const bob = await somebody();
    await inSystem((tx) =>
      tx.query(`UPDATE action SET concurrency = '{"limit": 1}' WHERE tenant_id = 1 AND ref = 'core.echo'`),
    );
    try {
      const own = await ask(ada, 'core.echo', 2);
      const his = await ask(bob, 'core.echo', 2);
      expect(await standOf(ada, own)).toEqual(['requested', 'queued 1']);
      expect(await standOf(bob, his)).toEqual(['requested', 'queued 1']);
      await workAll();
    } finally {
      await inSystem((tx) =>
        tx.query(`UPDATE action SET concurrency = NULL WHERE tenant_id = 1 AND ref = 'core.echo'`),
      );
    }
  });
});

describe('tasks of a run', () => {
  it('count as executions of their action: items, attempts and what others asked for', async () => {
    const ref = await limited(ada, { limit: 2 });
    const tasks = [{ name: 'each', action: ref, with_items: '{{ range(5) | list }}' }];
    const id = await run(ada, await workflow(ada, tasks));
    const claims = await work(() => null);
    expect(claims).toHaveLength(2);
    const states = (await getTree(ada, id)).map(({ state }) => state);
    expect(states).toEqual(['running', 'running', 'running', 'queued', 'queued', 'queued']);
    for (const claim of claims) await end(claim);
    await workAll();
    expect((await getExecution(ada, id)).state).toBe('completed');
  });

  it('take a slot when their delay ends, not while they wait for it', async () => {
    const ref = await limited(ada, { limit: 1 });
    const tasks = [{ name: 'a', action: ref, retry: { count: 1, delay: 600 } }];
    const id = await run(ada, await workflow(ada, tasks));
    const [first] = await work(() => null);
    await end(first, failed);
    expect(await statesOf(ada, id)).toEqual({ run: 'running', a: 'failed', 'a#2': 'delayed' });
    const [other] = await ask(ada, ref, 1);
    expect(await standOf(ada, [other ?? 0])).toEqual(['requested']);
    await inSystem((tx) =>
      tx.query(`UPDATE execution SET available_at = now() WHERE root_id = $1 AND state = 'delayed'`, [id]),
    );
    await fireDueTimers(10);
    expect(await statesOf(ada, id)).toEqual({ run: 'running', a: 'failed', 'a#2': 'queued' });
    await workAll();
    expect(await statesOf(ada, id)).toEqual({ run: 'completed', a: 'failed', 'a#2': 'completed' });
  });

  it('that are refused a slot are failures that transitions see', async () => {
    const ref = await limited(ada, { limit: 1, when_full: 'reject' });
    await ask(ada, ref, 1);
    const [holder] = await work(() => null);
    const tasks = [
      { name: 'a', action: ref, next: [{ when: '{{ failed() }}', do: ['b'] }] },
      { name: 'b', action: 'core.echo' },
    ];
    const id = await run(ada, await workflow(ada, tasks));
    await workAll();
    expect(await statesOf(ada, id)).toEqual({ run: 'completed', a: 'failed', b: 'completed' });
    await end(holder);
  });

  it('end with their run: by its cancel and by its deadline', async () => {
    const ref = await limited(ada, { limit: 1 });
    const [holder] = await ask(ada, ref, 1);
    const tasks = [{ name: 'a', action: ref }];
    const cancelled = await run(ada, await workflow(ada, tasks));
    const late = await run(ada, await workflow(ada, tasks, { timeout: 60 }));
    const [claim] = await work(() => null);
    expect(await standOf(ada, [holder ?? 0])).toEqual(['running']);
    await cancelExecution(ada, cancelled);
    expect(await statesOf(ada, cancelled)).toEqual({ run: 'cancelled', a: 'cancelled' });
    await inSystem((tx) => tx.query('UPDATE execution SET deadline_at = now() WHERE id = $1', [late]));
    await fireDueTimers(10);
    expect(await statesOf(ada, late)).toEqual({ run: 'timeout', a: 'cancelled' });
    await end(claim);
    expect(await querySystem('SELECT FROM execution_slot WHERE slot_key = $1', [ref])).toEqual([]);
  });

  it('that a rule starts have the priority of the rule', async () => {
    const trigger = { packRef: 'ops', ref: 'ops.alarm', label: 'Alarm', description: '', webhook: false };
    await createTrigger(ada, trigger);
    await createRule(ada, {
      packRef: 'ops',
      ref: 'ops.on_alarm',
      label: 'On alarm',
      description: '',
      triggerRef: 'ops.alarm',
      actionRef: 'core.echo',
      conditions: {},
      actionParams: {},
      priority: 90,
      enabled: true,
    });
    const { eventId } = await emitEvent(ada, { ref: 'ops.alarm', payload: {} });
    await matchEvent({ tenantId: ada.tenantId, rootId: 0, id: eventId });
    const { enforcements } = await getEvent(ada, eventId);
    expect(await getExecution(ada, enforcements[0]?.executionId ?? 0)).toMatchObject({ priority: 90 });
    await workAll();
  });

  it('inherit the priority of their run', async () => {
    const ref = await workflow(ada, [{ name: 'a', action: 'core.echo' }]);
    const { id } = await requestExecution(ada, { actionRef: ref, parameters: {}, priority: 7 });
    await workAll();
    const tree = await getTree(ada, id);
    const priorities = await Promise.all(tree.map(async (one) => (await getExecution(ada, one.id)).priority));
    expect(priorities).toEqual([7, 7]);
  });
});
