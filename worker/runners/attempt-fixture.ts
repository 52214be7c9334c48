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

/** The levels of walls that this machine can put up, for tests that must hold behind each. */
export const levelsHere: WallLevel[] =
  process.platform !== 'linux' ? ['L1'] : findTools().bwrap ? ['L1', 'L2', 'L3'] : ['L1', 'L2'];

/** A host that starts real processes and needs no database. */
export async function openTestHost(level?: WallLevel): Promise<Host & { remove: () => Promise<void> }> {
  // Open for other users to walk into: else the workspace is made elsewhere and outlives the test.
  await chmod(env().ATTUNE_HOME, 0o711);
  const host = await openHost(level);
  return {
    ...host,
    remove: async () => {
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
  host: Host,
  action: Partial<ProgramClaim>,
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
  const claim: ProgramClaim = claimOf(action);
  const outcome = await runProgram(host, claim, output, options.onStart ?? (() => {}));
  return { outcome, log };
}

export function textOf(log: readonly Chunk[], stream: Chunk['stream'] = 'stdout'): string {
  return log
    .filter((chunk) => chunk.stream === stream)
    .map((chunk) => chunk.content)
    .join('');
}
