import { spawn } from 'node:child_process';
import { attemptOnce, claimOf, openTestHost, type TestHost } from '../../runners/attempt-fixture';
import type { Host } from '../../host';
import { toAttemptLimits } from '../../runners/attempt-limits';
import type { ProgramClaim } from '../../runners/run-program';
import type { RuntimeName } from '../../runners/runner';
import { systemPath } from '../../sandbox/environment';
import { toWalledCommand, type Confinement } from '../../sandbox/walls';
import { mean } from '../rounds';

/** The least that an action of each kind does, as an action and as a program of its own. */
const nothing: Record<RuntimeName, { code: string; bare: readonly string[] }> = {
  shell: { code: 'true', bare: ['-c', 'true'] },
  python: { code: 'pass', bare: ['-c', 'pass'] },
  nodejs: { code: '0', bare: ['-e', '0'] },
};
export const runtimes = Object.keys(nothing) as RuntimeName[];
export const runtimeTitles: Record<RuntimeName, string> = {
  shell: 'shell',
  python: 'Python',
  nodejs: 'Node',
};

/**
 * Where actions are started as the worker starts them, and the same programs bare or behind the bare walls. Without a
 * database: what is claimed and stored is the suite engine's question.
 */
export class Place {
  private confinement: Confinement | null = null;

  private constructor(readonly host: TestHost) {}

  static async open(): Promise<Place> {
    return new Place(await openTestHost());
  }

  /** What the bare walls stand around, made when it is first asked for: it takes a slot. */
  private async confine(): Promise<Confinement> {
    const { host } = this;
    const uid = host.users?.take() ?? null;
    const limits = toAttemptLimits({});
    const artifacts = await host.workspace.makeArtifactsFolder(2, 'bench');
    return {
      uid,
      gid: uid === null ? null : artifacts.gid,
      folder: await host.workspace.makeRunFolder('bench', uid, limits.diskMb),
      group: host.groups?.group(limits) ?? null,
      writable: [artifacts.folder],
      readable: host.programFolders,
    };
  }

  private interpreterOf(runtime: RuntimeName): string {
    const interpreter = this.host.interpreters[runtime];
    if (!interpreter) throw new Error(`this machine has no ${runtimeTitles[runtime]} to measure`);
    return interpreter.path;
  }

  /** The interpreter, told to do nothing, without anything of ours. Gives the milliseconds. */
  async raw(runtime: RuntimeName): Promise<number> {
    return timed(() => run(this.interpreterOf(runtime), nothing[runtime].bare));
  }

  /** The same behind the walls, with folder, user and group made before. */
  async walled(runtime: RuntimeName): Promise<number> {
    const program = [this.interpreterOf(runtime), ...nothing[runtime].bare];
    const confinement = (this.confinement ??= await this.confine());
    return timed(async () => {
      const { command, args, user } = toWalledCommand(this.host.walls, confinement, program);
      await run(command, args, user ?? {}, confinement.folder);
    });
  }

  /** The same as an action, from its claim to its outcome. @throws Error when it did not complete */
  async action(
    runtime: RuntimeName,
    more: Partial<ProgramClaim> = {},
    host: Host = this.host,
  ): Promise<number> {
    const action = claimOf({ runtime, code: nothing[runtime].code, packRef: 'bench', ...more });
    return timed(async () => {
      const { outcome } = await attemptOnce(host, action);
      if (outcome?.state !== 'completed')
        throw new Error(`an action that does nothing ended ${outcome?.state}: ${outcome?.error}`);
    });
  }

  async close(): Promise<void> {
    const { uid = null, folder, group = null } = this.confinement ?? {};
    if (folder !== undefined) await this.host.workspace.removeRunFolder(folder);
    if (group !== null) await this.host.groups?.giveBack(group);
    if (uid !== null) this.host.users?.giveBack(uid);
    await this.host.remove();
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

/** Starts a program and reads what it prints until it is gone. @throws Error when it does not end with 0 */
export function run(
  command: string,
  args: readonly string[],
  user: { uid?: number; gid?: number } = {},
  cwd = '/',
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      ...user,
      detached: true,
      env: Object.assign({} as NodeJS.ProcessEnv, { PATH: systemPath, HOME: cwd, LANG: 'C.UTF-8' }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.resume();
    child.stderr.resume();
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with code ${code}`)),
    );
  });
}

/** Does each of the works in turn, `times` over, so that whatever slows the machine slows all. Gives the means. */
export async function inTurn<Name extends string>(
  times: number,
  works: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(works) as Name[];
  const taken = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let turn = 0; turn < times; turn += 1) for (const name of names) taken[name].push(await works[name]());
  return Object.fromEntries(names.map((name) => [name, middle(taken[name])])) as Record<Name, number>;
}

/** The mean of the middle half: one stall of the machine says nothing of what is measured. */
function middle(values: readonly number[]): number {
  const quarter = Math.floor(values.length / 4);
  return mean([...values].sort((a, b) => a - b).slice(quarter, values.length - quarter));
}

/** So many of a work with so many under way at any time. Gives how many a second. */
export async function perSecond(
  atOnce: number,
  count: number,
  work: () => Promise<unknown>,
): Promise<number> {
  const startedMs = performance.now();
  let left = count;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        left -= 1;
        await work();
      }
    }),
  );
  return count / ((performance.now() - startedMs) / 1000);
}
