import type { Json } from '../expression/expression';
import type { EndState } from './status';

export type JsonObject = { [key: string]: Json };

/** How one attempt, and so one task run, can end. */
export type Outcome = EndState;

/** A task run that has begun and not ended. */
export interface OpenTask {
  visit: number;
  /** The attempt that is due or running; of a task with items see `items.attempts`. */
  attempt: number;
  items: OpenItems | null;
}

/** Where a task with items stands. Its size does not grow with the items that ended. */
export interface OpenItems {
  total: number;
  /** The first index that has not been started. */
  next: number;
  /** Indexes that ended, as disjoint ranges in order: [from, to, from, to, …], both ends included. */
  ended: number[];
  /** Attempts above the first, of open items only. */
  attempts: Record<string, number>;
  /** How many items ended so, without those that completed. */
  bad: { failed: number; timeout: number; cancelled: number; abandoned: number };
  /** What the first item that ended badly said. */
  error: string | null;
  /** No further item starts. */
  isStopped: boolean;
  /**
   * What each item is given, rendered when the task began and the same object ever since. Null where none is
   * needed again, where the store keeps them (`Delta.prepared`), and where they hold secrets: those are rendered
   * anew instead of being stored here.
   */
  inputs: Json[] | null;
}

/** The tokens at a task with `join`. */
export interface JoinState {
  /** Tokens that wait, by source task. */
  arrived: Record<string, number>;
  /** How often the join has started its task. */
  started: number;
  /** Sources whose next token belongs to a start that has been made already. */
  owed: string[];
  /** A live task that keeps the join waiting: as long as it lives, nothing needs to be looked up again. */
  watch: string | null;
}

/** A task run that ended badly and that no transition handled. */
export interface Failure {
  task: string;
  visit: number;
  status: Outcome;
  error: string;
}

/** How a run that is on its way out will end, once nothing is open any more. */
export interface Stop {
  as: 'failed' | 'timeout' | 'cancelled';
  reason: string;
}

/**
 * A run as plain data. It grows with what is open, not with what has ended: results are in the store, and visit
 * numbers are kept only of tasks that can come again. `variables` is the same object as before where nothing was
 * published, so that a store can see that there is nothing to write.
 */
export interface RunState {
  phase: 'created' | 'running' | 'paused' | 'stopping' | 'ended';
  variables: JsonObject;
  /** Open task runs by task name. */
  open: Record<string, OpenTask[]>;
  joins: Record<string, JoinState>;
  /** How often tasks that can be visited again have been. */
  visits: Record<string, number>;
  /** Tasks whose start a pause holds back, in order. */
  held: { task: string; retry: { visit: number; item: number | null; attempt: number } | null }[];
  /** Task runs begun so far; `max_task_runs` bounds it. */
  taskRuns: number;
  /** Unhandled failures that make the run fail. */
  failures: Failure[];
  /** Unhandled failures that `on_failure: continue` lets pass. */
  errors: Failure[];
  /** Tasks at which a branch ended, for the result of a run without `output_map`. */
  leaves: string[];
  stop: Stop | null;
  /** Where a rerun begins instead of at the entry. */
  startAt: string[] | null;
}

export type RunEvent =
  | { type: 'start' }
  | {
      type: 'attempt_ended';
      task: string;
      visit: number;
      item: number | null;
      attempt: number;
      outcome: Outcome;
      result: Json;
      error?: string | null;
      /** Whether the action may be tried again after its worker died. (Default: false) */
      isIdempotent?: boolean;
    }
  | { type: 'cancel'; reason: string }
  | { type: 'timeout' }
  | { type: 'pause' }
  | { type: 'resume' };

/** What a decision may look at beside the state. Nothing in it is changed. */
export interface RunContext {
  parameters: Json;
  /** The configuration of the workflow's pack. */
  config: Json;
  keystore: () => Json;
  execution: Json;
  system: Json;
  event?: Json;
  trigger?: Json;
  rule?: Json;
  /** The time of this step, ISO 8601 in UTC. */
  now: string;
  /** Chance for jitter, 0 to below 1. */
  random: () => number;
  /** The latest ended visit of a task, from the store; null when there is none. */
  taskResult(name: string): { result: Json; status: string } | null;
  /** The last result of each item of a visit, in item order, from the store. */
  itemResults(task: string, visit: number): Json[];
  /**
   * What an item was to be given, from `Delta.prepared` as the store kept it. A store that has this spares the
   * state from holding the inputs of items that wait for their turn.
   */
  preparedInput?(task: string, visit: number, item: number): { input: Json; secret: boolean };
}

/** An attempt to start. */
export interface Start {
  task: string;
  visit: number;
  item: number | null;
  attempt: number;
  maxRetries: number;
  action: string;
  input: Json;
  /** Whether the input holds a secret: it is stored redacted, with a sealed copy. */
  secret: boolean;
  timeoutSeconds: number | null;
  delaySeconds: number;
  /** Set when it could not be prepared: to be stored as an execution that failed at once. It is routed already. */
  failed: { message: string } | null;
}

export interface TaskRunChange {
  task: string;
  visit: number;
  status: 'running' | Outcome;
  result: Json;
  error: string | null;
}

export interface TransitionTaken {
  task: string;
  visit: number;
  index: number;
  fired: boolean;
  to: string[];
  error: string | null;
}

/** What follows from one event. */
export interface Delta {
  state: RunState;
  starts: Start[];
  /** The inputs of tasks with items, for `RunContext.preparedInput`; empty where the context has none. */
  prepared: { task: string; visit: number; inputs: Json[]; secret: boolean }[];
  /** One entry per task run that this step began or ended; the last status only. */
  taskRuns: TaskRunChange[];
  /** Children to cancel. With `finish`, one that a worker has already begun is left to finish. */
  cancels: { task: string; visit: number; item: number | null; running: 'cancel' | 'finish' }[];
  /** Every transition of the task runs that ended, fired or silent. */
  transitions: TransitionTaken[];
  end: { state: 'completed' | 'failed' | 'timeout' | 'cancelled'; output: Json; error: string | null } | null;
  warnings: string[];
}
