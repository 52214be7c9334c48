import { toJsonSchema } from '@/engine/definition/parameters';
import { DomainError, invalid, notFound } from '@/engine/errors';
import { checkAgainst } from '@/engine/json-schema';
import { inTenant, type Sql } from '../db';
import type { JsonObject } from '../fields';
import { authorOf, isHidden, requireRight, type Actor } from '../identities/actor';
import { lockRoot } from '../executions/store';
import { insertInquiry } from './store';

/** What is asked beside what an execution itself asks. */
export interface AddInquiry {
  executionId: number;
  prompt: string;
  /** As posted, in either form. */
  responseSchema: JsonObject;
  /** An identity’s id, or names such as `role:core.approver`; empty for everybody. */
  assignedTo: number | readonly string[];
  timeoutAt: Date | null;
  /** Taken when its time is up. */
  defaultResponse: JsonObject | null;
}

/**
 * Adds an inquiry to an execution in any state. The execution does not wait for it, and its end leaves it open; cancelling
 * the execution cancels it. Gives its id. @throws DomainError not_found for the execution, invalid with a detail per field
 */
export async function addInquiry(actor: Actor, input: AddInquiry): Promise<number> {
  requireRight(actor, 'create', 'inquiries');
  const { executionId, responseSchema, defaultResponse } = input;
  checkForm(responseSchema, defaultResponse);
  return inTenant(actor.tenantId, async (tx) => {
    const [execution] = await tx.query<{ rootId: number; ref: string }>(
      'SELECT root_id AS "rootId", action_ref AS ref FROM execution WHERE tenant_id = $1 AND id = $2',
      [actor.tenantId, executionId],
    );
    if (!execution || isHidden(actor, 'executions', { ref: execution.ref }))
      throw notFound('execution', executionId);
    const { rootId } = execution;
    const assignedTo = await toNames(tx, actor.tenantId, input.assignedTo);
    await lockRoot(tx, actor.tenantId, rootId);
    return insertInquiry(
      tx,
      { tenantId: actor.tenantId, rootId, id: executionId },
      {
        prompt: input.prompt,
        responseSchema,
        assignedTo,
        quorum: 1,
        timeoutSeconds: null,
        timeoutAt: input.timeoutAt,
        onTimeout: defaultResponse === null ? 'fail' : 'default',
        defaultResponse,
        escalateTo: [],
        periodSeconds: null,
        createdBy: authorOf(actor),
      },
    );
  });
}

function checkForm(responseSchema: JsonObject, defaultResponse: JsonObject | null): void {
  try {
    const schema = toJsonSchema(responseSchema);
    const problems = defaultResponse === null ? [] : checkAgainst(schema, defaultResponse);
    if (problems.length === 0) return;
    throw invalid(
      'The default answer does not fit the form.',
      problems.map((problem) => ({ ...problem, path: `default_response.${problem.path}` })),
    );
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'invalid_parameters') throw error;
    const details = error.details.map(({ path, message }) => ({ path: `response_schema.${path}`, message }));
    throw invalid(error.message, details);
  }
}

async function toNames(
  sql: Sql,
  tenantId: number,
  assigned: number | readonly string[],
): Promise<readonly string[]> {
  if (typeof assigned !== 'number') return [...new Set(assigned)];
  const [identity] = await sql.query<{ login: string }>(
    'SELECT login FROM identity WHERE tenant_id = $1 AND id = $2',
    [tenantId, assigned],
  );
  if (identity) return [`user:${identity.login}`];
  throw invalid('assigned_to is nobody.', [
    { path: 'assigned_to', message: `there is no identity ${assigned}` },
  ]);
}
