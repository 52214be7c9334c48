import { z } from 'zod';
import { notFound } from '@/engine/errors';
import { inTenant } from '../db';
import { AnyJson, Id, JsonObject, Time } from '../fields';
import { FilterText, IdText, Numbered } from '../http/rest/fields';
import { list, one, type Route } from '../http/rest/route';
import { partOfRows } from '../http/rest/rows';
import { may, requireRight, type Actor } from '../identities/actor';
import { addInquiry } from './add';
import { countTold, findLogin, findTold, listTold, type ToldInquiry } from './rest-store';
import { readerOf, respond } from './service';

const Status = z.enum(['pending', 'responded', 'timeout', 'cancelled']);
const Summary = z.object({
  id: Id,
  execution: Id,
  prompt: z.string(),
  status: Status,
  assigned_to: Id.nullable().describe('The one person that it is for; null for several, a role or everybody'),
  assignees: z.array(z.string()).describe('Names such as user:ana, role:core.approver; empty for everybody'),
  has_response: z.boolean(),
  timeout_at: Time.nullable(),
  created: Time,
});
const Inquiry = Summary.extend({
  response_schema: JsonObject.describe('As it was posted'),
  response: AnyJson.nullable(),
  responded_at: Time.nullable(),
  responded_by: Id.nullable(),
  updated: Time,
});

const Assignee = z
  .string()
  .max(210)
  .regex(/^(user|team|role):.{1,200}$/, 'must be a name like user:ana, team:release or role:core.approver');
const CreateInquiry = z.object({
  execution: Id,
  prompt: z.string().trim().min(1, 'must not be empty').max(20_000),
  response_schema: JsonObject.nullish().describe('Flat, or JSON Schema (Default: any object)'),
  assigned_to: z.union([Id, z.array(Assignee).max(100)]).nullish(),
  timeout_at: z.iso
    .datetime({ offset: true, error: 'must be a time such as 2026-11-23T12:00:00Z' })
    .nullish(),
  default_response: JsonObject.nullish().describe('The answer when its time is up'),
});
const RespondInquiry = z.object({ response: JsonObject, comment: z.string().max(5_000).nullish() });

function toSummary(row: ToldInquiry): z.infer<typeof Summary> {
  return {
    id: row.id,
    execution: row.executionId,
    prompt: row.prompt,
    status: row.status,
    assigned_to: row.assigneeId,
    assignees: row.assignedTo,
    has_response: row.response !== null,
    timeout_at: row.timeoutAt?.toISOString() ?? null,
    created: row.created.toISOString(),
  };
}

async function getTold(actor: Actor, id: number): Promise<z.infer<typeof Inquiry>> {
  const row = await inTenant(actor.tenantId, (tx) => findTold(tx, actor.tenantId, id, readerOf(actor)));
  if (!row) throw notFound('inquiry', id);
  return {
    ...toSummary(row),
    response_schema: row.responseSchema,
    response: row.response,
    responded_at: row.respondedAt?.toISOString() ?? null,
    responded_by: row.respondedById,
    updated: row.updated.toISOString(),
  };
}

/** Questions to people, below `/api/v1`. */
export const inquiryRoutes: readonly Route[] = [
  list(
    {
      path: '/inquiries',
      summary: 'Inquiries, newest first',
      access: { resource: 'inquiries', action: 'read' },
      query: z.object({
        status: Status.optional(),
        execution: IdText.optional(),
        assigned_to: FilterText.describe('The id of a person, or a name such as role:core.approver'),
      }),
      item: Summary,
    },
    async ({ actor, query, paging }) => {
      requireRight(actor, 'read', 'inquiries');
      const { assigned_to: assigned } = query;
      const asId = IdText.safeParse(assigned);
      const login = asId.success
        ? await inTenant(actor.tenantId, (tx) => findLogin(tx, actor.tenantId, asId.data))
        : null;
      const name = asId.success ? `user:${login ?? ''}` : assigned;
      const filter = {
        status: query.status ?? null,
        execution: query.execution ?? null,
        assignees: name === undefined ? null : [name],
        reader: readerOf(actor),
      };
      const part = await partOfRows(actor, paging, {
        list: (tx, slice) => listTold(tx, actor.tenantId, filter, slice),
        count: (tx) => countTold(tx, actor.tenantId, filter),
        isReadable: ({ id }) => may(actor, 'read', 'inquiries', { id }),
      });
      return { ...part, items: part.items.map(toSummary) };
    },
  ),
  one(
    'post',
    {
      path: '/inquiries',
      summary: 'Asks something of an execution, which does not wait for the answer',
      access: { resource: 'inquiries', action: 'create' },
      body: CreateInquiry,
      answer: Inquiry,
      status: 201,
    },
    async ({ actor, body }) => {
      const id = await addInquiry(actor, {
        executionId: body.execution,
        prompt: body.prompt,
        responseSchema: body.response_schema ?? {},
        assignedTo: body.assigned_to ?? [],
        timeoutAt: body.timeout_at ? new Date(body.timeout_at) : null,
        defaultResponse: body.default_response ?? null,
      });
      return getTold(actor, id);
    },
  ),
  one(
    'get',
    {
      path: '/inquiries/{id}',
      summary: 'An inquiry with its form and its answer',
      access: { resource: 'inquiries', action: 'read' },
      params: Numbered,
      answer: Inquiry,
    },
    ({ actor, params: { id } }) => {
      if (!may(actor, 'read', 'inquiries', { id })) throw notFound('inquiry', id);
      return getTold(actor, id);
    },
  ),
  one(
    'post',
    {
      path: '/inquiries/{id}/respond',
      summary: 'Answers an inquiry: once, and only for those that it is for',
      access: { resource: 'inquiries', action: 'respond' },
      params: Numbered,
      body: RespondInquiry,
      answer: Inquiry,
    },
    async ({ actor, params: { id }, body }) => {
      await respond(actor, { id, response: body.response, comment: body.comment ?? '' });
      return getTold(actor, id);
    },
  ),
];
