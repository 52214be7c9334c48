import { z } from 'zod';
import { notFound } from '@/engine/errors';
import { isEnded } from '@/engine/execution/status';
import { inTenant } from '../db';
import { Id, JsonObject, Ref, Time } from '../fields';
import { FilterText, IdText, Numbered } from '../http/rest/fields';
import { list, one, type Route } from '../http/rest/route';
import { partOfRows } from '../http/rest/rows';
import { may, requireRight, type Actor } from '../identities/actor';
import { PermissionSetRefs } from '../identities/schema';
import { executionControlRoutes } from './rest-control';
import { Execution, statesOfStatus, Status, Summary, toExecution, toStatus, toSummary } from './rest-schema';
import { countTold, findTold, listTold, type ToldFilter } from './rest-store';
import { getTold } from './rest-told';
import { EnvVars, type ExecutionSummary } from './schema';
import { readLog, requestExecution, targetOf } from './service';

const ListExecutions = z.object({
  action_ref: FilterText,
  status: Status.optional(),
  enforcement: IdText.optional(),
  parent: IdText.optional(),
  rule_ref: FilterText,
  trigger_ref: FilterText,
});

const ExecuteAction = z.object({
  action_ref: Ref,
  parameters: JsonObject.nullish(),
  env_vars: EnvVars.nullish().describe('Variables for its process, at most 100'),
  worker_selector: z
    .custom<object>(
      (value) => typeof value === 'object' && value !== null && Object.keys(value).length === 0,
      {
        message: 'workers cannot be chosen yet: leave it out',
      },
    )
    .nullish(),
  permission_set_refs: PermissionSetRefs.nullish().describe(
    'As what it may call the API: permission sets that you hold, or standard (Default: what its action says)',
  ),
});

const stream = z.enum(['stdout', 'stderr', 'system']);

/** Whether all that an actor may read is what they asked for themselves. */
function seesOwnOnly({ grants }: Actor): boolean {
  return grants
    .filter(({ resource, actions }) => resource === 'executions' && actions.includes('read'))
    .every(({ constraints }) => constraints?.owner_refs !== undefined);
}

function toFilter(actor: Actor, query: z.infer<typeof ListExecutions>): ToldFilter {
  const { status } = query;
  return {
    states: status ? statesOfStatus[status] : null,
    isInquiry: status ? status === 'timeout' : null,
    actionRef: query.action_ref ?? null,
    enforcement: query.enforcement ?? null,
    parent: query.parent ?? null,
    ruleRef: query.rule_ref ?? null,
    triggerRef: query.trigger_ref ?? null,
    hiddenPacks: actor.hiddenPacks ?? [],
    requestedBy: seesOwnOnly(actor) ? actor.identityId : null,
  };
}

/** Executions, below `/api/v1`. */
export const executionRoutes: readonly Route[] = [
  one(
    'post',
    {
      path: '/executions/execute',
      summary: 'Asks for an action or a workflow to be carried out',
      access: { resource: 'executions', action: 'execute' },
      body: ExecuteAction,
      answer: Execution,
      status: 201,
    },
    async ({ actor, body }) => {
      const summary = await requestExecution(
        actor,
        {
          actionRef: body.action_ref,
          parameters: body.parameters ?? {},
          ...(body.permission_set_refs && { permissionSetRefs: body.permission_set_refs }),
          ...(body.env_vars && { envVars: body.env_vars }),
        },
        { mustExist: true },
      );
      return getStarted(actor, summary);
    },
  ),
  list(
    {
      path: '/executions',
      summary: 'Executions, newest first',
      access: { resource: 'executions', action: 'read' },
      query: ListExecutions,
      item: Summary,
    },
    async ({ actor, query, paging }) => {
      requireRight(actor, 'read', 'executions');
      const filter = toFilter(actor, query);
      const part = await partOfRows(actor, paging, {
        list: (tx, slice) => listTold(tx, actor.tenantId, filter, slice),
        count: (tx) => countTold(tx, actor.tenantId, filter),
        isReadable: (row) => may(actor, 'read', 'executions', targetOf(row)),
      });
      return { ...part, items: part.items.map(toSummary) };
    },
  ),
  one(
    'get',
    {
      path: '/executions/{id}',
      summary: 'An execution with its result',
      access: { resource: 'executions', action: 'read' },
      params: Numbered,
      answer: Execution,
    },
    ({ actor, params }) => getTold(actor, params.id),
  ),
  ...executionControlRoutes,
  one(
    'get',
    {
      path: '/executions/{id}/logs',
      summary: 'What an execution has printed, oldest first',
      access: { resource: 'executions', action: 'read' },
      params: Numbered,
      query: z.object({
        stream: stream.optional(),
        after: z
          .string()
          .regex(/^\d{1,15}$/, 'must be a number')
          .transform(Number)
          .optional()
          .describe('What the page before this gave as next'),
      }),
      answer: z.object({
        execution: Id,
        chunks: z.array(z.object({ seq: z.number(), stream, content: z.string(), created: Time })),
        next: z.number(),
        ended: z.boolean().describe('Nothing more can come'),
      }),
    },
    async ({ actor, params, query }) => {
      const page = await readLog(actor, { executionId: params.id, after: query.after ?? 0, limit: 1_000 });
      const chunks = page.chunks.filter((chunk) => !query.stream || chunk.stream === query.stream);
      return { execution: params.id, chunks, next: page.next, ended: page.ended };
    },
  ),
];

/** What was asked for, as it was born, however far a worker has come meanwhile; also to somebody who may ask and not read. */
async function getStarted(
  actor: Actor,
  { id, state, startedAt }: ExecutionSummary,
): Promise<z.infer<typeof Execution>> {
  return inTenant(actor.tenantId, async (tx) => {
    const row = await findTold(tx, actor.tenantId, id);
    if (!row) throw notFound('execution', id);
    const told = toExecution(row, row.permissionSetRefs ?? [], []);
    if (isEnded(state)) return told;
    const status = toStatus({ state, actionRef: row.actionRef });
    return { ...told, status, state, started_at: startedAt, updated: told.created, result: {}, worker: null };
  });
}
