import { checkAgainst, withDefaults } from '@/engine/json-schema';
import type { Tx } from '../db';
import { appendChanges } from '../feed/store';
import type { JsonObject } from '../fields';
import { enqueue } from '../queue';
import { nearestActions, resolveAction, toErrorResult, type ResolvedAction } from './resolve-action';
import { changeState, insertExecutions, stateChange, type ExecutionRow, type NewExecution } from './store';

/** What is asked for: an action with parameters, and where it belongs. */
export interface Order {
  actionRef: string;
  parameters: JsonObject;
  /** The run whose task this is. */
  parent?: {
    row: ExecutionRow;
    task: string;
    visit: number;
    item: number | null;
    attempt: number;
    maxRetries: number;
    originalId: number | null;
  };
  cause?: { enforcementId: number; eventId: number; ruleRef: string; triggerRef: string };
  requestedBy?: number | null;
  timeoutSeconds?: number | null;
  delaySeconds?: number;
  /** Decided already: the execution is stored as one that failed before it started. */
  failed?: string | null;
}

export interface Created {
  row: ExecutionRow;
  /** The sentence that ended it at once, or null when it is on its way. */
  refused: string | null;
}

/**
 * Stores executions, one feed row each, and rings for those that can start: all in the caller's transaction.
 * An unknown action, a workflow that was never published, or parameters that do not fit end the execution at once
 * as failed with the reason, without reaching a worker; it is still a row that people find. Order is kept.
 */
export async function createExecutions(
  tx: Tx,
  tenantId: number,
  orders: readonly Order[],
): Promise<Created[]> {
  const actions = new Map<string, ResolvedAction | null>();
  const plans: { row: NewExecution; refused: string | null }[] = [];
  for (const order of orders) {
    if (!actions.has(order.actionRef))
      actions.set(order.actionRef, await resolveAction(tx, tenantId, order.actionRef));
    const action = actions.get(order.actionRef) ?? null;
    const parameters = action ? withDefaults(action.paramSchema, order.parameters) : order.parameters;
    const refused =
      order.failed ??
      (action ? refusal(action, parameters) : await unknownAction(tx, tenantId, order.actionRef));
    plans.push({ refused, row: toNewExecution(order, action, parameters, refused) });
  }
  const rows = await insertExecutions(
    tx,
    tenantId,
    plans.map((plan) => plan.row),
  );
  await appendChanges(
    tx,
    tenantId,
    rows.map((row) => stateChange(row, 'created')),
  );
  const created: Created[] = [];
  for (const [place, row] of rows.entries()) {
    const refused = plans[place]?.refused ?? null;
    const ended =
      refused === null
        ? null
        : await changeState(tx, row, { state: 'failed', error: refused, result: toErrorResult(refused) });
    created.push({ row: ended ?? row, refused });
  }
  await enqueue(
    tx,
    'execution',
    created
      .filter(({ row }) => row.state === 'requested')
      .map(({ row }) => ({ tenantId, rootId: row.rootId, id: row.id, priority: row.priority })),
  );
  return created;
}

function refusal(action: ResolvedAction, parameters: JsonObject): string | null {
  if (action.runtime === 'workflow' && action.published === null) {
    return `The workflow ${action.ref} has no published revision yet. Publish it, then run it again.`;
  }
  const problems = checkAgainst(action.paramSchema, parameters);
  if (problems.length === 0) return null;
  const places = problems.slice(0, 10).map(({ path, message }) => (path ? `${path} ${message}` : message));
  return `The parameters do not fit ${action.ref}: ${places.join('; ')}.`;
}

async function unknownAction(tx: Tx, tenantId: number, ref: string): Promise<string> {
  const near = await nearestActions(tx, tenantId, ref);
  return `There is no action ${ref}.${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''}`;
}

function toNewExecution(
  order: Order,
  action: ResolvedAction | null,
  parameters: JsonObject,
  refused: string | null,
): NewExecution {
  const { parent, cause } = order;
  const isWorkflow = action?.runtime === 'workflow';
  const delaySeconds = refused === null ? (order.delaySeconds ?? 0) : 0;
  return {
    rootId: parent?.row.rootId ?? null,
    parentId: parent?.row.id ?? null,
    originalId: parent?.originalId ?? null,
    actionRef: order.actionRef,
    kind: isWorkflow ? 'workflow' : 'action',
    revision: action ? (isWorkflow ? action.published : action.revision) : null,
    state: delaySeconds > 0 ? 'delayed' : 'requested',
    priority: parent?.row.priority ?? 0,
    parameters,
    taskName: parent?.task ?? null,
    visit: parent?.visit ?? 1,
    itemIndex: parent?.item ?? null,
    attempt: parent?.attempt ?? 1,
    maxRetries: parent?.maxRetries ?? 0,
    enforcementId: cause?.enforcementId ?? parent?.row.enforcementId ?? null,
    eventId: cause?.eventId ?? parent?.row.eventId ?? null,
    ruleRef: cause?.ruleRef ?? parent?.row.ruleRef ?? null,
    triggerRef: cause?.triggerRef ?? parent?.row.triggerRef ?? null,
    requestedBy: order.requestedBy ?? parent?.row.requestedBy ?? null,
    idempotent: action?.idempotent ?? false,
    // A workflow without a limit of its own has none; an action's own is the default.
    timeoutSeconds: order.timeoutSeconds ?? (action === null || isWorkflow ? null : action.timeoutSeconds),
    delaySeconds,
  };
}
