import type { GraphTask } from '../definition/graph';
import { ExpressionError, markSecret, renderValue, type Json, type Scope } from '../expression/expression';
import { attemptOf } from './item-attempts';
import { hideAll } from './redact';
import type { OpenTask, Prepared, Start } from './state';
import { describe, toErrorResult, type Step } from './step';

/** How a task run ended before a child of it could start. */
export interface EarlyEnd {
  outcome: 'completed' | 'failed';
  result: Json;
  error: string | null;
}

/** What a child is given, whether a secret is in it, and what may be shown of it. */
export type Input = Required<Prepared>;

const mostItems = 100_000;

/** Starts the attempt that is due, of the task or of one of its items; says so when its input cannot be rendered. */
export function startAttempt(
  step: Step,
  task: GraphTask,
  open: OpenTask,
  item: number | null,
  delaySeconds: number,
): EarlyEnd | null {
  try {
    const given =
      item === null
        ? renderInput(step, task, step.scope.with(step.head.variables))
        : itemInput(step, task, open, item);
    step.start(toStart(task, open, item, given, delaySeconds));
    return null;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return refuse(
      step,
      task,
      open,
      `The input of ${task.name} could not be rendered: ${describe(error)}`,
      item,
    );
  }
}

/** The list of a task with items, in batches where it says so; marked where it came from a secret. @throws ExpressionError when it is no list */
export function listItems(step: Step, task: GraphTask): Json[] {
  const written = task.items?.items ?? [];
  const scope = step.scope.with(step.head.variables);
  const rendered = renderValue(written, scope);
  step.warn(rendered.warnings, `${task.name}.with_items`);
  const { value } = rendered;
  const source = typeof written === 'string' ? written : 'with_items';
  const place = { line: 1, column: 1 };
  if (!Array.isArray(value)) {
    const what = value === null ? 'null' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
    throw new ExpressionError(
      'not_a_list',
      `with_items must give a list; this gives ${what}.`,
      source,
      place,
    );
  }
  const size = task.items?.batchSize ?? null;
  const batches: Json[] =
    size === null
      ? value
      : Array.from({ length: Math.ceil(value.length / size) }, (_, batch) =>
          value.slice(batch * size, (batch + 1) * size),
        );
  if (batches.length > mostItems) {
    const hint = 'Give several to each child with batch_size.';
    throw new ExpressionError(
      'too_many_items',
      `${batches.length} items are more than the ${mostItems} that fit.`,
      source,
      place,
      hint,
    );
  }
  return rendered.secret ? batches.map(markSecret) : batches;
}

/** The input of one item, rendered now. @throws ExpressionError */
export function renderItem(step: Step, task: GraphTask, value: Json, index: number): Input {
  const item = { value, index, as: task.items?.as ?? null };
  return renderInput(step, task, step.scope.with(step.head.variables, { item }));
}

/** What an item is given: as it was rendered when the task began, wherever that is kept. */
function itemInput(step: Step, task: GraphTask, open: OpenTask, index: number): Input {
  const kept = open.items?.inputs?.[index];
  if (kept !== undefined) return { input: kept, secret: false, redacted: kept };
  if (step.context.preparedInput) {
    const { input, secret, redacted } = step.context.preparedInput(task.name, open.visit, index);
    return { input, secret, redacted: secret ? (redacted ?? hideAll(input)) : input };
  }
  return renderItem(step, task, listItems(step, task)[index] ?? null, index);
}

function renderInput(step: Step, task: GraphTask, scope: Scope): Input {
  // An empty input stays empty.
  const written = task.task.input ?? {};
  const { value, warnings, secret, redacted } = renderValue(written, scope);
  step.warn(warnings, `${task.name}.input`);
  return { input: value, secret, redacted };
}

/** What could not be prepared is kept as an execution that failed at once: people look there for the reason. */
export function refuse(
  step: Step,
  task: GraphTask,
  open: OpenTask,
  message: string,
  item: number | null = null,
): EarlyEnd {
  const input = {};
  step.start(toStart(task, open, item, { input, secret: false, redacted: input }, 0, { message }));
  return { outcome: 'failed', result: toErrorResult(message), error: message };
}

/** An attempt as it is to be started. */
export function toStart(
  task: GraphTask,
  open: OpenTask,
  item: number | null,
  { input, secret, redacted }: Input,
  delaySeconds: number,
  failed: Start['failed'] = null,
): Start {
  return {
    task: task.name,
    visit: open.visit,
    item,
    attempt: attemptOf(open, item),
    maxRetries: task.retry?.count ?? 0,
    action: task.action ?? '',
    input,
    secret,
    redacted,
    timeoutSeconds: task.timeoutSeconds,
    delaySeconds,
    failed,
  };
}
