import { closeSync, fstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Output } from '../../sandbox/output';
import {
  follow,
  inputName,
  writeInput,
  type Launched,
  type RunningProcess,
  type TimeLimits,
} from '../../sandbox/run-process';
import { killUntilGone } from '../../sandbox/tree';
import type { ReadyPlace } from '../attempt-place';

/** How the names of run folders begin whose process waits, or waited, for its execution. */
export const waitingPrefix = 'warm-';
/** What a waiting process prints once it waits. */
const readyLine = 'ready\n';
const readyWithinMs = 10_000;

/** What a waiting process is told. */
export interface Task {
  /** The whole environment of the action. */
  variables: Readonly<Record<string, string>>;
  /** The program and its arguments. */
  args: readonly string[];
  /** What the program reads. */
  stdin: string;
}

/** A process under way with its task. */
export interface Taken {
  running: RunningProcess;
  /** Once it ended: did it begin with its task? */
  hasBegun: () => boolean;
}

/**
 * One process that was started ahead, in a place of its own and behind the walls that the attempt will have. It is used once:
 * whatever an execution leaves in it goes with it.
 */
export class Waiting {
  /** True once it waits for its task; false when it never will. */
  readonly ready: Promise<boolean>;
  hasEnded = false;

  constructor(
    readonly place: ReadyPlace,
    private readonly launched: Launched,
  ) {
    this.ready = untilReady(launched);
    void launched.exit.then(() => (this.hasEnded = true));
  }

  /** Settles when the process is gone. */
  get gone(): Promise<unknown> {
    return this.launched.exit;
  }

  /** Tells it what to do; null where that could not be said. Whoever takes it looks after its place from then on. */
  begin({ variables, args, stdin }: Task, output: Output, limits: TimeLimits): Taken | null {
    const { folder, uid } = this.place;
    const { child } = this.launched;
    const path = join(folder, inputName);
    const file = this.hasEnded ? null : writeInput(path, stdin, uid);
    if (file === null) return null;
    const running = follow(this.launched, output, limits);
    child.stdin?.end(`${JSON.stringify({ variables, args, stdin: path })}\n`);
    // It takes the name away as the last thing before the action, and nothing in there can give the file another.
    let isTaken = false;
    const ended = running.ended.then((end) => {
      isTaken = fstatSync(file).nlink === 0;
      closeSync(file);
      return end;
    });
    return { running: { ...running, ended }, hasBegun: () => isTaken };
  }

  /** Ends one that nobody used. @throws Error when it can't be killed: then nobody else may have its place */
  async end(): Promise<void> {
    const { tree, streams, child, exit } = this.launched;
    if (tree && !(await killUntilGone(tree))) throw new Error(`process ${tree.pid} could not be killed`);
    await exit;
    for (const stream of [...streams.values(), child.stdin]) stream?.destroy();
  }
}

function untilReady({ streams, exit }: Launched): Promise<boolean> {
  const stdout = streams.get('stdout');
  if (!stdout) return Promise.resolve(false);
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(false), readyWithinMs).unref();
    const settle = (isReady: boolean) => {
      clearTimeout(timer);
      stdout.removeListener('data', hear);
      // What comes from now on is the action's, and stays in the pipe until somebody listens.
      stdout.pause();
      resolve(isReady);
    };
    const hear = (bytes: Buffer) => settle(bytes.toString() === readyLine);
    stdout.on('data', hear);
    stdout.once('error', () => settle(false));
    void exit.then(() => settle(false));
  });
}
