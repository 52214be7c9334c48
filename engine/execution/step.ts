import type { Graph } from '../definition/graph';
import { ExpressionError, type Json } from '../expression/expression';
import { addIndex, countIndexes, missingIndexes } from './index-ranges';
import { RunScope } from './scope';
import type {
  Delta,
  Failure,
  JoinState,
  JsonObject,
  OpenTask,
  Outcome,
  RunContext,
  RunState,
  Start,
  Stop,
  TaskRunChange,
  TransitionTaken,
} from './state';

/** A token on its way; entry tasks get one from nowhere. */
export interface Token {
  from: string | null;
  to: string;
}

/**
 * One decision in the making: the state as it becomes, and what follows. The state that it began with is not
 * touched; of its maps only those are copied that change.
 */
export class Step {
  readonly state: RunState;
  readonly scope: RunScope;
  readonly tokens: Token[] = [];
  /** Joins that got a token or lost a source in this step. */
  readonly touchedJoins = new Set<string>();
  private readonly copied = new Set<keyof RunState>();
  private readonly results = new Map<string, { result: Json; status: string }>();
  private readonly starts: Start[] = [];
  private readonly prepared: Delta['prepared'] = [];
  private readonly taskRuns = new Map<string, TaskRunChange>();
  private readonly cancels: Delta['cancels'] = [];
  private readonly transitions: TransitionTaken[] = [];
  private readonly warnings = new Set<string>();
  private ending: Delta['end'] = null;

  constructor(
    readonly graph: Graph,
    state: RunState,
    readonly context: RunContext,
  ) {
    this.state = { ...state };
    this.scope = new RunScope(graph, context, (task) => this.latest(task));
  }

  /** The latest ended visit of a task: of this step, else from the store. */
  latest(task: string): { result: Json; status: string } | null {
    return this.results.get(task) ?? this.context.taskResult(task);
  }

  find(task: string, visit: number): OpenTask | null {
    return this.state.open[task]?.find((open) => open.visit === visit) ?? null;
  }

  /** Puts an open task run in the place of the one with its visit. */
  replace(task: string, changed: OpenTask): OpenTask {
    this.own('open')[task] = (this.state.open[task] ?? []).map((open) =>
      open.visit === changed.visit ? changed : open,
    );
    return changed;
  }

  open(task: string, visit: number): OpenTask {
    const opened: OpenTask = { visit, attempt: 1, items: null };
    this.own('open')[task] = [...(this.state.open[task] ?? []), opened];
    this.state.taskRuns += 1;
    this.record({ task, visit, status: 'running', result: null, error: null });
    return opened;
  }

  /** The task run is over. Its result is what later expressions of this step read. */
  close(task: string, visit: number, status: Outcome, result: Json, error: string | null): void {
    const open = this.own('open');
    const left = (open[task] ?? []).filter((other) => other.visit !== visit);
    if (left.length > 0) open[task] = left;
    else Reflect.deleteProperty(open, task);
    this.record({ task, visit, status, result, error });
    this.results.set(task, { result, status });
  }

  start(start: Start): void {
    this.starts.push(start);
  }

  prepare(prepared: Delta['prepared'][number]): void {
    this.prepared.push(prepared);
  }

  take(transition: TransitionTaken): void {
    this.transitions.push(transition);
  }

  nextVisit(task: string): number {
    if (!this.graph.tasks.get(task)?.mayRepeat) return 1;
    const visit = (this.state.visits[task] ?? 0) + 1;
    this.own('visits')[task] = visit;
    return visit;
  }

  setJoin(task: string, join: JoinState | null): void {
    const joins = this.own('joins');
    if (join) joins[task] = join;
    else Reflect.deleteProperty(joins, task);
  }

  setVariables(variables: JsonObject): void {
    this.state.variables = variables;
  }

  fail(failure: Failure): void {
    this.state.failures = [...this.state.failures, failure];
  }

  tolerate(failure: Failure): void {
    this.state.errors = [...this.state.errors, failure];
  }

  addLeaf(task: string): void {
    if (!this.state.leaves.includes(task)) this.state.leaves = [...this.state.leaves, task];
  }

  hold(held: RunState['held'][number]): void {
    this.state.held = [...this.state.held, held];
  }

  releaseNext(): RunState['held'][number] | null {
    const [next, ...rest] = this.state.held;
    this.state.held = rest;
    return next ?? null;
  }

  warn(warnings: readonly string[], where: string): void {
    for (const warning of warnings) this.warnings.add(`${where}: ${warning}`);
  }

  /**
   * Nothing new starts from here on, and the run ends as told once what is open has ended. The first reason
   * stays. `running` says what becomes of open children; null lets them be.
   */
  stop(stop: Stop, running: 'cancel' | 'finish' | null): void {
    this.state.phase = 'stopping';
    this.state.stop ??= stop;
    this.tokens.length = 0;
    this.state.joins = {};
    const { held } = this.state;
    this.state.held = [];
    for (const [task, opens] of Object.entries(this.state.open)) {
      for (const open of opens) {
        // An attempt that a pause held back was never made: there is no child to wait for.
        const never = held.flatMap(({ task: name, retry }) =>
          name === task && retry?.visit === open.visit ? [retry.item] : [],
        );
        const { items } = open;
        if (items) {
          const ended = never.reduce<readonly number[]>((all, item) => addIndex(all, item ?? 0), items.ended);
          this.replace(task, { ...open, items: { ...items, isStopped: true, ended: [...ended] } });
        }
        const live = (items ? missingIndexes(items.ended, items.next) : [null]).filter(
          (item) => !never.includes(item),
        );
        if (live.length === 0) this.close(task, open.visit, 'cancelled', null, this.state.stop.reason);
        else if (running)
          for (const item of live) this.cancels.push({ task, visit: open.visit, item, running });
      }
    }
  }

  /** How many children of an open task run are under way. */
  static liveChildren({ items }: OpenTask): number {
    return items ? items.next - countIndexes(items.ended) : 1;
  }

  end(end: NonNullable<Delta['end']>): void {
    this.state.phase = 'ended';
    this.ending = end;
  }

  toDelta(): Delta {
    return {
      state: this.state,
      starts: this.starts,
      prepared: this.prepared,
      taskRuns: [...this.taskRuns.values()],
      cancels: this.cancels,
      transitions: this.transitions,
      end: this.ending,
      warnings: [...this.warnings],
    };
  }

  private record(change: TaskRunChange): void {
    this.taskRuns.set(`${change.visit} ${change.task}`, change);
  }

  /** A map of the state that this step may write to: copied once. */
  private own<Key extends 'open' | 'joins' | 'visits'>(key: Key): RunState[Key] {
    if (!this.copied.has(key)) {
      this.state[key] = { ...this.state[key] };
      this.copied.add(key);
    }
    return this.state[key];
  }
}

/** What an expression's error says in a run: what, and at which line and column of which source. */
export function describe(error: ExpressionError): string {
  const source = error.source.length > 200 ? `${error.source.slice(0, 199)}…` : error.source;
  return `${error.message} (line ${error.line}, column ${error.column} of ${source})`;
}

/** Secrets may reach only inputs: whatever else would keep one is refused. */
export function leak(message: string, source: string): ExpressionError {
  const place = { line: 1, column: 1 };
  return new ExpressionError('secret_leak', message, source, place, "Read it in a task's input instead.");
}

/** The result of what could not be carried out. */
export function toErrorResult(error: string): JsonObject {
  return { succeeded: false, error };
}
