import type { z } from 'zod';
import { conflict } from '@/engine/errors';
import { inTenant, type Tx } from '../db';
import { requireRight, type Actor } from '../identities/actor';
import { requireHeld } from '../identities/held-sets';
import { readAccess } from './access';
import { createExecution } from './create';
import { atRevision, resolveAction } from './resolve-action';
import { loadRevision, type Revision } from './revisions';
import type { ExecutionSummary, RerunExecution } from './schema';
import { secretsForRerun } from './secret-parameters';
import { getReadable, requesterOf, targetOf } from './service';
import type { ExecutionRow } from './store';
import { planTakeOver, storeTakeOver } from './take-over';

/**
 * Runs an execution again as a new one: whole, or from one of its tasks; with the same parameters or edited ones; on
 * the newest revision or the same. Gives the new execution, `failed` at once when the parameters do not fit.
 * @throws DomainError not_found, forbidden, or conflict when it cannot be run again like that (the message says why)
 */
export async function rerunExecution(
  actor: Actor,
  input: z.infer<typeof RerunExecution>,
): Promise<ExecutionSummary> {
  requireRight(actor, 'execute', 'executions');
  return inTenant(actor.tenantId, async (tx) => {
    const old = await getReadable(tx, actor, input.id);
    requireRight(actor, 'execute', 'executions', targetOf(old));
    const task = input.fromTask ?? null;
    const number = input.revision === 'same' ? sameRevision(old) : null;
    const from = task === null ? null : { task, visit: input.visit ?? null };
    const takeOver = from && (await planTakeOver(tx, old, await findRevision(tx, old, number), from));
    const parameters = input.parameters ?? old.parameters;
    const access = await readAccess(tx, old);
    const action = { ref: old.actionRef, packRef: targetOf(old).packRef ?? '' };
    await requireHeld(tx, actor, access?.permissionSetRefs ?? [], action, 'permission_set_refs');
    const { id, summary, refused } = await createExecution(tx, actor.tenantId, {
      actionRef: old.actionRef,
      parameters,
      secretsFrom: secretsForRerun(old, { by: actor.identityId, parameters }),
      requestedBy: requesterOf(actor),
      access,
      rerun: { of: old, task },
      ...(number === null ? {} : { revision: number }),
    });
    if (takeOver && refused === null)
      await storeTakeOver(tx, { tenantId: actor.tenantId, rootId: id, id }, takeOver);
    return summary;
  });
}

function sameRevision({ id, revision }: ExecutionRow): number {
  if (revision === null) {
    throw conflict('revision_gone', `Execution ${id} never had a revision. Run it on the newest.`);
  }
  return revision;
}

async function findRevision(tx: Tx, old: ExecutionRow, number: number | null): Promise<Revision> {
  const newest = await resolveAction(tx, old.tenantId, old.actionRef);
  const action = newest && number !== null ? await atRevision(tx, newest, number) : newest;
  if (!action?.workflowId || action.published === null) {
    throw conflict(
      'no_tasks_ran',
      `Execution ${old.id} cannot go on from a task: ${old.actionRef} has no tasks${newest ? '' : ' any more'}.`,
    );
  }
  return loadRevision(tx, action.workflowId, action.published);
}
