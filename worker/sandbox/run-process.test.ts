import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../host';
import { env } from '@/server/env';
import { attempt, levelsHere, openTestHost, textOf } from '../runners/attempt-fixture';
import { membersOf, type Tree } from './tree';

/** Processes of the machine whose command line holds the mark. */
async function findMarked(mark: string): Promise<number> {
  let found = 0;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (line.split('\0').includes(mark)) found += 1;
  }
  return found;
}

let marks = 4_100_000;
/** A time to sleep that nobody else sleeps: it marks the process. */
const nextMark = () => String((marks += 1) + process.pid * 10);

describe.runIf(process.platform === 'linux').each(levelsHere)('behind walls of level %s', (level) => {
  let host: Host & { remove: () => Promise<void> };
  beforeAll(async () => void (host = { ...(await openTestHost(level)), graceMs: 300 }));
  afterAll(() => host.remove());

  test('the level that was asked for is the level that was put up', () => {
    expect(host.walls.level).toBe(level);
  });

  test('its outputs can be opened again by name, as files', async () => {
    const code = 'echo one > /dev/stdout; echo two > /dev/stderr; echo three > /dev/fd/2; echo four';
    const { outcome } = await attempt(host, { code });
    expect(outcome).toMatchObject({
      state: 'completed',
      result: { stdout: 'one\nfour\n', stderr: 'two\nthree\n' },
    });
  });

  test('a timeout ends a process that obeys with its own signal', async () => {
    const { outcome } = await attempt(host, { code: 'echo begun; exec sleep 60', timeoutSeconds: 0.4 });
    expect(outcome).toMatchObject({ state: 'timeout', error: 'The action timed out after 0.4 s.' });
    expect(outcome?.result).toMatchObject({ signal: 'SIGTERM', stdout: 'begun\n' });
  });

  test('a timeout lets a process that cleans up do so, and tells its exit code', async () => {
    const { outcome } = await attempt(host, {
      code: 'trap "echo cleaned; exit 7" TERM; sleep 60 & wait $!',
      timeoutSeconds: 0.4,
    });
    expect(outcome).toMatchObject({ state: 'timeout', result: { exit_code: 7, stdout: 'cleaned\n' } });
  });

  test('a process and a grandchild that ignore TERM are killed after the grace', async () => {
    const mark = nextMark();
    const code = `trap '' TERM; (trap '' TERM; sleep ${mark}) & while :; do sleep 0.1; done`;
    const { outcome } = await attempt(host, { code, timeoutSeconds: 0.4 });
    expect(outcome).toMatchObject({ state: 'timeout', result: { signal: 'SIGKILL' } });
    expect(await findMarked(mark)).toBe(0);
  });

  test('a grandchild with a session of its own dies with the attempt', async () => {
    const mark = nextMark();
    const code = `setsid sleep ${mark} </dev/null >/dev/null 2>&1 & (setsid sh -c 'setsid sleep ${mark} &' </dev/null >/dev/null 2>&1 &); sleep 0.2; echo done`;
    const { outcome } = await attempt(host, { code });
    expect(outcome).toMatchObject({ state: 'completed', result: { stdout: 'done\n' } });
    expect(await findMarked(mark)).toBe(0);
  });

  test('a grandchild that cleared its environment dies too', async () => {
    if (level === 'L1' && !host.users) return;
    const mark = nextMark();
    const { outcome } = await attempt(host, {
      code: `(env -i setsid sleep ${mark} </dev/null >/dev/null 2>&1 &); sleep 0.2`,
    });
    expect(outcome?.state).toBe('completed');
    expect(await findMarked(mark)).toBe(0);
  });

  test('a pipe that is held open does not hold the attempt', async () => {
    const startedAt = performance.now();
    const { outcome } = await attempt(host, { code: 'setsid sleep 60 & echo out; exit 0' });
    expect(outcome).toMatchObject({ state: 'completed', result: { stdout: 'out\n' } });
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  });

  test('a cancel ends it, and keeps what it had printed', async () => {
    const { outcome } = await attempt(
      host,
      { code: 'echo partial; sleep 60' },
      { onStart: (running) => setTimeout(() => running.stop('cancelled'), 400) },
    );
    expect(outcome).toMatchObject({ state: 'cancelled', result: { stdout: 'partial\n', signal: 'SIGTERM' } });
  });

  test('a lost lease kills at once and says nothing', async () => {
    let tree: Tree | null = null;
    const { outcome } = await attempt(
      host,
      { code: "trap '' TERM; sleep 60; sleep 60" },
      {
        onStart: (running) => {
          tree = running.tree;
          setTimeout(() => running.stop('lost'), 200);
        },
      },
    );
    expect(outcome).toBeNull();
    expect(membersOf(tree!)).toEqual([]);
  });

  test('a program that kills itself is told with its signal', async () => {
    const { outcome } = await attempt(host, { code: 'kill -SEGV $$' });
    expect(outcome).toMatchObject({ state: 'failed', result: { signal: 'SIGSEGV' } });
    expect(outcome?.error).toMatch(/^killed by SIGSEGV/);
  });

  test('parameters far larger than a pipe reach the program, and one that never reads them ends as well', async () => {
    const parameters = { text: 'x'.repeat(300_000) };
    const read = await attempt(host, {
      runtime: 'nodejs',
      code: "console.log(require('fs').readFileSync(0).length)",
      parameters,
    });
    expect(read.outcome?.result['stdout']).toBe(`${JSON.stringify(parameters).length + 1}\n`);
    const unread = await attempt(host, { runtime: 'nodejs', code: 'console.log(1)', parameters });
    expect(unread.outcome?.state).toBe('completed');
  });

  test('bytes that are no UTF-8, and NUL, become U+FFFD, also over the borders of chunks', async () => {
    const code = String.raw`printf 'a\377b\0c'; printf '\342'; sleep 0.3; printf '\202\254'; printf '\342\202' `;
    const { outcome, log } = await attempt(host, { code });
    expect(textOf(log)).toBe('a\ufffdb\ufffdc€\ufffd');
    expect(outcome?.result['stdout']).toBe(textOf(log));
  });

  test('nothing of it is left: no run folder, no process, no user in use', async () => {
    let folder = '';
    await attempt(
      host,
      { code: 'echo x > "$HOME/file"; mkdir "$TMPDIR/closed"; chmod 0 "$TMPDIR/closed"' },
      {
        onStart: (running) => (folder = running.tree?.tag.split('=')[1] ?? ''),
      },
    );
    expect(folder).not.toBe('');
    await expect(readdir(folder)).rejects.toThrow(/ENOENT/);
  });

  if (level !== 'L1') {
    test('it sees no process but its own, and a /tmp of its own', async () => {
      const canary = `/tmp/attune-canary-${process.pid}-${level}`;
      await writeFile(canary, 'of the host', { mode: 0o644 });
      const { outcome } = await attempt(host, {
        code: `ls -d /proc/[0-9]* | wc -l; cat ${canary} 2>/dev/null || echo hidden`,
      }).finally(() => rm(canary));
      const [processes, seen] = String(outcome?.result['stdout']).trim().split('\n');
      expect(Number(processes)).toBeLessThan(8);
      expect(seen).toBe('hidden');
    });
  }

  test('secrets in ATTUNE_HOME cannot be read', async () => {
    if (!host.walls.holds.includes('secrets and database unreadable')) return;
    const secrets = `${env().ATTUNE_HOME}/secrets.json`;
    await writeFile(secrets, 'canary-4410', { mode: 0o600 });
    const { outcome } = await attempt(host, {
      code: `cat ${secrets}; cat /proc/${process.pid}/environ`,
    });
    expect(outcome?.state).toBe('failed');
    expect(outcome?.result['stdout']).toBe('');
  });
});
