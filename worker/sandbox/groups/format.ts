/** The kernel's controllers that we use. */
export const controllers = ['memory', 'pids', 'cpu'] as const;
export type Controller = (typeof controllers)[number];
export type Version = 1 | 2;

/** What the processes of one group may use together. */
export interface GroupLimits {
  /** Memory, swap and files on a tmpfs included. */
  memoryBytes: number;
  /** Processes and threads. */
  processes: number;
  /** Processors' time, as a number of cores; null for no limit. */
  cpu: number | null;
}

/** A value to write into one file of a group. */
export interface Setting {
  controller: Controller;
  file: string;
  value: string;
  /** Kernels without swap accounting have no such file. */
  isOptional?: boolean;
}

const periodMicroseconds = 100_000;

/** What to write into a new group's files, in this order: swap can't be limited below memory. */
export function toSettings(version: Version, { memoryBytes, processes, cpu }: GroupLimits): Setting[] {
  const memory = String(memoryBytes);
  // The kernel takes no quota below a millisecond.
  const quota = cpu === null ? null : String(Math.max(1_000, Math.round(cpu * periodMicroseconds)));
  if (version === 1) {
    return [
      { controller: 'memory', file: 'memory.limit_in_bytes', value: memory },
      { controller: 'memory', file: 'memory.memsw.limit_in_bytes', value: memory, isOptional: true },
      { controller: 'pids', file: 'pids.max', value: String(processes) },
      ...(quota === null
        ? []
        : ([
            { controller: 'cpu', file: 'cpu.cfs_period_us', value: String(periodMicroseconds) },
            { controller: 'cpu', file: 'cpu.cfs_quota_us', value: quota },
          ] as const)),
    ];
  }
  return [
    { controller: 'memory', file: 'memory.max', value: memory },
    { controller: 'memory', file: 'memory.swap.max', value: '0', isOptional: true },
    { controller: 'pids', file: 'pids.max', value: String(processes) },
    ...(quota === null
      ? []
      : [{ controller: 'cpu' as const, file: 'cpu.max', value: `${quota} ${periodMicroseconds}` }]),
  ];
}

/** Where the kernel counts what it killed for memory, and the forks that it refused. */
export const countFiles = {
  1: { memory: 'memory.oom_control', pids: 'pids.events', usage: 'memory.usage_in_bytes' },
  2: { memory: 'memory.events', pids: 'pids.events', usage: 'memory.current' },
} as const;

/** The number beside a name in such a file; 0 when it is not there. */
export function readCount(text: string, name: 'oom_kill' | 'max'): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}

/** A file into which a process writes 0 to be inside. On v1 a thread of its own does so without a lock of the whole machine. */
export const joinFiles = { 1: 'tasks', 2: 'cgroup.procs' } as const;

/** Where a hierarchy is mounted, and its controllers; empty for the whole of v2. */
export interface Mount {
  place: string;
  version: Version;
  controllers: string[];
}

/** The hierarchies among the lines of /proc/self/mountinfo. */
export function parseMounts(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line): Mount[] => {
    const [left = '', right = ''] = line.split(' - ');
    const place = left.split(' ')[4]?.replaceAll('\\040', ' ');
    const [kind, , options = ''] = right.split(' ');
    if (place === undefined || (kind !== 'cgroup' && kind !== 'cgroup2')) return [];
    return kind === 'cgroup2'
      ? [{ place, version: 2, controllers: [] }]
      : [{ place, version: 1, controllers: options.split(',') }];
  });
}

/** The group that a process is in, by controller, from /proc/self/cgroup; the whole of v2 has the empty name. */
export function parseMembership(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.trim().split('\n')) {
    const [, names, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (names === undefined || path === undefined) continue;
    for (const name of names.split(',')) found.set(name, path);
  }
  return found;
}
