import { isReserved, type GraphTask, type GraphTransition } from '../definition/graph';
import {
  evaluateExpression,
  ExpressionError,
  isTruthy,
  renderValue,
  type Json,
} from '../expression/expression';
import { isFailure, type Ended } from './scope';
import type { JsonObject, Outcome } from './state';
import { describe, leak, type Step } from './step';

interface Verdict {
  fired: GraphTransition[];
  variables: JsonObject;
  /** By the index of the transition. */
  errors: Map<number, string>;
}

/**
 * Ends a task run: its transitions are asked, what fires publishes and drops its tokens, and a failure that nothing
 * handles is noted. An error in a condition or in publishing makes the outcome failed, and all is asked once more.
 */
export function endTask(
  step: Step,
  task: GraphTask,
  visit: number,
  outcome: Outcome,
  result: Json,
  error: string | null,
): void {
  let ended: Ended = { outcome, result };
  let told = error;
  // Closed first: its own conditions may read `task.<name>.result` and mean this run.
  step.close(task.name, visit, outcome, result, told);
  let verdict = ask(step, task, ended, true);
  if (verdict.errors.size > 0) {
    told = [...verdict.errors.values()][0] ?? null;
    ended = { outcome: 'failed', result };
    step.close(task.name, visit, 'failed', result, told);
    const again = ask(step, task, ended, false);
    verdict = { ...again, errors: new Map([...verdict.errors, ...again.errors]) };
  }
  const written = verdict.fired.flatMap(({ publish: entries }) =>
    entries.flatMap((entry) => Object.keys(entry)),
  );
  step.route(task.name, verdict.variables, written);
  for (const transition of task.transitions) {
    const fired = verdict.fired.includes(transition);
    step.take({
      task: task.name,
      visit,
      index: transition.index,
      fired,
      to: fired ? [...transition.targets] : [],
      error: verdict.errors.get(transition.index) ?? null,
    });
  }
  forgiveDebts(step, task, verdict.fired);
  follow(step, task, visit, ended.outcome, told, verdict.fired);
}

/** Which transitions fire for an outcome, and the variables after they have published. */
function ask(step: Step, task: GraphTask, ended: Ended, stopsAtError: boolean): Verdict {
  const errors = new Map<number, string>();
  const attempt = <T>(transition: GraphTransition, part: string, work: () => T): T | null => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      errors.set(transition.index, `${task.name}.next.${transition.index}.${part}: ${describe(error)}`);
      return null;
    }
  };
  const before = step.head.variables;
  const scope = step.scope.with(before, { ended });
  const holding = task.transitions.filter((transition) => {
    if (transition.isOtherwise) return false;
    const { when } = transition;
    if (when === null) return true;
    return attempt(transition, 'when', () => {
      const { value, warnings } = evaluateExpression(when, scope);
      step.warn(warnings, `${task.name}.next.${transition.index}.when`);
      return isTruthy(value);
    });
  });
  if (stopsAtError && errors.size > 0) return { fired: [], variables: before, errors };
  const chosen = holding.length > 0 ? holding : task.transitions.filter(({ isOtherwise }) => isOtherwise);
  const fired: GraphTransition[] = [];
  let variables = before;
  for (const transition of chosen) {
    const published = attempt(transition, 'publish', () => publish(step, task, transition, variables, ended));
    if (published === null) continue;
    variables = published;
    fired.push(transition);
  }
  return { fired, variables, errors };
}

/** The variables after a transition has published: in order, each entry seeing those before it. */
function publish(
  step: Step,
  task: GraphTask,
  transition: GraphTransition,
  before: JsonObject,
  ended: Ended,
): JsonObject {
  let variables = before;
  for (const entry of transition.publish) {
    for (const [name, written] of Object.entries(entry)) {
      const rendered = renderValue(written, step.scope.with(variables, { ended }));
      step.warn(rendered.warnings, `${task.name}.next.${transition.index}.publish.${name}`);
      if (rendered.secret) {
        throw leak(`The variable ${name} would hold a secret.`, typeof written === 'string' ? written : name);
      }
      variables = { ...variables, [name]: rendered.value };
    }
  }
  return variables;
}

/** Drops the tokens, and notes how the branch ended where it did. */
function follow(
  step: Step,
  task: GraphTask,
  visit: number,
  status: Outcome,
  told: string | null,
  fired: readonly GraphTransition[],
): void {
  const isBad = isFailure(status) || status === 'cancelled';
  const reason = told || sentences[status];
  const failing = fired.find(({ targets }) => targets.includes('$fail'));
  if (failing) {
    const label = failing.label ? ` (${failing.label})` : '';
    const message = `${task.name} led to $fail${label}${isBad ? `: ${reason}` : '.'}`;
    step.state.addFailure({ task: task.name, visit, status, error: message }, false);
    step.stop({ as: 'failed', reason: message }, step.graph.cancellation.running);
    return;
  }
  let isHandled = false;
  let goesOn = false;
  for (const { targets } of fired) {
    for (const to of targets) {
      isHandled = true;
      if (to === '$end') continue;
      goesOn = true;
      step.send({ from: task.name, to });
    }
  }
  if (fired.length < task.transitions.length) noteDeparture(step, task, fired);
  if (goesOn || (isBad && isHandled)) return;
  if (!isBad) return step.state.addLeaf(task.name, visit);
  const failure = { task: task.name, visit, status, error: reason };
  const policy = task.onFailure ?? step.graph.onFailure;
  step.state.addFailure(failure, policy === 'continue');
  if (policy === 'abort') step.stop({ as: 'failed', reason }, null);
}

/** Joins wait for what can still come: notes which ways were taken and which were not. */
function noteDeparture(step: Step, task: GraphTask, fired: readonly GraphTransition[]): void {
  let notTo: string[] | null = null;
  for (const transition of task.transitions) {
    if (fired.includes(transition)) continue;
    for (const target of transition.targets) {
      if (isReserved(target) || fired.some(({ targets }) => targets.includes(target))) continue;
      (notTo ??= []).push(target);
    }
  }
  if (notTo) step.departures.push({ task: task.name, to: fired.flatMap(({ targets }) => targets), notTo });
}

/** A source that ended without a token for a join owes it none any more. */
function forgiveDebts(step: Step, task: GraphTask, fired: readonly GraphTransition[]): void {
  if (fired.length === task.transitions.length) return;
  for (const { targets } of task.transitions) {
    for (const target of targets) {
      if (!step.graph.tasks.get(target)?.join) continue;
      const join = step.state.joinOf(target);
      if (!join?.owed.includes(task.name) || fired.some((transition) => transition.targets.includes(target)))
        continue;
      step.state.setJoin(target, { ...join, owed: join.owed.filter((name) => name !== task.name) });
    }
  }
}

const sentences: Record<Outcome, string> = {
  completed: 'it completed',
  failed: 'it failed',
  timeout: 'it ran out of time',
  cancelled: 'it was cancelled',
  abandoned: 'its worker was lost',
};
