import { describe, expect, test } from 'vitest';
import { parseMembership, parseMounts, readCount, toSettings } from './format';

const limits = { memoryBytes: 2 ** 29, processes: 256, cpu: 0.5 };

describe('the limits of a group', () => {
  test('are written for v1 with memory before swap, which the kernel takes in no other order', () => {
    expect(toSettings(1, limits).map(({ file, value }) => `${file}=${value}`)).toEqual([
      'memory.limit_in_bytes=536870912',
      'memory.memsw.limit_in_bytes=536870912',
      'pids.max=256',
      'cpu.cfs_period_us=100000',
      'cpu.cfs_quota_us=50000',
    ]);
  });

  test('are written for v2 without swap', () => {
    expect(toSettings(2, limits).map(({ file, value }) => `${file}=${value}`)).toEqual([
      'memory.max=536870912',
      'memory.swap.max=0',
      'pids.max=256',
      'cpu.max=50000 100000',
    ]);
  });

  test('say nothing of the processors where there is no limit, and never less than the kernel takes', () => {
    expect(toSettings(2, { ...limits, cpu: null }).map(({ file }) => file)).not.toContain('cpu.max');
    expect(toSettings(2, { ...limits, cpu: 0.001 }).at(-1)?.value).toBe('1000 100000');
  });
});

describe('what the kernel says', () => {
  test('of kills and refused forks is read from either version', () => {
    expect(readCount('oom_kill_disable 0\nunder_oom 0\noom_kill 3\n', 'oom_kill')).toBe(3);
    expect(readCount('low 0\nhigh 0\nmax 44\noom 2\noom_kill 1\noom_group_kill 0\n', 'oom_kill')).toBe(1);
    expect(readCount('max 12\n', 'max')).toBe(12);
    expect(readCount('', 'max')).toBe(0);
  });

  test('of its hierarchies is read with their controllers and odd names', () => {
    const text = [
      '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:4 - cgroup cgroup rw,cpu,cpuacct',
      '41 31 0:38 / /sys/fs/cgroup/uni\\040fied rw,relatime - cgroup2 cgroup2 rw',
      '42 31 0:39 / /proc rw - proc proc rw',
    ].join('\n');
    expect(parseMounts(text)).toEqual([
      { place: '/sys/fs/cgroup/cpu,cpuacct', version: 1, controllers: ['rw', 'cpu', 'cpuacct'] },
      { place: '/sys/fs/cgroup/uni fied', version: 2, controllers: [] },
    ]);
  });

  test('of a process is read by controller, v2 under the empty name', () => {
    const found = parseMembership('8:cpu,cpuacct:/a\n4:memory:/b/c:d\n0::/user.slice\n');
    expect(Object.fromEntries(found)).toEqual({
      cpu: '/a',
      cpuacct: '/a',
      memory: '/b/c:d',
      '': '/user.slice',
    });
  });
});
