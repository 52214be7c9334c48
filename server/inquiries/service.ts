import type { z } from 'zod';
import { toJsonSchema } from '@/engine/definition/parameters';
import { conflict, DomainError, forbidden, invalid, notFound } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { checkAgainst } from '@/engine/json-schema';
import { inTenant, isUniqueViolation, type Sql, type Tx } from '../db';
import { endAndLeaveNews } from '../executions/news';
import { findInTree, lockRoot } from '../executions/store';
import { appendChanges } from '../feed/store';
import { authorOf, may, requireRight, type Actor } from '../identities/actor';
import type { Inquiry, InquirySummary, ListInquiries, Respond } from './schema';
import {
  countPending,
  decideInquiry,
  findInquiry,
  inquiryChange,
  listInquiries as selectInquiries,
  lockInquiry,
  type InquiryRow,
  type Reader,
} from './store';

/** The names by which an inquiry may be assigned to this person. */
function namesOf(actor: Actor): string[] {
  return [
    `user:${actor.login}`,
    ...(actor.groups ?? []),
    ...actor.permissionSets.flatMap((ref) => [`role:${ref}`, `role:${ref.slice(ref.indexOf('.') + 1)}`]),
  ];
}

/** To whom inquiries of packs that are hidden from them are not shown. */
export function readerOf(actor: Actor): Reader {
  return { hiddenPacks: actor.hiddenPacks ?? [], names: namesOf(actor) };
}

function isAssigned(actor: Actor, inquiry: InquiryRow): boolean {
  return inquiry.assignedTo.length === 0 || namesOf(actor).some((name) => inquiry.assignedTo.includes(name));
}

function toSummary(actor: Actor, row: InquiryRow): InquirySummary {
  return {
    id: row.id,
    executionId: row.executionId,
    rootId: row.rootId,
    prompt: row.prompt,
    status: row.status,
    assignedTo: row.assignedTo,
    workflowRef: row.workflowRef,
    taskName: row.taskName,
    timeoutAt: row.timeoutAt?.toISOString() ?? null,
    onTimeout: row.onTimeout,
    escalateTo: row.escalateTo,
    escalatedAt: row.escalatedAt?.toISOString() ?? null,
    escalatedFrom: row.escalatedFrom,
    respondedBy: row.respondedByName,
    respondedAt: row.respondedAt?.toISOString() ?? null,
    created: row.created.toISOString(),
    mayRespond:
      row.status === 'pending' &&
      may(actor, 'respond', 'inquiries', { id: row.id }) &&
      isAssigned(actor, row),
  };
}

const statuses = {
  mine: ['pending'],
  teams: ['pending'],
  all: ['pending', 'responded', 'timeout', 'cancelled'],
  answered: ['responded'],
  expired: ['timeout', 'cancelled'],
} as const;

function assigneesOf(actor: Actor, view: keyof typeof statuses): string[] | null {
  if (view === 'mine') return namesOf(actor);
  return view === 'teams' ? namesOf(actor).filter((name) => !name.startsWith('user:')) : null;
}

/**
 * Inquiries of one view of the inbox, newest first. `mine` are the pending ones that the caller may be meant by, `teams`
 * those of them that are for a team or a role, or for everybody.
 */
export async function listInquiries(
  actor: Actor,
  input: z.infer<typeof ListInquiries>,
): Promise<{ items: InquirySummary[]; next: number | null }> {
  requireRight(actor, 'read', 'inquiries');
  const rows = await inTenant(actor.tenantId, (tx) =>
    selectInquiries(tx, actor.tenantId, {
      statuses: statuses[input.view],
      assignees: assigneesOf(actor, input.view),
      before: input.cursor ?? null,
      limit: input.limit + 1,
      reader: readerOf(actor),
    }),
  );
  const items = rows.slice(0, input.limit).map((row) => toSummary(actor, row));
  return { items, next: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null };
}

/** How many inquiries wait for the caller. */
export async function countMine(actor: Actor): Promise<number> {
  requireRight(actor, 'read', 'inquiries');
  return inTenant(actor.tenantId, (tx) => countPending(tx, actor.tenantId, readerOf(actor)));
}

interface AnswerRow {
  by: string;
  identityId: number;
  response: Json;
  comment: string;
  created: Date;
}

async function listAnswers(sql: Sql, tenantId: number, id: number): Promise<AnswerRow[]> {
  return sql.query<AnswerRow>(
    `SELECT COALESCE(i.display_name, 'somebody who left') AS by, a.identity_id AS "identityId", a.response, a.comment, a.created
     FROM inquiry_answer a LEFT JOIN identity i ON i.id = a.identity_id WHERE a.tenant_id = $1 AND a.inquiry_id = $2 ORDER BY a.id`,
    [tenantId, id],
  );
}

async function read(tx: Tx, actor: Actor, id: number): Promise<Inquiry> {
  const row = await findInquiry(tx, actor.tenantId, id, readerOf(actor));
  if (!row || !may(actor, 'read', 'inquiries', { id })) throw notFound('inquiry', id);
  const answers = await listAnswers(tx, actor.tenantId, id);
  return {
    ...toSummary(actor, row),
    responseSchema: toJsonSchema(row.responseSchema),
    response: row.response,
    comment: answers.at(-1)?.comment ?? '',
    quorum: row.quorum,
    defaultResponse: row.defaultResponse,
    answers: answers.map(({ by, response, comment, created }) => ({
      by,
      response,
      comment,
      created: created.toISOString(),
    })),
  };
}

/** One inquiry with its form and its answers so far. @throws DomainError not_found */
export async function getInquiry(actor: Actor, id: number): Promise<Inquiry> {
  requireRight(actor, 'read', 'inquiries');
  return inTenant(actor.tenantId, (tx) => read(tx, actor, id));
}

/**
 * Answers an inquiry. With a quorum the answer is kept until enough people agree; the one that completes it decides:
 * exactly one decision, under the row's lock. The waiting execution ends in the same transaction and its run goes on.
 * @throws DomainError not_found; forbidden for a stranger to its assignees; invalid with a detail per field;
 *   conflict when it was decided already (the message says by whom) or the person answered before
 */
export async function respond(actor: Actor, input: z.infer<typeof Respond>): Promise<Inquiry> {
  requireRight(actor, 'respond', 'inquiries', { id: input.id });
  return inTenant(actor.tenantId, async (tx) => {
    const seen = await findInquiry(tx, actor.tenantId, input.id, readerOf(actor));
    if (!seen) throw notFound('inquiry', input.id);
    await refuseLoop(tx, actor, seen);
    if (!isAssigned(actor, seen))
      throw forbidden(`This is for ${seen.assignedTo.join(', ')}. Ask one of them to answer.`);
    await lockRoot(tx, actor.tenantId, seen.rootId);
    if ((await lockInquiry(tx, actor.tenantId, input.id)) !== 'pending')
      throw await decidedAlready(tx, actor, input.id);
    const problems = checkAgainst(toJsonSchema(seen.responseSchema), input.response);
    if (problems.length > 0)
      throw invalid(
        'The answer does not fit the form.',
        problems.map((problem) => ({ ...problem, path: `response.${problem.path}` })),
        'response_invalid',
      );
    await insertAnswer(tx, actor, input);
    const answers = await listAnswers(tx, actor.tenantId, input.id);
    const agreeing = answers.filter((answer) => agrees(answer.response, input.response)).length;
    if (agreeing < seen.quorum) {
      await appendChanges(tx, actor.tenantId, [
        inquiryChange(seen, 'answer_added', 'pending', actor.identityId),
      ]);
      return read(tx, actor, input.id);
    }
    await decideInquiry(tx, seen, {
      status: 'responded',
      response: input.response,
      respondedBy: actor.identityId,
    });
    const execution = await findInTree(tx, actor.tenantId, seen.rootId, seen.executionId);
    if (execution?.state === 'waiting' && seen.endsExecution) {
      await endAndLeaveNews(tx, execution, {
        state: 'completed',
        error: null,
        result: {
          succeeded: true,
          response: input.response,
          responded_by: actor.login,
          comment: input.comment,
          defaulted: false,
        },
      });
    }
    return read(tx, actor, input.id);
  });
}

/** An execution that answered what it or its parents ask would approve itself. @throws DomainError forbidden */
async function refuseLoop(tx: Tx, actor: Actor, inquiry: InquiryRow): Promise<void> {
  if (!actor.execution) return;
  const asking = await tx.query(
    `WITH RECURSIVE up AS (
       SELECT id, parent_id FROM execution WHERE tenant_id = $1 AND root_id = $2 AND id = $3
       UNION SELECT e.id, e.parent_id FROM up JOIN execution e ON e.tenant_id = $1 AND e.root_id = $2 AND e.id = up.parent_id
     ) SELECT FROM up WHERE id = $4`,
    [actor.tenantId, inquiry.rootId, actor.execution.id, inquiry.executionId],
  );
  if (asking.length > 0)
    throw new DomainError(
      'forbidden',
      'privilege_loop',
      'This would be a privilege loop: an execution may not answer its own inquiry, nor one of an execution that started it.',
    );
  if (actor.identityId === 0)
    throw forbidden('Nobody asked for the execution that answers, so nobody would have answered.');
}

async function insertAnswer(tx: Tx, actor: Actor, input: z.infer<typeof Respond>): Promise<void> {
  try {
    await tx.query(
      'INSERT INTO inquiry_answer (tenant_id, inquiry_id, identity_id, response, comment, ip) VALUES ($1, $2, $3, $4, $5, $6)',
      [
        actor.tenantId,
        input.id,
        authorOf(actor),
        JSON.stringify(input.response),
        input.comment,
        actor.address,
      ],
    );
  } catch (error) {
    if (isUniqueViolation(error))
      throw conflict('answered_before', 'You have answered this already; it waits for the others.');
    throw error;
  }
}

async function decidedAlready(tx: Tx, actor: Actor, id: number) {
  const row = await findInquiry(tx, actor.tenantId, id);
  if (row?.status === 'responded')
    return conflict('already_decided', `${row.respondedByName ?? 'Somebody'} has answered this already.`);
  return conflict(
    'already_decided',
    row?.status === 'timeout'
      ? 'The time to answer is over.'
      : 'This was cancelled; there is nothing left to answer.',
  );
}

/** Two answers agree when they approve alike, where the form asks for approval; else when they are equal. */
function agrees(one: Json, other: Json): boolean {
  const approval = (answer: Json) =>
    answer !== null && typeof answer === 'object' && !Array.isArray(answer) ? answer['approved'] : undefined;
  if (typeof approval(one) === 'boolean' && typeof approval(other) === 'boolean')
    return approval(one) === approval(other);
  return canonical(one) === canonical(other);
}

function canonical(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`)
    .join(',')}}`;
}
