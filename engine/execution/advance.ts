import type { Graph, GraphTask } from '../definition/graph';
import { ExpressionError, renderValue } from '../expression/expression';
import { begin } from './begin';
import { finishAttempt, goOnWithItems, startHeldRetry } from './finish';
import { arrive, takeFullJoin, takeStuckJoin } from './join';
import { toEnd } from './output';
import { endTask } from './route';
import { isObject } from './scope';
import { RunMemory, type RunMemoryJson } from './memory';
import type { Delta, Failure, JsonObject, Outcome, RunContext, RunEvent, RunState, StartAt } from './state';
import { describe, inOrder, leak, Step } from './step';

export interface RunOptions {
  /** Rerun from these tasks instead of from the entry; what lies upstream is read from the store. */
  startAt?: readonly string[];
  /** The variables as they were when the rerun's first task began. (Default: the definition's) */
  variables?: JsonObject;
  /** Tokens that joins had before the rerun's part: sources by join, one entry for each token. */
  arrived?: Readonly<Record<string, readonly string[]>>;
  /** What a rerun takes over of the run before it. (Default: nothing) */
  kept?: Kept;
}

/** The part of a run that its rerun does not run again. `planRerun` tells it from the run's history. */
export interface Kept {
  /** Joins that have started and wait for nothing more. */
  started: readonly string[];
  unrouted: StartAt['unrouted'];
  visits: Readonly<Record<string, number>>;
  failures: readonly Failure[];
  errors: readonly Failure[];
  leaves: readonly string[];
  taskRuns: number;
}

/**
 * A run before its first step, as its own head and parts. Only a rerun has parts already: the tokens that its joins
 * had; `toJson` lists them.
 */
export function initialState(graph: Graph, options: RunOptions = {}): RunMemory {
  const joins: RunMemoryJson['joins'] = [];
  const tokens: RunMemoryJson['tokens'] = [];
  const { arrived = {}, kept } = options;
  for (const task of new Set([...Object.keys(arrived), ...(kept?.started ?? [])])) {
    const given = Map.groupBy(arrived[task] ?? [], (source) => source);
    const sources = graph.tasks.get(task)?.inbound.filter((source) => given.has(source)) ?? [];
    const started = kept?.started.includes(task) ? 1 : 0;
    if (sources.length + started === 0) continue;
    joins.push({ task, join: { waiting: sources.length, started, owed: [], watch: null } });
    for (const source of sources) tokens.push({ join: task, source, count: given.get(source)?.length ?? 0 });
  }
  const { failures = [], errors = [], leaves = [] } = kept ?? {};
  return RunMemory.from({
    head: {
      phase: 'created',
      variables: options.variables ?? graph.definition.vars ?? {},
      taskRuns: kept?.taskRuns ?? 0,
      openCount: 0,
      waitingJoins: joins.filter(({ join }) => join.waiting > 0).length,
      leafCount: leaves.length,
      failureCount: failures.length,
      errorCount: errors.length,
      held: [],
      stop: null,
      startAt: options.startAt ? { tasks: [...options.startAt], unrouted: kept?.unrouted ?? [] } : null,
      ...(options.startAt ? { countsAllVisits: true as const } : {}),
    },
    open: [],
    joins,
    tokens,
    visits: Object.entries(kept?.visits ?? {}).map(([task, count]) => ({ task, count })),
    leaves: [...leaves],
    failures: [...failures],
    errors: [...errors],
  });
}

/**
 * What follows from an event: the parts of the state that change, and everything that is to be stored and started
 * with them. Decides only: the state given is not changed, and the same question has the same answer. Events that
 * come twice, late or after the end change nothing.
 */
export function advance(graph: Graph, state: RunState, event: RunEvent, context: RunContext): Delta {
  const step = new Step(graph, state, context);
  const { phase } = state.head;
  if (phase === 'ended') return step.toDelta();
  switch (event.type) {
    case 'start':
      if (phase === 'created') start(step);
      break;
    case 'attempt_ended':
      finishAttempt(step, event);
      break;
    case 'cancel':
      step.stop(
        { as: 'cancelled', reason: event.reason || 'The run was cancelled.' },
        graph.cancellation.running,
      );
      break;
    case 'timeout':
      step.stop({ as: 'timeout', reason: tellTimeout(graph) }, 'cancel');
      break;
    case 'pause':
      if (phase === 'running') step.setPhase('paused');
      break;
    case 'resume':
      if (phase === 'paused') resume(step);
      break;
  }
  settle(step);
  return step.toDelta();
}

function start(step: Step): void {
  const { graph, head } = step;
  const { startAt } = head;
  step.setPhase('running');
  try {
    if (startAt) step.state.edit().startAt = null;
    else {
      const { value, warnings, secret } = renderValue(head.variables, step.scope.with({}));
      step.warn(warnings, 'vars');
      if (secret) throw leak('The variables would hold a secret.', 'vars');
      if (isObject(value)) step.setVariables(value);
    }
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return step.stop(
      { as: 'failed', reason: `The variables could not be rendered: ${describe(error)}` },
      null,
    );
  }
  const first = startAt?.tasks ?? graph.entry;
  if (first.length === 0 && graph.tasks.size > 0) {
    const reason = 'No task can start: every task is the target of a transition.';
    return step.stop({ as: 'failed', reason }, null);
  }
  for (const name of step.state.waitingJoins()) step.touchedJoins.add(name);
  for (const to of first) step.send({ from: null, to });
  for (const { task: name, visit, error } of startAt?.unrouted ?? []) {
    const task = graph.tasks.get(name);
    const ended = step.latest(name);
    if (task && ended) endTask(step, task, visit, ended.status as Outcome, ended.result, error);
    if (!isRunning(step)) return;
  }
}

function resume(step: Step): void {
  const { graph, state } = step;
  step.setPhase('running');
  for (const name of state.waitingJoins()) step.touchedJoins.add(name);
  for (let held = state.releaseNext(); held; held = state.releaseNext()) {
    if (held.retry) startHeldRetry(step, held.task, held.retry);
    else beginTask(step, held.task);
    if (!isRunning(step)) return;
  }
  for (const name of inOrder(graph, state.openNames())) {
    const task = graph.tasks.get(name);
    if (task?.items) for (const { visit } of state.openOf(name)) goOnWithItems(step, task, visit);
  }
}

/** Lets tokens flow until nothing moves by itself, and ends the run when nothing can move any more. */
function settle(step: Step): void {
  const { state } = step;
  while (isRunning(step) || state.head.phase === 'paused') {
    const token = step.nextToken();
    if (token) {
      const task = step.graph.tasks.get(token.to);
      if (task?.join && token.from !== null) arrive(step, task, token.from);
      else if (state.head.phase === 'paused') state.hold({ task: token.to, retry: null });
      else reachTask(step, token.to);
      continue;
    }
    if (state.head.phase === 'paused') return;
    const full = takeFullJoin(step);
    if (full) {
      reachTask(step, full.name);
      continue;
    }
    if (state.head.openCount > 0) return;
    const stuck = takeStuckJoin(step);
    if (!stuck) break;
    if (stuck.missing === null) reachTask(step, stuck.task.name);
    else step.stop({ as: 'failed', reason: tellUnsatisfied(stuck.task, stuck.missing) }, null);
  }
  if (state.head.phase !== 'created' && state.head.openCount === 0) step.end(toEnd(step));
}

/** Begins a task; one with a breakpoint is held back, and all that would come after it until the run is resumed. */
function reachTask(step: Step, name: string): void {
  if (!step.graph.breakpoints.has(name)) return beginTask(step, name);
  step.state.hold({ task: name, retry: null });
  step.setPhase('paused');
}

function beginTask(step: Step, name: string): void {
  const { graph, head } = step;
  const task = graph.tasks.get(name);
  if (!task) return;
  if (head.taskRuns >= graph.maxTaskRuns) {
    const reason = `max_task_runs: ${graph.maxTaskRuns} task runs have begun, and ${name} would be the next. Give the loop a condition that ends it, or raise max_task_runs.`;
    return step.stop({ as: 'failed', reason }, 'cancel');
  }
  const { visit, end } = begin(step, task);
  if (end) endTask(step, task, visit, end.outcome, end.result, end.error);
}

function isRunning({ head }: Step): boolean {
  return head.phase === 'running';
}

function tellUnsatisfied(task: GraphTask, missing: readonly string[]): string {
  return `join_unsatisfied: ${task.name} waits for ${String(task.join)} of its sources, and ${missing.join(', ')} cannot come any more.`;
}

function tellTimeout({ timeoutSeconds }: Graph): string {
  return timeoutSeconds === null ? 'The run timed out.' : `The run timed out after ${timeoutSeconds} s.`;
}
