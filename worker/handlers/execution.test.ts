import { chmod } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createAction } from '@/server/actions/service';
import { closeDatabase, querySystem } from '@/server/db';
import { env } from '@/server/env';
import { getExecution, readLog, requestExecution } from '@/server/executions/service';
import type { JsonObject } from '@/server/fields';
import type { Actor } from '@/server/identities/actor';
import { stopLive } from '@/server/live';
import { createPack } from '@/server/packs/service';
import { makePerson, makeTenant } from '@/server/packs/test-people';
import { stopBoss } from '@/server/queue';
import { registerWorker } from '@/server/workers/service';
import { workerProgram } from '../faults/worker-process';
import { openHost } from '../host';
import { Leases } from '../leases';
import { Executions } from './execution';

let ada: Actor;
let executions: Executions;
let rival: Executions;
let cordoned: Executions;
let leases: Leases;
const open: { close: () => Promise<unknown> }[] = [];

beforeAll(async () => {
  await chmod(env().ATTUNE_HOME, 0o711);
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
  await createAction(ada, {
    packRef: 'ops',
    ref: 'ops.count',
    label: 'Count',
    description: '',
    runtime: 'shell',
    code: 'echo ran >> "$ATTUNE_ARTIFACTS_DIR/count"; echo "out $name"; echo err >&2; wc -l < "$ATTUNE_ARTIFACTS_DIR/count"',
    paramSchema: { name: { type: 'string', default: 'nobody' } },
    outputFormat: 'text',
    timeoutSeconds: 30,
    idempotent: false,
  });
  const host = await openHost();
  const workerId = await registerWorker({
    name: 'test',
    host: 'test',
    pid: process.pid,
    slots: 1,
    runtimes: {},
    sandbox: 'L1',
  });
  leases = new Leases(workerId, pathToFileURL(workerProgram));
  const rivalLeases = new Leases(workerId, pathToFileURL(workerProgram));
  open.push(leases, rivalLeases, host.warm);
  executions = new Executions({ ...host, workerId, leases }, 2);
  rival = new Executions({ ...host, workerId, leases: rivalLeases }, 2);
  cordoned = new Executions({ ...host, workerId: 999_999, leases: rivalLeases }, 50);
  cordoned.isCordoned = true;
  for (const { loop } of [executions, rival, cordoned]) loop.start();
});
afterAll(async () => {
  await Promise.all([executions, rival, cordoned].map(({ loop }) => loop.stop()));
  await Promise.all(open.map((each) => each.close()));
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

/** Asks for an action while two workers listen, and rings for it again and again. */
async function run(actionRef: string, parameters: JsonObject = {}) {
  const { id } = await requestExecution(ada, { actionRef, parameters });
  const ring = () => {
    for (const { loop } of [executions, rival, cordoned]) loop.ring();
  };
  await vi.waitFor(
    async () => {
      ring();
      const { state } = await getExecution(ada, id);
      expect(['completed', 'failed', 'waiting']).toContain(state);
      expect(executions.busy + rival.busy).toBe(0);
    },
    { timeout: 10_000, interval: 20 },
  );
  return getExecution(ada, id);
}

describe('an execution that waits', () => {
  test('runs its action once, however often the bell rings for however many workers', async () => {
    const ended = await run('ops.count', { name: 'Ada' });
    expect(ended).toMatchObject({
      state: 'completed',
      error: null,
      result: { stdout: 'out Ada\n1\n', stderr: 'err\n', exit_code: 0 },
    });
    expect(executions.busy).toBe(0);
  });

  test('stores what was printed in order, each stream apart', async () => {
    const ended = await run('ops.count');
    const { chunks } = await readLog(ada, { executionId: ended.id, after: 0, limit: 100 });
    const text = (stream: string) =>
      chunks
        .filter((chunk) => chunk.stream === stream)
        .map((chunk) => chunk.content)
        .join('');
    expect(text('stdout')).toBe('out nobody\n2\n');
    expect(text('stderr')).toBe('err\n');
  });

  test('carries out built-in actions in the worker itself', async () => {
    expect(await run('core.echo', { message: 'hello' })).toMatchObject({
      state: 'completed',
      result: { stdout: 'hello\n' },
    });
    expect(await run('core.fail', { message: 'as planned' })).toMatchObject({
      state: 'failed',
      error: 'as planned',
    });
    expect(await run('core.noop')).toMatchObject({ state: 'completed' });
  });

  test('opens an inquiry for core.ask, and holds nothing while it waits', async () => {
    const waiting = await run('core.ask', { prompt: 'Deploy?' });
    expect(waiting.state).toBe('waiting');
    expect(waiting.inquiryId).not.toBeNull();
    const [held] = await querySystem<{ lease: Date | null }>(
      'SELECT lease_until AS lease FROM execution WHERE id = $1',
      [waiting.id],
    );
    expect(held?.lease).toBeNull();
    expect(executions.busy).toBe(0);
  });
});

test('a cordoned worker takes nothing, however many slots it has', async () => {
  const ended = await Promise.all(Array.from({ length: 20 }, () => run('core.echo', { message: 'x' })));
  const rows = await querySystem<{ workerId: number }>(
    'SELECT DISTINCT worker_id AS "workerId" FROM execution WHERE id = ANY ($1)',
    [ended.map(({ id }) => id)],
  );
  expect(rows.map(({ workerId }) => workerId)).not.toContain(999_999);
});
