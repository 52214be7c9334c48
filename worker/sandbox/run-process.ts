import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fchownSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Group } from './groups/group';
import { killUntilGone, terminate, type Tree } from './tree';
import type { StreamName } from './output';
import { toSpawnEnvironment } from './environment';
import { makePipe } from './pipes';
import { toWalledCommand, type Confinement, type Walls } from './walls';
import { runFolderVariable } from './run-disks';

/** How long the pipes may stay open after the program ended. */
const pipeGraceMs = 2_000;
/** What a program reads, in its run folder, as long as that has a name. */
export const inputName = '.stdin';

export interface Program {
  /** The interpreter and its arguments; no parameter of a person is ever among them. */
  command: readonly string[];
  /** All that the program finds in its environment. */
  environment: Readonly<Record<string, string>>;
  stdin: string;
  confinement: Confinement;
}

export type StopReason = 'timeout' | 'cancelled' | 'lost' | 'stopping';

export interface ProcessEnd {
  exitCode: number | null;
  signal: string | null;
  durationMs: number;
  /** Who ended it: the program itself, or us and why. */
  stopped: StopReason | null;
  /** Why it never ran; null when it did. */
  startError: string | null;
  /** Which limit its processes met, as part of a sentence; null when none. Not every program ends of it. */
  overrun: Overrun | null;
}

export interface Overrun {
  kind: 'memory' | 'processes';
  /** `used more than its memory limit of 512 MB and was killed` */
  words: string;
}

/** What the kernel did to a group for its limits, in words. */
export function toOverrun(group: Group | null | undefined): Overrun | null {
  if (!group) return null;
  const { wasOutOfMemory, wasOutOfProcesses } = group.verdict();
  if (wasOutOfMemory) {
    const mb = Math.round(group.limits.memoryBytes / 2 ** 20);
    return { kind: 'memory', words: `used more than its memory limit of ${mb} MB and was killed` };
  }
  if (wasOutOfProcesses) {
    const words = `could not start more processes than its limit of ${group.limits.processes}`;
    return { kind: 'processes', words };
  }
  return null;
}

/** What becomes of what a program prints. */
export interface Listener {
  attach(stream: StreamName, source: Readable): void;
  /** True while reading is stopped because the database is behind. */
  readonly isPaused: boolean;
}

export interface RunningProcess {
  readonly tree: Tree | null;
  /** TERM, then KILL after the grace. `lost` and `stopping` kill at once. Later calls change nothing. */
  stop(reason: StopReason): void;
  /** Settles when no process of the attempt is left and its pipes are read. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
}

const signalNumbers: Record<number, string> = {
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

/** A program that was started inside the walls; nobody listens to it yet. */
export interface Launched {
  child: ChildProcess;
  tree: Tree | null;
  /** What it prints. */
  streams: ReadonlyMap<StreamName, Readable>;
  exit: Promise<Exit>;
  group: Group | null;
  isWalled: boolean;
}

/**
 * Starts a program inside the walls.
 * @param input an open file that it reads, which is closed here once the program has it, or a pipe to write to
 */
export function launch(
  walls: Walls,
  { command: program, environment, confinement }: Omit<Program, 'stdin'>,
  input: number | 'pipe',
): Launched {
  const { command, args, user, isWalled } = toWalledCommand(walls, confinement, program);
  const pipes = { stdout: makePipe(), stderr: makePipe() };
  const child = spawn(command, args, {
    cwd: confinement.folder,
    env: toSpawnEnvironment({ ...environment, [runFolderVariable]: confinement.folder }),
    detached: true,
    ...(user ?? {}),
    stdio: [input, pipes.stdout?.writer ?? 'pipe', pipes.stderr?.writer ?? 'pipe'],
  });
  for (const end of [input, pipes.stdout?.writer, pipes.stderr?.writer])
    if (typeof end === 'number') closeSync(end);
  // A program that doesn't read what it is told is no fault.
  child.stdin?.on('error', () => child.stdin?.destroy());
  const streams = new Map<StreamName, Readable>();
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = pipes[name]?.reader ?? child[name];
    if (stream) streams.set(name, stream);
  }
  const { group = null } = confinement;
  const tree = child.pid === undefined ? null : toTree(child.pid, confinement, isWalled);
  return { child, tree, streams, exit: untilExit(child), group, isWalled };
}

/** Starts a program inside the walls and sees it to its end, whatever it does. */
export function runProcess(
  walls: Walls,
  program: Program,
  output: Listener,
  limits: TimeLimits,
): RunningProcess {
  const startedAt = performance.now();
  const input = openInput(program.stdin, program.confinement);
  const launched = launch(walls, program, input ?? 'pipe');
  launched.child.stdin?.end(program.stdin);
  return follow(launched, output, limits, startedAt);
}

export interface TimeLimits {
  timeoutMs: number | null;
  graceMs: number;
}

/** Listens to a program from now on, and sees it to its end. Its time counts from `startedAt`. */
export function follow(
  { child, tree, streams, exit: exited, group, isWalled }: Launched,
  output: Listener,
  limits: TimeLimits,
  startedAt = performance.now(),
): RunningProcess {
  let stopped: StopReason | null = null;
  let killTimer: NodeJS.Timeout | undefined;
  let hasEnded = false;
  let killing: Promise<unknown> = Promise.resolve();

  const stop = (reason: StopReason) => {
    if (hasEnded || !tree) return;
    const isHurried = reason === 'lost' || reason === 'stopping';
    if (stopped !== null && !isHurried) return;
    stopped ??= reason;
    const kill = () => (killing = killUntilGone(tree));
    if (isHurried) {
      void kill();
      return;
    }
    terminate(tree);
    killTimer = setTimeout(kill, limits.graceMs);
  };
  const timeoutTimer =
    limits.timeoutMs === null
      ? undefined
      : setTimeout(() => stop('timeout'), Math.min(limits.timeoutMs, 2 ** 31 - 1));

  for (const [name, stream] of streams) {
    output.attach(name, stream);
    // One that was read before, and then left alone, does not begin again by itself.
    stream.resume();
  }

  const ended = (async (): Promise<ProcessEnd> => {
    const exit = await exited;
    const durationMs = Math.round(performance.now() - startedAt);
    hasEnded = true;
    // Before whoever is left is killed: that is not the limits' work.
    const overrun = toOverrun(group);
    clearTimeout(timeoutTimer);
    clearTimeout(killTimer);
    // Until it has seen that nobody is left: the next who is let into the group must not be taken for one of these.
    await killing;
    if (tree) await untilQuiet([...streams.values()], tree, output);
    for (const stream of [...streams.values(), child.stdin]) stream?.destroy();
    return { ...exit, ...toSignal(exit, isWalled), durationMs, stopped, overrun };
  })();
  return { tree, stop, ended };
}

/**
 * What a program reads, as a file without a name that only its user may open: what Node calls a pipe is a socket, which
 * nobody can open again by `/dev/stdin`, as many scripts do. Null where it can't be written, such as on a full disk.
 */
function openInput(text: string, confinement: Confinement): number | null {
  const path = join(confinement.folder, inputName);
  const file = writeInput(path, text, confinement.uid);
  if (file !== null) unlinkSync(path);
  return file;
}

/** The same while it has its name, for a program that opens it by that. Gives the open file. */
export function writeInput(path: string, text: string, uid: number | null): number | null {
  let file: number;
  try {
    file = openSync(path, 'wx+', 0o600);
  } catch {
    return null;
  }
  try {
    if (uid !== null) fchownSync(file, uid, uid);
    const bytes = Buffer.from(text);
    // Written by place, so that reading begins at the start.
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, at);
    return file;
  } catch {
    closeSync(file);
    unlinkSync(path);
    return null;
  }
}

function toTree(pid: number, { folder, uid, group = null }: Confinement, isWalled: boolean): Tree {
  return { pid, tag: `${runFolderVariable}=${folder}`, uid, isWalled, group: group?.place ?? null };
}

type Exit = Pick<ProcessEnd, 'exitCode' | 'signal' | 'startError'>;

function untilExit(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) {
        const startError = error.code === 'ENOENT' ? `${child.spawnfile} is not there` : error.message;
        resolve({ exitCode: null, signal: null, startError });
      }
    });
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, startError: null }));
  });
}

/** A wall reports a signal as 128 + its number, as a shell does. */
function toSignal(exit: Exit, isWalled: boolean): Partial<Exit> {
  if (!isWalled || exit.exitCode === null || exit.exitCode <= 128) return {};
  const signal = signalNumbers[exit.exitCode - 128];
  return signal ? { signal, exitCode: exit.exitCode } : {};
}

/** The main process is gone: its pipes get their grace, then whatever is left of the tree dies. */
async function untilQuiet(streams: readonly Readable[], tree: Tree, output: Listener): Promise<void> {
  const pipes = { areClosed: false };
  const closed = Promise.all(
    streams.map((stream) =>
      stream.closed
        ? Promise.resolve()
        : new Promise<void>((resolve) => stream.once('close', () => resolve())),
    ),
  ).then(() => (pipes.areClosed = true));
  const tickMs = 50;
  const waitFor = async (limitMs: number) => {
    for (let waitedMs = 0; !pipes.areClosed && waitedMs < limitMs;) {
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, tickMs))]);
      // Time during which we don't read, because the database is behind, is not the program's.
      if (!output.isPaused) waitedMs += tickMs;
    }
  };
  await waitFor(pipeGraceMs);
  // The first process of a namespace takes all others with it: only an open group has to be searched for strays.
  if (!tree.isWalled || !pipes.areClosed) await killUntilGone(tree);
  await waitFor(pipeGraceMs);
}
