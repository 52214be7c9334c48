import type { Delta, RunEvent } from '@/engine/execution/state';
import { isEnded } from '@/engine/execution/status';
import type { Json } from '@/engine/expression/expression';
import type { Sql } from '../db';
import type { JsonObject } from '../fields';
import { findActionFacts } from './action-facts';
import type { Admissions } from './admissions';
import { planBirth, type Order, type Planned } from './births';
import { giveSlot } from './give-slot';
import { databaseNow } from './database-clock';
import { LiveRun } from './live-run';
import { toErrorResult, type ResolvedAction } from './resolve-action';
import { writeDelta } from './run-writes';
import { findFirstAttempt, listOpenChildren, type ExecutionRow } from './store';
import { StepWrites, type Birth } from './step-writes';

/** How an execution ended. */
export interface Ending {
  state: 'completed' | 'failed' | 'timeout' | 'cancelled' | 'abandoned';
  result: Json;
  error: string | null;
}

/** What a step needs to know of an execution that ends. */
export type EndingRow = Pick<
  ExecutionRow,
  | 'id'
  | 'state'
  | 'fence'
  | 'parentId'
  | 'taskName'
  | 'visit'
  | 'itemIndex'
  | 'attempt'
  | 'idempotent'
  | 'slotKey'
>;

/** What the worker that takes a step may claim, or carry out, of what the step starts. */
export interface Allowance {
  slots: number;
  runtimes: ReadonlySet<string>;
  /** How many more it may carry out within the step. */
  atOnce: number;
  /** Carries out what takes no time and touches nothing; null for everything else. */
  carryOut: (entrypoint: string, parameters: JsonObject) => Pick<Ending, 'state' | 'result' | 'error'> | null;
}

/** An execution that the step starts. */
export interface Born extends Planned {
  action: ResolvedAction | null;
}

/** Something that a run is to hear of. */
export interface News {
  runId: number;
  event: RunEvent;
}

/** Where runs come from: rows, or what a worker still knows of them. */
export interface RunSource {
  find(runId: number): Promise<LiveRun | null>;
}

/**
 * One step of one tree: endings and news go in, what follows is decided run by run, up to the root, and collected as
 * writes. Nothing is written here. What one step brings about for another run of the tree belongs to the same step.
 */
export class TreeStep {
  readonly writes = new StepWrites();
  readonly born: Born[] = [];
  /** Executions that ended with a slot, for the concurrency policies. */
  readonly ended: EndingRow[] = [];
  /** Executions that were cancelled: what they ask, or somebody asked of them, goes with them. */
  readonly unanswered: EndingRow[] = [];
  /** The runs that were decided on. */
  readonly runs = new Map<number, LiveRun>();
  private readonly news: News[] = [];
  /** States that this step has moved on from what the rows say. */
  private readonly states = new Map<number, ExecutionRow['state']>();
  private readonly openChildren = new Map<number, Map<string, ExecutionRow>>();

  constructor(
    private readonly sql: Sql,
    private readonly source: RunSource,
    private allowance: Allowance | null,
    /** Of the transaction that writes the step; without one nothing that is limited can be started. */
    private readonly admissions: Admissions | null,
  ) {}

  /** Ends an execution, given as it stands now, and has its run hear of it. */
  end(row: EndingRow, ending: Ending): void {
    if (isEnded(this.stateOf(row))) return;
    const failed = ending.state === 'failed' || ending.state === 'timeout' || ending.state === 'abandoned';
    const error = failed ? ending.error || 'It failed without saying why.' : ending.error;
    if (ending.state === 'cancelled') this.unanswered.push(row);
    this.admissions?.end({ id: row.id, slotKey: row.slotKey, state: this.stateOf(row) });
    this.change(row, { state: ending.state, result: ending.result, error });
    this.ended.push(row);
    if (row.parentId === null || row.taskName === null) return;
    const event = {
      type: 'attempt_ended',
      task: row.taskName,
      visit: row.visit,
      item: row.itemIndex,
      attempt: row.attempt,
      outcome: ending.state,
      result: ending.result,
      error,
      isIdempotent: row.idempotent,
    } as const;
    this.news.push({ runId: row.parentId, event });
  }

  /** Lets a run hear of something. */
  tell(runId: number, event: RunEvent): void {
    this.news.push({ runId, event });
  }

  /** Takes back what runs were to hear of: somebody else will tell them. */
  takeBackNews(): News[] {
    return this.news.splice(0);
  }

  /** Begins the run of a workflow's execution, given as it stands now. */
  async begin(row: ExecutionRow): Promise<void> {
    this.change(row, { state: 'running' });
    const run = await LiveRun.begin(this.sql, { ...row, startedAt: databaseNow() });
    if (typeof run === 'string') {
      const error = run;
      this.end(row, { state: 'failed', result: toErrorResult(error), error });
      return;
    }
    this.runs.set(row.id, run);
    this.news.push({ runId: row.id, event: { type: 'start' } });
  }

  /** Cancels an execution, given as it stands now, whatever it is doing. */
  cancel(row: ExecutionRow, reason: string): void {
    const state = this.stateOf(row);
    if (isEnded(state) || state === 'canceling') return;
    const hasStarted = state === 'running' || state === 'waiting' || state === 'paused';
    if (row.kind === 'workflow' && hasStarted) {
      this.change(row, { state: 'canceling', reason, cancel: true });
      this.news.push({ runId: row.id, event: { type: 'cancel', reason } });
    } else if (state === 'running') {
      // The worker that holds it stops its processes, then ends it.
      this.change(row, { state: 'canceling', reason, cancel: true });
    } else {
      this.end(row, { state: 'cancelled', result: toErrorResult(reason), error: reason });
    }
  }

  /** One more change of state that the step writes. */
  change(
    row: Pick<ExecutionRow, 'id' | 'state' | 'fence'>,
    to: {
      state: ExecutionRow['state'];
      reason?: string | null;
      result?: Json;
      error?: string | null;
      cancel?: boolean;
    },
  ): void {
    const from = this.stateOf(row);
    this.states.set(row.id, to.state);
    const { reason = null, ...rest } = to;
    this.writes.change({ id: row.id, from, fence: row.fence, reason, ...rest });
  }

  private stateOf(row: Pick<ExecutionRow, 'id' | 'state'>): ExecutionRow['state'] {
    return this.states.get(row.id) ?? row.state;
  }

  /** Decides on all news, until there is none. */
  async decide(): Promise<void> {
    for (let item = this.news.shift(); item; item = this.news.shift()) {
      const run = this.runs.get(item.runId) ?? (await this.source.find(item.runId));
      if (!run || isEnded(this.stateOf(run.row))) continue;
      // Paused again before the news of the resume was brought: it is out of date.
      if (item.event.type === 'resume' && this.stateOf(run.row) === 'paused') continue;
      this.runs.set(item.runId, run);
      if (item.event.type === 'attempt_ended' && item.event.item !== null) {
        const { task, visit, item: index, result } = item.event;
        const key = `${task}#${visit}`;
        run.items.set(key, (run.items.get(key) ?? new Map<number, Json>()).set(index, result));
      }
      const delta = await run.decide(this.sql, item.event, databaseNow());
      await this.take(run, item.event, delta);
    }
  }

  private async take(run: LiveRun, event: RunEvent, delta: Delta): Promise<void> {
    writeDelta(this.writes, run, event, delta);
    const isBroken = event.type !== 'pause' && run.head.phase !== 'paused' && delta.head.phase === 'paused';
    run.apply(delta);
    // Its own doing: nobody has changed the execution's state, as who pauses a run does.
    if (isBroken) this.change(run.row, { state: 'paused', reason: tellBreakpoint(run) });
    const isAlone = delta.starts.length === 1;
    for (const start of delta.starts) await this.start(run, start, isAlone);
    for (const cancelled of delta.cancels) await this.cancelChild(run, cancelled);
    if (delta.end)
      this.end(run.row, { state: delta.end.state, result: delta.end.output, error: delta.end.error });
  }

  private async start(run: LiveRun, start: Delta['starts'][number], isAlone: boolean): Promise<void> {
    const { row } = run;
    const action = await findActionFacts(this.sql, row.tenantId, start.action);
    const order: Order = {
      actionRef: start.action,
      parameters: toObject(start.input),
      ...(start.secret ? { redacted: start.redacted, origins: run.secretTexts } : {}),
      parent: {
        row,
        task: start.task,
        visit: start.visit,
        item: start.item,
        attempt: start.attempt,
        maxRetries: start.maxRetries,
        originalId: start.attempt > 1 ? await findFirstAttempt(this.sql, row, start) : null,
      },
      timeoutSeconds: start.timeoutSeconds,
      delaySeconds: start.delaySeconds,
      failed: start.failed?.message ?? null,
    };
    const planned = await planBirth(this.sql, row.tenantId, order, action, this.writes);
    const { birth } = planned;
    await giveSlot(this.admissions, birth, action?.concurrency ?? null, row.rootId);
    if (isAlone && start.item === null) this.carryOut(planned, action);
    claimBirth(birth, this.allowance);
    this.writes.births.push(birth);
    this.born.push({ ...planned, action });
    // What the engine refused itself it has routed already; what only we could refuse is news to it.
    if ((birth.state === 'failed' || birth.state === 'completed') && !start.failed)
      this.tellOfBirth(row.id, birth, birth.state);
  }

  /**
   * Carries out what takes no time within the step, so that glue between tasks costs no step of its own. A crash before
   * the commit undoes it. What has secrets is left to those who mask them, and what starts beside others to the workers:
   * a step stays short, and a large fan-out costs per item what a small one does.
   */
  private carryOut({ birth, given, secretTexts }: Planned, action: ResolvedAction | null): void {
    const { allowance } = this;
    if (!allowance || allowance.atOnce <= 0 || birth.state !== 'requested') return;
    if (action?.runtime !== 'native' || action.concurrency !== null) return;
    if (birth.sealed !== null || secretTexts.length > 0) return;
    const ending = allowance.carryOut(action.entrypoint, given);
    if (!ending) return;
    allowance.atOnce -= 1;
    const { result, error } = ending;
    Object.assign(birth, { state: ending.state, claim: true, result, error } as Partial<Birth>);
  }

  private tellOfBirth(runId: number, birth: Birth, outcome: 'completed' | 'failed' | 'cancelled'): void {
    this.news.push({
      runId,
      event: {
        type: 'attempt_ended',
        task: birth.task_name ?? '',
        visit: birth.visit,
        item: birth.item_index,
        attempt: birth.attempt,
        outcome,
        result: birth.result,
        error: birth.error,
      },
    });
  }

  private async cancelChild(run: LiveRun, token: Delta['cancels'][number]): Promise<void> {
    const reason = 'The run was cancelled.';
    const unborn = this.writes.births.findLast(
      (birth) =>
        birth.parent_id === run.row.id &&
        birth.task_name === token.task &&
        birth.visit === token.visit &&
        birth.item_index === token.item,
    );
    if (unborn) {
      // Started by this very step: it is stored as one that was cancelled before it began.
      if (unborn.state === 'failed' || unborn.state === 'completed') return;
      Object.assign(unborn, {
        state: 'cancelled',
        claim: false,
        slot_key: null,
        error: reason,
        result: toErrorResult(reason),
      });
      this.tellOfBirth(run.row.id, unborn, 'cancelled');
      return;
    }
    const children = this.openChildren.get(run.row.id) ?? (await this.readOpenChildren(run.row));
    const child = children.get(tokenKey(token.task, token.visit, token.item));
    if (!child) return;
    // With `finish` only what has not begun is stopped.
    if (token.running === 'finish' && this.stateOf(child) === 'running') return;
    this.cancel(child, reason);
  }

  private async readOpenChildren(run: ExecutionRow): Promise<Map<string, ExecutionRow>> {
    const rows = await listOpenChildren(this.sql, run);
    const byToken = new Map(
      rows.map((row) => [tokenKey(row.taskName ?? '', row.visit, row.itemIndex), row] as const),
    );
    this.openChildren.set(run.id, byToken);
    return byToken;
  }

  /** After the write: what is known of the runs is what the rows hold now. */
  settle(at: Date): void {
    for (const run of this.runs.values()) {
      const { row } = run;
      run.row = { ...row, state: this.stateOf(row), startedAt: row.startedAt ?? at };
      if (this.writes.runs.has(run.row.id)) run.settle(run.version === null ? 0 : run.version + 1);
    }
  }
}

/** Has an action that can start now be born running, where the worker has a slot for it. */
export function claimBirth(birth: Birth, allowance: Allowance | null): void {
  if (birth.state !== 'requested' || birth.kind !== 'action') return;
  if (!allowance || allowance.slots <= 0 || !allowance.runtimes.has(birth.runtime)) return;
  allowance.slots -= 1;
  birth.state = 'running';
  birth.claim = true;
}

function tellBreakpoint({ head, revision }: LiveRun): string {
  const names = head.held.map(({ task }) => task).filter((task) => revision.graph.breakpoints.has(task));
  return `Stopped before ${names.join(', ')}: a breakpoint of the draft.`;
}

function tokenKey(task: string, visit: number, item: number | null): string {
  return `${visit} ${item ?? ''} ${task}`;
}

function toObject(input: Json): { [key: string]: Json } {
  return input !== null && typeof input === 'object' && !Array.isArray(input) ? input : {};
}
