import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executionStates, legalTransitions } from '@/engine/execution/status';
import { closeDatabase, inSystem, inTenant, querySystem } from '../db';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeTenant } from '../packs/test-people';
import { enqueue, stopBoss } from '../queue';
import { createExecution } from './create';
import { getExecution, getRun, getTree } from './service';
import { endExecution } from './steps';
import { findExecution, lockRoot } from './store';
import { done, failed, finishExecution, run, statesOf, work, workflow } from './test-worker';
import { fireDueTimers } from './upkeep';

let ada: Actor;

beforeAll(async () => {
  const tenant = await makeTenant();
  ada = await makePerson(tenant, 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

describe('one transaction per step', () => {
  it('commits the row, its feed row and its job together', async () => {
    const id = await run(ada, 'core.echo', { message: 'hi' });
    const [feed] = await querySystem<{ kind: string; seq: number }>(
      'SELECT kind, seq FROM change_feed WHERE root_id = $1',
      [id],
    );
    expect(feed).toEqual({ kind: 'created', seq: 1 });
    const jobs = await querySystem<{ data: unknown }>(
      `SELECT data FROM pgboss.job WHERE name = 'execution' AND (data ->> 'id')::bigint = $1`,
      [id],
    );
    expect(jobs).toEqual([{ data: { tenantId: ada.tenantId, rootId: id, id } }]);
    await work();
  });

  it('rolls all three back together', async () => {
    let id = 0;
    const attempt = inTenant(ada.tenantId, async (tx) => {
      const created = await createExecution(tx, ada.tenantId, { actionRef: 'core.echo', parameters: {} });
      id = created.id;
      await enqueue(tx, 'event', [{ tenantId: ada.tenantId, rootId: 0, id: 999_999 }]);
      throw new Error('the power went');
    });
    await expect(attempt).rejects.toThrow('the power went');
    expect(id).toBeGreaterThan(0);
    expect(await querySystem('SELECT 1 FROM execution WHERE id = $1', [id])).toEqual([]);
    expect(await querySystem('SELECT 1 FROM change_feed WHERE root_id = $1', [id])).toEqual([]);
    expect(
      await querySystem(`SELECT 1 FROM pgboss.job WHERE (data ->> 'id')::bigint IN ($1, 999999)`, [id]),
    ).toEqual([]);
  });

  it('rolls a step of a run back whole: the end, the decision, the child and its job', async () => {
    const ref = await workflow(ada, [
      { name: 'a', action: 'core.echo', next: [{ do: ['b'] }] },
      { name: 'b', action: 'core.echo' },
    ]);
    const id = await run(ada, ref);
    const claims = await work((claim) => (claim.executionId === id ? done() : null));
    const [child] = claims;
    const attempt = inTenant(ada.tenantId, async (tx) => {
      await lockRoot(tx, ada.tenantId, id);
      const row = await findExecution(tx, ada.tenantId, child?.executionId ?? 0);
      if (row) await endExecution(tx, row, { state: 'completed', result: {}, error: null });
      throw new Error('the power went');
    });
    await expect(attempt).rejects.toThrow('the power went');
    expect(await statesOf(ada, id)).toEqual({ run: 'running', a: 'running' });
    if (child) await finishExecution(child, done());
    await work();
    expect(await statesOf(ada, id)).toEqual({ run: 'completed', a: 'completed', b: 'completed' });
  });

  it('gives a tree gapless sequence numbers and one end per execution', async () => {
    const ref = await workflow(ada, [
      { name: 'a', action: 'core.echo', next: [{ do: ['b', 'c'] }] },
      { name: 'b', action: 'core.echo' },
      { name: 'c', action: 'core.echo' },
    ]);
    const id = await run(ada, ref);
    await work();
    const rows = await querySystem<{ seq: number; terminal: boolean }>(
      'SELECT seq, terminal FROM change_feed WHERE root_id = $1 ORDER BY seq',
      [id],
    );
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, place) => place + 1));
    expect(rows.filter(({ terminal }) => terminal)).toHaveLength(4);
  });
});

describe('the database refuses', () => {
  it('every change of state that the engine’s table does not have', async () => {
    for (const from of executionStates) {
      for (const to of executionStates) {
        const [row] = await querySystem<{ legal: boolean }>(
          'SELECT attune_legal_transition($1, $2) AS legal',
          [from, to],
        );
        expect(row?.legal, `${from} → ${to}`).toBe(legalTransitions[from].includes(to));
      }
    }
  });

  it('to change an execution that has ended', async () => {
    const id = await run(ada, 'core.echo');
    await work();
    await expect(
      inSystem((tx) => tx.query(`UPDATE execution SET state = 'running' WHERE id = $1`, [id])),
    ).rejects.toThrow(/has ended/);
  });

  it('a second end in the feed', async () => {
    const id = await run(ada, 'core.echo');
    await work();
    const again = inSystem((tx) =>
      tx.query(
        `INSERT INTO change_feed (tenant_id, root_id, entity_type, entity_id, kind, terminal) VALUES ($1, $2, 'execution', $2, 'state', true)`,
        [ada.tenantId, id],
      ),
    );
    await expect(again).rejects.toThrow(/change_feed/);
  });
});

describe('a run', () => {
  it('takes the branch whose condition holds, and hands results on', async () => {
    const ref = await workflow(ada, [
      {
        name: 'check',
        action: 'core.echo',
        input: { message: '{{ parameters.host }}' },
        next: [
          { when: '{{ result().data.full }}', do: ['clean'] },
          { otherwise: true, do: ['leave'] },
        ],
      },
      {
        name: 'clean',
        action: 'core.echo',
        input: { message: 'cleaning {{ task.check.result.data.path }}' },
      },
      { name: 'leave', action: 'core.echo' },
    ]);
    const id = await run(ada, ref, { host: 'web1' });
    const claims = await work(({ parameters }) =>
      done(parameters['message'] === 'web1' ? { full: true, path: '/var' } : null),
    );
    expect(claims.map(({ parameters }) => parameters['message'])).toEqual(['web1', 'cleaning /var']);
    expect(await statesOf(ada, id)).toEqual({ run: 'completed', check: 'completed', clean: 'completed' });
    const view = await getRun(ada, id);
    expect(view.taskRuns.find(({ task }) => task === 'check')?.transitions).toMatchObject([
      { index: 0, fired: true, to: ['clean'] },
      { index: 1, fired: false },
    ]);
  });

  it('fails with the reason when a failure is not handled, and goes on when it is', async () => {
    const unhandled = await run(
      ada,
      await workflow(ada, [
        { name: 'a', action: 'core.echo', next: [{ when: '{{ succeeded() }}', do: ['b'] }] },
        { name: 'b', action: 'core.echo' },
      ]),
    );
    const handled = await run(
      ada,
      await workflow(ada, [
        { name: 'a', action: 'core.echo', next: [{ when: '{{ failed() }}', do: ['b'] }] },
        { name: 'b', action: 'core.echo', input: { message: 'repair' } },
      ]),
    );
    await work(({ parameters }) => (parameters['message'] === 'repair' ? done() : failed));
    expect(await getExecution(ada, unhandled)).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('broken') as string,
    });
    expect(await statesOf(ada, handled)).toEqual({ run: 'completed', a: 'failed', b: 'completed' });
  });

  it('T2.8 tries again after a stored delay, and gives up after the last attempt', async () => {
    const ref = await workflow(ada, [{ name: 'a', action: 'core.echo', retry: { count: 2, delay: 0.05 } }]);
    const id = await run(ada, ref);
    for (let round = 0; round < 3; round += 1) {
      await work(() => failed);
      await new Promise((resolve) => setTimeout(resolve, 80));
      await fireDueTimers(10);
    }
    expect(await statesOf(ada, id)).toEqual({ run: 'failed', a: 'failed', 'a#2': 'failed', 'a#3': 'failed' });
    const tree = await getTree(ada, id);
    const attempts = tree.filter(({ taskName }) => taskName === 'a');
    expect(attempts.map(({ attempt, maxRetries }) => [attempt, maxRetries])).toEqual([
      [1, 2],
      [2, 2],
      [3, 2],
    ]);
  });

  it('T2.1 nests: the parent waits, and results come up through four levels', async () => {
    let ref = await workflow(ada, [{ name: 'leaf', action: 'core.echo' }], {
      output_map: { depth: 1, said: '{{ task.leaf.result.data.said }}' },
    });
    for (let level = 2; level <= 4; level += 1) {
      ref = await workflow(ada, [{ name: 'inner', action: ref }], {
        output_map: { depth: '{{ task.inner.result.depth + 1 }}', said: '{{ task.inner.result.said }}' },
      });
    }
    const id = await run(ada, ref);
    await work(() => done({ said: 'hello' }));
    expect(await getExecution(ada, id)).toMatchObject({
      state: 'completed',
      result: { depth: 4, said: 'hello' },
    });
    const tree = await getTree(ada, id);
    expect(tree).toHaveLength(5);
    expect(tree.slice(1).map(({ parentId }) => parentId)).toEqual(tree.slice(0, 4).map((row) => row.id));
  });

  it('T1.5 runs one child per item and ends after all', async () => {
    const ref = await workflow(
      ada,
      [
        {
          name: 'each',
          action: 'core.echo',
          with_items: '{{ parameters.hosts }}',
          input: { message: '{{ item }}-{{ index }}' },
        },
      ],
      { output_map: { said: '{{ task.each.result }}' } },
    );
    const id = await run(ada, ref, { hosts: ['a', 'b', 'c'] });
    const claims = await work(({ parameters }) => done(parameters['message'] ?? null));
    expect(claims.map(({ parameters }) => parameters['message'])).toEqual(['a-0', 'b-1', 'c-2']);
    expect((await getExecution(ada, id)).state).toBe('completed');
  });

  it('tells an unknown action where people look: the task fails with the name that was meant', async () => {
    const id = await inTenant(ada.tenantId, async (tx) => {
      const created = await createExecution(tx, ada.tenantId, { actionRef: 'core.ecko', parameters: {} });
      return created.id;
    });
    const execution = await getExecution(ada, id);
    expect(execution.state).toBe('failed');
    expect(execution.error).toMatch(/There is no action core\.ecko\. Did you mean .*core\.echo/);
  });

  it('fails with the template’s mistake and its place when an input cannot be rendered', async () => {
    const ref = await workflow(ada, [
      { name: 'a', action: 'core.echo', input: { message: '{{ parameters.count + 1 }}' } },
    ]);
    const id = await run(ada, ref, { count: 'many' });
    await work();
    const tree = await getTree(ada, id);
    expect(tree.map(({ state }) => state)).toEqual(['failed', 'failed']);
    expect(tree[1]?.error).toMatch(/message.*needs numbers|cannot join/);
    expect(tree[0]?.error).toContain('a');
  });

  it('T2.9 times out as a whole, and its children are stopped', async () => {
    const id = await run(
      ada,
      await workflow(ada, [{ name: 'a', action: 'core.ask', input: { prompt: 'Well?' } }], { timeout: 0.05 }),
    );
    await work();
    await new Promise((resolve) => setTimeout(resolve, 80));
    await fireDueTimers(10);
    expect(await statesOf(ada, id)).toEqual({ run: 'timeout', a: 'cancelled' });
  });
});
