import { ExpressionError, renderValue, type Json, type Scope } from '@/engine/expression/expression';
import type { Tx } from '../db';
import { createExecution } from '../executions/create';
import type { Change } from '../feed/store';
import type { JsonObject } from '../fields';
import type { NamedKeys } from '../keys/named';
import { decideWithKeys, type PreviousEvent } from '../rules/scope';

/** A rule that matched and is let through. */
export interface Firing {
  rule: { id: number; ref: string; actionRef: string; actionParams: JsonObject; priority: number };
  scope: Scope;
  keys: NamedKeys;
  previous: PreviousEvent;
}

/** What a rule's action is given. */
interface Inputs {
  parameters: JsonObject;
  /** The same with masks where a secret went in; undefined where none did. */
  redacted: Json | undefined;
  error: string | null;
}

function renderInputs({ rule, scope }: Firing): Inputs {
  try {
    const { value, secret, redacted } = renderValue(rule.actionParams, scope);
    return { parameters: value as JsonObject, redacted: secret ? redacted : undefined, error: null };
  } catch (failure) {
    if (!(failure instanceof ExpressionError)) throw failure;
    const where = `line ${failure.line}, column ${failure.column} of ${failure.source}`;
    return {
      parameters: {},
      redacted: undefined,
      error: `The rule's inputs could not be rendered: ${failure.message} (${where}).`,
    };
  }
}

/** Makes the enforcement of a rule that matched an event, and the execution that it asks for. Gives what the feed is to say. */
export async function enforce(
  tx: Tx,
  tenantId: number,
  event: { id: number; triggerRef: string },
  firing: Firing,
): Promise<Change> {
  const { rule, keys, previous } = firing;
  const { parameters, redacted, error } = await decideWithKeys(
    tx,
    keys,
    () => renderInputs(firing),
    previous,
  );
  const origins = keys.secretTexts;
  const [enforcement] = await tx.query<{ id: number }>(
    `INSERT INTO enforcement (tenant_id, event_id, rule_id, rule_ref, trigger_ref, action_ref) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
    [tenantId, event.id, rule.id, rule.ref, event.triggerRef, rule.actionRef],
  );
  if (!enforcement) throw new Error('no enforcement was made');
  // What cannot be carried out is an execution that failed at once: people look there for the reason.
  const created = await createExecution(tx, tenantId, {
    actionRef: rule.actionRef,
    parameters,
    ...(redacted === undefined ? {} : { redacted, origins }),
    failed: error,
    priority: rule.priority,
    cause: {
      enforcementId: enforcement.id,
      eventId: event.id,
      ruleRef: rule.ref,
      triggerRef: event.triggerRef,
    },
  });
  // The parameters as the execution has them: with masks where its action wants secrets.
  await tx.query(
    `UPDATE enforcement SET status = 'processed', execution_id = $4, error = $5, config = $6, resolved_at = clock_timestamp()
     WHERE tenant_id = $1 AND event_id = $2 AND id = $3`,
    [tenantId, event.id, enforcement.id, created.id, created.refused, JSON.stringify(created.parameters)],
  );
  return {
    entityType: 'enforcement',
    entityId: enforcement.id,
    kind: 'created',
    payload: {
      id: enforcement.id,
      eventId: event.id,
      ruleId: rule.id,
      ruleRef: rule.ref,
      executionId: created.id,
    },
  };
}
