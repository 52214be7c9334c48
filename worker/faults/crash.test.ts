import { chmod } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAction } from '@/server/actions/service';
import { closeDatabase } from '@/server/db';
import { env } from '@/server/env';
import type { Execution } from '@/server/executions/schema';
import { cancelExecution, getExecution, getTree, requestExecution } from '@/server/executions/service';
import type { Actor } from '@/server/identities/actor';
import { stopLive } from '@/server/live';
import { createPack } from '@/server/packs/service';
import { makePerson, makeTenant } from '@/server/packs/test-people';
import { stopBoss } from '@/server/queue';
import { createWorkflow, publish, saveDraft } from '@/server/workflows/service';
import { crashPoints } from './crash-at';
import { findViolations } from './invariants';
import { WorkerProcess } from './worker-process';

let ada: Actor;
const started: WorkerProcess[] = [];

async function start(...how: Parameters<typeof WorkerProcess.start>): Promise<WorkerProcess> {
  const worker = await WorkerProcess.start(...how);
  started.push(worker);
  return worker;
}

const action = (name: string, code: string, idempotent: boolean) =>
  createAction(ada, {
    packRef: 'ops',
    ref: `ops.${name}`,
    label: name,
    description: '',
    runtime: 'shell',
    code,
    paramSchema: {},
    outputFormat: 'text',
    timeoutSeconds: 60,
    idempotent,
  });

async function workflow(
  name: string,
  tasks: { name: string; action: string; next?: string[] }[],
): Promise<void> {
  const ref = `ops.${name}`;
  const { draftVersion } = await createWorkflow(ada, { packRef: 'ops', ref, label: name, description: '' });
  const definition = {
    tasks: tasks.map(({ next, ...task }) => ({
      ...task,
      ...(next ? { next: [{ when: '{{ succeeded() }}', do: next }] } : {}),
    })),
  };
  const saved = await saveDraft(ada, { ref, draftVersion, definition, layout: { positions: {} } });
  await publish(ada, { ref, draftVersion: saved.draftVersion, note: '' });
}

beforeAll(async () => {
  await chmod(env().ATTUNE_HOME, 0o711);
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
  await action('again', 'echo begun; sleep 0.4; echo "key $ATTUNE_IDEMPOTENCY_KEY"', true);
  await action('once', 'echo begun; sleep 0.4; echo done', false);
  await action('long', 'echo begun; sleep 300', false);
  await action('stubborn', "trap '' TERM; echo begun; while :; do sleep 0.2; done", true);
  await workflow('repeatable', [
    { name: 'first', action: 'ops.again', next: ['second'] },
    { name: 'second', action: 'core.echo', next: ['third'] },
    { name: 'third', action: 'ops.again' },
  ]);
  await workflow('careful', [
    { name: 'first', action: 'ops.once', next: ['second'] },
    { name: 'second', action: 'core.noop' },
  ]);
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((worker) => worker.stop()));
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

async function until(id: number, fits: (execution: Execution) => boolean, seconds = 30): Promise<Execution> {
  const untilMs = performance.now() + seconds * 1000;
  for (;;) {
    const execution = await getExecution(ada, id);
    if (fits(execution)) return execution;
    if (performance.now() > untilMs) {
      const tree = (await getTree(ada, id)).map(
        ({ taskName, state, error }) => `${taskName ?? 'run'} ${state} ${error ?? ''}`,
      );
      throw new Error(
        `it did not come to that within ${seconds} s:\n${tree.join('\n')}\n${started.map((worker) => worker.said).join('\n')}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const hasEnded = (execution: Execution) => execution.endedAt !== null;
const isRunning = (execution: Execution) => execution.state === 'running';

describe('a worker that dies as by kill -9', () => {
  test.each(crashPoints)('at %s leaves a run that another worker brings to its end', async (point) => {
    const first = await start({}, point);
    const { id } = await requestExecution(ada, { actionRef: 'ops.repeatable', parameters: {} });
    expect(await first.ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect((await getExecution(ada, id)).endedAt).toBeNull();
    await start();
    const run = await until(id, hasEnded);
    expect(run).toMatchObject({ state: 'completed', error: null });
    const children = (await getTree(ada, id)).filter((one) => one.parentId === id);
    expect(children.map((one) => [one.taskName, one.state])).toEqual([
      ['first', 'completed'],
      ['second', 'completed'],
      ['third', 'completed'],
    ]);
    expect(await findViolations()).toEqual([]);
  });

  test('while a non-idempotent action runs ends that action as abandoned: its body runs at most once', async () => {
    const first = await start({}, 'after-spawn');
    const { id } = await requestExecution(ada, { actionRef: 'ops.careful', parameters: {} });
    await first.ended;
    await start();
    const run = await until(id, hasEnded);
    expect(run.state).toBe('failed');
    const [child] = (await getTree(ada, id)).filter((one) => one.parentId === id);
    expect(child?.state).toBe('abandoned');
    expect(child?.error).toMatch(/worker .* died.*idempotent/);
    expect(await findViolations()).toEqual([]);
  });

  test('takes the processes of its executions with it', async () => {
    const first = await start();
    const { id } = await requestExecution(ada, { actionRef: 'ops.stubborn', parameters: {} });
    await until(id, isRunning);
    await new Promise((resolve) => setTimeout(resolve, 500));
    first.signal('SIGKILL');
    await first.ended;
    await expect
      .poll(async () => (await findViolations()).filter((one) => one.startsWith('processes')), {
        timeout: 2_000,
      })
      .toEqual([]);
    await cancelExecution(ada, id);
    await start();
    await until(id, hasEnded);
  });
});

describe('a worker that stands still longer than its lease', () => {
  test('kills what it ran when it wakes, and its late result changes nothing', async () => {
    const first = await start();
    const { id } = await requestExecution(ada, { actionRef: 'ops.long', parameters: {} });
    await until(id, isRunning);
    first.signal('SIGSTOP');
    await start();
    const ended = await until(id, hasEnded);
    expect(ended.state).toBe('abandoned');
    first.signal('SIGCONT');
    await expect.poll(findViolations, { timeout: 5_000 }).toEqual([]);
    expect((await getExecution(ada, id)).state).toBe('abandoned');
  });
});

describe('T3.27 a worker that is told to end', () => {
  test('takes nothing new, lets what runs finish, and ends with 0', async () => {
    const first = await start();
    const { id } = await requestExecution(ada, { actionRef: 'ops.once', parameters: {} });
    await until(id, isRunning);
    first.signal('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const late = await requestExecution(ada, { actionRef: 'ops.once', parameters: {} });
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect((await getExecution(ada, id)).state).toBe('completed');
    expect((await getExecution(ada, late.id)).state).toBe('requested');
    await start();
    expect((await until(late.id, hasEnded)).state).toBe('completed');
  });

  test('kills what does not finish in time, and ends with 0', async () => {
    const first = await start({ ATTUNE_DRAIN_SECONDS: '0.3' });
    const { id } = await requestExecution(ada, { actionRef: 'ops.long', parameters: {} });
    await until(id, isRunning);
    first.signal('SIGTERM');
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect(await getExecution(ada, id)).toMatchObject({ state: 'abandoned' });
    expect(await findViolations()).toEqual([]);
  });

  test('twice ends at once', async () => {
    const first = await start({ ATTUNE_DRAIN_SECONDS: '60' });
    const { id } = await requestExecution(ada, { actionRef: 'ops.long', parameters: {} });
    await until(id, isRunning);
    first.signal('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const askedAt = performance.now();
    first.signal('SIGTERM');
    await first.ended;
    expect(performance.now() - askedAt).toBeLessThan(1_000);
    await start();
    await until(id, hasEnded);
    expect(await findViolations()).toEqual([]);
  });

  test('by the death of its launcher ends in order as well', async () => {
    const first = await start();
    first.disconnect();
    expect(await first.ended).toEqual({ code: 0, signal: null });
  });
});

describe('a cancel', () => {
  test('reaches a running action within two seconds', async () => {
    await start({ ATTUNE_LEASE_SECONDS: '60' });
    const { id } = await requestExecution(ada, { actionRef: 'ops.stubborn', parameters: {} });
    await until(id, isRunning);
    const askedAt = performance.now();
    await cancelExecution(ada, id);
    const ended = await until(id, hasEnded);
    expect(ended.state).toBe('cancelled');
    expect(performance.now() - askedAt).toBeLessThan(2_000);
    expect(ended.result).toMatchObject({ signal: 'SIGKILL' });
  });
});
