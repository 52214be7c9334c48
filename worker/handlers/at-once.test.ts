import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeDatabase, inSystem, inTenant, querySystem } from '@/server/db';
import { claimExecutions, type Claim } from '@/server/executions/claims';
import { getRun, getTree, requestExecution } from '@/server/executions/service';
import { StepTaker } from '@/server/executions/step-taker';
import { readTimeline } from '@/server/feed/store';
import type { JsonObject } from '@/server/fields';
import type { Actor } from '@/server/identities/actor';
import { stopLive } from '@/server/live';
import { createPack } from '@/server/packs/service';
import { makePerson, makeTenant } from '@/server/packs/test-people';
import { stopBoss } from '@/server/queue';
import { publishWorkflow } from '../bench/publish-workflow';
import { runAtOnce } from '../runners/native';

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

/** Begins a run in one step of a worker with a free slot; gives its id and what it claimed. */
async function begin(tasks: readonly JsonObject[], more: JsonObject = {}, parameters: JsonObject = {}) {
  const ref = `ops.at_once_${(made += 1)}`;
  await publishWorkflow(ada, ref, tasks, more);
  const { id } = await requestExecution(ada, { actionRef: ref, parameters });
  const worker = { workerId: 1, leaseSeconds: 30, runtimes: ['native'], carryOut: runAtOnce };
  const { workflows } = await claimExecutions(worker, 10, null, []);
  const claims: Claim[] = [];
  const steps = new StepTaker(
    worker,
    (more) => void claims.push(...more),
    () => 0,
    () => true,
  );
  const row = workflows.find((each) => each.id === id);
  if (!row) throw new Error('the run was not there to begin');
  await steps.begin(row, true);
  return { id, claims };
}

const chain = (actions: readonly [string, JsonObject?][]): JsonObject[] =>
  actions.map(([action, input = {}], place) => ({
    name: `t${place}`,
    action,
    input,
    ...(place < actions.length - 1 ? { next: [{ do: [`t${place + 1}`] }] } : {}),
  }));

async function feedOf(id: number) {
  const rows = await inTenant(ada.tenantId, (tx) => readTimeline(tx, ada.tenantId, id, 0, 10_000));
  return rows.map(({ seq, entityId, kind, terminal, payload }) => ({
    ...{ seq, entityId, kind, terminal },
    state: (payload as { state: string }).state,
  }));
}

describe('what takes no time', () => {
  test('is carried out within the step that starts it, in order, with one end each and the run’s end last', async () => {
    const { id, claims } = await begin(
      chain([
        ['core.noop'],
        ['core.set', { size: 3 }],
        ['core.set', { twice: '{{ task.t1.result.data.size * 2 }}' }],
        ['core.fail', { message: 'no {{ task.t2.result.data.twice }}' }],
        ['core.noop'],
      ]),
      { on_failure: 'continue', output_map: { twice: '{{ task.t2.result.twice }}' } },
    );
    expect(claims).toEqual([]);
    const tree = await getTree(ada, id);
    expect(tree.map(({ taskName, state, error }) => [taskName, state, error])).toEqual([
      [null, 'completed', null],
      ['t0', 'completed', null],
      ['t1', 'completed', null],
      ['t2', 'completed', null],
      ['t3', 'failed', 'no 6'],
      ['t4', 'completed', null],
    ]);
    expect((await getRun(ada, id)).taskRuns.find(({ task }) => task === 't2')?.result).toMatchObject({
      data: { twice: 6 },
    });
    const feed = await feedOf(id);
    expect(feed.map(({ seq }) => seq)).toEqual(feed.map((_, place) => place + 1));
    expect(feed.filter(({ terminal }) => terminal)).toHaveLength(6);
    expect(feed.at(-1)).toMatchObject({ entityId: id, terminal: true, state: 'completed' });
    const [clock] = await querySystem<{ wrong: number }>(
      'SELECT count(*)::int AS wrong FROM execution WHERE tenant_id = $1 AND root_id = $2 AND (started_at IS NULL OR ended_at < started_at)',
      [ada.tenantId, id],
    );
    expect(clock?.wrong).toBe(0);
  });

  test('leaves the rest to a further step once there were 50, so that a long loop can be cancelled', async () => {
    const { id, claims } = await begin(chain(Array.from({ length: 60 }, () => ['core.noop'] as [string])));
    const tree = await getTree(ada, id);
    expect(tree.filter(({ state }) => state === 'completed')).toHaveLength(50);
    expect(claims.map(({ token }) => token?.task)).toEqual(['t50']);
    expect(tree[0]?.state).toBe('running');
  });

  test('is claimed like anything else where it prints, waits, is limited, or has a secret', async () => {
    const printed = await begin(chain([['core.echo', { message: 'x' }]]));
    expect(printed.claims).toHaveLength(1);
    const slow = await begin(chain([['core.sleep', { seconds: 0 }]]));
    expect(slow.claims).toHaveLength(1);
    const secret = await begin(
      chain([['core.set', { token: '{{ parameters.token }}' }]]),
      { parameters: { token: { type: 'string', secret: true } } },
      { token: 'hush-4711' },
    );
    expect(secret.claims).toHaveLength(1);
    const [dump] = await inSystem((tx) =>
      tx.query<{ text: string }>(
        "SELECT string_agg(e::text, '') AS text FROM execution e WHERE tenant_id = $1 AND root_id = $2",
        [ada.tenantId, secret.id],
      ),
    );
    expect(dump?.text).not.toContain('hush-4711');
    // Nothing that could be looked for in what an action says, and a secret all the same.
    const short = await begin(
      chain([['core.set', { pin: '{{ parameters.pin }}' }]]),
      { parameters: { pin: { type: 'boolean', secret: true } } },
      { pin: true },
    );
    expect(short.claims).toHaveLength(1);
    const large = await begin(chain([['core.set', { text: 'x'.repeat(9_000) }]]));
    expect(large.claims).toHaveLength(1);
  });

  test('leaves a nested run to a step of its own, and what follows it waits', async () => {
    const inner = `ops.inner_${(made += 1)}`;
    await publishWorkflow(ada, inner, chain([['core.noop']]), {});
    const { id } = await begin(chain([[inner], ['core.noop']]));
    const tree = await getTree(ada, id);
    expect(tree.map(({ taskName, state }) => [taskName, state])).toEqual([
      [null, 'running'],
      ['t0', 'requested'],
    ]);
  });
});
