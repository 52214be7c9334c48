/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export interface JsonObject {
  [key: string]: Json;
}

/** Whether this is one of the states that an execution never leaves. */
export function isEnded(state: string): boolean {
  return ['completed', 'failed', 'timeout', 'cancelled', 'abandoned'].includes(state);
}

/** An execution as a tree shows it. Times are ISO 8601, stamped by the database. */
export interface TreeNode {
  id: number;
  rootId: number;
  parentId: number | null;
  actionRef: string;
  kind: 'action' | 'workflow';
  state: string;
  error: string | null;
  taskName: string | null;
  visit: number;
  itemIndex: number | null;
  attempt: number;
  maxRetries: number;
  ruleRef: string | null;
  eventId: number | null;
  created: string;
  startedAt: string | null;
  endedAt: string | null;
}

/** An execution in full. What `result` holds is its action's affair: the test says what it expects. */
export interface Execution<Result = Json> extends TreeNode {
  parameters: JsonObject;
  result: Result;
  originalId: number | null;
  workerName: string | null;
  /** When an attempt that was put off may begin. */
  availableAt: string | null;
  inquiryId: number | null;
}

/** One visit of a task in a workflow's run. */
export interface TaskRun {
  task: string;
  visit: number;
  status: string;
  error: string | null;
  transitions: { index: number; fired: boolean; to: string[]; error: string | null }[];
  result: Json;
}

/** One committed change of a tree. */
export interface Change {
  seq: number;
  entityType: string;
  entityId: number;
  kind: string;
  payload: JsonObject;
  created: string;
}

export interface Inquiry {
  id: number;
  executionId: number;
  prompt: string;
  status: 'pending' | 'responded' | 'timeout' | 'cancelled';
  assignedTo: string[];
  taskName: string | null;
  timeoutAt: string | null;
  respondedBy: string | null;
  respondedAt: string | null;
  response: Json;
  comment: string;
  created: string;
  answers: { by: string; response: Json; comment: string; created: string }[];
}

export interface RuleEvent {
  id: number;
  payload: Json;
  processedAt: string | null;
  evaluations: { ruleRef: string; verdict: string; reason: string }[];
  enforcements: {
    ruleRef: string;
    executionId: number | null;
    parameters: JsonObject;
    error: string | null;
  }[];
}

export interface Person {
  login: string;
  displayName: string;
  password: string;
}

export interface NewAction {
  runtime: 'shell' | 'python' | 'nodejs' | 'http' | 'container';
  code: string;
  outputFormat?: 'text' | 'json' | 'jsonl' | 'yaml';
  parameterDelivery?: 'stdin' | 'file';
  parameterFormat?: 'json' | 'yaml' | 'dotenv';
  parameters?: JsonObject;
  timeoutSeconds?: number;
  idempotent?: boolean;
  /** As what its executions may call the API. */
  defaultPermissionSetRefs?: string[];
  limits?: { memory_mb?: number; processes?: number; cpu?: number; disk_mb?: number; network?: 'on' | 'off' };
}

/** A key of the datastore to be made. */
export interface NewKey {
  ref: string;
  value: Json;
  ownerType: 'system' | 'identity' | 'pack' | 'action';
  owner?: string;
  encrypted?: boolean;
  ttlSeconds?: number;
}

/** Which key: of several of one name by its owner. */
export type KeyName = Pick<NewKey, 'ref'> & Partial<Pick<NewKey, 'ownerType' | 'owner'>>;
