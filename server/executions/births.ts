import type { Json } from '@/engine/expression/expression';
import { checkAgainst, withDefaults } from '@/engine/json-schema';
import type { Sql } from '../db';
import { toDemand } from '../actions/required-runtimes';
import type { JsonObject } from '../fields';
import type { Access } from './access';
import { toCheck } from './action-facts';
import { nearestActions, toErrorResult, type ResolvedAction } from './resolve-action';
import { hideParameters, type HiddenParameters, type StoredParameters } from './secret-parameters';
import type { Birth, StepWrites } from './step-writes';
import type { ExecutionRow } from './store';

/** What is asked for: an action with parameters, and where it belongs. */
export interface Order {
  actionRef: string;
  parameters: JsonObject;
  /** The parameters with masks where the engine says that a secret went in. */
  redacted?: Json | undefined;
  /** The texts of the secrets that may have gone in. */
  origins?: readonly string[];
  /** An execution of the same action whose masked secrets are to be kept where their masks still stand. */
  secretsFrom?: StoredParameters | null;
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
  /** What is run again: its event and rule stay the cause. Begins at a task, where one is named. */
  rerun?: { of: ExecutionRow; task: string | null };
  /** A workflow's revision. (Default: the published one) */
  revision?: number;
  requestedBy?: { id: number; login: string } | null;
  priority?: number | undefined;
  timeoutSeconds?: number | null;
  delaySeconds?: number;
  /** What its whole tree may call the API as, and the variables of its processes. */
  access?: Access | null;
  /** Decided already: the execution is stored as one that failed before it started. */
  failed?: string | null;
}

/** The row of a new execution, and its parameters with their secrets, for the worker that carries it out at once. */
export interface Planned {
  birth: Birth;
  given: JsonObject;
  /** What must not be in anything that it says. */
  secretTexts: readonly string[];
}

/**
 * The row of a new execution. An unknown action, a workflow that was never published, or parameters that do not fit make
 * one that has failed with the reason, without reaching a worker; it is still a row that people find. What the plan
 * knew of the action is noted as a check of the step.
 */
export async function planBirth(
  sql: Sql,
  tenantId: number,
  order: Order,
  action: ResolvedAction | null,
  writes: StepWrites,
): Promise<Planned> {
  const parameters = action ? withDefaults(action.paramSchema, order.parameters) : order.parameters;
  const hidden = hideParameters(
    { tenantId, actionRef: order.actionRef },
    action?.paramSchema ?? {},
    parameters,
    { redacted: order.redacted, origins: order.origins ?? [], from: order.secretsFrom },
  );
  const refused =
    order.failed ??
    (action ? refusal(action, parameters, hidden) : await unknownAction(sql, tenantId, order.actionRef));
  if (action) writes.checks.set(action.ref, toCheck(action));
  const { parent, rerun } = order;
  const cause = order.cause ?? rerun?.of;
  const isWorkflow = action?.runtime === 'workflow';
  const delaySeconds = refused === null ? (order.delaySeconds ?? 0) : 0;
  const birth: Birth = {
    parent_id: parent?.row.id ?? null,
    original_id: parent?.originalId ?? null,
    action_ref: order.actionRef,
    kind: isWorkflow ? 'workflow' : 'action',
    revision: action ? (isWorkflow ? action.published : action.revision) : null,
    state: refused !== null ? 'failed' : delaySeconds > 0 ? 'delayed' : 'requested',
    state_reason: null,
    runtime: action ? toDemand(action.runtime, action.requiredRuntimes) : '',
    priority: order.priority ?? parent?.row.priority ?? rerun?.of.priority ?? 0,
    parameters: hidden.parameters,
    sealed: hidden.sealed?.toString('base64') ?? null,
    result: refused === null ? null : toErrorResult(refused),
    error: refused,
    task_name: parent?.task ?? null,
    visit: parent?.visit ?? 1,
    item_index: parent?.item ?? null,
    attempt: parent?.attempt ?? 1,
    max_retries: parent?.maxRetries ?? 0,
    // An enforcement leads to one execution, and a rerun is not it.
    enforcement_id: order.cause?.enforcementId ?? parent?.row.enforcementId ?? null,
    event_id: cause?.eventId ?? parent?.row.eventId ?? null,
    rule_ref: cause?.ruleRef ?? parent?.row.ruleRef ?? null,
    trigger_ref: cause?.triggerRef ?? parent?.row.triggerRef ?? null,
    requested_by: order.requestedBy?.id ?? parent?.row.requestedBy ?? null,
    login: order.requestedBy?.login ?? parent?.row.requestedByLogin ?? null,
    idempotent: action?.idempotent ?? false,
    // A workflow without a limit of its own has none; an action's own is the default.
    timeout_seconds: bounded(
      order.timeoutSeconds ?? (action === null || isWorkflow ? null : action.timeoutSeconds),
    ),
    delay_seconds: bounded(delaySeconds),
    slot_key: null,
    rerun_of: rerun?.of.id ?? null,
    rerun_from: rerun?.task ?? null,
    claim: false,
  };
  return { birth, given: parameters, secretTexts: hidden.secretTexts };
}

/** Ten years: no wait is longer, whatever a definition says. */
const longestSeconds = 315_360_000;

/** A number of seconds that the database can add to a time. */
export function bounded<Seconds extends number | null>(seconds: Seconds): Seconds {
  return (seconds === null ? null : Math.min(Math.max(seconds, 0), longestSeconds)) as Seconds;
}

function refusal(
  action: ResolvedAction,
  parameters: JsonObject,
  { isKept, problem }: HiddenParameters,
): string | null {
  if (action.runtime === 'workflow' && action.published === null) {
    return `The workflow ${action.ref} has no published revision yet. Publish it, then run it again.`;
  }
  if (action.runtime === 'unknown')
    return `The action ${action.ref} asks for the runtime ${action.runtimeRef ?? ''}, which there is not. Give it one of core.shell, core.python, core.nodejs, core.http and core.container.`;
  if (problem !== null) return `The parameters do not fit ${action.ref}: ${problem}`;
  const problems = checkAgainst(action.paramSchema, parameters).filter(({ path }) => !isKept(path));
  if (problems.length === 0) return null;
  const places = problems.slice(0, 10).map(({ path, message }) => (path ? `${path} ${message}` : message));
  return `The parameters do not fit ${action.ref}: ${places.join('; ')}.`;
}

async function unknownAction(sql: Sql, tenantId: number, ref: string): Promise<string> {
  const near = await nearestActions(sql, tenantId, ref);
  return `There is no action ${ref}.${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''}`;
}
