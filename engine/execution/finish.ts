import type { GraphTask } from '../definition/graph';
import { evaluateExpression, ExpressionError, isTruthy } from '../expression/expression';
import { startAttempt } from './attempt';
import { hasIndex } from './index-set';
import { areItemsOver, endItem, outcomeOf, startItems } from './items';
import { attemptOf, markRetried } from './item-attempts';
import { mayRetry, retryDelaySeconds } from './retry';
import { endTask } from './route';
import type { OpenTask, Outcome, RunEvent } from './state';
import { describe, type Step } from './step';

type AttemptEnded = Extract<RunEvent, { type: 'attempt_ended' }>;

/** Takes in the end of an attempt. News of an attempt that is not the one under way is old news: nothing changes. */
export function finishAttempt(step: Step, event: AttemptEnded): void {
  const task = step.graph.tasks.get(event.task);
  const open = step.state.openAt(event.task, event.visit);
  if (!task || !open || !isUnderWay(step, open, event)) return;
  if (retry(step, task, open, event)) return;
  if (event.item === null)
    return endRun(step, task, event.visit, event.outcome, event.result, event.error ?? null);
  endItem(step, task, open, event.item, event.outcome, event.error ?? null);
  goOnWithItems(step, task, event.visit);
}

/** Starts the items whose turn it is, and ends the task run when none is left. */
export function goOnWithItems(step: Step, task: GraphTask, visit: number): void {
  if (step.head.phase === 'running') startItems(step, task, visit);
  const open = step.state.openAt(task.name, visit);
  if (!open?.items) return;
  const isOver = step.head.phase === 'stopping' ? open.items.live === 0 : areItemsOver(open.items);
  if (!isOver) return;
  const { outcome, error } = outcomeOf(task, open.items);
  endRun(step, task, visit, outcome, step.context.itemResults(task.name, visit), error);
}

/** Makes an attempt that a pause held back. */
export function startHeldRetry(
  step: Step,
  name: string,
  retry: { visit: number; item: number | null; attempt: number },
): void {
  const task = step.graph.tasks.get(name);
  const open = step.state.openAt(name, retry.visit);
  if (task && open) attemptAgain(step, task, open, retry.item, 0);
}

function endRun(
  step: Step,
  task: GraphTask,
  visit: number,
  outcome: Outcome,
  result: AttemptEnded['result'],
  error: string | null,
): void {
  if (step.head.phase === 'stopping') step.close(task.name, visit, outcome, result, error);
  else endTask(step, task, visit, outcome, result, error);
}

function isUnderWay(step: Step, open: OpenTask, { task, visit, item, attempt }: AttemptEnded): boolean {
  const isHeld = step.state
    .held()
    .some((held) => held.task === task && held.retry?.visit === visit && held.retry.item === item);
  if (isHeld) return false;
  const { items } = open;
  if (!items) return item === null && attempt === open.attempt;
  if (item === null || !Number.isInteger(item) || item < 0 || item >= items.next) return false;
  return !hasIndex(items.ended, item) && attempt === attemptOf(open, item);
}

/** Makes or holds the next attempt; false when there is none to make. */
function retry(step: Step, task: GraphTask, open: OpenTask, event: AttemptEnded): boolean {
  const { item, attempt, outcome, result } = event;
  if (!task.retry || step.head.phase === 'stopping') return false;
  if (!mayRetry(task.retry, outcome, attempt, event.isIdempotent ?? false)) return false;
  if (task.retry.when !== null) {
    try {
      const scope = step.scope.with(step.head.variables, { ended: { outcome, result } });
      const { value, warnings } = evaluateExpression(task.retry.when, scope);
      step.warn(warnings, `${task.name}.retry.when`);
      if (!isTruthy(value)) return false;
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      step.warn([describe(error)], `${task.name}.retry.when`);
      return false;
    }
  }
  const { items } = open;
  const due = step.replace(
    task.name,
    item === null || !items
      ? { ...open, attempt: attempt + 1 }
      : { ...open, items: markRetried(items, item, attempt) },
  );
  if (step.head.phase === 'paused') {
    step.state.hold({ task: task.name, retry: { visit: open.visit, item, attempt: attempt + 1 } });
  } else {
    attemptAgain(step, task, due, item, retryDelaySeconds(task.retry, attempt, step.context.random));
  }
  return true;
}

function attemptAgain(
  step: Step,
  task: GraphTask,
  open: OpenTask,
  item: number | null,
  delaySeconds: number,
): void {
  const end = startAttempt(step, task, open, item, delaySeconds);
  if (!end) return;
  if (item === null) return endTask(step, task, open.visit, end.outcome, end.result, end.error);
  endItem(step, task, open, item, end.outcome, end.error);
  goOnWithItems(step, task, open.visit);
}
