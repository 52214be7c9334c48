import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { log } from '@/server/log';
import { startTimeOf } from '../tree';
import { messageOf } from '../../message-of';
import {
  controllers,
  parseMembership,
  parseMounts,
  type Controller,
  type GroupLimits,
  type Version,
} from './format';
import { Group, removeFolder, tryWrite, type Folders } from './group';

/** Above this the kernel still holds much for those who are gone: the next one begins with nothing. */
const reusableBytes = 32 * 2 ** 20;
/** Groups that wait for somebody; others are removed. */
const idleAtMost = 64;
const ourName = /^attune-(\d+)-(\d+)$/;

/** Where groups can be made: a folder by controller, below which this worker has one of its own. */
interface Place {
  version: Version;
  folders: Folders;
}

/**
 * The groups of processes of one worker. They lie below the group that the worker itself is in, so that what the machine
 * allows the worker holds for them too; an empty one is kept for the next who asks for the same limits, since the kernel
 * remembers each one that it was told to forget for as long as it has a page of theirs.
 */
export class Groups {
  private readonly idle: Group[] = [];
  private readonly lent = new Set<Group>();
  private lastNumber = 0;

  private constructor(
    private readonly place: Place,
    /** What can be limited here. */
    readonly limits: ReadonlySet<Controller>,
  ) {}

  get version(): Version {
    return this.place.version;
  }

  /**
   * Looks where groups can be made and limited, by doing it; null when nowhere. Removes those of workers that are no more.
   */
  static open(): Groups | null {
    if (process.platform !== 'linux') return null;
    const own = `attune-${process.pid}-${startTimeOf(process.pid) || '0'}`;
    for (const candidate of findPlaces()) {
      for (const parent of foldersOf(candidate)) sweep(parent);
      const place = claim(candidate, own);
      if (place) return new Groups(place, new Set(controllers.filter((name) => place.folders[name])));
    }
    return null;
  }

  /** A group with these limits and nobody inside. @throws Error when the kernel makes none */
  group(limits: GroupLimits): Group {
    const isSame = ({ limits: its }: Group) =>
      its.memoryBytes === limits.memoryBytes && its.processes === limits.processes && its.cpu === limits.cpu;
    const index = this.idle.findIndex(isSame);
    const [used] = index < 0 ? [] : this.idle.splice(index, 1);
    if (used) {
      used.refresh();
      this.lent.add(used);
      return used;
    }
    this.lastNumber += 1;
    const made = new Group(this.place.version, below(this.place.folders, String(this.lastNumber)), limits);
    this.lent.add(made);
    return made;
  }

  /** Takes a group back: whoever is still inside is killed. */
  async giveBack(group: Group): Promise<void> {
    if (!(await group.kill())) {
      log.error({ pids: group.pids() }, 'processes of an execution could not be killed; their group stays');
      return;
    }
    this.lent.delete(group);
    if (this.idle.length < idleAtMost && group.isEmpty && group.usedBytes() < reusableBytes)
      this.idle.push(group);
    else group.remove();
  }

  /** Removes the groups that nobody is in. */
  close(): void {
    for (const group of [...this.idle.splice(0), ...this.lent]) group.remove();
    for (const folder of foldersOf(this.place)) removeFolder(folder);
  }
}

function foldersOf({ folders }: Place): string[] {
  return [...new Set(Object.values(folders))];
}

function below(folders: Folders, name: string): Folders {
  return Object.fromEntries(Object.entries(folders).map(([key, folder]) => [key, join(folder, name)]));
}

/** Where this machine may let us make groups, the most fitting first. */
function findPlaces(): Place[] {
  try {
    return toPlaces(readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync('/proc/self/cgroup', 'utf8'));
  } catch {
    return [];
  }
}

/** The places that these two files of /proc tell of, the most fitting first: where the worker itself is. */
export function toPlaces(mountinfo: string, membership: string): Place[] {
  const mounts = parseMounts(mountinfo);
  const own = parseMembership(membership);
  const v1: Folders = {};
  const v1Top: Folders = {};
  for (const name of controllers) {
    const mount = mounts.find(({ version, controllers: its }) => version === 1 && its.includes(name));
    if (!mount) continue;
    v1[name] = join(mount.place, own.get(name) ?? '/');
    v1Top[name] = mount.place;
  }
  const places: Place[] = [];
  const unified = mounts.find(({ version }) => version === 2);
  const has = (place: Folders) => Object.keys(place).length > 0;
  if (has(v1)) places.push({ version: 1, folders: v1 }, { version: 1, folders: v1Top });
  if (unified) {
    const here = resolve(unified.place, `.${own.get('') ?? '/'}`);
    // Where the worker is alone in a group of a folder that was handed to it (systemd: Delegate=yes and DelegateSubgroup), its siblings are ours.
    const folders = [dirname(here), here, unified.place].filter((folder) => folder.startsWith(unified.place));
    for (const folder of new Set(folders))
      places.push({ version: 2, folders: Object.fromEntries(controllers.map((name) => [name, folder])) });
  }
  return places;
}

/** This worker's own folders below a place, once a group in there really takes limits; null where it does not. */
function claim(candidate: Place, name: string): Place | null {
  const folders: Folders = {};
  for (const controller of controllers) {
    const parent = candidate.folders[controller];
    if (parent === undefined) continue;
    const folder = join(parent, name);
    try {
      if (candidate.version === 2 && !letDown(parent, controller)) continue;
      mkdirSync(folder, { recursive: true });
      if (candidate.version === 2 && !letDown(folder, controller)) continue;
      const probe: Place = { version: candidate.version, folders: { [controller]: folder } };
      new Group(candidate.version, below(probe.folders, 'probe'), {
        memoryBytes: 64 * 2 ** 20,
        processes: 16,
        cpu: 1,
      }).remove();
      folders[controller] = folder;
    } catch (error) {
      log.debug({ folder, error: messageOf(error) }, 'no group can be made here');
    }
  }
  // A wall against processes and memory is what groups are for: less than that is looked for elsewhere.
  if (folders.memory !== undefined && folders.pids !== undefined)
    return { version: candidate.version, folders };
  for (const parent of foldersOf(candidate)) removeFolder(join(parent, name));
  return null;
}

/** Lets the groups in a folder have a controller: on v2 that has to be said on each floor. */
function letDown(folder: string, controller: Controller): boolean {
  try {
    const control = join(folder, 'cgroup.subtree_control');
    if (readFileSync(control, 'utf8').split(/\s/).includes(controller)) return true;
    return tryWrite(control, `+${controller}`);
  } catch {
    return false;
  }
}

/** Removes the groups of workers that are no more, and kills whoever is still in there. */
function sweep(parent: string): void {
  let names: string[];
  try {
    names = readdirSync(parent);
  } catch {
    return;
  }
  for (const name of names) {
    const [, pid, startTime] = ourName.exec(name) ?? [];
    if (pid === undefined || startTimeOf(Number(pid)) === startTime) continue;
    const folder = join(parent, name);
    const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const { name: child } of inner) {
      killAll(join(folder, child));
      removeFolder(join(folder, child));
    }
    if (!removeFolder(folder)) log.warn({ folder }, 'a group of a dead worker is not empty yet');
  }
}

/** Who is left of a dead worker dies with its walls; this is for the moment between. */
function killAll(folder: string): void {
  tryWrite(join(folder, 'pids.max'), '0');
  let pids: number[];
  try {
    pids = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return;
  }
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }
}
