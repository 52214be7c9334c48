import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, rm, rmdir, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { log } from '@/server/log';
import { messageOf } from '../message-of';
import { killTagged, startTimeOf } from './tree';

/** The variable that marks the processes of one attempt; its value is the attempt's run folder. */
export const runFolderVariable = 'ATTUNE_RUN_FOLDER';

/**
 * Where the disks of all workers of this machine are mounted. Walls need not hide it: nobody may list it, and each run folder
 * is open to its own user only.
 */
export const runDisks = '/run/attune';
/** A home's own mark in the names of its workers' disks. */
export function markOf(home: string): string {
  return createHash('sha256').update(resolve(home)).digest('hex').slice(0, 12);
}

/** Files and folders on one. */
const inodes = 16_384;
/** What an empty one holds: its own folder. */
const emptyInodes = 1;

function runAs(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(command, [...args], { timeout: 10_000 }, (error, _, stderr) =>
      error ? reject(new Error(stderr.trim() || error.message)) : resolve(),
    );
  });
}

/** One small disk in memory, for one attempt at a time. */
export interface RunDisk {
  folder: string;
  sizeMb: number;
}

/**
 * Disks for run folders: an attempt that fills its own, with bytes or with files, leaves the machine's alone. They live in
 * memory and count as their attempt's. Mounted by root when they are first needed, and used again: mounting costs more
 * than all the rest of a small attempt's files.
 */
export class RunDisks {
  private readonly idle: RunDisk[] = [];
  private lastNumber = 0;

  private constructor(
    private readonly mount: string,
    private readonly umount: string,
    private readonly root: string,
  ) {}

  /** Null where this process can't mount. Takes away the disks of workers that are no more. */
  static async open(home: string, mount: string | null, umount: string | null): Promise<RunDisks | null> {
    if (!mount || !umount || process.getuid?.() !== 0) return null;
    const disks = new RunDisks(
      mount,
      umount,
      join(runDisks, `${markOf(home)}-${process.pid}-${startTimeOf(process.pid) || '0'}`),
    );
    try {
      await mkdir(disks.root, { recursive: true });
      for (const folder of [runDisks, disks.root]) await chmod(folder, 0o711);
      await disks.sweep();
      await disks.giveBack(await disks.take(1));
      return disks;
    } catch (error) {
      log.debug({ error: messageOf(error) }, 'no disks can be mounted for run folders');
      await disks.close();
      return null;
    }
  }

  private async sweep(): Promise<void> {
    for (const name of await readdir(runDisks)) {
      const [, pid, startTime] = name.split('-');
      if (!pid || startTimeOf(Number(pid)) === startTime) continue;
      killTagged(`${runFolderVariable}=${join(runDisks, name)}/`);
      await this.removeAll(join(runDisks, name));
    }
  }

  private async removeAll(root: string): Promise<void> {
    for (const name of await readdir(root).catch(() => [])) await this.remove(join(root, name));
    await rmdir(root).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        log.warn({ root, error: messageOf(error) }, 'the disks of run folders could not be removed');
    });
  }

  private async remove(folder: string): Promise<void> {
    await this.unmount(folder);
    await rmdir(folder).catch(() => {});
  }

  /** Out of sight at once; the kernel forgets it with whoever uses it last. */
  private unmount(folder: string): Promise<void> {
    return runAs(this.umount, ['--lazy', folder]).catch(() => {});
  }

  /** An empty disk of this size. @throws Error when it can't be mounted */
  async take(sizeMb: number): Promise<RunDisk> {
    const index = this.idle.findIndex((disk) => disk.sizeMb === sizeMb);
    const [fitting] = this.idle.splice(index < 0 ? 0 : index, 1);
    if (fitting?.sizeMb === sizeMb) return fitting;
    if (fitting) {
      await runAs(this.mount, ['-o', `remount,size=${sizeMb}m`, fitting.folder]);
      return { ...fitting, sizeMb };
    }
    this.lastNumber += 1;
    const folder = join(this.root, String(this.lastNumber));
    await mkdir(folder);
    await this.mountAt(folder, sizeMb);
    return { folder, sizeMb };
  }

  private mountAt(folder: string, sizeMb: number): Promise<void> {
    const options = `size=${sizeMb}m,nr_inodes=${inodes},mode=0711,nosuid,nodev`;
    return runAs(this.mount, ['-t', 'tmpfs', '-o', options, 'attune-run', folder]);
  }

  /** Empties it for the next. One that won't be emptied is left to the kernel. */
  async giveBack(disk: RunDisk): Promise<void> {
    try {
      for (const name of await readdir(disk.folder))
        await rm(join(disk.folder, name), { recursive: true, force: true, maxRetries: 3 });
      const { files, ffree } = await statfs(disk.folder);
      if (files - ffree > emptyInodes) throw new Error('it is not empty');
      this.idle.push(disk);
    } catch (error) {
      log.warn({ folder: disk.folder, error: messageOf(error) }, 'a run folder is thrown away with its disk');
      // The kernel takes what is mounted on a folder that is removed out of every namespace, and so from under walls that
      // are being put up for others at this moment, which fails: the folder stays until the worker ends.
      await this.unmount(disk.folder);
    }
  }

  async close(): Promise<void> {
    this.idle.length = 0;
    await this.removeAll(this.root);
  }
}
