import { isEnded } from '@/engine/execution/status';
import { inStatement, inTenant, isPassing, type Tx } from '../db';
import {
  findLostClaims,
  recordStaleResult,
  systemSql,
  toClaimOfBirth,
  type Claim,
  type Claimer,
  type Outcome,
} from './claims';
import { NeedsTransaction } from './give-slot';
import { LiveRun } from './live-run';
import { isMovedOn } from './step-writes';
import { takeStep, writeStep, type Started, type StepPlace, type StepWorker } from './steps';
import { findInTree, lockRoot, type ExecutionRow } from './store';
import { TreeStep, type Ending, type EndingRow } from './tree-step';

/** Something that a worker brings to a tree. */
type Matter =
  | { kind: 'end'; claim: Claim; outcome: Outcome; takesNext: boolean }
  | { kind: 'begin'; row: ExecutionRow; takesNext: boolean };

interface Waiting {
  matter: Matter;
  resolve: (answer: { accepted: boolean }) => void;
  reject: (error: unknown) => void;
}

const keptRuns = 500;
const mostTogether = 200;
/** So many tasks that take no time are carried out within a step for each of its matters: a cancel is heard between two. */
const mostAtOnce = 50;
const mostAtOnceTogether = 400;

/**
 * Takes the steps of one worker: what has ended is brought to its run, and what follows is written, with what the worker
 * claims of it, as one statement. It decides by what it knows of a run from its own last step, without a lock; the write
 * is refused where somebody else was there meanwhile, and is then decided anew under the root's lock. What ends in one
 * tree while a step of it is under way is taken together in the next.
 */
export class StepTaker {
  private readonly trees = new Map<number, Waiting[]>();
  private readonly runs = new Map<number, LiveRun>();
  /** Trees that start what is limited: their steps are decided in their transaction at once. */
  private readonly limited = new Set<number>();

  /**
   * @param claimed takes the executions that a step started and claimed, with the moment before it was written
   * @param clock a monotonic one, in milliseconds
   * @param holds whether the worker knows of a claim
   */
  constructor(
    private readonly worker: Claimer,
    private readonly claimed: (claims: readonly Claim[], askedAtMs: number) => void,
    private readonly clock: () => number,
    private readonly holds: (executionId: number) => boolean,
  ) {}

  /**
   * Ends the claimed attempt, and lets its run go on. Not accepted when the claim is no longer the newest (the lease
   * was lost): that is recorded as `stale_result` and changes nothing else. `takesNext`: the worker has a slot for what
   * follows.
   */
  finish(claim: Claim, outcome: Outcome, takesNext: boolean): Promise<{ accepted: boolean }> {
    return this.bring(claim, { kind: 'end', claim, outcome, takesNext });
  }

  /** The first step of a workflow's execution. One that has begun already is left alone. */
  async begin(row: ExecutionRow, takesNext: boolean): Promise<void> {
    await this.bring(row, { kind: 'begin', row, takesNext });
  }

  private bring(place: StepPlace, matter: Matter): Promise<{ accepted: boolean }> {
    return new Promise((resolve, reject) => {
      const waiting = this.trees.get(place.rootId);
      if (waiting) {
        waiting.push({ matter, resolve, reject });
        return;
      }
      this.trees.set(place.rootId, [{ matter, resolve, reject }]);
      void this.work({ tenantId: place.tenantId, rootId: place.rootId });
    });
  }

  private async work(place: StepPlace): Promise<void> {
    for (;;) {
      const waiting = this.trees.get(place.rootId) ?? [];
      const batch = waiting.slice(0, mostTogether);
      if (batch.length === 0) {
        this.trees.delete(place.rootId);
        while (this.limited.size > keptRuns) this.limited.delete([...this.limited][0] as number);
        return;
      }
      await this.together(place, batch).catch(async (error: unknown) => {
        this.forget(batch);
        const isLimited = error instanceof NeedsTransaction;
        if (isLimited) this.limited.add(place.rootId);
        if (batch.length === 1 && !isLimited && !isMovedOn(error) && !isPassing(error))
          return batch[0]?.reject(error);
        for (const one of batch) await this.alone(place, one).then(one.resolve, one.reject);
      });
      waiting.splice(0, batch.length);
    }
  }

  /** Without a lock, by what is known: refused as a whole where anything has moved on. */
  private async together(place: StepPlace, batch: readonly Waiting[]): Promise<void> {
    if (this.limited.has(place.rootId)) throw new NeedsTransaction();
    const askedAtMs = this.clock();
    const worker = this.withSlots(batch.filter(({ matter }) => matter.takesNext).length, batch.length);
    const source = {
      find: async (id: number) =>
        this.runs.get(id) ?? (await LiveRun.load(systemSql, place.tenantId, place.rootId, id)),
    };
    const step = new TreeStep(systemSql, source, worker.allowance, null);
    for (const { matter } of batch) {
      if (matter.kind === 'begin') await step.begin(matter.row);
      else step.end(toRow(matter.claim), toEnding(matter.outcome));
    }
    await step.decide();
    // Inquiries are cancelled beside it.
    const write = (tx: Tx) => writeStep(tx, place, step, worker);
    const started =
      step.unanswered.length > 0
        ? await inTenant(place.tenantId, write)
        : await inStatement('system', place.tenantId, write);
    this.keep(step);
    this.handOver(place, started, askedAtMs);
    for (const { resolve } of batch) resolve({ accepted: true });
  }

  /** Under the root's lock, by what the rows say. */
  private async alone(place: StepPlace, { matter }: Waiting): Promise<{ accepted: boolean }> {
    const askedAtMs = this.clock();
    const worker = this.withSlots(matter.takesNext ? 1 : 0);
    const { accepted, started } = await inTenant(place.tenantId, async (tx) => {
      await lockRoot(tx, place.tenantId, place.rootId);
      const id = matter.kind === 'begin' ? matter.row.id : matter.claim.executionId;
      const row = await findInTree(tx, place.tenantId, place.rootId, id);
      if (matter.kind === 'begin') {
        if (!row || row.onHold || (row.state !== 'requested' && row.state !== 'scheduled'))
          return { accepted: false, started: [] };
        return { accepted: true, ...(await takeStep(tx, place, (step) => step.begin(row), worker)) };
      }
      const { claim, outcome } = matter;
      if (!row || isEnded(row.state) || row.fence !== claim.fence) {
        // Ended with our own fence: our commit got through and only its reply was lost.
        if (!row || row.fence === claim.fence) return { accepted: row !== null, started: [] };
        await recordStaleResult(tx, claim, row, outcome.state);
        return { accepted: false, started: [] };
      }
      const ending = toEnding(outcome);
      // A cancel that came in time wins over an end that TERM brought about, not over a success.
      if (row.cancelRequested && outcome.state !== 'completed')
        Object.assign(ending, { state: 'cancelled', error: row.stateReason ?? 'Cancelled.' });
      return { accepted: true, ...(await takeStep(tx, place, (step) => step.end(row, ending), worker)) };
    });
    this.handOver(place, started, askedAtMs);
    if (accepted && started.length === 0 && matter.kind === 'end' && matter.claim.token) {
      // The answer to an earlier try may have been lost, and with it what that step had claimed for us.
      const lost = await findLostClaims(this.worker, this.holds, place);
      if (lost.length > 0) this.claimed(lost, askedAtMs);
    }
    return { accepted };
  }

  /** The worker as a step needs it, with so many slots for what follows. */
  withSlots(slots: number, matters = 1): StepWorker {
    const { workerId, leaseSeconds, runtimes, carryOut = () => null } = this.worker;
    const atOnce = Math.min(mostAtOnce * matters, mostAtOnceTogether);
    const allowance = { slots, runtimes: new Set(runtimes), atOnce, carryOut };
    return { workerId, leaseSeconds, allowance };
  }

  private handOver(place: StepPlace, started: readonly Started[], askedAtMs: number): void {
    const claims = started.flatMap((each) => toClaimOfBirth(place, each) ?? []);
    if (claims.length > 0) this.claimed(claims, askedAtMs);
  }

  private keep(step: TreeStep): void {
    for (const run of step.runs.values()) {
      this.runs.delete(run.row.id);
      // Who resumes a paused run changes its row, and not its version.
      if (run.head.phase !== 'ended' && run.head.phase !== 'paused') this.runs.set(run.row.id, run);
    }
    while (this.runs.size > keptRuns) this.runs.delete(this.runs.keys().next().value as number);
  }

  private forget(batch: readonly Waiting[]): void {
    const roots = new Set(
      batch.map(({ matter }) => (matter.kind === 'begin' ? matter.row.rootId : matter.claim.rootId)),
    );
    for (const [id, run] of this.runs) if (roots.has(run.row.rootId)) this.runs.delete(id);
  }
}

function toEnding(outcome: Outcome): Ending {
  const { state, result, error } = outcome;
  return {
    state,
    result,
    error: state === 'completed' ? null : error || 'The action failed without saying why.',
  };
}

/** The row as the claim knows it: running, with the claim's fence. */
function toRow(claim: Claim): EndingRow {
  const { token } = claim;
  return {
    id: claim.executionId,
    state: 'running',
    fence: claim.fence,
    parentId: token?.parentId ?? null,
    taskName: token?.task ?? null,
    visit: token?.visit ?? 1,
    itemIndex: token?.item ?? null,
    attempt: claim.attempt,
    idempotent: claim.idempotent,
    slotKey: claim.slotKey,
  };
}
