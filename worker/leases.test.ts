import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { Claim } from '@/server/executions/claims';
import { workerProgram } from './faults/worker-process';
import { Leases } from './leases';
import { monotonicMs } from './monotonic';
import { membersOf, type Tree } from './sandbox/tree';

const open: Leases[] = [];
afterEach(() => Promise.all(open.splice(0).map((leases) => leases.close())));

function make(): { leases: Leases; lost: number[] } {
  const lost: number[] = [];
  const leases = new Leases(1, pathToFileURL(workerProgram), 1);
  open.push(leases);
  leases.onStop((executionId, reason) => {
    if (reason === 'lost') lost.push(executionId);
  });
  return { leases, lost };
}

/** A claim on a row that does not exist: no renewal can succeed. */
const claim = (executionId: number): Claim => ({
  tenantId: 2,
  rootId: executionId,
  executionId,
  fence: 1,
  actionRef: 'tests.action',
  packRef: 'tests',
  runtime: 'shell',
  interpreter: null,
  entrypoint: '',
  code: '',
  packPath: null,
  outputFormat: 'text',
  parameterDelivery: 'stdin',
  parameterFormat: 'json',
  limits: {},
  defaultPermissionSetRefs: [],
  outSchema: null,
  parameters: {},
  timeoutSeconds: null,
  attempt: 1,
  idempotent: false,
  idempotencyKey: '2-1',
  ruleRef: null,
  triggerRef: null,
  token: null,
  secretTexts: [],
  slotKey: null,
});

function spawnTree(): { tree: Tree; ended: Promise<string | null> } {
  const child = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
  const ended = new Promise<string | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  return { tree: { pid: child.pid ?? 0, tag: 'ATTUNE_RUN_FOLDER=none', uid: null, isWalled: false }, ended };
}

function blockLoop(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the lease thread', () => {
  test('kills what a blocked main loop holds, while it is still blocked', async () => {
    const { leases, lost } = make();
    const held = claim(900_000_001);
    // Until the thread has begun to look.
    expect(await leases.isHeld(held)).toBe(false);
    const { tree, ended } = spawnTree();
    leases.hold(held, monotonicMs());
    leases.guard(held, tree);
    blockLoop(1_500);
    expect(membersOf(tree)).toEqual([]);
    expect(await ended).toBe('SIGKILL');
    await expect.poll(() => lost).toEqual([held.executionId]);
    expect(await leases.isHeld(held)).toBe(false);
  });

  test('gives up a claim that the database knows nothing of, and kills its processes', async () => {
    const { leases, lost } = make();
    const held = claim(900_000_002);
    const { tree, ended } = spawnTree();
    leases.hold(held, monotonicMs());
    leases.guard(held, tree);
    expect(await ended).toBe('SIGKILL');
    await expect.poll(() => lost).toEqual([held.executionId]);
  });

  test('leaves alone what was dropped in time', async () => {
    const { leases, lost } = make();
    const held = claim(900_000_003);
    const { tree } = spawnTree();
    leases.hold(held, monotonicMs());
    leases.guard(held, tree);
    leases.drop(held);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(isAlive(tree.pid)).toBe(true);
    process.kill(tree.pid, 'SIGKILL');
    expect(lost).toEqual([]);
  });

  test('kills processes that are named only after the lease was given up', async () => {
    const { leases, lost } = make();
    const held = claim(900_000_004);
    leases.hold(held, monotonicMs() - 10_000);
    await expect.poll(() => lost).toEqual([held.executionId]);
    const { tree, ended } = spawnTree();
    leases.guard(held, tree);
    expect(await ended).toBe('SIGKILL');
  });
});
