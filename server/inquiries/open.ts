import { parseDuration } from '@/engine/definition/duration';
import { toJsonSchema } from '@/engine/definition/parameters';
import { checkAgainst } from '@/engine/json-schema';
import type { Json } from '@/engine/expression/expression';
import { inTenant } from '../db';
import type { Claim } from '../executions/claims';
import { toErrorResult } from '../executions/resolve-action';
import { endExecution } from '../executions/steps';
import { changeState, findInTree, lockRoot, type ExecutionRow } from '../executions/store';
import type { JsonObject } from '../fields';
import { insertInquiry, type NewInquiry } from './store';

/**
 * `core.ask`: creates the inquiry and puts its execution in `waiting`, in one transaction; no worker is held after
 * it. People read the question, so it is made of the masked parameters. Input that makes no inquiry (an unreadable schema, a default that does not fit) fails the execution with the reason.
 */
export async function openInquiry(claim: Claim): Promise<void> {
  await inTenant(claim.tenantId, async (tx) => {
    await lockRoot(tx, claim.tenantId, claim.rootId);
    const row = await findInTree(tx, claim.tenantId, claim.rootId, claim.executionId);
    if (!row || row.fence !== claim.fence || (row.state !== 'running' && row.state !== 'canceling')) return;
    if (row.cancelRequested) {
      const error = row.stateReason ?? 'Cancelled.';
      await endExecution(tx, row, { state: 'cancelled', result: toErrorResult(error), error });
      return;
    }
    const inquiry = toInquiry(row.parameters, row);
    if (typeof inquiry === 'string') {
      await endExecution(tx, row, { state: 'failed', result: toErrorResult(inquiry), error: inquiry });
      return;
    }
    const waiting = await changeState(tx, row, { state: 'waiting', stateReason: 'waits for an answer' });
    if (waiting) await insertInquiry(tx, waiting, inquiry);
  });
}

function toInquiry(input: JsonObject, row: ExecutionRow): NewInquiry | string {
  const prompt = typeof input['prompt'] === 'string' ? input['prompt'].trim() : '';
  if (prompt === '') return 'prompt: core.ask needs a question to ask.';
  if (prompt.length > 20_000) return 'prompt: at most 20,000 characters.';
  const schema = input['response_schema'];
  const responseSchema =
    schema !== null && typeof schema === 'object' && !Array.isArray(schema) ? schema : {};
  const assignees = toNames('assigned_to', input['assigned_to']);
  if (typeof assignees === 'string') return assignees;
  const escalateTo = toNames('escalate_to', input['escalate_to']);
  if (typeof escalateTo === 'string') return escalateTo;
  const quorum = input['quorum'] ?? 1;
  if (typeof quorum !== 'number' || !Number.isInteger(quorum) || quorum < 1 || quorum > 100)
    return 'quorum: a whole number from 1 to 100.';
  for (const [field, names] of Object.entries({ assigned_to: assignees, escalate_to: escalateTo })) {
    const isPeople = names.length > 0 && names.every((name) => name.startsWith('user:'));
    if (isPeople && names.length < quorum)
      return `quorum: ${quorum} people must agree, and ${field} names ${names.length}.`;
  }
  const own =
    input['timeout'] === undefined || input['timeout'] === null ? null : parseDuration(input['timeout']);
  if (own !== null && !(own > 0))
    return `timeout: ${JSON.stringify(input['timeout'])} is no time; write seconds or a text like "4h".`;
  const defaultResponse = input['default_response'] ?? null;
  const onTimeout = input['on_timeout'] ?? (defaultResponse === null ? 'fail' : 'default');
  if (onTimeout !== 'default' && onTimeout !== 'fail' && onTimeout !== 'escalate')
    return `on_timeout: "${String(onTimeout)}" is not known here; use default, fail or escalate.`;
  if (onTimeout === 'escalate' && escalateTo.length === 0)
    return 'escalate_to: on_timeout is escalate, so it must say who is asked then.';
  if (onTimeout === 'escalate' && own === null)
    return 'timeout: on_timeout is escalate, so it must say how long each round lasts.';
  if (onTimeout === 'default' && defaultResponse === null)
    return 'default_response: on_timeout is default, so a default answer is needed.';
  if (defaultResponse !== null) {
    const problems = checkAgainst(toJsonSchema(responseSchema), defaultResponse);
    if (problems.length > 0)
      return `default_response: ${problems.map(({ path, message }) => `${path} ${message}`.trim()).join('; ')}.`;
  }
  // The task's own limit bounds the inquiry: where it comes first, the task times out and nothing else is tried.
  const isCutShort = own !== null && row.timeoutSeconds !== null && row.timeoutSeconds < own;
  return {
    prompt,
    responseSchema,
    assignedTo: assignees,
    quorum,
    defaultResponse,
    onTimeout: isCutShort ? 'fail' : onTimeout,
    timeoutSeconds: isCutShort ? row.timeoutSeconds : (own ?? row.timeoutSeconds),
    escalateTo,
    periodSeconds: onTimeout === 'escalate' ? own : null,
  };
}

function toNames(field: string, value: Json | undefined): string[] | string {
  if (value === undefined || value === null) return [];
  const names = Array.isArray(value) ? value : [value];
  const known = names.filter(
    (name): name is string => typeof name === 'string' && /^(user|team|role):.{1,200}$/.test(name),
  );
  if (known.length !== names.length || names.length > 100) {
    return `${field}: a list of names like "user:ana@example.com", "role:core.approver" or "team:release".`;
  }
  return [...new Set(known)];
}
