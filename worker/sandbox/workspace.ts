import { createHash } from 'node:crypto';
import {
  chmod,
  chown,
  copyFile,
  cp,
  link,
  mkdir,
  readdir,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { log } from '@/server/log';
import { markOf, runFolderVariable, type RunDisk, type RunDisks } from './run-disks';
import { killTagged, startTimeOf } from './tree';
import { groupOf } from './users';
import { messageOf } from '../message-of';

/** May any user walk into this folder? A single 0700 above it is enough to say no. */
export function isOpenToAll(path: string): boolean {
  for (let here = resolve(path); ; here = dirname(here)) {
    try {
      if ((statSync(here).mode & 0o001) === 0) return false;
    } catch {
      // Not there yet: its parent decides.
    }
    if (here === dirname(here)) return true;
  }
}

/** Where a pack's files persist in a tenant, and the group that may use them. */
export interface ArtifactsFolder {
  folder: string;
  gid: number;
}

/** Where a worker keeps what executions see: run folders, artifacts, copies of packs and interpreters. */
export class Workspace {
  private readonly packCopies = new Map<string, Promise<string>>();
  private readonly artifacts = new Map<string, Promise<ArtifactsFolder>>();
  /** Those in use, by the run folder on them. */
  private readonly taken = new Map<string, RunDisk>();

  private constructor(
    readonly root: string,
    /** This worker's own run folders. */
    private readonly runs: string,
    private readonly hasUsers: boolean,
    /** Null where run folders lie on the machine's own disk, without a bound. */
    readonly disks: RunDisks | null,
  ) {}

  /**
   * Makes the folders. Where executions run as other users and `home` is closed to them (below a 0700 home), the
   * workspace is made in /var/lib or the temporary folder instead. Sweeps what dead workers left behind.
   */
  static async open(home: string, hasUsers: boolean, disks: RunDisks | null = null): Promise<Workspace> {
    const absolute = resolve(home);
    const name = `attune-${markOf(absolute)}`;
    const inside = join(absolute, 'work');
    const outside = join('/var/lib', name);
    const isOpen = !hasUsers || isOpenToAll(inside);
    const root = isOpen ? inside : isOpenToAll(outside) ? outside : join(tmpdir(), name);
    await mkdir(absolute, { recursive: true });
    const own = join(root, 'run', `${process.pid}-${startTimeOf(process.pid) || '0'}`);
    for (const folder of [
      root,
      join(root, 'run'),
      own,
      ...['artifacts', 'packs', 'runners', 'bin'].map((n) => join(root, n)),
    ]) {
      await mkdir(folder, { recursive: true });
      await chmod(folder, 0o711);
    }
    const workspace = new Workspace(root, own, hasUsers, disks);
    await workspace.sweep();
    return workspace;
  }

  /** Removes run folders, and ends processes, of workers that are no more. */
  private async sweep(): Promise<void> {
    for (const name of await readdir(join(this.root, 'run'))) {
      const [pid, startTime] = name.split('-');
      if (!pid || startTimeOf(Number(pid)) === startTime || join(this.root, 'run', name) === this.runs)
        continue;
      const folder = join(this.root, 'run', name);
      killTagged(`${runFolderVariable}=${folder}/`);
      await rm(folder, { recursive: true, force: true }).catch((error: unknown) =>
        log.warn({ folder, error: messageOf(error) }, 'a run folder of a dead worker could not be removed'),
      );
    }
  }

  /**
   * A private folder for one attempt, with `tmp` inside; only its user may enter.
   * @param sizeMb what it may hold, where that can be seen to (Default: as much as the disk)
   */
  async makeRunFolder(name: string, uid: number | null, sizeMb: number | null = null): Promise<string> {
    const disk = sizeMb === null ? null : ((await this.disks?.take(sizeMb)) ?? null);
    const folder = join(disk?.folder ?? this.runs, name);
    if (disk) this.taken.set(folder, disk);
    await mkdir(folder, { mode: 0o700 });
    await mkdir(join(folder, 'tmp'), { mode: 0o700 });
    if (uid !== null) await Promise.all([chown(join(folder, 'tmp'), uid, uid), chown(folder, uid, uid)]);
    return folder;
  }

  /** A file in a run folder that its user may read and nobody may change. */
  async writeRunFile(folder: string, name: string, content: string, uid: number | null): Promise<void> {
    const path = join(folder, name);
    await writeFile(path, content, { mode: 0o400, flag: 'wx' });
    if (uid !== null) await chown(path, uid, uid);
  }

  async removeRunFolder(folder: string): Promise<void> {
    const disk = this.taken.get(folder);
    if (disk) {
      this.taken.delete(folder);
      await this.disks?.giveBack(disk);
      return;
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) =>
      log.warn({ folder, error: messageOf(error) }, 'a run folder could not be removed'),
    );
  }

  /** The folder that persists across executions of one pack in one tenant, and the group that owns it. */
  makeArtifactsFolder(tenantId: number, packRef: string): Promise<ArtifactsFolder> {
    const key = `${tenantId}/${packRef}`;
    const folder = this.artifacts.get(key) ?? this.openArtifacts(tenantId, packRef);
    this.artifacts.set(key, folder);
    folder.catch(() => this.artifacts.delete(key));
    return folder;
  }

  private async openArtifacts(tenantId: number, packRef: string): Promise<ArtifactsFolder> {
    const tenant = join(this.root, 'artifacts', String(tenantId));
    const folder = join(tenant, packRef.replaceAll(/[^A-Za-z0-9_-]/g, '_'));
    const gid = groupOf(tenantId, packRef);
    await mkdir(folder, { recursive: true });
    await chmod(tenant, 0o711);
    if (this.hasUsers) {
      await chown(folder, 0, gid);
      // Set-group-id: what any user of the pack makes here belongs to the pack's group.
      await chmod(folder, 0o2770);
    } else await chmod(folder, 0o700);
    return { folder, gid };
  }

  /** A pack's folder as executions see it: itself where they may enter it, else a copy, made anew when a file changed. */
  async openPack(path: string): Promise<string> {
    if (!this.hasUsers || isOpenToAll(path)) return path;
    const target = join(this.root, 'packs', `${basename(path)}-${await fingerprint(path)}`);
    const copy = this.packCopies.get(target) ?? this.copyPack(path, target);
    this.packCopies.set(target, copy);
    copy.catch(() => this.packCopies.delete(target));
    // Copied long ago, it may have been collected since.
    if (await touch(await copy)) return target;
    this.packCopies.delete(target);
    return this.copyPack(path, target);
  }

  private async copyPack(path: string, target: string): Promise<string> {
    if (await stat(target).catch(() => null)) return target;
    const draft = `${target}.${process.pid}`;
    await cp(path, draft, { recursive: true, dereference: false });
    await openUp(draft);
    await rename(draft, target).catch(() => rm(draft, { recursive: true, force: true }));
    return target;
  }

  /** A program file (our bootstraps) that every execution may read. */
  async writeRunner(name: string, content: string): Promise<string> {
    const path = join(this.root, 'runners', name);
    await mkdir(dirname(path), { recursive: true });
    const draft = `${path}.${process.pid}`;
    await writeFile(draft, content);
    await chmod(draft, 0o644);
    await rename(draft, path);
    await chmod(dirname(path), 0o755);
    return path;
  }

  /** An interpreter that its users could not reach, under a path that they can: linked where possible, else copied. */
  async lendProgram(path: string, name: string): Promise<string> {
    const target = join(this.root, 'bin', name);
    if (await stat(target).catch(() => null)) return target;
    const draft = `${target}.${process.pid}`;
    await link(path, draft).catch(async () => {
      await copyFile(path, draft);
      await chmod(draft, 0o755);
    });
    await rename(draft, target);
    return target;
  }

  async close(): Promise<void> {
    await rm(this.runs, { recursive: true, force: true });
    await this.disks?.close();
  }
}

async function fingerprint(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mtimeMs, size } = await stat(path).catch(() => ({ mtimeMs: 0, size: 0 }));
    hash.update(`${path}\0${mtimeMs}\0${size}\0`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Everybody may read what is in there. */
export async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, ((await stat(path)).mode & 0o111) === 0 ? 0o644 : 0o755);
  }
}

/** Says that a folder is in use now, to whoever collects what is not; false where it is gone. */
export async function touch(folder: string): Promise<boolean> {
  const now = new Date();
  return utimes(folder, now, now).then(
    () => true,
    (error: unknown) => (error as NodeJS.ErrnoException).code !== 'ENOENT',
  );
}
