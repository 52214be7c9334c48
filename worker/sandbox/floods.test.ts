import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../host';
import { attempt, levelsHere, openTestHost } from '../runners/attempt-fixture';
import { listInside } from './groups/group';
import type { RunningProcess } from './run-process';
import { membersOf, type Tree } from './tree';

/** Real floods inside real walls, each with another action beside it: the floods end, and nobody else notices. */
describe.runIf(process.platform === 'linux').each(levelsHere)('a flood behind walls of level %s', (level) => {
  let host: Host & { remove: () => Promise<void> };
  beforeAll(async () => void (host = { ...(await openTestHost(level)), graceMs: 300 }));
  afterAll(async () => {
    await host.remove();
  });
  const isHeld = (promise: string) => host.walls.holds.includes(promise);

  /** Runs the flood and an ordinary action beside it, and sees to it that nothing of the flood is left. */
  async function flood(action: Parameters<typeof attempt>[1]) {
    let tree: Tree | null = null;
    const onStart = (running: RunningProcess) => void (tree = running.tree);
    const [{ outcome }, ...beside] = await Promise.all([
      attempt(host, action, { onStart }),
      ...[1, 2, 3].map((n) =>
        attempt(host, { code: `echo "$((${n} * 2))" > f; cat f; (exit 0) && echo well` }),
      ),
    ]);
    for (const [index, { outcome: its }] of beside.entries())
      expect(its).toMatchObject({ state: 'completed', result: { stdout: `${(index + 1) * 2}\nwell\n` } });
    const { group, ...bare } = tree as unknown as Tree;
    expect(membersOf(bare)).toEqual([]);
    expect(group ? listInside(group) : []).toEqual([]);
    // And the next one has all that this one took.
    const after = await attempt(host, { code: 'head -c 1000000 /dev/zero > f && mkdir d && echo well' });
    expect(after.outcome).toMatchObject({ state: 'completed', result: { stdout: 'well\n' } });
    return outcome;
  }

  test('of processes meets its limit and dies whole', async () => {
    if (!isHeld('process limit')) return;
    const code =
      'import os, time\nwhile True:\n  try:\n    if os.fork() == 0: time.sleep(0)\n  except BlockingIOError:\n    time.sleep(0.01)\n';
    const outcome = await flood({
      runtime: 'python',
      code,
      timeoutSeconds: 0.5,
      limits: { processes: 64 },
    });
    expect(outcome?.state).toBe('timeout');
  });

  test('of processes that gives up says which limit it met', async () => {
    if (!host.groups) return;
    // bash would try again for a quarter of a minute.
    const code = `exec sh -c 'for i in $(seq 100); do sleep 60 & done; wait'`;
    const outcome = await flood({ code, timeoutSeconds: 20, limits: { processes: 32 } });
    expect(outcome).toMatchObject({ state: 'failed' });
    expect(outcome?.error).toMatch(
      /fork.*\(the action could not start more processes than its limit of 32\)$/,
    );
  });

  test('of memory is killed, and told as such', async () => {
    if (!isHeld('memory limit')) return;
    const outcome = await flood({
      runtime: 'python',
      code: 'x = []\nfor i in range(300):\n  x.append(b"x" * 10**7)\n',
      limits: { memory_mb: 64 },
    });
    expect(outcome).toMatchObject({ state: 'failed', result: { signal: 'SIGKILL' } });
    expect(outcome?.error).toMatch(/used more than its memory limit of 64 MB and was killed/);
    expect(outcome?.result['error']).toBe(outcome?.error);
  });

  test('of 3 GB meets the limit of an action that says nothing', async () => {
    if (!isHeld('memory limit')) return;
    const outcome = await flood({ runtime: 'python', code: 'x = bytearray(3 * 10**9)\nprint(len(x))' });
    expect(outcome?.error).toMatch(/used more than its memory limit of 512 MB/);
  });

  test('of memory in a child is told too, where the program goes on without it', async () => {
    if (!host.groups) return;
    const { outcome, log } = await attempt(host, {
      code: 'head -c 200000000 /dev/zero | tail -c 200000000 >/dev/null; echo on',
      limits: { memory_mb: 64 },
    });
    expect(outcome).toMatchObject({ state: 'completed', result: { stdout: 'on\n' } });
    expect(log.find(({ stream }) => stream === 'system')?.content).toMatch(/memory limit of 64 MB/);
  });

  test('of bytes fills its own run folder and nothing else', async () => {
    if (!isHeld('bounded run folder')) return;
    const outcome = await flood({
      code: 'head -c 100000000 /dev/zero > "$HOME/big"; du -m "$HOME/big" | cut -f1',
      limits: { disk_mb: 16 },
    });
    expect(outcome?.result['stderr']).toMatch(/No space left on device/);
    expect(Number(outcome?.result['stdout'])).toBeLessThanOrEqual(16);
  });

  test('of files fills its own run folder and nothing else', async () => {
    if (!isHeld('bounded run folder')) return;
    const outcome = await flood({
      runtime: 'python',
      code: 'import os\nmade = 0\ntry:\n  for made in range(10**6): open(f"f{made}", "w").close()\nexcept OSError as error:\n  print(made, error.strerror)\n',
    });
    expect(outcome?.result['stdout']).toMatch(/^1[0-9]{4} No space left on device\n$/);
  });

  test('without a network reaches nobody; with one it does', async () => {
    const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const code = `import urllib.request\nprint(urllib.request.urlopen("http://127.0.0.1:${port}/", timeout=5).read().decode())`;
    try {
      const on = await attempt(host, { runtime: 'python', code });
      expect(on.outcome).toMatchObject({ state: 'completed', result: { stdout: 'hello\n' } });
      const off = await attempt(host, { runtime: 'python', code, limits: { network: 'off' } });
      expect(off.outcome?.state).toBe('failed');
      expect(off.outcome?.error).toMatch(
        isHeld('network switch')
          ? /unreachable|refused/
          : /cannot see to that: its walls are of too low a level/,
      );
    } finally {
      server.close();
    }
  });

  test('is refused that asks for more than the worker gives', async () => {
    const { outcome } = await attempt(host, { code: 'echo never', limits: { disk_mb: 1_000_000 } });
    expect(outcome).toMatchObject({ state: 'failed', result: { stdout: '' } });
    expect(outcome?.error).toMatch(/asks for limits\.disk_mb 1000000, and this worker gives at most 4096/);
  });
});

test('a worker that ends leaves no group and no disk', async () => {
  const host = await openTestHost();
  await attempt(host, { code: 'true' });
  const folder = host.groups?.group({ memoryBytes: 2 ** 26, processes: 16, cpu: null }).joins[0];
  await host.remove();
  if (folder !== undefined) await expect(readFile(folder)).rejects.toThrow(/ENOENT/);
  const mine = (await readdir('/run/attune').catch(() => [])).filter((name) =>
    name.includes(`-${process.pid}-`),
  );
  expect(mine).toEqual([]);
});
