import { z } from 'zod';
import type { ExecutionState } from '@/engine/execution/status';
import { AnyJson, Id, JsonObject, Time } from '../fields';
import type { TimelineRow, ToldExecution, ToldSummary } from './rest-store';
import { State } from './schema';

/** Executions in the words of the REST API. */

const statuses = [
  'requested',
  'scheduling',
  'scheduled',
  'running',
  'completed',
  'failed',
  'canceling',
  'cancelled',
  'timeout',
  'abandoned',
] as const;
export const Status = z.enum(statuses);
export type Status = z.infer<typeof Status>;

/** The states that are told as a status; an action that ran out of time is told as failed, an inquiry as timeout. */
export const statesOfStatus: Record<Status, readonly ExecutionState[]> = {
  requested: ['requested', 'delayed', 'queued'],
  scheduling: [],
  scheduled: ['scheduled'],
  running: ['running', 'waiting', 'paused'],
  completed: ['completed'],
  failed: ['failed', 'timeout'],
  canceling: ['canceling'],
  cancelled: ['cancelled'],
  timeout: ['timeout'],
  abandoned: ['abandoned'],
};

const isInquiry = ({ actionRef }: { actionRef: string }) => actionRef === 'core.ask';

export function toStatus(row: { state: ExecutionState; actionRef: string }): Status {
  if (row.state === 'timeout') return isInquiry(row) ? 'timeout' : 'failed';
  return statuses.find((status) => statesOfStatus[status].includes(row.state)) ?? 'running';
}

const WorkflowTask = z.object({
  task_name: z.string(),
  task_index: z.number().int().nullable(),
  retry_count: z.number().int(),
  max_retries: z.number().int(),
  timed_out: z.boolean(),
});

export const Summary = z.object({
  id: Id,
  action_ref: z.string(),
  status: Status,
  state: State.describe('The finer state behind the status'),
  state_reason: z.string().nullable().describe('What it waits for, where that needs a word'),
  parent: Id.nullable(),
  enforcement: Id.nullable(),
  original_execution: Id.nullable(),
  workflow_task: WorkflowTask.nullable(),
  rule_ref: z.string().nullable(),
  trigger_ref: z.string().nullable(),
  started_at: Time.nullable(),
  created: Time,
  updated: Time,
});
export const Execution = Summary.extend({
  action: Id.nullable(),
  config: JsonObject.describe('The parameters; what is secret is masked'),
  result: z.record(z.string(), AnyJson),
  worker: Id.nullable(),
  executor: Id.nullable(),
  permission_set_refs: z.array(z.string()),
  root: Id,
  attempts: z.number().int(),
  timeline: z
    .array(z.object({ seq: z.number().int(), kind: z.string(), state: z.string().nullable(), at: Time }))
    .describe('Its own changes, oldest first, at most 200'),
});
export type Told = z.infer<typeof Execution>;

export function toSummary(row: ToldSummary): z.infer<typeof Summary> {
  return {
    id: row.id,
    action_ref: row.actionRef,
    status: toStatus(row),
    state: row.state,
    state_reason: row.stateReason,
    parent: row.parentId,
    enforcement: row.enforcementId,
    original_execution: row.originalId,
    workflow_task:
      row.taskName === null
        ? null
        : {
            task_name: row.taskName,
            task_index: row.itemIndex,
            retry_count: row.attempt - 1,
            max_retries: row.maxRetries,
            timed_out: row.state === 'timeout',
          },
    rule_ref: row.ruleRef,
    trigger_ref: row.triggerRef,
    started_at: row.startedAt?.toISOString() ?? null,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
  };
}

export function toExecution(
  row: ToldExecution,
  permissionSetRefs: readonly string[],
  timeline: readonly TimelineRow[],
): Told {
  const { result } = row;
  const isObject = typeof result === 'object' && result !== null && !Array.isArray(result);
  const told = isObject ? result : result === null ? {} : { data: result };
  return {
    ...toSummary(row),
    action: row.actionId,
    config: row.parameters,
    result: row.error !== null && !('error' in told) ? { ...told, error: row.error } : told,
    worker: row.workerId,
    executor: row.requestedBy,
    permission_set_refs: [...permissionSetRefs],
    root: row.rootId,
    attempts: row.attempt,
    timeline: timeline.map(({ seq, kind, state, created }) => ({
      seq,
      kind,
      state,
      at: created.toISOString(),
    })),
  };
}
