import { Worker } from 'node:worker_threads';
import { env } from '@/server/env';
import type { Claim } from '@/server/executions/claims';
import { findCancelRequests } from '@/server/workers/service';
import { log } from '@/server/log';
import { onAnnouncement } from '@/server/live';
import type { Tree } from './sandbox/tree';

/** A claim as the lease thread knows it: its processes too, so that it can kill them while the main loop is blocked. */
export interface HeldClaim {
  tenantId: number;
  rootId: number;
  executionId: number;
  fence: number;
  /** When the lease surely still held, by the monotonic clock. */
  renewedAtMs: number;
  tree: Tree | null;
}

/** To the thread. */
export type LeaseOrder =
  | { kind: 'hold'; claim: HeldClaim }
  | { kind: 'guard'; executionId: number; fence: number; tree: Tree }
  | { kind: 'drop'; executionId: number; fence: number }
  | { kind: 'ask'; question: number; executionId: number; fence: number };
/** From the thread. */
export type LeaseReport =
  | { kind: 'lost'; executionId: number; fence: number; why: string }
  | { kind: 'cancel'; executionId: number }
  | { kind: 'answer'; question: number; isHeld: boolean };
export interface LeaseThreadData {
  isLeaseThread: true;
  workerId: number;
  leaseSeconds: number;
  /** The main loop writes the monotonic time here as long as it turns. */
  heartbeat: SharedArrayBuffer;
}

const heartbeatMs = 100;
const cancelLookMs = 200;

type StopListener = (executionId: number, reason: 'lost' | 'cancelled') => void;

/**
 * The leases that this worker holds. A thread renews them, so that a long step of the main loop does not lose them,
 * and kills what it can't renew.
 */
export class Leases {
  private readonly held = new Map<number, Claim>();
  private readonly thread: Worker;
  private readonly pulse: NodeJS.Timeout;
  private readonly unlisten: () => void;
  private lookTimer: NodeJS.Timeout | undefined;
  private listener: StopListener = () => {};
  private readonly questions = new Map<number, (isHeld: boolean) => void>();
  private lastQuestion = 0;

  /**
   * @param program the file to run as the thread; it must call `keepLeases` when `workerData` says so
   * @param leaseSeconds how long a claim lasts without renewal (Default: ATTUNE_LEASE_SECONDS)
   */
  constructor(workerId: number, program: URL, leaseSeconds = env().ATTUNE_LEASE_SECONDS) {
    const heartbeat = new SharedArrayBuffer(8);
    const beats = new BigInt64Array(heartbeat);
    const beat = () => Atomics.store(beats, 0, process.hrtime.bigint());
    beat();
    this.pulse = setInterval(beat, heartbeatMs);
    const workerData: LeaseThreadData = {
      isLeaseThread: true,
      workerId,
      leaseSeconds,
      heartbeat,
    };
    this.thread = new Worker(program, { workerData, name: 'leases' });
    this.thread.on('message', (report: LeaseReport) => this.heed(report));
    this.thread.on('error', (error) => {
      // Without it every lease would run out behind our back: better to be started anew.
      log.fatal({ error: error instanceof Error ? error.message : String(error) }, 'the lease thread died');
      process.kill(process.pid, 'SIGTERM');
    });
    // A cancel is a change of state, and every change rings this bell: no need to wait for the next renewal.
    this.unlisten = onAnnouncement('attune_feed', () => {
      if (this.held.size > 0) this.lookSoon();
    });
  }

  /** Asks whether something that is held is to be cancelled: for what is held later than it was claimed. */
  lookSoon(): void {
    this.lookTimer ??= setTimeout(() => void this.lookForCancels(), cancelLookMs);
  }

  onStop(listener: StopListener): void {
    this.listener = listener;
  }

  /** From now on the lease of this claim is renewed. `askedAtMs`: just before the claim was asked for. */
  hold(claim: Claim, askedAtMs: number): void {
    // Taken anew while an older attempt of ours still ends: that one has lost its lease.
    if (this.held.has(claim.executionId)) this.listener(claim.executionId, 'lost');
    this.held.set(claim.executionId, claim);
    const { tenantId, rootId, executionId, fence } = claim;
    this.tell({
      kind: 'hold',
      claim: { tenantId, rootId, executionId, fence, renewedAtMs: askedAtMs, tree: null },
    });
  }

  /** Names the processes that die with the lease. */
  guard(claim: Claim, tree: Tree): void {
    this.tell({ kind: 'guard', executionId: claim.executionId, fence: claim.fence, tree });
  }

  /**
   * Whether the claim is still ours. What the thread gave up it killed first, and that end may be seen here before
   * its report: so a result is believed only after asking.
   */
  isHeld(claim: Claim): Promise<boolean> {
    this.lastQuestion += 1;
    const question = this.lastQuestion;
    return new Promise((resolve) => {
      this.questions.set(question, resolve);
      this.tell({ kind: 'ask', question, executionId: claim.executionId, fence: claim.fence });
    });
  }

  drop(claim: Claim): void {
    if (this.held.get(claim.executionId)?.fence !== claim.fence) return;
    this.held.delete(claim.executionId);
    this.tell({ kind: 'drop', executionId: claim.executionId, fence: claim.fence });
  }

  private tell(order: LeaseOrder): void {
    this.thread.postMessage(order);
  }

  private heed(report: LeaseReport): void {
    switch (report.kind) {
      case 'answer':
        this.questions.get(report.question)?.(report.isHeld);
        this.questions.delete(report.question);
        return;
      case 'cancel':
        if (this.held.has(report.executionId)) this.listener(report.executionId, 'cancelled');
        return;
      case 'lost':
        if (this.held.get(report.executionId)?.fence !== report.fence) return;
        log.warn(
          { executionId: report.executionId, why: report.why },
          'a lease is lost: its processes were killed',
        );
        this.listener(report.executionId, 'lost');
    }
  }

  private async lookForCancels(): Promise<void> {
    this.lookTimer = undefined;
    try {
      for (const id of await findCancelRequests([...this.held.values()])) this.listener(id, 'cancelled');
    } catch (error) {
      log.debug(
        { error: (error as Error).message },
        'cancels could not be looked for; the next renewal tells',
      );
    }
  }

  async close(): Promise<void> {
    clearInterval(this.pulse);
    clearTimeout(this.lookTimer);
    this.unlisten();
    this.thread.removeAllListeners('error');
    await this.thread.terminate();
  }
}
