import { conflict, notFound } from '@/engine/errors';
import type { RunHead } from '@/engine/execution/state';
import { isEnded } from '@/engine/execution/status';
import type { z } from 'zod';
import type { Definition } from '@/engine/definition/schema';
import { inTenant, type Tx } from '../db';
import { readTimeline } from '../feed/store';
import type { JsonObject } from '../fields';
import { authorOf, may, requireRight, type Actor, type Target } from '../identities/actor';
import { requireHeld } from '../identities/held-sets';
import type { Layout } from '../workflows/schema';
import { recallAction } from './action-facts';
import { createExecution } from './create';
import type {
  Execution,
  ExecutionSummary,
  ListExecutions,
  LogChunk,
  LogPage,
  ReadLog,
  RequestExecution,
  RunView,
  TimelineEntry,
} from './schema';
import { requestRoot } from './request-root';
import { resolveAction } from './resolve-action';
import { taskResult } from './run-results';
import { cancelRow } from './steps';
import { findQueuePlace } from './slots';
import {
  findExecution,
  findInTree,
  listExecutions as selectExecutions,
  listTree,
  lockRoot,
  toSummary,
  type ExecutionRow,
} from './store';

const treeLimit = 5_000;

function packOf(ref: string): string {
  return ref.slice(0, ref.indexOf('.'));
}

/** Who is told to have asked: behind an execution whoever asked for that. */
export function requesterOf(actor: Actor): { id: number; login: string } | null {
  const id = authorOf(actor);
  return id === null ? null : { id, login: actor.execution?.requester ?? actor.login };
}

/** What a right is asked for on an execution. */
export function targetOf(row: Pick<ExecutionRow, 'id' | 'actionRef' | 'requestedByLogin'>): Target {
  const { id, actionRef, requestedByLogin } = row;
  const owner = requestedByLogin === null ? {} : { ownerType: 'identity', ownerRef: requestedByLogin };
  return { id, ref: actionRef, packRef: packOf(actionRef), ...owner };
}

/** An execution that the caller may read. @throws DomainError not_found */
export async function getReadable(tx: Tx, actor: Actor, id: number): Promise<ExecutionRow> {
  const row = await findExecution(tx, actor.tenantId, id);
  if (!row || !may(actor, 'read', 'executions', targetOf(row))) throw notFound('execution', id);
  return row;
}

/**
 * Asks for an action or a workflow to be carried out. Gives the new execution: `requested`, or `failed` at once when
 * the action is unknown or the parameters do not fit (its `error` says which and why).
 * `mustExist`: an unknown action is refused instead, and nothing is stored.
 * @throws DomainError forbidden, also for permission sets that the actor does not hold
 */
export async function requestExecution(
  actor: Actor,
  { permissionSetRefs, envVars, ...input }: z.infer<typeof RequestExecution>,
  options: { mustExist?: boolean } = {},
): Promise<ExecutionSummary> {
  const action = { ref: input.actionRef, packRef: packOf(input.actionRef) };
  requireRight(actor, 'execute', 'executions', action);
  const access =
    permissionSetRefs || envVars
      ? { permissionSetRefs: permissionSetRefs ?? null, envVars: envVars ?? null }
      : null;
  const order = { ...input, access, requestedBy: requesterOf(actor) };
  const isThere = () => !options.mustExist || recallAction(actor.tenantId, action.ref) !== null;
  if (!access && isThere()) return (await requestRoot(actor.tenantId, order)).summary;
  return inTenant(actor.tenantId, async (tx) => {
    if (options.mustExist && !(await resolveAction(tx, actor.tenantId, action.ref)))
      throw notFound('action', action.ref);
    await requireHeld(tx, actor, permissionSetRefs ?? [], action, 'permission_set_refs');
    return (await createExecution(tx, actor.tenantId, order)).summary;
  });
}

/** Executions by filter, newest first; `next` is the cursor of the page below, or null. */
export async function listExecutions(
  actor: Actor,
  input: z.infer<typeof ListExecutions>,
): Promise<{ items: ExecutionSummary[]; next: number | null }> {
  requireRight(actor, 'read', 'executions');
  const rows = await inTenant(actor.tenantId, (tx) =>
    selectExecutions(tx, actor.tenantId, {
      ...input,
      before: input.cursor ?? undefined,
      limit: input.limit + 1,
    }),
  );
  const page = rows.slice(0, input.limit);
  // A page may be shorter for whoever may read only some of them.
  const items = page.filter((row) => may(actor, 'read', 'executions', targetOf(row))).map(toSummary);
  return { items, next: rows.length > input.limit ? (page.at(-1)?.id ?? null) : null };
}

/** One execution with its input, result and what the caller may do to it. @throws DomainError not_found */
export async function getExecution(actor: Actor, id: number): Promise<Execution> {
  requireRight(actor, 'read', 'executions');
  return inTenant(actor.tenantId, async (tx) => {
    const row = await getReadable(tx, actor, id);
    const [more] = await tx.query<{
      workerName: string | null;
      inquiryId: number | null;
      parentState: string | null;
      reruns: Execution['reruns'];
    }>(
      `SELECT (SELECT name FROM worker WHERE id = $4) AS "workerName",
              (SELECT max(id) FROM inquiry WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3) AS "inquiryId",
              (SELECT state FROM execution WHERE tenant_id = $1 AND root_id = $2 AND id = $5) AS "parentState",
              (SELECT COALESCE(json_agg(r ORDER BY r.id), '[]') FROM (
                 SELECT id, state, rerun_from AS "rerunFrom" FROM execution
                 WHERE tenant_id = $1 AND rerun_of = $3 ORDER BY id LIMIT 20) r) AS reruns`,
      [actor.tenantId, row.rootId, id, row.workerId, row.parentId],
    );
    const action = await resolveAction(tx, actor.tenantId, row.actionRef);
    const target = targetOf(row);
    const mayExecute = may(actor, 'execute', 'executions', target);
    const queue = row.state === 'queued' ? await findQueuePlace(tx, row) : null;
    return {
      ...toSummary(row),
      parameters: row.parameters,
      result: row.result,
      originalId: row.originalId,
      timeoutSeconds: row.timeoutSeconds,
      priority: row.priority,
      queuePosition: queue?.position ?? null,
      slotHolders: (queue?.holders ?? []).filter(({ id: holder }) =>
        may(actor, 'read', 'executions', { ...target, id: holder }),
      ),
      workerName: more?.workerName ?? null,
      inquiryId: more?.inquiryId ?? null,
      availableAt: row.availableAt.toISOString(),
      deadlineAt: row.deadlineAt?.toISOString() ?? null,
      mayCancel:
        !isEnded(row.state) && row.state !== 'canceling' && may(actor, 'cancel', 'executions', target),
      mayRerun: mayExecute,
      mayPause: row.kind === 'workflow' && row.state === 'running' && mayExecute,
      mayResume: row.state === 'paused' && more?.parentState !== 'paused' && mayExecute,
      reruns: more?.reruns ?? [],
      newestRevision: (row.kind === 'workflow' ? action?.published : action?.revision) ?? null,
    };
  });
}

/** The whole tree that an execution belongs to, root first, then by id; at most 5,000 rows. @throws DomainError not_found */
export async function getTree(actor: Actor, id: number): Promise<ExecutionSummary[]> {
  requireRight(actor, 'read', 'executions');
  return inTenant(actor.tenantId, async (tx) => {
    const row = await getReadable(tx, actor, id);
    return (await listTree(tx, actor.tenantId, row.rootId, treeLimit)).map(toSummary);
  });
}

/** A workflow's run with the revision it runs, each task's visits and the transitions that fired. @throws DomainError not_found */
export async function getRun(actor: Actor, id: number): Promise<RunView> {
  requireRight(actor, 'read', 'executions');
  return inTenant(actor.tenantId, async (tx) => {
    const row = await getReadable(tx, actor, id);
    const [run] = await tx.query<{
      definition: Definition;
      layout: Layout;
      revision: number;
      variables: JsonObject;
      held: RunHead['held'];
      warnings: string[];
    }>(
      `SELECT r.definition, r.layout, r.number AS revision, w.variables, w.head -> 'held' AS held, w.warnings
       FROM workflow_run w JOIN workflow_revision r ON r.workflow_id = w.workflow_id AND r.number = w.revision
       WHERE w.tenant_id = $1 AND w.root_id = $2 AND w.execution_id = $3`,
      [actor.tenantId, row.rootId, id],
    );
    if (!run) throw notFound('workflow run', id);
    const taskRuns = await tx.query<RunView['taskRuns'][number]>(
      `SELECT t.task, t.visit, t.status, t.error, t.kept_from AS "keptFrom", t.transitions, ${taskResult} AS result FROM task_run t
       WHERE t.tenant_id = $1 AND t.root_id = $2 AND t.execution_id = $3 ORDER BY t.created, t.visit LIMIT $4`,
      [actor.tenantId, row.rootId, id, treeLimit],
    );
    return {
      executionId: id,
      workflowRef: row.actionRef,
      revision: run.revision,
      definition: run.definition,
      layout: run.layout,
      taskRuns,
      variables: run.variables,
      held: run.held.map(({ task }) => task),
      warnings: run.warnings,
    };
  });
}

/** Output after a sequence number, oldest first. `ended` once nothing more can come. @throws DomainError not_found */
export async function readLog(
  actor: Actor,
  input: z.infer<typeof ReadLog>,
): Promise<z.infer<typeof LogPage>> {
  requireRight(actor, 'read', 'executions');
  return inTenant(actor.tenantId, async (tx) => {
    const row = await getReadable(tx, actor, input.executionId);
    const chunks = await tx.query<Omit<LogChunk, 'created'> & { created: Date }>(
      `SELECT seq, stream, content, created FROM execution_log
       WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3 AND seq > $4 ORDER BY seq LIMIT $5`,
      [actor.tenantId, row.rootId, row.id, input.after, input.limit],
    );
    return {
      chunks: chunks.map((chunk) => ({ ...chunk, created: chunk.created.toISOString() })),
      next: chunks.at(-1)?.seq ?? input.after,
      ended: isEnded(row.state) && chunks.length < input.limit,
    };
  });
}

/** The tree's changes in the order in which they were committed, after a sequence number; at most 1,000. */
export async function getTimeline(
  actor: Actor,
  id: number,
  after: number,
): Promise<z.infer<typeof TimelineEntry>[]> {
  requireRight(actor, 'read', 'executions');
  return inTenant(actor.tenantId, async (tx) => {
    const row = await getReadable(tx, actor, id);
    const entries = await readTimeline(tx, actor.tenantId, row.rootId, after, 1_000);
    return entries.map(({ seq, entityType, entityId, kind, payload, created }) => ({
      seq,
      entityType,
      entityId,
      kind,
      payload,
      created: created.toISOString(),
    }));
  });
}

/**
 * Cancels an execution and what it started. What waits ends at once; what runs is stopped (TERM, grace, KILL).
 * @throws DomainError not_found, forbidden, or conflict when it has ended already
 */
export async function cancelExecution(actor: Actor, id: number): Promise<ExecutionSummary> {
  requireRight(actor, 'cancel', 'executions');
  return inTenant(actor.tenantId, async (tx) => {
    const seen = await getReadable(tx, actor, id);
    requireRight(actor, 'cancel', 'executions', targetOf(seen));
    await lockRoot(tx, actor.tenantId, seen.rootId);
    const row = (await findInTree(tx, actor.tenantId, seen.rootId, id)) ?? seen;
    if (isEnded(row.state))
      throw conflict('already_ended', `Execution ${id} has ended already: ${row.state}.`);
    await cancelRow(tx, row, `Cancelled by ${actor.displayName}.`);
    return toSummary((await findInTree(tx, actor.tenantId, row.rootId, id)) ?? row);
  });
}
