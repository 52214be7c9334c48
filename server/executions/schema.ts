import { z } from 'zod';
import type { Definition } from '@/engine/definition/schema';
import { executionStates } from '@/engine/execution/status';
import { AnyJson, Id, JsonObject, PageInput, Priority, Ref, Time } from '../fields';
import { isAllowedVariable } from '../actions/variables';
import { PermissionSetRefs } from '../identities/schema';
import { Layout } from '../workflows/schema';

export const State = z.enum(executionStates);

const mostVariables = 100;
const mostVariableBytes = 32_768;

/** Variables for an action's process. What decides how programs run, and what is ours, is refused. */
export const EnvVars = z.record(z.string().max(200), z.string()).superRefine((variables, context) => {
  const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  const entries = Object.entries(variables);
  if (entries.length > mostVariables) refuse([], `holds more than ${mostVariables} variables`);
  if (Buffer.byteLength(JSON.stringify(variables)) > mostVariableBytes)
    refuse([], `holds more than ${mostVariableBytes} bytes`);
  for (const [name] of entries.slice(0, mostVariables)) {
    if (!isAllowedVariable(name)) refuse([name], 'may not be set: choose another name');
  }
});

export const RequestExecution = z.strictObject({
  actionRef: Ref,
  parameters: JsonObject.default({}),
  priority: Priority.optional(),
  /** As what it may call the API. (Default: what its action says) */
  permissionSetRefs: PermissionSetRefs.optional(),
  envVars: EnvVars.optional(),
});
export const RerunExecution = z.strictObject({
  id: Id,
  /** (Default: those that it had) */
  parameters: JsonObject.optional(),
  /** Begins at this task of a workflow; what does not come of it keeps its results. (Default: the whole run) */
  fromTask: z.string().min(1).max(200).optional(),
  /** Which run of that task, where it ran several times. (Default: the latest) */
  visit: z.number().int().min(1).optional(),
  /** (Default: newest) */
  revision: z.enum(['same', 'newest']).default('newest'),
});
export const ListExecutions = PageInput.extend({
  states: z.array(State).max(20).optional(),
  actionRef: z.string().max(200).optional(),
  ruleRef: z.string().max(200).optional(),
  /** Runs that nobody's task started (Default: true). */
  rootsOnly: z.boolean().default(true),
});
export const ReadLog = z.strictObject({
  executionId: Id,
  after: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(2000).default(500),
});

/** A row of a list or a node of a tree: also what the change feed's payloads bring up to date. */
export const ExecutionSummary = z.object({
  id: Id,
  rootId: Id,
  parentId: Id.nullable(),
  actionRef: z.string(),
  kind: z.enum(['action', 'workflow']),
  state: State,
  stateReason: z.string().nullable(),
  error: z.string().nullable(),
  taskName: z.string().nullable(),
  visit: z.number(),
  itemIndex: z.number().nullable(),
  attempt: z.number(),
  maxRetries: z.number(),
  ruleRef: z.string().nullable(),
  triggerRef: z.string().nullable(),
  eventId: Id.nullable(),
  enforcementId: Id.nullable(),
  requestedBy: z.string().nullable(),
  revision: z.number().nullable(),
  /** The execution that this one runs again, and the task that it begins from (null: the whole run). */
  rerunOf: Id.nullable(),
  rerunFrom: z.string().nullable(),
  created: Time,
  startedAt: Time.nullable(),
  endedAt: Time.nullable(),
});
export type ExecutionSummary = z.infer<typeof ExecutionSummary>;
export const Execution = ExecutionSummary.extend({
  parameters: JsonObject,
  result: AnyJson.nullable(),
  originalId: Id.nullable(),
  timeoutSeconds: z.number().nullable(),
  /** Who goes first: -100 to 100, higher first. */
  priority: z.number(),
  /** Its place in the queue for a slot, counted now: 1 is next. Null when it waits for none. */
  queuePosition: z.number().nullable(),
  /** Who holds the slots that it waits for, oldest first, as far as the reader may see them; at most 5. */
  slotHolders: z.array(z.object({ id: Id, actionRef: z.string() })),
  workerName: z.string().nullable(),
  availableAt: Time.nullable(),
  deadlineAt: Time.nullable(),
  /** The open or decided inquiry of a `core.ask`. */
  inquiryId: Id.nullable(),
  mayCancel: z.boolean(),
  mayRerun: z.boolean(),
  mayPause: z.boolean(),
  mayResume: z.boolean(),
  /** The executions that run this one again, oldest first; at most 20. */
  reruns: z.array(z.object({ id: Id, state: State, rerunFrom: z.string().nullable() })),
  /** The newest revision of its workflow or action; null when it is gone. */
  newestRevision: z.number().nullable(),
});
export type Execution = z.infer<typeof Execution>;

/** What a run's canvas paints: the revision that it runs, each task's latest state, and the transitions that fired. */
export const RunView = z.object({
  executionId: Id,
  workflowRef: z.string(),
  revision: z.number(),
  definition: z.custom<Definition>(),
  layout: Layout,
  taskRuns: z.array(
    z.object({
      task: z.string(),
      visit: z.number(),
      status: z.string(),
      error: z.string().nullable(),
      /** In a rerun from a task: the execution in which this really ran. */
      keptFrom: Id.nullable(),
      transitions: z.array(
        z.object({
          index: z.number(),
          fired: z.boolean(),
          to: z.array(z.string()),
          error: z.string().nullable(),
        }),
      ),
      result: AnyJson.nullable(),
    }),
  ),
  variables: JsonObject,
  /** Tasks whose start a pause holds back. */
  held: z.array(z.string()),
  warnings: z.array(z.string()),
});
export type RunView = z.infer<typeof RunView>;

export const LogChunk = z.object({
  seq: z.number(),
  stream: z.enum(['stdout', 'stderr', 'system']),
  content: z.string(),
  created: Time,
});
export type LogChunk = z.infer<typeof LogChunk>;
export const LogPage = z.object({ chunks: z.array(LogChunk), next: z.number(), ended: z.boolean() });
export const TimelineEntry = z.object({
  seq: z.number(),
  entityType: z.string(),
  entityId: Id,
  kind: z.string(),
  payload: JsonObject,
  created: Time,
});
