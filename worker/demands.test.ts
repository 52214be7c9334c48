import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createAction, updateAction } from '@/server/actions/service';
import { closeDatabase, querySystem } from '@/server/db';
import { claimExecutions } from '@/server/executions/claims';
import { cancelExecution, getExecution } from '@/server/executions/service';
import { run } from '@/server/executions/test-worker';
import type { Actor } from '@/server/identities/actor';
import { stopLive } from '@/server/live';
import { createPack } from '@/server/packs/service';
import { makePerson, makeTenant } from '@/server/packs/test-people';
import { stopBoss } from '@/server/queue';
import { registerWorker, retireWorker } from '@/server/workers/service';
import { Demands } from './demands';

const fields = { label: 'Needs Node', description: '', code: 'true', paramSchema: {} };
let ada: Actor;

beforeAll(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
  const action = { ...fields, packRef: 'ops', ref: 'ops.picky', runtime: 'shell' as const };
  const rest = { outputFormat: 'text' as const, timeoutSeconds: 30, idempotent: false };
  await createAction(ada, { ...action, ...rest, requiredRuntimes: { nodejs: '>=20', python: '*' } });
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

let rung = 0;
beforeEach(() => {
  rung = 0;
});

/** A worker with these runtimes, as far as claims see it. */
function worker(runtimes: Record<string, string>) {
  const demands = new Demands(Object.keys(runtimes), runtimes, () => {
    rung += 1;
  });
  const take = async () => {
    const claimer = { workerId: 1, leaseSeconds: 30, runtimes: demands.all };
    const { claims } = await claimExecutions(claimer, 10, null, []);
    return claims.map(({ executionId }) => executionId);
  };
  return { demands, take };
}

it('an execution is left to a worker that has what its action requires', async () => {
  const old = worker({ shell: '5.2', nodejs: '18.20.1', python: '3.11.2' });
  const fitting = worker({ shell: '5.2', nodejs: '24.1.0', python: '3.11.2' });
  const id = await run(ada, 'ops.picky');
  await old.demands.look();
  expect(await old.take()).toEqual([]);
  expect(rung).toBe(0);

  // Before it has looked it does not know of the demand; then it rings, once.
  expect(await fitting.take()).toEqual([]);
  await fitting.demands.look();
  await fitting.demands.look();
  expect(rung).toBe(1);
  expect(await fitting.take()).toEqual([id]);
});

it('what no worker has is said on the execution until one has it', async () => {
  const workerId = await registerWorker({
    name: 'old',
    host: 'here',
    pid: 1,
    slots: 1,
    runtimes: { shell: '5.2', nodejs: '18.20.1' },
    sandbox: 'L1',
  });
  const { demands } = worker({ shell: '5.2', nodejs: '18.20.1' });
  const id = await run(ada, 'ops.picky');
  await demands.look();
  const told = await getExecution(ada, id);
  expect(told.state).toBe('requested');
  expect(told.stateReason).toBe('No worker has nodejs >=20 and python; it starts as soon as one has.');

  // Told once: a row in the feed each second would drown the others.
  const rows = () =>
    querySystem('SELECT FROM change_feed WHERE tenant_id = $1 AND root_id = $2', [ada.tenantId, id]);
  const before = (await rows()).length;
  await demands.look();
  expect((await rows()).length).toBe(before);

  const fitting = worker({ shell: '5.2', nodejs: '24.1.0', python: '3.11.2' });
  await fitting.demands.look();
  expect(await fitting.take()).toEqual([id]);
  expect((await getExecution(ada, id)).stateReason).toBeNull();
  await retireWorker(workerId);
});

it('an execution keeps what was required when it was asked for, and a worker takes it after the action has changed', async () => {
  const id = await run(ada, 'ops.picky');
  const saved = {
    ...fields,
    ref: 'ops.picky',
    revision: 1,
    runtime: 'shell' as const,
    outputFormat: 'text' as const,
  };
  await updateAction(ada, { ...saved, timeoutSeconds: 30, idempotent: false, requiredRuntimes: {} });
  const fitting = worker({ shell: '5.2', nodejs: '24.1.0', python: '3.11.2' });
  expect(await fitting.take()).toEqual([]);
  await fitting.demands.look();
  expect(await fitting.take()).toEqual([id]);
  // And what is asked for now needs nothing.
  const next = await run(ada, 'ops.picky');
  expect(await worker({ shell: '5.2' }).take()).toEqual([next]);
  await cancelExecution(ada, id);
});
