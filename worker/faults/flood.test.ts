import { chmod, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ActionLimits } from '@/server/actions/limits';
import { createAction } from '@/server/actions/service';
import { closeDatabase } from '@/server/db';
import { env } from '@/server/env';
import { getExecution, requestExecution } from '@/server/executions/service';
import type { Actor } from '@/server/identities/actor';
import { stopLive } from '@/server/live';
import { createPack } from '@/server/packs/service';
import { makePerson, makeTenant } from '@/server/packs/test-people';
import { stopBoss } from '@/server/queue';
import { findViolations } from './invariants';
import { WorkerProcess } from './worker-process';

let ada: Actor;
let worker: WorkerProcess;

const action = (name: string, code: string, limits: ActionLimits = {}) =>
  createAction(ada, {
    packRef: 'ops',
    ref: `ops.${name}`,
    label: name,
    description: '',
    runtime: 'shell',
    code,
    paramSchema: {},
    outputFormat: 'text',
    timeoutSeconds: 110,
    idempotent: false,
    limits,
  });

beforeAll(async () => {
  await chmod(env().ATTUNE_HOME, 0o711);
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
  await action('flood', 'head -c 1000000000 /dev/zero | tr "\\0" x; echo end >&2');
  await action('hungry', 'head -c 3000000000 /dev/zero | tail -c 3000000000', { memory_mb: 64 });
  await action('small', 'echo small');
  worker = await WorkerProcess.start();
});
afterAll(async () => {
  await worker.stop();
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

const run = async (ref: string) => (await requestExecution(ada, { actionRef: ref, parameters: {} })).id;

async function residentBytes(): Promise<number> {
  const status = await readFile(`/proc/${worker.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/**
 * What it takes once its code and its connections are there: a worker that has just started grows by
 * some 30 MB in its first seconds by itself (its clocks' first rounds, warm processes, compiled code),
 * which is not what a flood costs.
 */
async function settledBytes(): Promise<number> {
  let before = 0;
  for (let count = 0; count < 200; count += 1) {
    if (count % 20 === 0) {
      const now = await residentBytes();
      if (now - before < 2e6) return now;
      before = now;
    }
    await ended(await run('ops.small'));
  }
  return residentBytes();
}

/** Waits for the end of an execution, and tells how large the worker was meanwhile. */
async function ended(id: number) {
  let peak = 0;
  for (;;) {
    peak = Math.max(peak, await residentBytes());
    const execution = await getExecution(ada, id);
    if (execution.endedAt !== null) return { execution, peak };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe.runIf(process.platform === 'linux')('a flood of 1 GB', () => {
  test('T3.21 is cut without failing, costs the worker less than 50 MB, and others go on beside it', async () => {
    const before = await settledBytes();
    const flood = await run('ops.flood');
    const beside = await ended(await run('ops.small'));
    const { execution, peak } = await ended(flood);
    expect(execution).toMatchObject({
      state: 'completed',
      result: { stdout_truncated: true, stderr_truncated: false, stderr: 'end\n' },
    });
    expect(Math.max(peak, beside.peak) - before).toBeLessThan(50e6);
    expect(beside.execution).toMatchObject({ state: 'completed', result: { stdout: 'small\n' } });
    expect(String(beside.execution.endedAt) < String(execution.endedAt)).toBe(true);
  });
});

describe.runIf(process.platform === 'linux')('3 GB of memory', () => {
  test('end the action that its own limits allowed less, and neither the worker nor who is beside it', async () => {
    const hungry = await run('ops.hungry');
    const beside = await ended(await run('ops.small'));
    expect(beside.execution).toMatchObject({ state: 'completed', result: { stdout: 'small\n' } });
    const { execution } = await ended(hungry);
    expect(execution).toMatchObject({ state: 'failed' });
    expect(execution.error).toMatch(/used more than its memory limit of 64 MB and was killed/);
    const after = await ended(await run('ops.small'));
    expect(after.execution.state).toBe('completed');
    expect(await findViolations()).toEqual([]);
  });
});
