import { ExpressionError, renderValue, type Json, type Scope } from '@/engine/expression/expression';
import { prepare, type Tx } from '../db';
import type { Order } from '../executions/births';
import { planRoots, writeRoots } from '../executions/create';
import { toStorable } from '../executions/step-writes';
import type { Started, StepWorker } from '../executions/steps';
import type { Change } from '../feed/store';
import type { JsonObject } from '../fields';
import type { NamedKeys } from '../keys/named';
import { decideWithKeys, type PreviousEvent } from '../rules/scope';

/** A rule that matched an event and is let through. */
export interface Firing {
  event: { id: number; triggerRef: string };
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

const newIds = prepare(
  `SELECT nextval('enforcement_id_seq') AS id, nextval('execution_id_seq') AS "executionId" FROM generate_series(1, $1)`,
);
const insertEnforcements = prepare(
  `INSERT INTO enforcement (id, tenant_id, event_id, rule_id, rule_ref, trigger_ref, action_ref, status, execution_id, error, config, resolved_at)
   SELECT e.id, $1, e.event_id, e.rule_id, e.rule_ref, e.trigger_ref, e.action_ref, 'processed', e.execution_id, e.error, e.config, clock_timestamp()
   FROM json_to_recordset($2) AS e(id bigint, event_id bigint, rule_id bigint, rule_ref text, trigger_ref text, action_ref text,
     execution_id bigint, error text, config json)`,
);

/** Enforcements that are planned and not written yet. */
export interface Enforcements {
  /** What the feed is to say of them. */
  changes: Change[];
  /** Writes them, and the executions that they ask for, in the transaction in which they were planned. */
  write(): Promise<Started[]>;
}

/**
 * Plans the enforcements of rules that matched, and the executions that they ask for. What cannot be carried out is an
 * execution that failed at once: people look there for the reason. `worker` claims of them what it may.
 */
export async function planEnforcements(
  tx: Tx,
  tenantId: number,
  firings: readonly Firing[],
  worker: StepWorker | null,
): Promise<Enforcements> {
  if (firings.length === 0) return { changes: [], write: () => Promise.resolve([]) };
  const asked = tx.query<{ id: number; executionId: number }>(newIds, [firings.length]);
  const inputs: Inputs[] = [];
  for (const firing of firings)
    inputs.push(await decideWithKeys(tx, firing.keys, () => renderInputs(firing), firing.previous));
  const ids = await asked;
  const planned = await planRoots(
    tx,
    tenantId,
    firings.map((firing, place) => toOrder(firing, inputs[place], ids[place])),
    worker?.allowance,
  );
  const rows = firings.map(({ event, rule }, place) => ({
    ...{ id: ids[place]?.id ?? 0, event_id: event.id, trigger_ref: event.triggerRef },
    ...{ rule_id: rule.id, rule_ref: rule.ref, action_ref: rule.actionRef },
    execution_id: ids[place]?.executionId ?? 0,
    error: planned.born[place]?.birth.error ?? null,
    // As the execution has them: with masks where its action wants secrets.
    config: planned.born[place]?.birth.parameters ?? {},
  }));
  return {
    changes: rows.map((row) => ({
      ...{ entityType: 'enforcement', entityId: row.id, kind: 'created' },
      payload: {
        id: row.id,
        eventId: row.event_id,
        ruleId: row.rule_id,
        ruleRef: row.rule_ref,
        executionId: row.execution_id,
      },
    })),
    write: async () => {
      // Neither needs the answer of the other.
      const [{ started }] = await Promise.all([
        writeRoots(tx, tenantId, planned, worker),
        tx.query(insertEnforcements, [tenantId, toStorable(rows)]),
      ]);
      return started;
    },
  };
}

function toOrder(
  { event, rule, keys }: Firing,
  { parameters, redacted, error }: Inputs = { parameters: {}, redacted: undefined, error: null },
  { id, executionId }: { id: number; executionId: number } = { id: 0, executionId: 0 },
): Order & { id: number } {
  return {
    id: executionId,
    actionRef: rule.actionRef,
    parameters,
    ...(redacted === undefined ? {} : { redacted, origins: keys.secretTexts }),
    failed: error,
    priority: rule.priority,
    cause: { enforcementId: id, eventId: event.id, ruleRef: rule.ref, triggerRef: event.triggerRef },
  };
}
