import type { Graph, GraphTask } from '../definition/graph';
import { ExpressionError, renderValue, type Json } from '../expression/expression';
import { begin } from './begin';
import { finishAttempt, goOnWithItems, startHeldRetry } from './finish';
import { arrive, takeFullJoin, takeStuckJoin } from './join';
import { toEnd } from './output';
import { endTask } from './route';
import { isObject } from './scope';
import type { Delta, RunContext, RunEvent, RunState } from './state';
import { describe, leak, Step } from './step';

export interface RunOptions {
  /** Rerun from these tasks instead of from the entry; what lies upstream is read from the store. */
  startAt?: readonly string[];
  /** The variables as they were when the rerun's first task began. (Default: the definition's) */
  variables?: { [name: string]: Json };
  /** Tokens that joins had before the rerun's part: sources by join. */
  arrived?: Readonly<Record<string, readonly string[]>>;
}

/** A run before its first step. The parameters reach expressions through the context; they are not kept twice. */
export function initialState(graph: Graph, _parameters: Json = {}, options: RunOptions = {}): RunState {
  const joins = Object.entries(options.arrived ?? {}).map(([task, sources]) => [
    task,
    { arrived: Object.fromEntries(sources.map((name) => [name, 1])), started: 0, owed: [], watch: null },
  ]);
  return {
    phase: 'created',
    variables: options.variables ?? graph.definition.vars ?? {},
    open: {},
    joins: Object.fromEntries(joins) as RunState['joins'],
    visits: {},
    held: [],
    taskRuns: 0,
    failures: [],
    errors: [],
    leaves: [],
    stop: null,
    startAt: options.startAt ? [...options.startAt] : null,
  };
}

/**
 * What follows from an event: the state after it, and everything that is to be stored and started with it. Decides
 * only: the state given is not changed, and the same question has the same answer. Events that come twice, late or
 * after the end change nothing.
 */
export function advance(graph: Graph, state: RunState, event: RunEvent, context: RunContext): Delta {
  const step = new Step(graph, state, context);
  if (state.phase === 'ended') return step.toDelta();
  switch (event.type) {
    case 'start':
      if (state.phase === 'created') start(step);
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
      if (state.phase === 'running') step.state.phase = 'paused';
      break;
    case 'resume':
      if (state.phase === 'paused') resume(step);
      break;
  }
  settle(step);
  return step.toDelta();
}

function start(step: Step): void {
  const { graph, state } = step;
  state.phase = 'running';
  try {
    if (state.startAt === null) {
      const { value, warnings, secret } = renderValue(state.variables, step.scope.with({}));
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
  const first = state.startAt ?? graph.entry;
  if (first.length === 0 && graph.tasks.size > 0) {
    const reason = 'No task can start: every task is the target of a transition.';
    return step.stop({ as: 'failed', reason }, null);
  }
  for (const to of first) step.tokens.push({ from: null, to });
}

function resume(step: Step): void {
  step.state.phase = 'running';
  for (const name of Object.keys(step.state.joins)) step.touchedJoins.add(name);
  for (let held = step.releaseNext(); held; held = step.releaseNext()) {
    if (held.retry) startHeldRetry(step, held.task, held.retry);
    else beginTask(step, held.task);
    if (!isRunning(step)) return;
  }
  for (const [name, opens] of Object.entries(step.state.open)) {
    const task = step.graph.tasks.get(name);
    if (task?.items) for (const { visit } of opens) goOnWithItems(step, task, visit);
  }
}

/** Lets tokens flow until nothing moves by itself, and ends the run when nothing can move any more. */
function settle(step: Step): void {
  const { state } = step;
  while (state.phase === 'running' || state.phase === 'paused') {
    const token = step.tokens.shift();
    if (token) {
      const task = step.graph.tasks.get(token.to);
      if (task?.join && token.from !== null) arrive(step, task, token.from);
      else if (state.phase === 'paused') step.hold({ task: token.to, retry: null });
      else beginTask(step, token.to);
      continue;
    }
    if (state.phase === 'paused') return;
    const full = takeFullJoin(step);
    if (full) {
      beginTask(step, full.name);
      continue;
    }
    if (hasOpen(step)) return;
    const stuck = takeStuckJoin(step);
    if (!stuck) break;
    if (stuck.missing === null) beginTask(step, stuck.task.name);
    else step.stop({ as: 'failed', reason: tellUnsatisfied(stuck.task, stuck.missing) }, null);
  }
  if (state.phase !== 'created' && !hasOpen(step)) step.end(toEnd(step));
}

function beginTask(step: Step, name: string): void {
  const { graph, state } = step;
  const task = graph.tasks.get(name);
  if (!task) return;
  if (state.taskRuns >= graph.maxTaskRuns) {
    const reason = `max_task_runs: ${graph.maxTaskRuns} task runs have begun, and ${name} would be the next. Give the loop a condition that ends it, or raise max_task_runs.`;
    return step.stop({ as: 'failed', reason }, 'cancel');
  }
  const { visit, end } = begin(step, task);
  if (end) endTask(step, task, visit, end.outcome, end.result, end.error);
}

function isRunning({ state }: Step): boolean {
  return state.phase === 'running';
}

function hasOpen(step: Step): boolean {
  for (const _ in step.state.open) return true;
  return false;
}

function tellUnsatisfied(task: GraphTask, missing: readonly string[]): string {
  return `join_unsatisfied: ${task.name} waits for ${String(task.join)} of its sources, and ${missing.join(', ')} cannot come any more.`;
}

function tellTimeout({ timeoutSeconds }: Graph): string {
  return timeoutSeconds === null ? 'The run timed out.' : `The run timed out after ${timeoutSeconds} s.`;
}
