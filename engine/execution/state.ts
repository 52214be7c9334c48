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
  /** How many are under way: started, and not ended for good. */
  live: number;
  /** Indexes that ended, as a set that `index-set` reads. */
  ended: string;
  /** Of the items under way: those whose first attempt is over, those whose second is, … each as a set. */
  retried: string[];
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

/** A join: counters only. Its tokens are parts of their own, so that the thousandth arrival costs what the first did. */
export interface JoinState {
  /** Distinct sources of which at least one token waits. */
  waiting: number;
  /** How often the join has started its task. */
  started: number;
  /** Sources whose next token belongs to a start that has been made already. */
  owed: string[];
  /** A source that had not come and still could when the join was last looked at; the others need no look meanwhile. */
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

/** What every step reads and writes: bounded in size, whatever the run has done so far. */
export interface RunHead {
  phase: 'created' | 'running' | 'paused' | 'stopping' | 'ended';
  /** The same object as before where nothing was published, so that a store sees that there is nothing to write. */
  variables: JsonObject;
  /** Task runs begun so far; `max_task_runs` bounds it. */
  taskRuns: number;
  /** Task runs that have begun and not ended. */
  openCount: number;
  /** Joins at which at least one token waits. */
  waitingJoins: number;
  /** How many were added to `leaves`, `failures` and `errors`. */
  leafCount: number;
  failureCount: number;
  errorCount: number;
  /** Tasks whose start a pause holds back, in order. */
  held: { task: string; retry: { visit: number; item: number | null; attempt: number } | null }[];
  /** How a run that is on its way out will end. */
  stop: Stop | null;
  /** Where a rerun begins instead of at the entry. */
  startAt: string[] | null;
}

/**
 * The rest of a run, read part by part. A store may answer from rows; where it has not read one yet it answers as if
 * it were empty, notes the wish, and asks `advance` again: deciding is pure, so what came of the first try is dropped.
 * The lists (`openNames`, `waitingJoins`, `tokensOf`, `leaves`, `failures`) are asked for only where all of them
 * matter: the end, a stop, a resume, a join whose watched task has gone.
 */
export interface RunParts {
  /** Open runs of a task, by visit. */
  openOf(task: string): readonly OpenTask[];
  /**
   * One open run of a task; null when it is not open. A store that has this and `countOpen` is not asked for all
   * open runs of a task that tokens have started a thousand times, only for the one that matters.
   */
  openAt?(task: string, visit: number): OpenTask | null;
  /** How many runs of a task are open. */
  countOpen?(task: string): number;
  /** Null when it has no tokens, debts or starts. */
  joinOf(task: string): JoinState | null;
  /** Tokens that wait at a join from one source. */
  tokensAt(join: string, source: string): number;
  /** How often a task has begun. Asked only of tasks that can come again, and in reruns. */
  visitsOf(task: string): number;
  openNames(): readonly string[];
  /** Names of the joins at which tokens wait. */
  waitingJoins(): readonly string[];
  /** Tokens that wait at a join, by source. */
  tokensOf(join: string): Readonly<Record<string, number>>;
  /** Tasks at which a branch ended, each once, in the order in which they first did. */
  leaves(): readonly string[];
  /** Unhandled failures, in order: those that fail the run, and those that `on_failure: continue` lets pass. */
  failures(): { failures: readonly Failure[]; errors: readonly Failure[] };
}

/** A run: what every step reads, and the rest. */
export interface RunState {
  head: RunHead;
  parts: RunParts;
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
  preparedInput?(task: string, visit: number, item: number): Prepared;
  /** The names of the run's parameters that are secret. */
  secretParameters?: readonly string[];
  /** Whether a key of the keystore is secret. (Default: only values that are marked are) */
  isKeystoreSecret?(name: string): boolean;
}

/** What a child is given. */
export interface Prepared {
  input: Json;
  /** Whether the input holds a secret: it is stored redacted, with a sealed copy. */
  secret: boolean;
  /** The input with `********` for every value that came from a secret; where it is missing all of it is hidden. */
  redacted?: Json;
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
  /** Whether the input holds a secret: `redacted` is stored, with a sealed copy of `input`. */
  secret: boolean;
  /** The input with `********` for every value that came from a secret; without secrets the input itself. */
  redacted: Json;
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
  /** As it is afterwards; the very object given where nothing changed. */
  head: RunHead;
  /** Each task run that began, changed or ended (null) in this step, as it stands afterwards. */
  open: { task: string; visit: number; open: OpenTask | null }[];
  /** Null: it has no tokens, debts or starts any more. */
  joins: { task: string; join: JoinState | null }[];
  /** Count 0: none waits any more. */
  tokens: { join: string; source: string; count: number }[];
  /** Branches that ended in this step; `order` counts up over the whole run, from `leafCount` before it. */
  leaves: { task: string; visit: number; order: number }[];
  /** Unhandled failures of this step; `order` counts up over both kinds together, from 0. */
  failures: (Failure & { order: number; isTolerated: boolean })[];
  starts: Start[];
  /**
   * The inputs of tasks with items, and the same redacted, for `RunContext.preparedInput`; empty where the context
   * has none.
   */
  prepared: { task: string; visit: number; inputs: Json[]; secret: boolean; redacted: Json[] }[];
  /** One entry per task run that this step began or ended; the last status only. */
  taskRuns: TaskRunChange[];
  /** Children to cancel. With `finish`, one that a worker has already begun is left to finish. */
  cancels: { task: string; visit: number; item: number | null; running: 'cancel' | 'finish' }[];
  /** Every transition of the task runs that ended, fired or silent. */
  transitions: TransitionTaken[];
  end: { state: 'completed' | 'failed' | 'timeout' | 'cancelled'; output: Json; error: string | null } | null;
  warnings: string[];
}
