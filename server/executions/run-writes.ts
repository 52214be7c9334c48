import type { Delta, RunEvent } from '@/engine/execution/state';
import { bounded } from './births';
import type { LiveRun } from './live-run';
import { sealInput } from './secret-inputs';
import type { StepWrites } from './step-writes';

/** Notes what a decision changes of its run, which is given as it was before. What it starts and cancels is not in it. */
export function writeDelta(writes: StepWrites, run: LiveRun, event: RunEvent, delta: Delta): void {
  writeRun(writes, run, event, delta);
  writeTasks(writes, run, event, delta);
  for (const { task, join } of delta.joins)
    writes.joins.set(`${run.row.id} ${task}`, { run: run.row.id, task, state: join });
  for (const { join, source, count } of delta.tokens)
    writes.tokens.set(`${run.row.id} ${join}\n${source}`, {
      run: run.row.id,
      task: join,
      source,
      count,
    });
  for (const { task, visit, inputs, secret, redacted } of delta.prepared)
    for (const [item, input] of inputs.entries())
      writes.items.push({
        run: run.row.id,
        task,
        visit,
        item,
        input: secret ? (redacted[item] ?? null) : input,
        sealed: secret ? sealInput(run.row, input, run.secretTexts).toString('base64') : null,
      });
}

function writeRun(writes: StepWrites, run: LiveRun, event: RunEvent, delta: Delta): void {
  const before = writes.runs.get(run.row.id);
  const { variables, ...head } = delta.head;
  const isNew = run.version === null;
  const warnings = [...(before?.warnings ?? []), ...delta.warnings];
  const own = run.revision.graph.timeoutSeconds;
  const limits = [own, run.row.timeoutSeconds].filter((seconds): seconds is number => seconds !== null);
  const deadline =
    event.type === 'start' && limits.length > 0 ? bounded(Math.min(...limits)) : before?.deadline;
  const writesVariables = isNew || before?.variables !== undefined || variables !== run.head.variables;
  writes.runs.set(run.row.id, {
    id: run.row.id,
    version: run.version,
    head,
    ...(writesVariables ? { variables } : {}),
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(isNew
      ? {
          workflow: run.revision.workflowId,
          revision: run.revision.number,
        }
      : {}),
    // Of the decision that began it, also where this step has taken others since.
    vars: delta.vars ?? before?.vars,
    deadline,
  });
}

function writeTasks(writes: StepWrites, run: LiveRun, event: RunEvent, delta: Delta): void {
  const opens = new Map(delta.open.map((each) => [`${each.visit} ${each.task}`, each.open]));
  const changed = new Map(delta.taskRuns.map((each) => [`${each.visit} ${each.task}`, each]));
  for (const { task, visit, open } of delta.open) {
    const key = `${visit} ${task}`;
    // Changed, but neither begun nor ended: its items or its attempt have moved.
    if (open && !changed.has(key)) changed.set(key, { task, visit, status: 'running', ...nothingNew });
  }
  for (const [key, { task, visit, status, result, error, began, routed, published }] of changed) {
    const leaf = delta.leaves.find((each) => each.task === task && each.visit === visit);
    const failure = delta.failures.find((each) => each.task === task && each.visit === visit);
    const isOwn =
      event.type === 'attempt_ended' &&
      event.item === null &&
      event.task === task &&
      event.visit === visit &&
      event.result === result;
    const resultFrom =
      status === 'running'
        ? null
        : isOwn
          ? 'attempt'
          : result !== null && result === run.itemList(task, visit)
            ? 'items'
            : null;
    writes.tasks.set(`${run.row.id} ${key}`, {
      run: run.row.id,
      task,
      visit,
      status,
      result: resultFrom === null ? result : null,
      resultFrom,
      ...{ error, routed, published },
      began: began ?? writes.tasks.get(`${run.row.id} ${key}`)?.began ?? null,
      open: opens.get(key) ?? null,
      transitions: delta.transitions
        .filter((transition) => transition.task === task && transition.visit === visit)
        .map(({ index, fired, to, error: mistake }) => ({ index, fired, to, error: mistake })),
      ...(leaf ? { leaf: leaf.order } : {}),
      ...(failure
        ? { failure: failure.order, failureError: failure.error, tolerated: failure.isTolerated }
        : {}),
    });
  }
}

const nothingNew = { result: null, error: null, began: null, routed: null, published: null };
