import type { Tx } from '../db';
import { storeAccess } from './access';
import { findActionFacts } from './action-facts';
import { Admissions } from './admissions';
import { planBirth, type Order } from './births';
import { giveSlot } from './give-slot';
import { atRevision, resolveAction, type ResolvedAction } from './resolve-action';
import { StepWrites, type Birth } from './step-writes';
import { writeStep, type Started, type StepWorker } from './steps';
import type { JsonObject } from '../fields';
import type { ExecutionSummary } from './schema';
import { claimBirth, type Allowance, type Born } from './tree-step';

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
  const created = await writeOne(tx, tenantId, await planRoots(tx, tenantId, [order]));
  if (order.access) await storeAccess(tx, { tenantId, rootId: created.id }, order.access);
  return created;
}

/** Several that are planned and not written yet, each a root of its own. */
export interface PlannedRoots {
  readonly writes: StepWrites;
  readonly born: readonly Born[];
}

/**
 * Plans several, in the caller's transaction, with their slots. `worker` claims of them what it may: they are born running.
 * Ids that the caller has drawn from the sequence are given with the orders, for all or for none.
 */
export async function planRoots(
  tx: Tx,
  tenantId: number,
  orders: readonly (Order & { id?: number })[],
  allowance: Allowance | null = null,
): Promise<PlannedRoots> {
  const writes = new StepWrites();
  const admissions = new Admissions(tx, tenantId);
  const born: Born[] = [];
  for (const { id, ...order } of orders) {
    const action = await findAction(tx, tenantId, order);
    const planned = await planBirth(tx, tenantId, order, action, writes);
    const { birth } = planned;
    await giveSlot(admissions, birth, action?.concurrency ?? null, null);
    // One that was read in this very transaction need not be checked.
    if (order.revision !== undefined) writes.checks.delete(order.actionRef);
    if (id !== undefined) birth.id = id;
    claimBirth(birth, allowance);
    born.push({ ...planned, action });
  }
  return { writes, born };
}

/** Writes them with one statement, in their order. */
export async function writeRoots(
  tx: Tx,
  tenantId: number,
  { writes, born }: PlannedRoots,
  worker: StepWorker | null = null,
): Promise<{ started: Started[]; at: Date }> {
  writes.births.push(...born.map(({ birth }) => birth));
  let at = new Date();
  const settle = (time: Date) => void (at = time);
  const step = { writes, born: [...born], ended: [], unanswered: [], settle };
  return { started: await writeStep(tx, { tenantId, rootId: null }, step, worker), at };
}

async function writeOne(tx: Tx, tenantId: number, planned: PlannedRoots): Promise<Created> {
  const { started, at } = await writeRoots(tx, tenantId, planned);
  const [first] = started;
  if (!first) throw new Error('no execution was made');
  return toCreated(first.id, first.birth, at);
}

export function toCreated(id: number, birth: Birth, at: Date): Created {
  return {
    id,
    parameters: birth.parameters,
    refused: birth.error,
    summary: toSummaryOfBirth(id, birth, at),
  };
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
