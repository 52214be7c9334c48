import type { GraphTask } from '../definition/graph';
import { ExpressionError } from '../expression/expression';
import { listItems, refuse, renderItem, startAttempt, toStart, type EarlyEnd, type Input } from './attempt';
import { addIndex } from './index-set';
import { forgetRetries } from './item-attempts';
import type { OpenItems, OpenTask, Outcome } from './state';
import { clip, describe, type Step } from './step';

/** Begins a task with items: all inputs are rendered, then as many items start as may run at a time. */
export function beginItems(step: Step, task: GraphTask, open: OpenTask): EarlyEnd | null {
  let given: Input[];
  try {
    // Up front: what a parallel branch publishes later must not tell the last item from the first.
    given = listItems(step, task).map((value, index) => renderItem(step, task, value, index));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return refuse(step, task, open, `The items of ${task.name} could not be rendered: ${describe(error)}`);
  }
  const total = given.length;
  if (total === 0) return { outcome: 'completed', result: [], error: null };
  const secret = given.some((each) => each.secret);
  const inputs = given.map(({ input }) => input);
  const redacted = secret ? given.map((each) => each.redacted) : inputs;
  const first = Math.min(total, task.items?.concurrency ?? total);
  const isNeededAgain = first < total || task.retry !== null;
  const isStored = isNeededAgain && step.context.preparedInput !== undefined;
  if (isStored) step.prepare({ task: task.name, visit: open.visit, inputs, secret, redacted });
  step.replace(task.name, {
    ...open,
    items: {
      total,
      next: first,
      live: first,
      ended: '',
      retried: [],
      bad: { failed: 0, timeout: 0, cancelled: 0, abandoned: 0 },
      error: null,
      isStopped: false,
      inputs: isNeededAgain && !isStored && !secret ? inputs : null,
    },
  });
  for (const [index, each] of given.slice(0, first).entries())
    step.start(toStart(task, open, index, each, task.delaySeconds));
  return null;
}

/** Starts further items in index order, until as many run as may. */
export function startItems(step: Step, task: GraphTask, visit: number): void {
  const limit = task.items?.concurrency ?? Number.POSITIVE_INFINITY;
  for (;;) {
    const open = step.state.openAt(task.name, visit);
    const items = open?.items;
    if (!items || items.isStopped || items.next >= items.total || items.live >= limit) return;
    const further = { ...items, next: items.next + 1, live: items.live + 1 };
    const started = step.replace(task.name, { ...open, items: further });
    const end = startAttempt(step, task, started, items.next, task.delaySeconds);
    if (end) endItem(step, task, started, items.next, end.outcome, end.error);
  }
}

/** Notes that an item has ended for good. */
export function endItem(
  step: Step,
  task: GraphTask,
  open: OpenTask,
  item: number,
  outcome: Outcome,
  error: string | null,
): void {
  const { items } = open;
  if (!items) return;
  const changed: OpenItems = {
    ...items,
    live: items.live - 1,
    ended: addIndex(items.ended, item),
    retried: forgetRetries(items.retried, item),
  };
  if (outcome !== 'completed') {
    changed.bad = { ...items.bad, [outcome]: items.bad[outcome] + 1 };
    changed.error ??= clip(`item ${item}: ${error || outcome}`);
    const allowed = task.items?.allowedFailures(items.total) ?? 0;
    if (task.items?.stopsOnFailure && countBad(changed) > allowed) changed.isStopped = true;
  }
  step.replace(task.name, { ...open, items: changed });
}

/** Whether no item runs and none is to start. */
export function areItemsOver(items: OpenItems): boolean {
  return items.live === 0 && (items.isStopped || items.next >= items.total);
}

/** The outcome over all items, once none runs: completed while no more ended badly than may. */
export function outcomeOf(task: GraphTask, items: OpenItems): { outcome: Outcome; error: string | null } {
  const bad = countBad(items);
  const notStarted = items.total - items.next;
  if (bad <= (task.items?.allowedFailures(items.total) ?? 0) && notStarted === 0) {
    return { outcome: 'completed', error: null };
  }
  const { failed, abandoned, timeout, cancelled } = items.bad;
  const outcome = failed + abandoned > 0 ? 'failed' : timeout > 0 ? 'timeout' : 'cancelled';
  const skipped = notStarted > 0 ? `; ${notStarted} did not start` : '';
  const parts = [
    [failed, 'failed'],
    [abandoned, 'were abandoned'],
    [timeout, 'ran out of time'],
    [cancelled, 'were cancelled'],
  ] as const;
  const told = parts.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : [])).join(', ');
  return {
    outcome,
    error: `Of ${items.total} items, ${told || 'none failed'}${skipped}. First: ${items.error ?? 'none'}`,
  };
}

function countBad({ bad }: OpenItems): number {
  return bad.failed + bad.timeout + bad.cancelled + bad.abandoned;
}
