import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  controllers,
  countFiles,
  joinFiles,
  readCount,
  toSettings,
  type Controller,
  type GroupLimits,
  type Version,
} from './format';

/** What the kernel did to a group for its limits. */
export interface Verdict {
  /** A process was killed, because together they used more memory than the limit. */
  wasOutOfMemory: boolean;
  /** A process or thread could not be started, because there were as many as the limit. */
  wasOutOfProcesses: boolean;
}

/** Folders of one group, by controller; the same one for all on v2. */
export type Folders = Partial<Record<Controller, string>>;

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Where a group is: enough to find and to kill its processes, also from another thread. */
export interface GroupPlace {
  version: Version;
  folders: Folders;
}

function pathsOf({ folders }: GroupPlace): string[] {
  return [...new Set(controllers.flatMap((name) => folders[name] ?? []))];
}

/** The processes inside a group, as this process numbers them; those that are dead and not buried too. */
export function listInside(place: GroupPlace): number[] {
  const [folder] = pathsOf(place);
  return folder === undefined
    ? []
    : readText(join(folder, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);
}

/** One pass of KILL over all inside a group, who can't fork any more. Gives back how many there were. */
export function killInside(place: GroupPlace): number {
  const pids = listInside(place);
  if (pids.length === 0) return 0;
  if (place.folders.pids !== undefined) tryWrite(join(place.folders.pids, 'pids.max'), '0');
  // All at once, where the kernel can (5.14, v2 only).
  if (place.version === 2) for (const folder of pathsOf(place)) tryWrite(join(folder, 'cgroup.kill'), '1');
  for (const pid of pids) signal(pid, 'SIGKILL');
  return pids.length;
}

/**
 * A group of processes with limits. All that is started inside stays inside, whatever it does, so that its processes can be
 * found and killed without looking at the others of the machine.
 */
export class Group {
  private oomKills = 0;
  private refusedForks = 0;

  /** @throws Error when the group can't be made or limited: then nothing of it is left */
  constructor(
    readonly version: Version,
    readonly folders: Folders,
    readonly limits: GroupLimits,
  ) {
    try {
      for (const folder of this.paths) mkdirSync(folder);
      for (const { controller, file, value, isOptional } of toSettings(version, limits)) {
        const folder = folders[controller];
        if (folder === undefined) continue;
        try {
          writeFileSync(join(folder, file), value);
        } catch (error) {
          if (isOptional !== true || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        }
      }
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  private get paths(): string[] {
    return pathsOf(this);
  }

  /** This group as plain data. */
  get place(): GroupPlace {
    return { version: this.version, folders: this.folders };
  }

  /** Files into each of which a process writes `0` to be inside, with all that it starts from then on. */
  get joins(): string[] {
    return this.paths.map((folder) => join(folder, joinFiles[this.version]));
  }

  /** Takes in a process that runs already, with all its threads. What it has started before stays where it is. */
  add(pid: number): void {
    for (const folder of this.paths) writeFileSync(join(folder, 'cgroup.procs'), String(pid));
  }

  /** The processes inside, as this worker numbers them; those that are dead and not buried too. */
  pids(): number[] {
    return listInside(this);
  }

  /** Kills until nobody is inside, for at most `patienceMs`. Gives back whether that is so. Nobody can start anything in here afterwards, until `refresh`. */
  async kill(patienceMs = 5_000): Promise<boolean> {
    const until = performance.now() + patienceMs;
    for (let waitMs = 1; killInside(this) > 0; waitMs = Math.min(waitMs * 2, 50)) {
      if (performance.now() > until) return false;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
    return true;
  }

  /** What the kernel did to the group since it was made or refreshed. */
  verdict(): Verdict {
    const counts = this.count();
    return {
      wasOutOfMemory: counts.oomKills > this.oomKills,
      wasOutOfProcesses: counts.refusedForks > this.refusedForks,
    };
  }

  private count(): { oomKills: number; refusedForks: number } {
    const files = countFiles[this.version];
    const read = (controller: 'memory' | 'pids') => {
      const folder = this.folders[controller];
      return folder === undefined ? '' : readText(join(folder, files[controller]));
    };
    return { oomKills: readCount(read('memory'), 'oom_kill'), refusedForks: readCount(read('pids'), 'max') };
  }

  /** What is charged to it, also by those who are gone: what the kernel keeps of the files that they used. */
  usedBytes(): number {
    const folder = this.folders.memory;
    return folder === undefined ? 0 : Number(readText(join(folder, countFiles[this.version].usage)));
  }

  /** Nobody inside, and nobody dead who still counts because the parent did not look after them yet. */
  get isEmpty(): boolean {
    const folder = this.folders.pids;
    return folder !== undefined && Number(readText(join(folder, 'pids.current'))) === 0;
  }

  /** Like new: for the next who is let in. */
  refresh(): void {
    this.write('pids', 'pids.max', String(this.limits.processes));
    ({ oomKills: this.oomKills, refusedForks: this.refusedForks } = this.count());
  }

  private write(controller: Controller, file: string, value: string): void {
    const folder = this.folders[controller];
    if (folder !== undefined) tryWrite(join(folder, file), value);
  }

  /** Gives back whether nothing of it is left; a group with somebody inside stays. */
  remove(): boolean {
    return this.paths.map(removeFolder).every(Boolean);
  }
}

export function removeFolder(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

export function tryWrite(path: string, value: string): boolean {
  try {
    writeFileSync(path, value);
    return true;
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already, which is what is wanted.
  }
}
