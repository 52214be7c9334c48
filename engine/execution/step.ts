import type { Graph, GraphTask } from '../definition/graph';
import { ExpressionError, type Json } from '../expression/expression';
import { addIndex, missingIndexes } from './index-set';
import { PendingState } from './pending-state';
import { RunScope } from './scope';
import type {
  Delta,
  JsonObject,
  OpenItems,
  OpenTask,
  Outcome,
  RunContext,
  RunHead,
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

/** Where a task run went when it ended, and where it might have gone. */
export interface Departure {
  task: string;
  to: readonly string[];
  notTo: readonly string[];
}

/** One decision in the making: the state as it becomes, and what follows. */
export class Step {
  readonly state: PendingState;
  readonly scope: RunScope;
  /** Joins that are to be looked at once no token flows any more. */
  readonly touchedJoins = new Set<string>();
  private readonly tokens: Token[] = [];
  private delivered = 0;
  /** What ended in this step, by task. */
  private ended: Map<string, TaskRunChange> | null = null;
  private readonly starts: Start[] = [];
  private readonly prepared: Delta['prepared'] = [];
  private readonly taskRuns: TaskRunChange[] = [];
  private readonly cancels: Delta['cancels'] = [];
  private readonly transitions: TransitionTaken[] = [];
  private warnings: Set<string> | null = null;
  private ending: Delta['end'] = null;
  private vars: JsonObject | null = null;
  /** Task runs that ended in this step, with the targets that got a token from them and those that did not. */
  readonly departures: Departure[] = [];

  constructor(
    readonly graph: Graph,
    state: RunState,
    readonly context: RunContext,
  ) {
    this.state = new PendingState(state);
    this.scope = new RunScope(graph, context, (task) => this.latest(task));
  }

  get head(): Readonly<RunHead> {
    return this.state.head;
  }

  /** The latest ended visit of a task: of this step, else from the store. */
  latest(task: string): { result: Json; status: string } | null {
    return this.ended?.get(task) ?? this.context.taskResult(task);
  }

  send(token: Token): void {
    this.tokens.push(token);
  }

  /** The next token that flows, in the order in which they were sent. */
  nextToken(): Token | null {
    const token = this.tokens[this.delivered];
    if (!token) return null;
    this.delivered += 1;
    return token;
  }

  open(task: GraphTask): OpenTask {
    const opened: OpenTask = { visit: this.state.nextVisit(task), attempt: 1, items: null };
    this.state.begin(task.name, opened);
    this.taskRuns.push({
      task: task.name,
      visit: opened.visit,
      status: 'running',
      result: null,
      error: null,
      began: this.moment,
      routed: null,
      published: null,
    });
    return opened;
  }

  /** Puts an open task run in the place of the one with its visit. */
  replace(task: string, changed: OpenTask): OpenTask {
    this.state.replace(task, changed);
    return changed;
  }

  /** The task run is over. Its result is what later expressions of this step read. */
  close(task: string, visit: number, status: Outcome, result: Json, error: string | null): void {
    this.state.close(task, visit);
    const change: TaskRunChange = {
      ...{ task, visit, status, result, error },
      ...{ began: null, routed: null, published: null },
    };
    this.taskRuns.push(change);
    this.ended ??= new Map();
    this.ended.set(task, change);
  }

  /**
   * The transitions of the task run that was just closed have been asked: these are the variables after those that
   * fired published, and the names that they wrote.
   */
  route(task: string, variables: JsonObject, written: readonly string[]): void {
    const change = this.ended?.get(task);
    if (change) change.routed = this.moment;
    if (written.length === 0) return;
    if (change) change.published = Object.fromEntries(written.map((name) => [name, variables[name] ?? null]));
    this.state.edit().variables = variables;
  }

  /** How many task runs have begun and how many have ended, together: the run's own order of events. */
  private get moment(): number {
    const { taskRuns, openCount } = this.head;
    return 2 * taskRuns - openCount;
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

  setPhase(phase: RunHead['phase']): void {
    this.state.edit().phase = phase;
  }

  /** The variables that the run begins with. */
  setVariables(variables: JsonObject): void {
    this.state.edit().variables = variables;
    this.vars = variables;
  }

  warn(warnings: readonly string[], where: string): void {
    if (warnings.length === 0) return;
    this.warnings ??= new Set();
    for (const warning of warnings) this.warnings.add(`${where}: ${warning}`);
  }

  /**
   * Nothing new starts from here on, and the run ends as told once what is open has ended. The first reason
   * stays. `running` says what becomes of open children; null lets them be. Tokens that wait at joins are left
   * where they are: nobody asks for them any more.
   */
  stop(stop: Stop, running: 'cancel' | 'finish' | null): void {
    const { state, graph } = this;
    if (state.head.phase !== 'stopping') this.setPhase('stopping');
    if (!state.head.stop) state.edit().stop = { ...stop, reason: clip(stop.reason) };
    const reason = state.head.stop?.reason ?? stop.reason;
    this.delivered = this.tokens.length;
    // An attempt that a pause held back was never made: there is no child to wait for.
    const never = new Map<string, (number | null)[]>();
    for (const { task, retry } of state.held()) {
      if (!retry) continue;
      const key = `${retry.visit} ${task}`;
      const items = never.get(key);
      if (items) items.push(retry.item);
      else never.set(key, [retry.item]);
    }
    state.releaseAll();
    for (const task of inOrder(graph, state.openNames())) {
      for (const open of state.openOf(task)) {
        const unmade = never.get(`${open.visit} ${task}`) ?? [];
        const live = open.items
          ? this.stopItems(task, open, open.items, unmade)
          : unmade.length > 0
            ? []
            : [null];
        if (live.length === 0) this.close(task, open.visit, 'cancelled', null, reason);
        else if (running)
          for (const item of live) this.cancels.push({ task, visit: open.visit, item, running });
      }
    }
  }

  /** Lets no further item start. Gives those that are under way. */
  private stopItems(
    task: string,
    open: OpenTask,
    items: OpenItems,
    unmade: readonly (number | null)[],
  ): number[] {
    const ended = unmade.reduce<string>((all, item) => addIndex(all, item ?? 0), items.ended);
    const live = missingIndexes(ended, items.next);
    if (!items.isStopped || unmade.length > 0)
      this.replace(task, { ...open, items: { ...items, isStopped: true, ended, live: live.length } });
    return live;
  }

  end(end: NonNullable<Delta['end']>): void {
    this.setPhase('ended');
    this.ending = end;
  }

  toDelta(): Delta {
    // Spelled out: spreading took a fifth of the time of a step.
    const { head, open, joins, tokens, leaves, failures } = this.state.toChanges();
    return {
      head,
      open,
      joins,
      tokens,
      leaves,
      failures,
      starts: this.starts,
      prepared: this.prepared,
      taskRuns: lastOfEach(this.taskRuns),
      cancels: this.cancels,
      transitions: this.transitions,
      end: this.ending,
      vars: this.vars,
      warnings: this.warnings ? [...this.warnings] : [],
    };
  }
}

/** The last change of each task run, in the order in which they were first told. */
function lastOfEach(changes: TaskRunChange[]): TaskRunChange[] {
  const [first, second, third] = changes;
  if (!second || (!third && second.task !== first?.task)) return changes;
  const last = new Map<string, TaskRunChange>();
  for (const change of changes) {
    const key = `${change.visit} ${change.task}`;
    change.began ??= last.get(key)?.began ?? null;
    last.set(key, change);
  }
  return [...last.values()];
}

/** Names of tasks in definition order. */
export function inOrder(graph: Graph, names: Iterable<string>): string[] {
  const place = (name: string) => graph.tasks.get(name)?.index ?? 0;
  return [...names].sort((a, b) => place(a) - place(b));
}

const longestReason = 2_000;

/** A message that is written again with every step, so short that this costs nothing. */
export function clip(message: string): string {
  return message.length > longestReason ? `${message.slice(0, longestReason - 1)}…` : message;
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
