import { z } from 'zod';
import { pinnedAction, toDraftRun } from '@/engine/definition/draft-run';
import type { Definition } from '@/engine/definition/schema';
import { DomainError, invalid } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { secretMask } from '@/engine/expression/redacted';
import { inConfiguration, inTenant, type ConfigurationTx } from '../db';
import { createExecution } from '../executions/create';
import { taskResult } from '../executions/run-results';
import type { ExecutionSummary } from '../executions/schema';
import { secretsForRerun } from '../executions/secret-parameters';
import { getReadable, requesterOf } from '../executions/service';
import type { ExecutionRow } from '../executions/store';
import { Id, JsonObject, Priority, Ref } from '../fields';
import { authorOf, requireRight, type Actor } from '../identities/actor';
import { packRefOf, requireOwn, targetOf } from '../packs/refs';
import { checkDefinition, readDefinition, toDetail } from './check';
import { staleDraft } from './service';
import { getWorkflowRow, insertSnapshot } from './store';

export const RunDraft = z.strictObject({
  ref: Ref,
  draftVersion: z
    .number()
    .int()
    .positive()
    .describe('The version that is meant; another means that somebody saved'),
  parameters: JsonObject.default({}),
  priority: Priority.optional(),
  only: z
    .strictObject({ task: z.string().min(1).max(200), kind: z.enum(['step', 'to']) })
    .optional()
    .describe('Only this task (step), or it and all that leads to it (to). (Default: the whole draft)'),
  from: Id.optional().describe('A run whose secrets, variables and results are taken for what is not run'),
});
export type RunDraft = z.infer<typeof RunDraft>;

interface Earlier {
  row: ExecutionRow;
  results: Record<string, Json>;
  variables: JsonObject | null;
}

/**
 * Runs the draft as it is, without publishing it: the run keeps a snapshot of it, which no rule and no other workflow
 * ever takes. Outputs that are pinned stand for their tasks. Gives the new execution.
 * @throws DomainError stale_draft, has_problems, not_found for the run that is named in `from`
 */
export async function runDraft(actor: Actor, input: RunDraft): Promise<ExecutionSummary> {
  requireRight(actor, 'update', 'actions', targetOf(input.ref));
  requireRight(actor, 'execute', 'executions', { ref: input.ref, packRef: packRefOf(input.ref) });
  const earlier = input.from === undefined ? null : await readEarlier(actor, input.ref, input.from);
  const revision = await inConfiguration(actor.tenantId, (tx) => takeSnapshot(tx, actor, input, earlier));
  return inTenant(actor.tenantId, async (tx) => {
    const { parameters } = input;
    const { summary } = await createExecution(tx, actor.tenantId, {
      actionRef: input.ref,
      parameters,
      priority: input.priority,
      revision,
      requestedBy: requesterOf(actor),
      ...(earlier ? { secretsFrom: secretsForRerun(earlier.row, { by: actor.identityId, parameters }) } : {}),
    });
    return summary;
  });
}

async function takeSnapshot(
  tx: ConfigurationTx,
  actor: Actor,
  input: RunDraft,
  earlier: Earlier | null,
): Promise<number> {
  const row = await getWorkflowRow(tx, actor.tenantId, input.ref, { lock: true });
  requireOwn(actor.tenantId, row);
  if (row.draftVersion !== input.draftVersion) throw await staleDraft(tx, actor, input);
  const { definition: draft, problems } = readDefinition(row.draft);
  const { only } = input;
  const { disabled = [], breakpoints = [] } = row.layout;
  if (only && !draft.tasks.some(({ name }) => name === only.task)) {
    throw invalid(
      `The draft of ${row.ref} has no task ${only.task}.`,
      [{ path: 'only.task', message: 'is no task of the draft' }],
      'unknown_task',
    );
  }
  const written = toDraftRun(draft, {
    pins: row.pins,
    disabled,
    only: only ?? null,
    ...(earlier && only ? { results: earlier.results, variables: earlier.variables } : {}),
  });
  if (earlier) requireNoMasks(written, row.pins, earlier);
  const { definition } = readDefinition(written as Json);
  const found = [
    ...(only ? [] : problems.filter(({ task }) => task === undefined || !disabled.includes(task))),
    ...(await checkDefinition(tx, row.tenantId, row.ref, definition, [], actor.hiddenPacks)),
  ];
  const errors = found.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw new DomainError(
      'invalid',
      'has_problems',
      `The draft of ${row.ref} cannot run: ${errors[0]?.message ?? ''} Repair what is marked, then run it.`,
      { details: errors.map(toDetail) },
    );
  }
  return insertSnapshot(tx, row, {
    definition: definition,
    // Who asks for one step does not want to stop before it.
    layout: { ...row.layout, breakpoints: breakpoints.filter((name) => name !== only?.task) },
    actorId: authorOf(actor),
  });
}

/** What stands for a secret in a stored result must not be taken for the value. @throws DomainError invalid */
function requireNoMasks(written: Definition, pins: Readonly<Record<string, Json>>, { row }: Earlier): void {
  const isMasked = (value: unknown) => JSON.stringify(value ?? null).includes(secretMask);
  const stub = written.tasks.find(
    ({ name, action, input, with_items: items }) =>
      action === pinnedAction && !Object.hasOwn(pins, name) && (isMasked(input) || isMasked(items)),
  );
  const spoken = JSON.stringify(written.tasks);
  const variable = Object.entries(written.vars ?? {}).find(
    ([name, value]) => isMasked(value) && spoken.includes(name),
  );
  if (!stub && !variable) return;
  const what = stub ? `The result of ${stub.name}` : `The variable ${variable?.[0] ?? ''}`;
  throw invalid(
    `${what} in execution ${row.id} holds a secret, which is not kept. Run the workflow up to this task, or pin an output${stub ? ` of ${stub.name}` : ''}.`,
    [{ path: 'from', message: 'holds a secret that is not kept' }],
    'secret_not_kept',
  );
}

async function readEarlier(actor: Actor, ref: string, id: number): Promise<Earlier> {
  return inTenant(actor.tenantId, async (tx) => {
    const row = await getReadable(tx, actor, id);
    if (row.actionRef !== ref) {
      throw invalid(
        `Execution ${id} is one of ${row.actionRef}, not of ${ref}.`,
        [{ path: 'from', message: `is no run of ${ref}` }],
        'other_workflow',
      );
    }
    const place = [actor.tenantId, row.rootId, row.id];
    const [run] = await tx.query<{ variables: JsonObject }>(
      'SELECT variables FROM workflow_run WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3',
      place,
    );
    const results = await tx.query<{ task: string; result: Json }>(
      `SELECT DISTINCT ON (t.task) t.task, ${taskResult} AS result FROM task_run t
       WHERE t.tenant_id = $1 AND t.root_id = $2 AND t.execution_id = $3 AND t.status <> 'running'
       ORDER BY t.task, t.visit DESC LIMIT 10000`,
      place,
    );
    return {
      row,
      variables: run?.variables ?? null,
      results: Object.fromEntries(
        results.filter(({ result }) => isPinnable(result)).map(({ task, result }) => [task, result]),
      ),
    };
  });
}

/** Whether a value can stand for a task's result: an object, or for a task that repeats a list of them. */
export function isPinnable(value: Json): boolean {
  const isObject = (one: Json) => typeof one === 'object' && one !== null && !Array.isArray(one);
  return Array.isArray(value) ? value.every(isObject) : isObject(value);
}
