import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inSystem, inTenant, querySystem } from '../db';
import type { Actor } from '../identities/actor';
import { respond } from '../inquiries/service';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeReader, makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { claimExecutions, releaseExecution } from './claims';
import { pauseExecution, resumeExecution } from './pause';
import { cancelExecution, getExecution, getRun, getTree } from './service';
import { StepTaker } from './step-taker';
import { tellRun } from './steps';
import { findInTree, lockRoot } from './store';
import { done, failed, finishExecution, run, statesOf, work, workflow } from './test-worker';
import { fireDueTimers, reapLostLeases, reconcile } from './upkeep';

let tenant: number;
let ada: Actor;

beforeAll(async () => {
  tenant = await makeTenant();
  ada = await makePerson(tenant, 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

/** Makes stored times of a tree pass. */
async function passTime(rootId: number): Promise<void> {
  await inSystem((tx) =>
    tx.query(
      `UPDATE execution SET available_at = available_at - interval '1 hour', deadline_at = deadline_at - interval '1 hour',
         lease_until = lease_until - interval '1 hour' WHERE root_id = $1 AND ended_at IS NULL`,
      [rootId],
    ),
  );
}

const claimer = { workerId: 1, leaseSeconds: 30, runtimes: ['native'] };
const chain = [
  { name: 'a', action: 'core.echo', next: [{ do: ['b'] }] },
  { name: 'b', action: 'core.echo', next: [{ do: ['c'] }] },
  { name: 'c', action: 'core.echo' },
];

describe('pause and resume', () => {
  it('Rule 15: nothing new is dispatched while paused; what runs finishes, and resuming goes on', async () => {
    const id = await run(ada, await workflow(ada, chain));
    const [a] = await work(() => null);
    const paused = await pauseExecution(ada, id);
    expect(paused).toMatchObject({ state: 'paused', stateReason: 'Paused by Ada.' });
    if (a) await finishExecution(a, done());
    expect(await work()).toEqual([]);
    expect(await statesOf(ada, id)).toEqual({ run: 'paused', a: 'completed' });
    expect((await getRun(ada, id)).held).toEqual(['b']);
    expect(await resumeExecution(ada, id)).toMatchObject({ state: 'running', stateReason: null });
    await work();
    expect(await statesOf(ada, id)).toEqual({
      run: 'completed',
      ...{ a: 'completed', b: 'completed', c: 'completed' },
    });
  });

  it('Rule 15: what was asked for and not begun waits too, also for the reconciler', async () => {
    const id = await run(
      ada,
      await workflow(ada, [
        { name: 'a', action: 'core.echo', next: [{ do: ['b', 'c'] }] },
        { name: 'b', action: 'core.echo' },
        { name: 'c', action: 'core.echo' },
      ]),
    );
    // The worker that ends a leaves b and c asked for; pausing comes before anybody took them.
    const [a] = await work(() => null);
    if (a) await finishExecution(a, done());
    await pauseExecution(ada, id);
    expect(await work()).toEqual([]);
    await inSystem((tx) =>
      tx.query(
        `UPDATE execution SET updated = updated - interval '1 minute' WHERE root_id = $1 AND ended_at IS NULL`,
        [id],
      ),
    );
    await reconcile(100);
    expect(await work()).toEqual([]);
    expect(await statesOf(ada, id)).toEqual({
      run: 'paused',
      a: 'completed',
      b: 'requested',
      c: 'requested',
    });
    await resumeExecution(ada, id);
    expect((await work()).map(({ actionRef }) => actionRef)).toEqual(['core.echo', 'core.echo']);
    expect((await getExecution(ada, id)).state).toBe('completed');
  });

  it('Rule 15: a retry that comes due waits, whether it was made before the pause or is due after it', async () => {
    const ref = await workflow(ada, [{ name: 'a', action: 'core.echo', retry: { count: 2, delay: 60 } }]);
    const before = await run(ada, ref);
    await work(() => failed);
    await pauseExecution(ada, before);
    await passTime(before);
    expect(await fireDueTimers(100)).toBe(0);
    expect(await statesOf(ada, before)).toEqual({ run: 'paused', a: 'failed', 'a#2': 'delayed' });
    await resumeExecution(ada, before);
    expect(await fireDueTimers(100)).toBe(1);
    await work();
    expect(await statesOf(ada, before)).toEqual({ run: 'completed', a: 'failed', 'a#2': 'completed' });

    const after = await run(ada, ref);
    const [claim] = await work(() => null);
    await pauseExecution(ada, after);
    if (claim) await finishExecution(claim, failed);
    expect(await statesOf(ada, after)).toEqual({ run: 'paused', a: 'failed' });
    await resumeExecution(ada, after);
    await work();
    expect(await statesOf(ada, after)).toEqual({ run: 'completed', a: 'failed', 'a#2': 'completed' });
  });

  it('Rule 15: items that have not started wait; those that run finish', async () => {
    const items = { with_items: [1, 2, 3, 4], concurrency: 2 };
    const id = await run(ada, await workflow(ada, [{ name: 'each', action: 'core.echo', ...items }]));
    const claims = await work(() => null);
    expect(claims).toHaveLength(2);
    await pauseExecution(ada, id);
    for (const claim of claims) await finishExecution(claim, done());
    expect(await work()).toEqual([]);
    await resumeExecution(ada, id);
    expect(await work()).toHaveLength(2);
    expect((await getExecution(ada, id)).state).toBe('completed');
  });

  it('Rule 15: pauses the runs below it and resumes them; one of them alone as well', async () => {
    const inner = await workflow(ada, chain);
    const id = await run(
      ada,
      await workflow(ada, [
        { name: 'first', action: inner, next: [{ do: ['last'] }] },
        { name: 'last', action: 'core.echo' },
      ]),
    );
    const [a] = await work(() => null);
    await pauseExecution(ada, id);
    const nested = (await getTree(ada, id)).find(({ taskName }) => taskName === 'first')?.id ?? 0;
    expect((await getExecution(ada, nested)).state).toBe('paused');
    await expect(resumeExecution(ada, nested)).rejects.toThrow(
      `Execution ${nested} is part of ${id}, which is paused: resume that one.`,
    );
    if (a) await finishExecution(a, done());
    expect(await work()).toEqual([]);
    await resumeExecution(ada, id);
    expect((await getExecution(ada, nested)).state).toBe('running');
    const [b] = await work(() => null);
    await pauseExecution(ada, nested);
    if (b) await finishExecution(b, done());
    expect(await work()).toEqual([]);
    expect(await statesOf(ada, id)).toMatchObject({ run: 'running', first: 'paused', b: 'completed' });
    await resumeExecution(ada, nested);
    await work();
    expect(await statesOf(ada, id)).toMatchObject({
      run: 'completed',
      first: 'completed',
      last: 'completed',
    });
  });

  it('Rule 15: a run below that has not begun does not begin', async () => {
    const inner = await workflow(ada, [{ name: 'deep', action: 'core.echo' }]);
    const id = await run(
      ada,
      await workflow(ada, [
        { name: 'a', action: 'core.echo', next: [{ do: ['below'] }] },
        { name: 'below', action: inner },
      ]),
    );
    const [a] = await work(() => null);
    if (a) await finishExecution(a, done());
    await pauseExecution(ada, id);
    expect(await work()).toEqual([]);
    expect(await statesOf(ada, id)).toEqual({ run: 'paused', a: 'completed', below: 'requested' });
    await resumeExecution(ada, id);
    await work();
    expect((await getExecution(ada, id)).state).toBe('completed');
  });

  it('Rule 15: nor does one that a worker had in hand to begin it as the pause came', async () => {
    const inner = await workflow(ada, [{ name: 'deep', action: 'core.echo' }]);
    const id = await run(
      ada,
      await workflow(ada, [
        { name: 'a', action: 'core.echo', next: [{ do: ['below'] }] },
        { name: 'below', action: inner },
      ]),
    );
    const [a] = await work(() => null);
    if (a) await finishExecution(a, done());
    const { workflows } = await claimExecutions(claimer, 10, null, []);
    const [below] = workflows.filter(({ rootId }) => rootId === id);
    await pauseExecution(ada, id);
    const steps = new StepTaker(
      claimer,
      () => {},
      () => 0,
      () => true,
    );
    if (below) await steps.begin(below, false);
    expect(below?.taskName).toBe('below');
    expect(await statesOf(ada, id)).toEqual({ run: 'paused', a: 'completed', below: 'requested' });
    await cancelExecution(ada, id);
  });

  it('Rule 15: an answer that comes while paused is kept, and its branch goes on after', async () => {
    const id = await run(
      ada,
      await workflow(ada, [
        { name: 'ask', action: 'core.ask', input: { prompt: 'Go on?' }, next: [{ do: ['then'] }] },
        { name: 'then', action: 'core.echo' },
      ]),
    );
    await work();
    await pauseExecution(ada, id);
    const [inquiry] = await querySystem<{ id: number }>('SELECT id FROM inquiry WHERE root_id = $1', [id]);
    await respond(ada, { id: inquiry?.id ?? 0, response: {}, comment: '' });
    expect(await work()).toEqual([]);
    expect(await statesOf(ada, id)).toEqual({ run: 'paused', ask: 'completed' });
    await resumeExecution(ada, id);
    await work();
    expect(await statesOf(ada, id)).toMatchObject({ run: 'completed', then: 'completed' });
  });

  it('Rule 15: the time limit of the run counts while it is paused', async () => {
    const id = await run(ada, await workflow(ada, chain, { timeout: 60 }));
    const [a] = await work(() => null);
    await pauseExecution(ada, id);
    if (a) await finishExecution(a, done());
    await passTime(id);
    expect(await fireDueTimers(100)).toBe(1);
    expect(await statesOf(ada, id)).toEqual({ run: 'timeout', a: 'completed' });
  });

  it('Rule 15: a paused run can be cancelled, with what it held back', async () => {
    const id = await run(
      ada,
      await workflow(ada, [
        { name: 'a', action: 'core.echo', next: [{ do: ['b'] }] },
        { name: 'b', action: 'core.echo' },
        { name: 'ask', action: 'core.ask', input: { prompt: 'Well?' } },
      ]),
    );
    const [a] = await work(() => null);
    if (a) await finishExecution(a, done());
    await pauseExecution(ada, id);
    await cancelExecution(ada, id);
    await work();
    expect(await statesOf(ada, id)).toEqual({
      run: 'cancelled',
      ...{ a: 'completed', b: 'cancelled', ask: 'cancelled' },
    });
  });

  it('Rule 15: work that a lost or a stopping worker gives back waits as well', async () => {
    const id = await run(
      ada,
      await workflow(ada, [
        { name: 'back', action: 'core.echo' },
        { name: 'lost', action: 'core.echo' },
      ]),
    );
    const [back, lost] = await work(() => null);
    await inSystem((tx) =>
      tx.query('UPDATE execution SET idempotent = true WHERE root_id = $1 AND id = $2', [
        id,
        lost?.executionId,
      ]),
    );
    await pauseExecution(ada, id);
    if (back) await releaseExecution(back);
    await passTime(id);
    expect(await reapLostLeases(100)).toBe(1);
    expect(await work()).toEqual([]);
    expect(await statesOf(ada, id)).toEqual({ run: 'paused', back: 'scheduled', lost: 'scheduled' });
    await resumeExecution(ada, id);
    await work();
    expect((await getExecution(ada, id)).state).toBe('completed');
  });

  it('Rule 15: news of a resume that was taken back by another pause is out of date', async () => {
    const id = await run(ada, await workflow(ada, chain));
    const [a] = await work(() => null);
    await pauseExecution(ada, id);
    if (a) await finishExecution(a, done());
    await inTenant(tenant, async (tx) => {
      await lockRoot(tx, tenant, id);
      const row = await findInTree(tx, tenant, id, id);
      if (row) await tellRun(tx, row, { type: 'resume' });
    });
    expect(await work()).toEqual([]);
    expect((await getRun(ada, id)).held).toEqual(['b']);
    await cancelExecution(ada, id);
  });

  it('Rule 15: says why what cannot be paused or resumed cannot', async () => {
    const action = await run(ada, 'core.echo');
    await expect(pauseExecution(ada, action)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'not_a_run',
      message: expect.stringContaining("only a workflow's run can be paused") as string,
    });
    const waiting = await run(ada, await workflow(ada, chain));
    await expect(pauseExecution(ada, waiting)).rejects.toThrow('has not begun yet (requested)');
    const [a] = (await work(() => null)).slice(-1);
    await expect(resumeExecution(ada, waiting)).rejects.toThrow('is not paused: it is running');
    await pauseExecution(ada, waiting);
    await expect(pauseExecution(ada, waiting)).rejects.toThrow('is paused already');
    await resumeExecution(ada, waiting);
    if (a) await finishExecution(a, done());
    await work();
    await expect(pauseExecution(ada, waiting)).rejects.toThrow('has ended already: completed');
    const stranger = await makePerson(await makeTenant(), 'Mallory');
    await expect(pauseExecution(stranger, waiting)).rejects.toMatchObject({ kind: 'not_found' });
    await expect(pauseExecution(await makeReader(tenant), waiting)).rejects.toMatchObject({
      kind: 'forbidden',
    });
  });

  it('Rule 15: tells whom it offers the two to', async () => {
    const id = await run(ada, await workflow(ada, chain));
    await work(() => null);
    const reader = await makeReader(tenant);
    expect(await getExecution(ada, id)).toMatchObject({ mayPause: true, mayResume: false });
    expect(await getExecution(reader, id)).toMatchObject({ mayPause: false, mayRerun: false });
    await pauseExecution(ada, id);
    expect(await getExecution(ada, id)).toMatchObject({ mayPause: false, mayResume: true });
    await cancelExecution(ada, id);
  });
});
