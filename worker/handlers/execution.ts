import { DomainError } from '@/engine/errors';
import { env } from '@/server/env';
import {
  appendLog,
  claimExecutions,
  findLostClaims,
  findLostRoots,
  releaseExecution,
  type Claim,
  type Outcome,
} from '@/server/executions/claims';
import { carryOutNewborn, carryOutRoots } from '@/server/executions/roots-at-once';
import { StepTaker } from '@/server/executions/step-taker';
import type { StepWorker } from '@/server/executions/steps';
import type { ExecutionRow } from '@/server/executions/store';
import { openInquiry } from '@/server/inquiries/open';
import { log } from '@/server/log';
import { crashAt } from '../faults/crash-at';
import { ClaimLoop } from '../claim-loop';
import { Demands } from '../demands';
import type { Workplace } from '../host';
import { claimableRuntimes, describeRuntimes } from '../host';
import { messageOf } from '../message-of';
import { monotonicMs } from '../monotonic';
import { supplyAccess, type Granted } from '../api-access';
import { supplyKeys } from '../own-keys';
import { persist } from '../persist';
import { Redactor } from '../redactor';
import { runContainer } from '../runners/container';
import { runHttpAction } from '../runners/http/declared';
import { atOnceActions, runAtOnce, runNative, toNativeOutcome } from '../runners/native';
import { runProgram } from '../runners/run-program';
import { Output } from '../sandbox/output';
import type { RunningProcess, StopReason } from '../sandbox/run-process';

/** Each claim writes its log in a range of its own, so that a second attempt never hides behind the first one's numbers. */
const logRange = 1_000_000;
const logRanges = 2_000;

/** After so long a lease of what is done in the worker itself is looked after: far less than any lease lasts. */
const lateMs = 50;
const leaseMs = () => env().ATTUNE_LEASE_SECONDS * 1000;

/** An attempt under way, as the rest of the worker sees it. */
interface Attempt {
  claim: Claim;
  stop: (reason: StopReason) => void;
}

/**
 * Everything that this worker executes: it claims what waits as slots are free, carries it out, and takes the steps that
 * follow. One per worker process; it knows every attempt under way.
 */
export class Executions {
  readonly loop: ClaimLoop;
  readonly demands: Demands;
  private readonly steps: StepTaker;
  private readonly attempts = new Map<number, Attempt>();
  /** Workflows whose first step is being taken. */
  private readonly beginning = new Set<number>();
  /** Every claim that is ours, from the moment we know of it: its fence by its execution. */
  private readonly held = new Map<number, number>();
  private inHand = 0;
  private isUnsure = false;
  private isUnsureOfRoots = false;
  private isStopping = false;
  private cordoned = false;
  /** Something was named that has to be claimed after all. */
  private mustClaim = false;
  private lastTenantId: number | null = null;

  constructor(
    private readonly workplace: Workplace,
    private readonly slots: number = env().ATTUNE_WORKER_SLOTS,
  ) {
    const demands = new Demands(claimableRuntimes(workplace), describeRuntimes(workplace), () =>
      this.loop.ring(),
    );
    this.demands = demands;
    const claimer = {
      workerId: workplace.workerId,
      leaseSeconds: env().ATTUNE_LEASE_SECONDS,
      get runtimes() {
        return demands.all;
      },
      carryOut: runAtOnce,
      atOnce: atOnceActions,
    };
    this.steps = new StepTaker(
      claimer,
      (claims, askedAtMs) => {
        for (const claim of claims) void this.hold(claim, askedAtMs);
      },
      monotonicMs,
      (executionId) => this.held.has(executionId),
    );
    this.loop = new ClaimLoop(
      () => (this.cordoned ? 0 : this.slots - this.inHand),
      async (limit) => {
        const askedAtMs = monotonicMs();
        if (this.isUnsure) {
          const lost = await findLostClaims(claimer, (executionId) => this.held.has(executionId), null);
          for (const claim of lost) void this.hold(claim, askedAtMs);
        }
        // Until the answer is here: should it be lost, rows may be claimed that nobody knows of.
        this.isUnsure = true;
        const atOnce = this.mustClaim ? [] : claimer.atOnce;
        const taken = await claimExecutions(claimer, limit, this.lastTenantId, [...this.beginning], atOnce);
        this.isUnsure = false;
        this.lastTenantId = taken.lastTenantId;
        for (const row of taken.workflows) void this.begin(row);
        for (const claim of taken.claims) void this.hold(claim, askedAtMs);
        const left = await carryOutRoots(claimer, taken.atOnce);
        this.mustClaim = left > 0;
        return taken.mayBeMore || this.mustClaim;
      },
      'execution',
      (newborn) => carryOutNewborn(claimer, newborn),
    );
    workplace.leases.onStop((executionId, reason) => this.attempts.get(executionId)?.stop(reason));
  }

  /** Nothing new is taken; what is in hand goes on. */
  set isCordoned(isCordoned: boolean) {
    const isFree = this.cordoned && !isCordoned;
    this.cordoned = isCordoned;
    if (isFree) this.loop.ring();
  }

  /** What is in hand, from the moment it is claimed until it is done. */
  get busy(): number {
    return this.inHand;
  }

  /** What follows may be claimed with the step, unless others wait for a slot or the worker is going. */
  private get takesNext(): boolean {
    return !this.isStopping && !this.cordoned && !this.loop.mayBeMore;
  }

  /**
   * Lends the free slots to who starts executions in a transaction of their own: what that claims is carried out here, as if
   * it had been claimed after it. Nobody else is given the slots meanwhile.
   */
  async lend<Given extends { claims: readonly Claim[] }>(
    start: (worker: StepWorker) => Promise<Given>,
  ): Promise<Given> {
    const askedAtMs = monotonicMs();
    if (this.isUnsureOfRoots) {
      const lost = await findLostRoots(this.workplace.workerId, (id) => this.held.has(id));
      for (const claim of lost) void this.hold(claim, askedAtMs);
    }
    const slots = this.takesNext ? Math.max(0, this.slots - this.inHand) : 0;
    // Until the answer is here, as with claims.
    this.isUnsureOfRoots = true;
    this.inHand += slots;
    try {
      const given = await start(this.steps.withSlots(slots));
      this.isUnsureOfRoots = false;
      for (const claim of given.claims) void this.hold(claim, askedAtMs);
      return given;
    } finally {
      this.inHand -= slots;
      this.loop.freed();
    }
  }

  private async begin(row: ExecutionRow): Promise<void> {
    this.inHand += 1;
    this.beginning.add(row.id);
    try {
      await persist('first step', () => this.steps.begin(row, this.takesNext));
      crashAt('after-commit-before-complete');
    } catch (error) {
      log.error(
        { executionId: row.id, error: messageOf(error) },
        'a run could not begin; it will be tried again',
      );
    } finally {
      this.beginning.delete(row.id);
      this.inHand -= 1;
      this.loop.freed();
    }
  }

  /** Carries a claim out, whatever it takes. */
  private async hold(claim: Claim, askedAtMs: number): Promise<void> {
    const { leases } = this.workplace;
    this.inHand += 1;
    this.held.set(claim.executionId, claim.fence);
    crashAt('after-claim');
    // What is done in the worker itself is mostly done at once: its lease is looked after once it lasts.
    const keep = () => leases.hold(claim, askedAtMs);
    const keepLate = () => {
      keep();
      leases.lookSoon();
    };
    const keeping = isBuiltIn(claim) ? setTimeout(keepLate, lateMs) : undefined;
    if (!keeping) keep();
    try {
      if (this.isStopping) await releaseExecution(claim);
      else await this.carryOut(claim, askedAtMs);
    } catch (error) {
      log.error({ executionId: claim.executionId, error: messageOf(error) }, 'an attempt could not be ended');
    } finally {
      clearTimeout(keeping);
      leases.drop(claim);
      if (this.held.get(claim.executionId) === claim.fence) this.held.delete(claim.executionId);
      if (this.attempts.get(claim.executionId)?.claim.fence === claim.fence)
        this.attempts.delete(claim.executionId);
      this.inHand -= 1;
      this.loop.freed();
    }
  }

  private async carryOut(claim: Claim, askedAtMs: number): Promise<void> {
    const supplied = await supplyAccess(await supplyKeys(claim));
    const redactor = new Redactor(supplied.claim.secretTexts);
    const firstSeq = ((claim.fence - 1) % logRanges) * logRange + 1;
    const output = new Output(
      async (chunks, seq) => {
        await persist('log', () => appendLog(claim, chunks, seq));
        crashAt('mid-log');
      },
      firstSeq,
      (error) =>
        log.error(
          { executionId: claim.executionId, error: redactor.redact(error.message) },
          'output could not be stored',
        ),
      redactor,
    );
    let outcome: Outcome | null;
    try {
      outcome = supplied.problem === null ? await this.run(supplied, output) : toFailure(supplied.problem);
    } catch (error) {
      // A defect of ours or of the machine: the person who waits for the run is told as well.
      log.error(
        {
          executionId: claim.executionId,
          error: redactor.redact(messageOf(error)),
          stack: redactor.redact((error as Error).stack ?? ''),
        },
        'an attempt broke',
      );
      outcome = toFailure(
        error instanceof DomainError
          ? error.message
          : `The worker could not carry it out: ${(error as Error).message}`,
      );
    }
    if (outcome === null) return;
    // Within half of the lease nobody else can have it.
    const isSure = monotonicMs() - askedAtMs < leaseMs() / 2;
    if (!isSure && !(await this.workplace.leases.isHeld(claim))) return;
    crashAt('after-exit-before-commit');
    await this.finish(claim, redactor.redactOutcome(outcome));
    crashAt('after-commit-before-complete');
  }

  private async finish(claim: Claim, outcome: Outcome): Promise<void> {
    const store = (end: Outcome) => persist('result', () => this.steps.finish(claim, end, this.takesNext));
    const { accepted } = await store(outcome).catch((error: unknown) => {
      // The attempt must end whatever its result holds.
      log.error({ executionId: claim.executionId, error: messageOf(error) }, 'a result could not be stored');
      return store(toFailure(`The result could not be stored: ${messageOf(error)}`));
    });
    if (!accepted)
      log.warn({ executionId: claim.executionId, fence: claim.fence }, 'a late result was refused');
  }

  private async run(
    { claim, keyNames, apiToken, requestVariables }: Granted,
    output: Output,
  ): Promise<Outcome | null> {
    const { runtime } = claim;
    if (runtime === 'native' || runtime === 'http') return this.runBuiltIn(claim, output);
    let early: StopReason | null = null;
    const attempt: Attempt = { claim, stop: (reason) => (early ??= reason) };
    this.attempts.set(claim.executionId, attempt);
    const onStart = (running: RunningProcess) => {
      attempt.stop = (reason) => running.stop(reason);
      if (running.tree) this.workplace.leases.guard(claim, running.tree);
      // Asked to stop while it was being prepared.
      if (early !== null) running.stop(early);
    };
    return runtime === 'container'
      ? runContainer(this.workplace, { ...claim, runtime, apiToken, requestVariables }, output, onStart)
      : runProgram(
          this.workplace,
          { ...claim, runtime, keyNames, apiToken, requestVariables },
          output,
          onStart,
        );
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
    const end =
      claim.runtime === 'http'
        ? await runHttpAction(claim, control.signal)
        : await runNative(claim, control.signal);
    clearTimeout(timer);
    if (end.kind === 'asked') {
      await persist('inquiry', () => openInquiry(claim));
      return null;
    }
    if (end.kind === 'completed' && end.stdout.trim() !== '') output.print('stdout', end.stdout);
    if ('note' in end && end.note) output.say(`${end.note}\n`);
    await output.end();
    // Assigned in a callback, which TypeScript doesn't follow.
    const reason = stopped as StopReason | null;
    if (reason === 'lost' || reason === 'stopping') return null;
    const durationMs = Math.round(performance.now() - startedAt);
    return toNativeOutcome(end, { reason, durationMs, timeoutSeconds: claim.timeoutSeconds });
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

/** What is done in the worker itself, without a process. */
function isBuiltIn({ runtime }: Claim): boolean {
  return runtime === 'native' || runtime === 'http';
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
