import { DomainError } from '@/engine/errors';
import { env } from '@/server/env';
import {
  appendLog,
  finishExecution,
  releaseExecution,
  takeExecution,
  type Claim,
  type Outcome,
} from '@/server/executions/claims';
import { openInquiry } from '@/server/inquiries/open';
import { log } from '@/server/log';
import type { JobData } from '@/server/queue';
import { crashAt } from '../faults/crash-at';
import type { Workplace } from '../host';
import { monotonicMs } from '../monotonic';
import { persist } from '../persist';
import { runNative, type NativeEnd } from '../runners/native';
import { runProgram } from '../runners/run-program';
import { Output } from '../sandbox/output';
import type { StopReason } from '../sandbox/run-process';
import { messageOf } from '../message-of';

/** Each claim writes its log in a range of its own, so that a second attempt never hides behind the first one's numbers. */
const logRange = 1_000_000;
const logRanges = 2_000;

/** An attempt under way, as the rest of the worker sees it. */
interface Attempt {
  claim: Claim;
  stop: (reason: StopReason) => void;
}

/**
 * The queue `execution`: takes what the job points at and carries it out. Doubled and late jobs find nothing to take.
 * One per worker process; it knows every attempt under way.
 */
export class Executions {
  private readonly attempts = new Map<number, Attempt>();
  private inHand = 0;
  private isStopping = false;

  constructor(private readonly workplace: Workplace) {
    workplace.leases.onStop((executionId, reason) => this.attempts.get(executionId)?.stop(reason));
  }

  /** Jobs in hand, from before they are claimed until they are done. */
  get busy(): number {
    return this.inHand;
  }

  /** Carries out one job. Claims stay claimed while they run, so the job has been heard as soon as it is taken. */
  async handle(job: JobData, heard: () => void): Promise<void> {
    this.inHand += 1;
    try {
      await this.takeAndCarryOut(job, heard);
    } finally {
      this.inHand -= 1;
    }
  }

  private async takeAndCarryOut(job: JobData, heard: () => void): Promise<void> {
    const { workerId, leases } = this.workplace;
    const askedAtMs = monotonicMs();
    const taken = await takeExecution(job, { workerId, leaseSeconds: env().ATTUNE_LEASE_SECONDS });
    if (taken.kind !== 'run') {
      if (taken.kind === 'done') crashAt('after-commit-before-complete');
      return heard();
    }
    const { claim } = taken;
    crashAt('after-claim');
    leases.hold(claim, askedAtMs);
    heard();
    try {
      if (this.isStopping) return await releaseExecution(claim);
      await this.carryOut(claim);
    } finally {
      leases.drop(claim);
      if (this.attempts.get(claim.executionId)?.claim.fence === claim.fence)
        this.attempts.delete(claim.executionId);
    }
  }

  private async carryOut(claim: Claim): Promise<void> {
    const firstSeq = ((claim.fence - 1) % logRanges) * logRange + 1;
    const output = new Output(
      async (chunks, seq) => {
        await persist('log', () => appendLog(claim, chunks, seq));
        crashAt('mid-log');
      },
      firstSeq,
      (error) =>
        log.error({ executionId: claim.executionId, error: error.message }, 'output could not be stored'),
    );
    let outcome: Outcome | null;
    try {
      outcome = await this.run(claim, output);
    } catch (error) {
      // A defect of ours or of the machine: the person who waits for the run is told as well.
      log.error(
        { executionId: claim.executionId, error: (error as Error).message, stack: (error as Error).stack },
        'an attempt broke',
      );
      outcome = toFailure(
        error instanceof DomainError
          ? error.message
          : `The worker could not carry it out: ${(error as Error).message}`,
      );
    }
    if (outcome === null || !(await this.workplace.leases.isHeld(claim))) return;
    crashAt('after-exit-before-commit');
    await this.finish(claim, outcome);
    crashAt('after-commit-before-complete');
  }

  private async finish(claim: Claim, outcome: Outcome): Promise<void> {
    const store = (end: Outcome) => persist('result', () => finishExecution(claim, end));
    const { accepted } = await store(outcome).catch((error: unknown) => {
      // The attempt must end whatever its result holds.
      log.error({ executionId: claim.executionId, error: messageOf(error) }, 'a result could not be stored');
      return store(toFailure(`The result could not be stored: ${messageOf(error)}`));
    });
    if (!accepted)
      log.warn({ executionId: claim.executionId, fence: claim.fence }, 'a late result was refused');
  }

  private async run(claim: Claim, output: Output): Promise<Outcome | null> {
    const { runtime } = claim;
    if (runtime === 'native') return this.runBuiltIn(claim, output);
    let early: StopReason | null = null;
    const attempt: Attempt = { claim, stop: (reason) => (early ??= reason) };
    this.attempts.set(claim.executionId, attempt);
    return runProgram(this.workplace, { ...claim, runtime }, output, (running) => {
      attempt.stop = (reason) => running.stop(reason);
      if (running.tree) this.workplace.leases.guard(claim, running.tree);
      // Asked to stop while it was being prepared.
      if (early !== null) running.stop(early);
    });
  }

  private async runBuiltIn(claim: Claim, output: Output): Promise<Outcome | null> {
    const startedAt = performance.now();
    const control = new AbortController();
    let stopped: StopReason | null = null;
    const stop = (reason: StopReason) => {
      stopped ??= reason;
      control.abort();
    };
    this.attempts.set(claim.executionId, { claim, stop });
    const timer =
      claim.timeoutSeconds === null
        ? undefined
        : setTimeout(() => stop('timeout'), Math.min(claim.timeoutSeconds * 1000, 2 ** 31 - 1));
    crashAt('before-spawn');
    const end = await runNative(claim, control.signal);
    clearTimeout(timer);
    if (end.kind === 'asked') {
      await persist('inquiry', () => openInquiry(claim, claim.parameters));
      return null;
    }
    if (end.kind === 'completed' && end.stdout.trim() !== '') output.print('stdout', end.stdout);
    await output.end();
    // Assigned in a callback, which TypeScript doesn't follow.
    const reason = stopped as StopReason | null;
    if (reason === 'lost' || reason === 'stopping') return null;
    return toNativeOutcome(claim, end, reason, Math.round(performance.now() - startedAt));
  }

  /** From now on what is claimed late is handed back. */
  beginStopping(): void {
    this.isStopping = true;
  }

  /** Stops what still runs, at once and without a result: the reaper decides what becomes of it. Gives back the claims. */
  abandonAll(): Claim[] {
    const claims = [...this.attempts.values()].map(({ claim }) => claim);
    for (const attempt of this.attempts.values()) attempt.stop('stopping');
    return claims;
  }
}

function toFailure(error: string): Outcome {
  return {
    state: 'failed',
    error,
    result: {
      succeeded: false,
      exit_code: null,
      duration_ms: 0,
      stdout: '',
      stderr: '',
      error,
      data: null,
      stdout_truncated: false,
      stderr_truncated: false,
    },
  };
}

function toNativeOutcome(
  claim: Claim,
  end: Exclude<NativeEnd, { kind: 'asked' }>,
  reason: StopReason | null,
  durationMs: number,
): Outcome {
  const isCompleted = end.kind === 'completed';
  const error =
    end.kind === 'failed'
      ? end.error
      : isCompleted
        ? null
        : reason === 'timeout'
          ? `Stopped after its timeout of ${claim.timeoutSeconds} s.`
          : 'Cancelled.';
  const state = isCompleted
    ? 'completed'
    : end.kind === 'failed'
      ? 'failed'
      : reason === 'timeout'
        ? 'timeout'
        : 'cancelled';
  return {
    state,
    error,
    result: {
      succeeded: isCompleted,
      exit_code: isCompleted ? 0 : end.kind === 'failed' ? 1 : null,
      duration_ms: durationMs,
      stdout: isCompleted ? end.stdout : '',
      stderr: '',
      error,
      data: isCompleted ? end.data : null,
      stdout_truncated: false,
      stderr_truncated: false,
    },
  };
}
