import type { ExecutionState } from '@/engine/execution/status';
import type { Json } from '@/engine/expression/expression';
import { toStatus } from '../executions/rest-schema';
import type { FeedRow } from '../feed/store';
import type { JsonObject } from '../fields';
import type { Requester } from './requesters';

/** Changes in the words of the public API's live streams. */

export const notificationTypes = [
  'execution_status_changed',
  'inquiry_created',
  'inquiry_responded',
  'inquiry_timeout',
  'inquiry_cancelled',
  'inquiry_updated',
  'rule_triggered',
  'artifact_updated',
  'work_queue_item_updated',
] as const;
type NotificationType = (typeof notificationTypes)[number];

export const notifiedTypes = ['execution', 'inquiry', 'rule', 'artifact', 'work_queue_item'] as const;
type NotifiedType = (typeof notifiedTypes)[number];

export interface Notification {
  type: 'notification';
  notification_type: NotificationType;
  entity_type: NotifiedType;
  entity_id: number;
  payload: JsonObject;
  /** Who asked for the execution, or made the change; null where no person did. */
  user_id: number | null;
  timestamp: string;
}

const inquiryTypes: Record<string, NotificationType> = {
  created: 'inquiry_created',
  answered: 'inquiry_responded',
  timeout: 'inquiry_timeout',
  cancelled: 'inquiry_cancelled',
};

const orNull = (value: Json | undefined): Json => value ?? null;

/** What an execution's row says: its status on the wire, and the finer state behind it. */
export function toExecutionPayload({ payload }: FeedRow): JsonObject {
  const state = payload['state'] as ExecutionState;
  const actionRef = String(payload['actionRef']);
  return {
    id: orNull(payload['id']),
    status: toStatus({ state, actionRef }),
    state,
    action_ref: actionRef,
    parent: orNull(payload['parentId']),
    root: orNull(payload['rootId']),
    task_name: orNull(payload['taskName']),
    started_at: orNull(payload['startedAt']),
    ended_at: orNull(payload['endedAt']),
  };
}

/** The change as it is sent; null for what the API does not tell of. */
export function toNotification(row: FeedRow, requester: Requester | null): Notification | null {
  const { entityType, entityId, kind, payload, actorId } = row;
  const common = { type: 'notification', user_id: actorId, timestamp: row.created.toISOString() } as const;
  const own = { ...common, entity_id: entityId };
  switch (entityType) {
    case 'execution':
      return {
        ...own,
        notification_type: 'execution_status_changed',
        entity_type: 'execution',
        payload: toExecutionPayload(row),
        user_id: requester?.id ?? null,
      };
    case 'inquiry':
      return {
        ...own,
        notification_type: inquiryTypes[kind] ?? 'inquiry_updated',
        entity_type: 'inquiry',
        payload: {
          id: entityId,
          status: orNull(payload['status']),
          execution: orNull(payload['executionId']),
        },
      };
    case 'enforcement':
      // Of a rule that is known by its ref alone there is no number to tell.
      if (kind !== 'created' || typeof payload['ruleId'] !== 'number') return null;
      return {
        ...common,
        notification_type: 'rule_triggered',
        entity_type: 'rule',
        entity_id: payload['ruleId'],
        payload: {
          id: payload['ruleId'],
          rule_ref: orNull(payload['ruleRef']),
          enforcement: entityId,
          event: orNull(payload['eventId']),
          execution: orNull(payload['executionId']),
        },
      };
    case 'artifact':
      return {
        ...own,
        notification_type: 'artifact_updated',
        entity_type: 'artifact',
        payload: {
          id: entityId,
          ref: orNull(payload['ref']),
          type: orNull(payload['type']),
          execution: orNull(payload['executionId']),
          change: kind,
        },
      };
    case 'work_queue_item':
      return {
        ...own,
        notification_type: 'work_queue_item_updated',
        entity_type: 'work_queue_item',
        payload: {
          id: entityId,
          queue: orNull(payload['queue']),
          queue_ref: orNull(payload['ref']),
          status: orNull(payload['status']),
          execution: orNull(payload['execution']),
        },
      };
    default:
      return null;
  }
}
