import type { Json, Scope } from '@/engine/expression/expression';
import { ExpressionError, renderValue } from '@/engine/expression/expression';
import { matchCriteria } from '@/engine/trigger/match';
import { inTenant, type Tx } from '../db';
import { createExecution } from '../executions/create';
import { appendChanges } from '../feed/store';
import type { JsonObject } from '../fields';
import { raiseAlert } from './alert';
import { countRounds, mostRounds } from './cause';
import { NamedKeys } from '../keys/named';
import { packRefOf } from '../packs/refs';
import type { JobData } from '../queue';
import { decideWithKeys, ruleScope } from '../rules/scope';

interface WaitingEvent {
  id: number;
  triggerRef: string;
  payload: Json;
  headers: JsonObject;
  created: Date;
  executionId: number | null;
  /** The one rule that it is for. */
  ruleId: number | null;
}

interface RuleRow {
  id: number;
  ref: string;
  actionRef: string;
  conditions: Json;
  actionParams: JsonObject;
  priority: number;
  packConfig: JsonObject;
}

/**
 * Asks every enabled rule on the event's trigger, once: what each said is stored, and each that matched leads to an
 * enforcement and an execution, all in one transaction. A job that comes twice finds the event done and changes nothing.
 */
export async function matchEvent(job: JobData): Promise<void> {
  await inTenant(job.tenantId, async (tx) => {
    const [event] = await tx.query<WaitingEvent>(
      `SELECT id, trigger_ref AS "triggerRef", payload, headers, created, execution_id AS "executionId", rule_id AS "ruleId" FROM event
       WHERE tenant_id = $1 AND id = $2 AND processed_at IS NULL FOR UPDATE`,
      [job.tenantId, job.id],
    );
    if (!event) return;
    const rules = await tx.query<RuleRow>(
      `SELECT r.id, r.ref, r.action_ref AS "actionRef", r.conditions, r.action_params AS "actionParams", r.priority, p.config AS "packConfig"
       FROM rule r JOIN pack p ON p.id = r.pack_id WHERE r.tenant_id = $1 AND r.trigger_ref = $2 AND r.enabled
         AND ($3::bigint IS NULL OR r.id = $3) ORDER BY r.id`,
      [job.tenantId, event.triggerRef, event.ruleId],
    );
    for (const rule of rules) await ask(tx, job.tenantId, event, rule);
    await tx.query('UPDATE event SET processed_at = clock_timestamp() WHERE tenant_id = $1 AND id = $2', [
      job.tenantId,
      event.id,
    ]);
    await appendChanges(tx, job.tenantId, [
      {
        entityType: 'event',
        entityId: event.id,
        kind: 'processed',
        payload: { id: event.id, triggerRef: event.triggerRef },
      },
    ]);
  });
}

async function ask(tx: Tx, tenantId: number, event: WaitingEvent, rule: RuleRow): Promise<void> {
  const keys = new NamedKeys({ tenantId, packRef: packRefOf(rule.ref), actionRef: null });
  const scope = ruleScope({
    event: {
      id: event.id,
      payload: event.payload,
      headers: event.headers,
      trigger: event.triggerRef,
      created: event.created.toISOString(),
    },
    rule: { ref: rule.ref },
    config: rule.packConfig,
    keys,
  });
  const found = await decideWithKeys(tx, keys, () => matchCriteria(rule.conditions, scope));
  const isCircle = found.verdict === 'matched' && (await isEndless(tx, tenantId, event, rule));
  const match = isCircle ? { ...found, verdict: 'error' as const, reason: stoppedReason } : found;
  const stored = await tx.query(
    `INSERT INTO rule_evaluation (tenant_id, event_id, rule_id, rule_ref, verdict, clauses, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT DO NOTHING RETURNING rule_id`,
    [tenantId, event.id, rule.id, rule.ref, match.verdict, JSON.stringify(match.clauses), match.reason],
  );
  if (stored.length > 0 && isCircle) await tellOfCircle(tx, tenantId, event, rule);
  if (stored.length === 0 || match.verdict !== 'matched') return;
  const inputs = await decideWithKeys(tx, keys, () => renderInputs(rule, scope));
  await enforce(tx, tenantId, event, rule, { ...inputs, origins: keys.secretTexts });
}

const stoppedReason = `Stopped: this rule has led to itself ${mostRounds} times in a row. Have its criteria say when that ends, or its action call something else.`;

async function isEndless(tx: Tx, tenantId: number, event: WaitingEvent, rule: RuleRow): Promise<boolean> {
  if (event.executionId === null) return false;
  return (await countRounds(tx, tenantId, event.executionId, rule.ref)) >= mostRounds;
}

async function tellOfCircle(tx: Tx, tenantId: number, event: WaitingEvent, rule: RuleRow): Promise<void> {
  await raiseAlert(tx, tenantId, {
    ...{ severity: 'warning', category: 'rules', failureType: 'rule_circle' },
    ...{ componentType: 'rule', componentRef: rule.ref, executionId: event.executionId },
    summary: `The rule ${rule.ref} led to itself ${mostRounds} times in a row and was stopped.`,
    details: { event_id: event.id, trigger_ref: event.triggerRef, execution_id: event.executionId },
  });
}

/** What a rule's action is given. */
interface Inputs {
  parameters: JsonObject;
  /** The same with masks where a secret went in; undefined where none did. */
  redacted: Json | undefined;
  error: string | null;
}

function renderInputs(rule: RuleRow, scope: Scope): Inputs {
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

async function enforce(
  tx: Tx,
  tenantId: number,
  event: WaitingEvent,
  rule: RuleRow,
  { parameters, redacted, error, origins }: Inputs & { origins: readonly string[] },
): Promise<void> {
  const [enforcement] = await tx.query<{ id: number }>(
    `INSERT INTO enforcement (tenant_id, event_id, rule_id, rule_ref, trigger_ref, action_ref) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
    [tenantId, event.id, rule.id, rule.ref, event.triggerRef, rule.actionRef],
  );
  if (!enforcement) return;
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
  await appendChanges(tx, tenantId, [
    {
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
    },
  ]);
}
