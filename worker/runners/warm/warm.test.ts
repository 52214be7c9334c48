import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Host } from '../../host';
import { env } from '@/server/env';
import { markOf, runDisks, runFolderVariable } from '../../sandbox/run-disks';
import { findTagged } from '../../sandbox/tree';
import { attempt, attemptOnce, claimOf, levelsHere, openTestHost, type TestHost } from '../attempt-fixture';
import { leave } from '../attempt-place';
import type { ProgramClaim } from '../run-program';
import { WarmPool } from './pool';
import { waitingPrefix } from './waiting';

/** Processes that wait for an execution: what they may know, who gets them, and what becomes of them. */

let host: TestHost;
let warm: Host;
beforeEach(async () => {
  host = await openTestHost();
  warm = host.started('warm');
});
afterEach(() => host.remove());

/** The processes of attempts that wait, walls included. */
const waiting = () =>
  findTagged((entry) => entry.startsWith(`${runFolderVariable}=`) && entry.includes(`/${waitingPrefix}`));
/** What sits in the same walls goes with the first of them, perhaps before its turn comes. */
function signalAll(pids: readonly number[], signal: 'SIGSTOP' | 'SIGKILL'): void {
  for (const pid of pids)
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
}
const resultOf = async (action: Partial<ProgramClaim>) => (await attempt(warm, action)).outcome?.result;

/** Runs one action, and waits until its successor does. */
async function useOnce(on: Host, action: Partial<ProgramClaim>) {
  const done = await attemptOnce(on, claimOf(action));
  await on.warm.settled();
  return done;
}

const python = { runtime: 'python', code: 'print("done")' } as const;

describe.each(levelsHere)('behind walls of level %s', (level) => {
  test.each([
    ['python', 'import os\ndef run(n):\n    return {"n": n, "id": os.environ["ATTUNE_EXEC_ID"]}'],
    ['nodejs', 'export const run = ({ n }) => ({ n, id: process.env.ATTUNE_EXEC_ID })'],
  ] as const)('a waiting process of %s becomes its action', async (runtime, code) => {
    await host.remove();
    host = await openTestHost(level);
    warm = host.started('warm');
    const { outcome } = await attempt(warm, { runtime, code, parameters: { n: 1 }, executionId: 77 });
    expect(outcome).toMatchObject({ state: 'completed', result: { data: { n: 1, id: '77' } } });
  });
});

describe('a process that waited is to its action what one of its own is:', () => {
  test.each([
    [
      'python',
      `import json, os, sys
print(json.dumps({"env": dict(os.environ), "argv": sys.argv, "path": sys.path, "flags": str(sys.flags), "cwd": os.getcwd(),
  "names": sorted(globals()), "file": __file__, "name": __name__, "main": sys.modules["__main__"].__dict__ is globals(),
  "stdin": [sys.stdin.name, sys.stdin.mode, sys.stdin.encoding, sys.stdin.errors, sys.stdin.seekable(), sys.stdin.readline()],
  "fds": sorted(os.listdir("/proc/self/fd"))[:3], "link": os.path.exists(".stdin"), "again": open("/dev/stdin").read()}, sort_keys=True))`,
    ],
    [
      'nodejs',
      `const { existsSync, readFileSync } = require('fs');
console.log(JSON.stringify({ env: Object.entries(process.env).sort(), argv: process.argv, execArgv: process.execArgv,
  cwd: process.cwd(), main: require.main === module, id: module.id, file: __filename, parent: module.parent ?? null,
  cache: Object.keys(require.cache), names: Object.keys(globalThis), link: existsSync('.stdin'),
  stdin: readFileSync(0, 'utf8'), again: readFileSync('/dev/stdin', 'utf8') }))`,
    ],
  ] as const)('%s', async (runtime, code) => {
    const action = { runtime, code, parameters: { a: 'ä' }, executionId: 5, idempotencyKey: 'k', attempt: 3 };
    const seen = async (start: 'cold' | 'warm') => {
      const { outcome } = await attempt(host.started(start), action);
      expect(outcome?.error).toBeNull();
      // Each has a folder of its own.
      return String(outcome?.result['stdout']).replaceAll(/[^" ]*\/(5-1|warm-\d+)(?=["/])/g, 'FOLDER');
    };
    expect(JSON.parse(await seen('warm'))).toEqual(JSON.parse(await seen('cold')));
  });

  test.each([
    ['python', 'import sys\nsys.exit(7)', { exit_code: 7 }],
    ['python', 'import os, signal\nos.kill(os.getpid(), signal.SIGKILL)', { signal: 'SIGKILL' }],
    ['nodejs', 'process.exit(7)', { exit_code: 7 }],
    ['nodejs', 'process.kill(process.pid, "SIGKILL")', { signal: 'SIGKILL' }],
  ] as const)('%s ends as %s does', async (runtime, code, end) => {
    expect(await resultOf({ runtime, code })).toMatchObject(end);
  });

  test('an error of a script is told from where the script begins', async () => {
    const code = 'def f():\n    raise ValueError("bad")\nf()';
    const cold = await attempt(host, { runtime: 'python', code });
    const warmly = await attempt(warm, { runtime: 'python', code });
    const textOf = (result?: Record<string, unknown>) =>
      String(result?.['stderr']).replaceAll(/"[^"]*\/action\.py"/g, '');
    expect(textOf(warmly.outcome?.result)).toBe(textOf(cold.outcome?.result));
    expect(warmly.outcome?.result['exit_code']).toBe(1);
  });

  test('a module beside the action goes before one of Python’s own', async () => {
    const packPath = await mkdtemp(join(tmpdir(), 'attune-pack-'));
    await writeFile(join(packPath, 'json.py'), 'x = "its own"\n');
    await writeFile(join(packPath, 'act.py'), 'import json\nprint(json.x)\n');
    const action = { runtime: 'python', entrypoint: 'act.py', packPath } as const;
    expect(await resultOf(action)).toMatchObject({ stdout: 'its own\n', stderr: '' });
    await rm(packPath, { recursive: true });
  });

  test('Node’s own stream of stdin has the parameters', async () => {
    const code = 'process.stdin.on("data", (text) => process.stdout.write(text))';
    expect(await resultOf({ runtime: 'nodejs', code, parameters: { a: 1 } })).toMatchObject({
      stdout: '{"a":1}\n',
    });
  });

  test('what it starts has its environment', async () => {
    const code = 'import subprocess\nsubprocess.run(["sh", "-c", "echo $ATTUNE_EXEC_ID"])';
    expect(await resultOf({ runtime: 'python', code, executionId: 91 })).toMatchObject({ stdout: '91\n' });
  });

  test('its time counts from its task on', async () => {
    await useOnce(warm, python);
    const slow = claimOf({ runtime: 'python', code: 'while True: pass', timeoutSeconds: 0.5 });
    const { outcome } = await attemptOnce(warm, slow);
    expect(outcome).toMatchObject({ state: 'timeout' });
  });
});

describe('what one execution leaves', () => {
  test.each([
    [
      'python',
      `import builtins, os, json
print(os.environ.get("LEFT"), os.path.exists("left"), os.path.exists("/tmp/left"), hasattr(builtins, "left"), hasattr(json, "left"))
os.environ["LEFT"] = "x"; builtins.left = json.left = 1; open("left", "w"); open("/tmp/left", "w")`,
      'None False False False False\n',
    ],
    [
      'nodejs',
      `const fs = require('fs');
console.log(process.env.LEFT, fs.existsSync('left'), fs.existsSync('/tmp/left'), globalThis.left, fs.left);
process.env.LEFT = 'x'; globalThis.left = fs.left = 1; fs.writeFileSync('left', ''); fs.writeFileSync('/tmp/left', '');`,
      'undefined false false undefined undefined\n',
    ],
  ] as const)('in %s is not there for the next', async (runtime, code, nothing) => {
    for (let time = 0; time < 3; time += 1)
      expect(await resultOf({ runtime, code })).toMatchObject({ stdout: nothing });
  });
});

describe('a waiting process', () => {
  test('knows nothing of any execution', async () => {
    await useOnce(warm, { ...python, apiToken: 'canary-5521', parameters: { p: 'canary-5521' } });
    const pids = waiting();
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) {
      const known = ['environ', 'cmdline']
        .map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1'))
        .join();
      expect(known).not.toMatch(/canary-5521|ATTUNE_EXEC_ID|ATTUNE_API_TOKEN|ATTUNE_IDEMPOTENCY_KEY/);
    }
  });

  test.each<[string, Partial<ProgramClaim>]>([
    ['another tenant', { tenantId: 3 }],
    ['another pack', { packRef: 'others' }],
    ['another runtime', { runtime: 'nodejs', code: '0' }],
    ['other limits', { limits: { memory_mb: 300 } }],
    ['variables of its request', { requestVariables: { NODE_OPTIONS: '--no-warnings' } }],
  ])('is not used for %s', async (_, other) => {
    await useOnce(warm, python);
    let left = -1;
    const { outcome } = await attemptOnce(warm, claimOf({ ...python, ...other }), {
      onStart: () => (left = warm.warm.size),
    });
    expect(outcome?.state).toBe('completed');
    expect(left).toBe(1);
  });

  test('that was killed is replaced by one that is started for the execution', async () => {
    await useOnce(warm, python);
    const pids = waiting();
    expect(pids.length).toBeGreaterThan(0);
    signalAll(pids, 'SIGKILL');
    const { outcome } = await attemptOnce(warm, claimOf(python));
    expect(outcome).toMatchObject({ state: 'completed', result: { stdout: 'done\n' } });
  });

  test('that dies over its task has not begun it, and another does', async () => {
    await useOnce(warm, python);
    const pids = waiting();
    signalAll(pids, 'SIGSTOP');
    let starts = 0;
    const { outcome } = await attemptOnce(warm, claimOf(python), {
      onStart: () => {
        starts += 1;
        if (starts === 1) signalAll(pids, 'SIGKILL');
      },
    });
    expect(starts).toBe(2);
    expect(outcome).toMatchObject({ state: 'completed', result: { stdout: 'done\n', stderr: '' } });
  });

  test('can be stopped once it has its task', async () => {
    await useOnce(warm, python);
    const { outcome } = await attemptOnce(warm, claimOf({ runtime: 'python', code: 'while True: pass' }), {
      onStart: (running) => running.stop('cancelled'),
    });
    expect(outcome?.state).toBe('cancelled');
    expect(warm.warm.size).toBe(0);
  });
});

describe('the processes that wait', () => {
  /** The same host with a pool of its own. */
  const withPool = (most: number, idleMs: number) => ({
    ...warm,
    warm: new WarmPool(most, idleMs, (one) => leave(warm, one.place)),
  });

  test('are gone with their folders when the worker ends', async () => {
    await useOnce(warm, python);
    await useOnce(warm, { runtime: 'nodejs', code: '0' });
    expect(warm.warm.size).toBe(2);
    await warm.warm.close();
    expect(waiting()).toEqual([]);
    await useOnce(warm, python);
    expect(waiting()).toEqual([]);
    const mark = markOf(env().ATTUNE_HOME);
    const owners = (await readdir(runDisks).catch(() => [])).filter((name) => name.startsWith(mark));
    for (const owner of owners)
      for (const disk of await readdir(join(runDisks, owner)))
        expect(await readdir(join(runDisks, owner, disk))).toEqual([]);
  });

  test('are all known, though another is wished for while one starts', async () => {
    const wished: Parameters<WarmPool['wish']>[] = [];
    class Listening extends WarmPool {
      override wish(...wish: Parameters<WarmPool['wish']>): void {
        wished.push(wish);
      }
    }
    await useOnce({ ...warm, warm: new Listening(1, 1, async () => {}) }, python);
    const [[key, start] = ['', () => Promise.reject(new Error('nobody wished'))]] = wished;
    const pool = withPool(4, 60_000).warm;
    const again = () => pool.wish(key, start);
    pool.wish(key, () => {
      again();
      return start();
    });
    await vi.waitFor(() => expect(pool.size).toBe(1));
    again();
    await pool.settled();
    expect(pool.size).toBe(1);
    await pool.close();
    expect(waiting()).toEqual([]);
  });

  test('are none where the setting is 0, and none for a shell action', async () => {
    await useOnce(host, python);
    await useOnce(warm, { code: 'true' });
    expect(waiting()).toEqual([]);
  });

  test('are no more than the setting: what was used last stays', async () => {
    const small = withPool(1, 60_000);
    await useOnce(small, python);
    await useOnce(small, { ...python, packRef: 'others' });
    expect(small.warm.size).toBe(1);
    let left = -1;
    await attemptOnce(small, claimOf({ ...python, packRef: 'others' }), {
      onStart: () => (left = small.warm.size),
    });
    expect(left).toBe(0);
    await small.warm.close();
    expect(waiting()).toEqual([]);
  });

  test('end after a while in vain, and give back what they had', async () => {
    const brief = withPool(1, 1);
    await useOnce(brief, python);
    await vi.waitFor(() => expect(brief.warm.size).toBe(0));
    await brief.warm.settled();
    expect(waiting()).toEqual([]);
  });
});
