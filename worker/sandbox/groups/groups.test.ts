import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Group } from './group';
import { Groups, toPlaces } from './groups';

const groups = Groups.open();
afterAll(() => groups?.close());
const limits = { memoryBytes: 64 * 2 ** 20, processes: 8, cpu: null };

/** Runs a shell script inside a group to its end. */
async function inside(group: Group, script: string): Promise<{ code: number | null; stdout: string }> {
  const enter = group.joins.map((file) => `echo 0 >'${file}'`).join(' && ');
  const child = spawn('/bin/sh', ['-c', `${enter} || exit 99\n${script}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let stdout = '';
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout };
}

describe.runIf(groups !== null)('a group of processes', () => {
  test('holds whoever is started by whoever joined, and tells them', async () => {
    const group = groups!.group(limits);
    await inside(group, 'setsid sleep 60 </dev/null >/dev/null 2>&1 & exit 0');
    expect(group.pids()).toHaveLength(1);
    expect(await group.kill()).toBe(true);
    expect(group.pids()).toEqual([]);
    await groups!.giveBack(group);
  });

  test('that uses too much memory loses a process, and that is told', async () => {
    const group = groups!.group(limits);
    const { code } = await inside(group, 'exec head -c 200000000 /dev/zero | tail -c 200000000 >/dev/null');
    expect(code).not.toBe(0);
    expect(group.verdict()).toEqual({ wasOutOfMemory: true, wasOutOfProcesses: false });
    await groups!.giveBack(group);
  });

  test('starts no more processes than its limit, and that is told', async () => {
    const group = groups!.group(limits);
    await inside(group, 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 60 >/dev/null & done');
    expect(group.verdict()).toEqual({ wasOutOfMemory: false, wasOutOfProcesses: true });
    expect(group.pids().length).toBeLessThanOrEqual(8);
    await groups!.giveBack(group);
    expect(group.pids()).toEqual([]);
  });

  test('is used again for the same limits, and has forgotten what was', async () => {
    const first = groups!.group({ ...limits, processes: 4 });
    await inside(first, 'head -c 200000000 /dev/zero | tail -c 200000000 >/dev/null; exit 0');
    expect(first.verdict().wasOutOfMemory).toBe(true);
    await groups!.giveBack(first);
    const second = groups!.group({ ...limits, processes: 4 });
    expect(second).toBe(first);
    expect(second.verdict().wasOutOfMemory).toBe(false);
    expect((await inside(second, 'sleep 0 & wait $! && echo well')).stdout).toBe('well\n');
    expect(groups!.group({ ...limits, processes: 5 })).not.toBe(first);
    await groups!.giveBack(second);
  });

  test('of a worker that is no more is removed at the next start', () => {
    const folder = dirname(dirname(groups!.group(limits).joins[0]!));
    const dead = `${dirname(folder)}/attune-4194303-1`;
    mkdirSync(`${dead}/1`, { recursive: true });
    Groups.open()?.close();
    expect(existsSync(dead)).toBe(false);
    if (existsSync(dead)) rmdirSync(dead);
  });

  test('limits the processors', () => {
    if (!groups!.limits.has('cpu')) return;
    const group = groups!.group({ ...limits, cpu: 0.5 });
    const file = group.version === 1 ? 'cpu.cfs_quota_us' : 'cpu.max';
    const folder = dirname(group.joins.at(-1)!);
    expect(readFileSync(`${folder}/${file}`, 'utf8')).toMatch(/^50000\b/);
  });
});

describe('where only v2 is', () => {
  test('a delegated folder is looked at first, then the own group, then the top', () => {
    const mounts = '41 31 0:38 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw';
    const folders = toPlaces(mounts, '0::/system.slice/attune.service/worker\n').map(
      (place) => place.folders,
    );
    expect(folders.map(({ memory }) => memory)).toEqual([
      '/sys/fs/cgroup/system.slice/attune.service',
      '/sys/fs/cgroup/system.slice/attune.service/worker',
      '/sys/fs/cgroup',
    ]);
    expect(new Set(Object.values(folders[0]!)).size).toBe(1);
    expect(toPlaces(mounts, '0::/\n').map((place) => place.folders.pids)).toEqual(['/sys/fs/cgroup']);
  });

  test('a group is one folder with all limits, joined by one file', () => {
    const root = mkdtempSync(join(tmpdir(), 'attune-cgroup2-'));
    try {
      const folder = join(root, '1');
      const group = new Group(2, { memory: folder, pids: folder, cpu: folder }, { ...limits, cpu: 2 });
      expect(group.joins).toEqual([`${folder}/cgroup.procs`]);
      const read = (file: string) => readFileSync(join(folder, file), 'utf8');
      expect([read('memory.max'), read('memory.swap.max'), read('pids.max'), read('cpu.max')]).toEqual([
        '67108864',
        '0',
        '8',
        '200000 100000',
      ]);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
