import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { env } from '@/server/env';
import {
  askForEnvironment,
  endBuild,
  isEnvironmentReady,
  takeUnusedEnvironments,
  type Lent,
} from '@/server/environments/service';
import type { EnvironmentKind } from '@/server/environments/schema';
import { log } from '@/server/log';
import { messageOf } from '../message-of';
import { persist } from '../persist';
import { CannotStart, type Interpreter } from '../runners/runner';
import { startTimeOf } from '../sandbox/tree';
import { isOpenToAll } from '../sandbox/workspace';
import { build, type BuildPlace } from './build';
import { readSpec, type EnvironmentSpec } from './spec';
import type { Stopper } from './stopper';
import { doesStart } from './verify';

const run = promisify(execFile);
const markerName = '.attune-environment.json';
/** An environment whose interpreter started is believed for so long; that its files are there is looked at each time. */
const verifiedMs = 60_000;
const waitMs = 250;
const collectAtOnce = 20;

/** What an action gets from its pack's environment. */
export interface Lending {
  folder: string;
  /** In place of the worker's own interpreter. */
  interpreter: string | null;
  /** Behind the interpreter, before the action. */
  options: string[];
  variables: Record<string, string>;
  binFolder: string;
}

/** Who needs an environment. */
export interface Need {
  tenantId: number;
  packRef: string;
  packFolder: string;
  kind: EnvironmentKind;
  interpreter: Interpreter;
  /** The user that its install runs as, the same as the action's. */
  uid: number | null;
  /** A line for the person who waits. */
  say: (line: string) => void;
}

/** An environment could not be had; `log` is the end of what its install printed. */
export class NoEnvironment extends CannotStart {
  constructor(
    message: string,
    readonly log: string,
  ) {
    super(message);
  }
}

/** The environments on this worker's disk: found, built once, tried before use, and collected when nobody uses them. */
export class Environments {
  private readonly verified = new Map<string, number>();
  /** When a pack's use was noted. */
  private readonly used = new Map<string, number>();
  private readonly builder = `${hostname()}/${process.pid}/${randomBytes(4).toString('hex')}`;
  private readonly place: string;

  constructor(
    readonly root: string,
    private readonly building: Omit<BuildPlace, 'builder'>,
    private readonly nodeHook: string,
  ) {
    this.place = `${hostname()}:${root}`;
  }

  /** Where a tenant's environments lie. */
  folderOf(tenantId: number): string {
    return join(this.root, String(tenantId));
  }

  /**
   * What the pack's actions of this kind need, built where it is not there yet; null when the pack asks for nothing.
   * @param stopper is told what runs, and says when the execution is to stop: then null comes back as well
   * @throws NoEnvironment when it cannot be built, with the end of the log
   */
  async prepare(need: Need, stopper: Stopper): Promise<Lending | null> {
    const spec = await readSpec(need.packFolder, need.kind, need.interpreter);
    if (!spec) return null;
    const target = join(this.folderOf(need.tenantId), `${spec.kind}-${spec.keyHash.slice(0, 32)}`);
    let isOurs = false;
    let hasSaid = false;
    const giveUpAtMs = performance.now() + (env().ATTUNE_ENVIRONMENT_BUILD_SECONDS + 60) * 1000;
    let isReady = await this.isUsable(target, spec, need);
    if (!isReady) stopper.begin();
    // Each turn either gives something, waits for another builder, or builds; a fresh build is not built again.
    while (stopper.reason === null) {
      const lent = await this.ask(need, spec, target, isReady);
      if (lent.kind === 'ready' && isReady) return this.lend(target, spec.kind);
      if (lent.kind === 'failed') throw new NoEnvironment(lent.error, lent.log);
      if (lent.kind === 'mine') {
        if (isOurs && !lent.isAsked)
          throw await this.fail(lent.id, need, 'It was built, and still can’t be used.');
        // Found broken, and meanwhile built anew by another.
        isOurs =
          (!lent.isAsked && (await this.isBuiltMeanwhile(lent.id, target, spec, need))) ||
          (await this.buildHere(lent.id, need, spec, target, stopper));
      } else if (lent.kind === 'building') {
        if (!hasSaid)
          need.say(
            `Waiting for the environment of ${need.packRef} (${spec.askedIn}), which ${lent.builder} builds.\n`,
          );
        hasSaid = true;
        await new Promise((wake) => setTimeout(wake, waitMs * (0.5 + Math.random())));
      }
      if (performance.now() > giveUpAtMs)
        throw new NoEnvironment(
          `The environment of ${need.packRef} was not there in time. Look at its log on the pack's page.`,
          '',
        );
      isReady = await this.isUsable(target, spec, need);
    }
    return null;
  }

  /** Of what was used a moment ago only the state is read: most executions write nothing here. */
  private async ask(need: Need, spec: EnvironmentSpec, target: string, isReady: boolean): Promise<Lent> {
    const place = { tenantId: need.tenantId, keyHash: spec.keyHash, place: this.place };
    const use = `${target} ${need.packRef}`;
    const wasUsed = performance.now() - (this.used.get(use) ?? -Infinity) < verifiedMs;
    if (isReady && wasUsed && (await persist('environment', () => isEnvironmentReady(place))))
      return { kind: 'ready', id: 0 };
    const key = { ...place, kind: spec.kind, packRef: need.packRef };
    const lent = await persist('environment', () => askForEnvironment(key, this.builder, !isReady));
    if (lent.kind === 'ready' && isReady) this.used.set(use, performance.now());
    return lent;
  }

  /** True when it was built, or was there already; false when it was stopped. @throws NoEnvironment */
  private async buildHere(
    id: number,
    need: Need,
    spec: EnvironmentSpec,
    target: string,
    stopper: Stopper,
  ): Promise<boolean> {
    need.say(
      `Building the ${spec.kind === 'python' ? 'Python' : 'Node.js'} environment of ${need.packRef} from ${spec.askedIn}.\n`,
    );
    const draft = `${target}.draft-${process.pid}-${startTimeOf(process.pid) || '0'}-${randomBytes(3).toString('hex')}`;
    const { hasUsers } = this.building.walls;
    try {
      await mkdir(this.folderOf(need.tenantId), { recursive: true });
      await chmod(this.folderOf(need.tenantId), 0o711);
      await mkdir(draft);
      if (need.uid !== null) await chown(draft, need.uid, need.uid);
      const end = await build(
        { ...this.building, builder: this.builder },
        { id, need, spec, draft, target },
        stopper,
      );
      if (end.kind === 'stopped') {
        await persist('environment', () =>
          endBuild(id, this.builder, { state: 'stale', error: null, buildMs: null }),
        );
        return false;
      }
      if (end.kind === 'failed') throw await this.fail(id, need, end.reason, end.log);
      // From here on nobody but us can change it.
      if (hasUsers) await run('chown', ['-hR', '0:0', draft]);
      await run('chmod', ['-R', 'u+rwX,a+rX,go-w,-s', draft]);
      await writeFile(join(draft, markerName), JSON.stringify({ key: spec.keyHash, kind: spec.kind }), {
        flag: 'wx',
        mode: 0o644,
      });
      await chmod(join(draft, markerName), 0o644);
      await this.remove(target);
      await rename(draft, target);
      this.verified.delete(target);
      await persist('environment', () =>
        endBuild(id, this.builder, { state: 'ready', error: null, buildMs: end.durationMs }),
      );
      return true;
    } catch (error) {
      if (error instanceof NoEnvironment) throw error;
      throw await this.fail(id, need, messageOf(error));
    } finally {
      await rm(draft, { recursive: true, force: true }).catch(() => {});
    }
  }

  private async isBuiltMeanwhile(
    id: number,
    target: string,
    spec: EnvironmentSpec,
    need: Need,
  ): Promise<boolean> {
    if (!(await this.isUsable(target, spec, need))) return false;
    await persist('environment', () =>
      endBuild(id, this.builder, { state: 'ready', error: null, buildMs: null }),
    );
    return true;
  }

  private async fail(id: number, need: Need, reason: string, tail = ''): Promise<NoEnvironment> {
    const what = need.kind === 'python' ? 'requirements.txt' : 'package.json';
    const error = `The environment of the pack ${need.packRef} could not be built: ${reason} Correct its ${what}, or look at the whole log on the pack's page.`;
    await persist('environment', () => endBuild(id, this.builder, { state: 'failed', error, buildMs: null }));
    return new NoEnvironment(error, tail);
  }

  /** The marker is there, and the interpreter starts. */
  private async isUsable(target: string, spec: EnvironmentSpec, need: Need): Promise<boolean> {
    const python = join(target, 'bin/python');
    try {
      const marker = JSON.parse(await readFile(join(target, markerName), 'utf8')) as { key?: unknown };
      if (marker.key !== spec.keyHash) return false;
      await stat(spec.kind === 'python' ? python : join(target, 'node_modules'));
      if (performance.now() - (this.verified.get(target) ?? -Infinity) < verifiedMs) return true;
      const interpreter = spec.kind === 'python' ? python : need.interpreter.path;
      if (!(await doesStart(this.building, need, target, interpreter))) return false;
      this.verified.set(target, performance.now());
      return true;
    } catch {
      this.verified.delete(target);
      return false;
    }
  }

  private lend(folder: string, kind: EnvironmentKind): Lending {
    if (kind === 'python') {
      const binFolder = join(folder, 'bin');
      return {
        folder,
        interpreter: join(binFolder, 'python'),
        options: [],
        variables: { VIRTUAL_ENV: folder },
        binFolder,
      };
    }
    const packages = join(folder, 'node_modules');
    return {
      folder,
      interpreter: null,
      options: ['--import', this.nodeHook],
      variables: { NODE_PATH: packages },
      binFolder: join(packages, '.bin'),
    };
  }

  /** Out of the way first, so that nobody sees half of it. */
  private async remove(folder: string): Promise<void> {
    const away = `${folder}.gone-${process.pid}-${startTimeOf(process.pid) || '0'}-${randomBytes(3).toString('hex')}`;
    if (
      await rename(folder, away).then(
        () => true,
        () => false,
      )
    )
      await rm(away, { recursive: true, force: true });
  }

  /** Removes what nobody used for ATTUNE_ENVIRONMENT_KEEP_DAYS, and what builders that died left. Gives back how many. */
  async collect(unusedSeconds = env().ATTUNE_ENVIRONMENT_KEEP_DAYS * 86_400): Promise<number> {
    const unused = await takeUnusedEnvironments(this.place, unusedSeconds, collectAtOnce);
    for (const { tenantId, kind, keyHash } of unused) {
      const folder = join(this.folderOf(tenantId), `${kind}-${keyHash.slice(0, 32)}`);
      this.verified.delete(folder);
      await this.remove(folder);
    }
    await this.sweep();
    if (unused.length > 0) log.info({ count: unused.length }, 'removed environments that nobody used');
    return unused.length;
  }

  private async sweep(): Promise<void> {
    for (const tenant of await readdir(this.root).catch(() => [])) {
      for (const name of await readdir(join(this.root, tenant)).catch(() => [])) {
        const [, pid, startTime] = /\.(?:draft|gone)-(\d+)-(\d+)-[0-9a-f]+$/.exec(name) ?? [];
        if (pid === undefined || startTimeOf(Number(pid)) === startTime) continue;
        await rm(join(this.root, tenant, name), { recursive: true, force: true }).catch(() => {});
      }
    }
  }
}

/** Where environments lie: as the setting says, else in the workspace. @throws Error when executions could not reach it */
export async function openEnvironmentsRoot(workspaceRoot: string, hasUsers: boolean): Promise<string> {
  const root = resolve(env().ATTUNE_RUNTIME_ENVS_DIR ?? join(workspaceRoot, 'environments'));
  await mkdir(root, { recursive: true });
  await chmod(root, 0o711);
  if (hasUsers && !isOpenToAll(root))
    throw new Error(
      `ATTUNE_RUNTIME_ENVS_DIR=${root} lies below a folder that executions may not enter. Choose another, such as /var/lib/attune-environments.`,
    );
  return root;
}
