import { inStatement, inTenant, isPassing, type Tx } from '../db';
import { storeAccess } from './access';
import { findActionFacts, recallAction } from './action-facts';
import { Admissions } from './admissions';
import { planBirth, type Order } from './births';
import { giveSlot } from './give-slot';
import { atRevision, resolveAction, type ResolvedAction } from './resolve-action';
import { StepWrites, type Birth } from './step-writes';
import { writeStep } from './steps';
import type { JsonObject } from '../fields';
import type { ExecutionSummary } from './schema';
import type { Born } from './tree-step';

export interface Created {
  id: number;
  summary: ExecutionSummary;
  /** With masks in place of secrets. */
  parameters: JsonObject;
  /** The sentence that ended it at once, or null when it is on its way. */
  refused: string | null;
}

/**
 * Stores an execution that nobody's task starts, with its feed row and its bell, in the caller's transaction. An unknown
 * action, a workflow that was never published, or parameters that do not fit end it at once as failed with the reason,
 * without reaching a worker; it is still a row that people find.
 */
export async function createExecution(tx: Tx, tenantId: number, order: Order): Promise<Created> {
  const [created] = await createExecutions(tx, tenantId, [order]);
  if (!created) throw new Error('no execution was made');
  if (order.access) await storeAccess(tx, { tenantId, rootId: created.id }, order.access);
  return created;
}

/** The same for several, each a root of its own, with one statement that writes them all. */
export async function createExecutions(
  tx: Tx,
  tenantId: number,
  orders: readonly Order[],
): Promise<Created[]> {
  const writes = new StepWrites();
  const admissions = new Admissions(tx, tenantId);
  const born: Born[] = [];
  for (const order of orders) {
    const action = await findAction(tx, tenantId, order);
    const planned = await planBirth(tx, tenantId, order, action, writes);
    await giveSlot(admissions, planned.birth, action?.concurrency ?? null, null);
    // One that was read in this very transaction need not be checked.
    if (order.revision !== undefined) writes.checks.delete(order.actionRef);
    born.push({ ...planned, action });
  }
  return write(tx, tenantId, writes, born);
}

/**
 * The same as one statement, which is a transaction of its own, where this process knows the action already and nothing
 * limits it; the statement checks that it has not changed.
 */
export async function requestRoot(tenantId: number, order: Order): Promise<Created> {
  const action =
    order.revision === undefined && !order.access ? recallAction(tenantId, order.actionRef) : null;
  if (action?.concurrency === null) {
    try {
      return await inStatement('app', tenantId, async (tx) => {
        const writes = new StepWrites();
        const planned = await planBirth(tx, tenantId, order, action, writes);
        const [created] = await write(tx, tenantId, writes, [{ ...planned, action }]);
        if (!created) throw new Error('no execution was made');
        return created;
      });
    } catch (error) {
      // Such as an action that was edited a moment ago.
      if (!isPassing(error)) throw error;
    }
  }
  return inTenant(tenantId, (tx) => createExecution(tx, tenantId, order));
}

async function write(
  tx: Tx,
  tenantId: number,
  writes: StepWrites,
  born: readonly Born[],
): Promise<Created[]> {
  writes.births.push(...born.map(({ birth }) => birth));
  let at = new Date();
  const settle = (time: Date) => void (at = time);
  const started = await writeStep(
    tx,
    { tenantId, rootId: null },
    { writes, born: [...born], ended: [], unanswered: [], settle },
    null,
  );
  return started.map(({ id, birth }) => ({
    id,
    parameters: birth.parameters,
    refused: birth.error,
    summary: toSummaryOfBirth(id, birth, at),
  }));
}

async function findAction(tx: Tx, tenantId: number, order: Order): Promise<ResolvedAction | null> {
  if (order.revision === undefined) return findActionFacts(tx, tenantId, order.actionRef);
  const newest = await resolveAction(tx, tenantId, order.actionRef);
  return newest && atRevision(tx, newest, order.revision);
}

function toSummaryOfBirth(id: number, birth: Birth, at: Date): ExecutionSummary {
  return {
    id,
    rootId: id,
    parentId: null,
    actionRef: birth.action_ref,
    kind: birth.kind,
    state: birth.state,
    stateReason: birth.state_reason,
    error: birth.error,
    taskName: null,
    visit: 1,
    itemIndex: null,
    attempt: 1,
    maxRetries: 0,
    ruleRef: birth.rule_ref,
    triggerRef: birth.trigger_ref,
    eventId: birth.event_id,
    enforcementId: birth.enforcement_id,
    requestedBy: birth.login,
    revision: birth.revision,
    rerunOf: birth.rerun_of,
    rerunFrom: birth.rerun_from,
    created: at.toISOString(),
    startedAt: null,
    endedAt: birth.state === 'failed' ? at.toISOString() : null,
  };
}
