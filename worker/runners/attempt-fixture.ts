import { chmod } from 'node:fs/promises';
import { env } from '@/server/env';
import type { Claim, Outcome } from '@/server/executions/claims';
import { openHost, type Host } from '../host';
import { Redactor } from '../redactor';
import { findTools } from '../sandbox/detect';
import { Output, type Chunk } from '../sandbox/output';
import type { RunningProcess } from '../sandbox/run-process';
import type { WallLevel } from '../sandbox/walls';
import { runProgram, type ProgramClaim } from './run-program';
import { WarmPool } from './warm/pool';

/** The levels of walls that this machine can put up, for tests that must hold behind each. */
export const levelsHere: WallLevel[] =
  process.platform !== 'linux' ? ['L1'] : findTools().bwrap ? ['L1', 'L2', 'L3'] : ['L1', 'L2'];

/** Whether an attempt gets a process that is started for it, or one that waits. */
export const starts = ['cold', 'warm'] as const;
export type Start = (typeof starts)[number];
type StartingHost = Host & { start?: Start };
export interface TestHost extends Host {
  /** The same host; where it is warm, each attempt finds a process that waits for it. */
  started: (start: Start) => StartingHost;
  remove: () => Promise<void>;
}

/** A host that starts real processes and needs no database. None of them waits, unless it is asked for a warm start. */
export async function openTestHost(level?: WallLevel): Promise<TestHost> {
  // Open for other users to walk into: else the workspace is made elsewhere and outlives the test.
  await chmod(env().ATTUNE_HOME, 0o711);
  const host = await openHost(level);
  const cold = { ...host, warm: new WarmPool(0, 0, async () => {}) };
  return {
    ...cold,
    started: (start) => (start === 'warm' ? { ...host, start } : cold),
    remove: async () => {
      await host.warm.close();
      host.users?.release();
      await host.workspace.close();
      host.groups?.close();
    },
  };
}

let lastId = 0;

/** An attempt's outcome, and all that was logged of it, in order. */
export interface Attempt {
  outcome: Outcome | null;
  log: Chunk[];
}

interface AttemptOptions {
  onStart?: (running: RunningProcess) => void;
  write?: (chunks: Chunk[]) => Promise<void>;
  secrets?: string[];
}

/** A claim of a shell action, but for what is given. */
export function claimOf(action: Partial<Claim>): ProgramClaim {
  lastId += 1;
  return {
    tenantId: 2,
    rootId: lastId,
    executionId: lastId,
    fence: 1,
    actionRef: 'tests.action',
    packRef: 'tests',
    runtime: 'shell',
    entrypoint: '',
    code: null,
    packPath: null,
    outputFormat: 'text',
    outSchema: null,
    parameterDelivery: 'stdin',
    parameterFormat: 'json',
    limits: {},
    defaultPermissionSetRefs: [],
    interpreter: null,
    parameters: {},
    timeoutSeconds: 30,
    attempt: 1,
    idempotent: false,
    idempotencyKey: `2-${lastId}`,
    ruleRef: null,
    triggerRef: null,
    token: null,
    secretTexts: [],
    slotKey: null,
    ...(action as Partial<ProgramClaim>),
  };
}

/** Runs one attempt of an action to its end. */
export async function attempt(
  host: StartingHost,
  action: Partial<ProgramClaim>,
  options: AttemptOptions = {},
): Promise<Attempt> {
  const claim: ProgramClaim = claimOf(action);
  if (host.start !== 'warm' || host.waiters[claim.runtime] === null) return attemptOnce(host, claim, options);
  await attemptOnce(host, claimOf(action));
  await host.warm.settled();
  const waited = host.warm.size;
  let left = waited;
  const onStart = (running: RunningProcess) => {
    left = Math.min(left, host.warm.size);
    options.onStart?.(running);
  };
  const done = await attemptOnce(host, claim, { ...options, onStart });
  if (left !== waited - 1) throw new Error('the attempt did not take a process that waited');
  return done;
}

/** Runs one attempt to its end, in whatever process it gets. */
export async function attemptOnce(
  host: Host,
  claim: ProgramClaim,
  options: AttemptOptions = {},
): Promise<Attempt> {
  const log: Chunk[] = [];
  const output = new Output(
    async (chunks) => {
      await options.write?.(chunks);
      log.push(...chunks);
    },
    1,
    (error) => {
      throw error;
    },
    new Redactor(options.secrets ?? []),
  );
  const outcome = await runProgram(host, claim, output, options.onStart ?? (() => {}));
  return { outcome, log };
}

export function textOf(log: readonly Chunk[], stream: Chunk['stream'] = 'stdout'): string {
  return log
    .filter((chunk) => chunk.stream === stream)
    .map((chunk) => chunk.content)
    .join('');
}
