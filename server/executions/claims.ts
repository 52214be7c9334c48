import { isEnded } from '@/engine/execution/status';
import { inSystem, inTenant, prepare, querySystem, type Sql, type Tx } from '../db';
import { appendChanges } from '../feed/store';
import type { JsonObject } from '../fields';
import { announce } from '../live';
import { enqueue } from '../queue';
import { SealBroken } from '../sealing/seal';
import type { ActionLimits } from '../actions/limits';
import { findActionFacts } from './action-facts';
import { toErrorResult, type ResolvedAction } from './resolve-action';
import { openParameters, type OpenParameters } from './secret-parameters';
import { endExecution, type Started } from './steps';
import { changeState, columns, findInTree, lockRoot, type ExecutionRow } from './store';

/** What a worker holds while it carries out one attempt. A result that names an older fence is refused. */
export interface Claim {
  tenantId: number;
  rootId: number;
  executionId: number;
  fence: number;
  actionRef: string;
  packRef: string;
  runtime: 'shell' | 'python' | 'nodejs' | 'native' | 'http' | 'container';
  /** The program that runs it in place of the shell, with its first arguments. */
  interpreter: readonly string[] | null;
  entrypoint: string;
  code: string | null;
  packPath: string | null;
  outputFormat: 'text' | 'json' | 'jsonl' | 'yaml';
  outSchema: JsonObject | null;
  parameterDelivery: 'stdin' | 'file';
  parameterFormat: 'json' | 'yaml' | 'dotenv';
  /** What the attempt may use. */
  limits: ActionLimits;
  /** As what it may call the API, unless its request says otherwise. */
  defaultPermissionSetRefs: readonly string[];
  /** With their secrets: never to be logged or stored. */
  parameters: JsonObject;
  /** What must not be in anything that the attempt says. */
  secretTexts: readonly string[];
  timeoutSeconds: number | null;
  attempt: number;
  idempotent: boolean;
  idempotencyKey: string;
  ruleRef: string | null;
  triggerRef: string | null;
  /** Where it belongs in its run; null for an execution of its own. */
  token: { parentId: number; task: string; visit: number; item: number | null } | null;
  slotKey: string | null;
}

/** How an attempt ended. */
export interface Outcome {
  state: 'completed' | 'failed' | 'timeout' | 'cancelled';
  result: JsonObject;
  error: string | null;
}

/** Reads across tenants; every query names its tenant. */
export const systemSql: Sql = { query: querySystem };

/** A worker, as claims need it. */
export interface Claimer {
  workerId: number;
  leaseSeconds: number;
  runtimes: readonly string[];
  /** Carries out what takes no time and touches nothing, within a step; null for everything else. (Default: nothing) */
  carryOut?: (entrypoint: string, parameters: JsonObject) => Outcome | null;
  /** The actions for which `carryOut` mostly does. */
  atOnce?: readonly string[];
}

export interface Claimed {
  claims: Claim[];
  /** Workflows whose first step is due. */
  workflows: ExecutionRow[];
  /** Executions of their own, not claimed, that may be carried out in the transaction that takes them. */
  atOnce: ExecutionRow[];
  /** As many as were asked for: there may be more. */
  mayBeMore: boolean;
  /** Where the next call goes on, so that every tenant has its turn. */
  lastTenantId: number | null;
}

const claimRows = prepare(`SELECT ${columns} FROM attune_claim($1, $2, $3, $4, $5, $6, $7) e`);

/**
 * Takes executions that wait, at most `limit`, fair between tenants; within a tenant by priority, then by age. Actions are
 * claimed with a lease; workflows (`without`: those that the caller has in hand) and actions of `atOnce` are only named.
 */
export async function claimExecutions(
  worker: Claimer,
  limit: number,
  afterTenantId: number | null,
  without: readonly number[],
  atOnce: readonly string[] = [],
): Promise<Claimed> {
  const rows = await querySystem<ExecutionRow>(claimRows, [
    worker.workerId,
    worker.leaseSeconds,
    limit,
    [...worker.runtimes, 'workflow'],
    afterTenantId ?? 0,
    without,
    atOnce,
  ]);
  const claims: Claim[] = [];
  for (const row of rows) {
    if (isNamed(row)) continue;
    const action = await factsOf(row);
    const claim = action && action.runtime !== 'workflow' ? toClaim(row, action) : gone(row);
    if (typeof claim === 'string') await refuseClaim(row, claim);
    else claims.push(claim);
  }
  return {
    claims,
    workflows: rows.filter((row) => row.kind === 'workflow'),
    atOnce: rows.filter((row) => row.kind !== 'workflow' && isNamed(row)),
    mayBeMore: rows.length >= limit,
    lastTenantId: rows.at(-1)?.tenantId ?? null,
  };
}

/**
 * Roots that were born running for this worker and that it does not know of, because the answer to the transaction that
 * started them was lost. To be asked while no such transaction of this worker is under way.
 */
export function findLostRoots(workerId: number, held: (executionId: number) => boolean): Promise<Claim[]> {
  return toLostClaims(
    `SELECT ${columns} FROM execution e WHERE e.worker_id = $1 AND e.state = 'running' AND e.fence = 1 AND e.id = e.root_id
       AND e.lease_until > clock_timestamp() LIMIT 1000`,
    [workerId],
    held,
  );
}

/**
 * Claims of this worker that it does not know of, because the answer to its claim or step was lost: their bodies have not
 * begun. `held`: the executions that it knows. To be asked while no claim (`rootId` null) or no step of that tree
 * (`rootId`) of this worker is under way.
 */
export function findLostClaims(
  worker: Claimer,
  held: (executionId: number) => boolean,
  place: { tenantId: number; rootId: number } | null,
): Promise<Claim[]> {
  return toLostClaims(
    place
      ? `SELECT ${columns} FROM execution e WHERE e.tenant_id = $2 AND e.root_id = $3 AND e.worker_id = $1 AND e.state = 'running'
           AND e.fence = 1 AND e.lease_until > clock_timestamp()`
      : `SELECT ${columns} FROM execution e WHERE e.worker_id = $1 AND e.state = 'running' AND e.fence > 1
           AND e.lease_until > clock_timestamp() LIMIT 1000`,
    place ? [worker.workerId, place.tenantId, place.rootId] : [worker.workerId],
    held,
  );
}

async function toLostClaims(
  query: string,
  values: readonly unknown[],
  held: (executionId: number) => boolean,
): Promise<Claim[]> {
  const rows = await querySystem<ExecutionRow>(query, values);
  const claims: Claim[] = [];
  for (const row of rows) {
    if (row.kind === 'workflow' || held(row.id)) continue;
    const action = await factsOf(row);
    const claim = action ? toClaim(row, action) : gone(row);
    if (typeof claim !== 'string') claims.push(claim);
  }
  return claims.filter(({ executionId }) => !held(executionId));
}

function isNamed({ state }: ExecutionRow): boolean {
  return state === 'requested' || state === 'scheduled';
}

/** What is run is at least as new as when it was asked for. */
export function factsOf({
  tenantId,
  actionRef,
  revision,
}: Pick<ExecutionRow, 'tenantId' | 'actionRef' | 'revision'>): Promise<ResolvedAction | null> {
  return findActionFacts(systemSql, tenantId, actionRef, revision ?? 0);
}

function gone(row: ExecutionRow): string {
  return `The action ${row.actionRef} was removed before it could start.`;
}

async function refuseClaim(row: ExecutionRow, error: string): Promise<void> {
  await inTenant(row.tenantId, async (tx) => {
    await lockRoot(tx, row.tenantId, row.rootId);
    const now = await findInTree(tx, row.tenantId, row.rootId, row.id);
    if (!now || isEnded(now.state) || now.fence !== row.fence) return;
    await endExecution(tx, now, { state: 'failed', result: toErrorResult(error), error });
  });
}

/** A sentence where its secrets cannot be opened. */
function toClaim(row: ExecutionRow, action: ResolvedAction): Claim | string {
  let opened: OpenParameters;
  try {
    opened = openParameters(row);
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    return `Its secret parameters cannot be opened: ${error.message}`;
  }
  return {
    tenantId: row.tenantId,
    rootId: row.rootId,
    executionId: row.id,
    fence: row.fence,
    ...ofAction(action),
    actionRef: row.actionRef,
    parameters: opened.parameters,
    secretTexts: opened.secretTexts,
    timeoutSeconds: row.timeoutSeconds,
    attempt: row.attempt,
    idempotent: row.idempotent,
    idempotencyKey: `${row.tenantId}-${row.originalId ?? row.id}`,
    ruleRef: row.ruleRef,
    triggerRef: row.triggerRef,
    token:
      row.parentId === null
        ? null
        : { parentId: row.parentId, task: row.taskName ?? '', visit: row.visit, item: row.itemIndex },
    slotKey: row.slotKey,
  };
}

/** The claim of an execution that was born running, by the step that the worker took. */
export function toClaimOfBirth(
  place: { tenantId: number; rootId: number },
  { id, birth, action, given, secretTexts }: Started,
): Claim | null {
  if (birth.state !== 'running' || !action) return null;
  return {
    ...place,
    executionId: id,
    fence: 1,
    ...ofAction(action),
    actionRef: birth.action_ref,
    parameters: given,
    secretTexts,
    timeoutSeconds: birth.timeout_seconds,
    attempt: birth.attempt,
    idempotent: birth.idempotent,
    idempotencyKey: `${place.tenantId}-${birth.original_id ?? id}`,
    ruleRef: birth.rule_ref,
    triggerRef: birth.trigger_ref,
    token:
      birth.parent_id === null
        ? null
        : {
            parentId: birth.parent_id,
            task: birth.task_name ?? '',
            visit: birth.visit,
            item: birth.item_index,
          },
    slotKey: birth.slot_key,
  };
}

function ofAction(action: ResolvedAction) {
  return {
    packRef: action.packRef,
    runtime: action.runtime as Claim['runtime'],
    interpreter: action.interpreter,
    entrypoint: action.entrypoint,
    code: action.code,
    packPath: action.packPath,
    outputFormat: action.outputFormat as Claim['outputFormat'],
    outSchema: action.outSchema,
    parameterDelivery: action.parameterDelivery as Claim['parameterDelivery'],
    parameterFormat: action.parameterFormat as Claim['parameterFormat'],
    limits: action.limits,
    defaultPermissionSetRefs: action.defaultPermissionSetRefs,
  };
}

/** Notes that the result of an older claim was refused. */
export async function recordStaleResult(
  tx: Tx,
  claim: Pick<Claim, 'tenantId' | 'rootId' | 'executionId' | 'fence'>,
  row: ExecutionRow,
  outcome: string,
): Promise<void> {
  await appendChanges(tx, claim.tenantId, [
    {
      entityType: 'execution',
      entityId: claim.executionId,
      rootId: claim.rootId,
      kind: 'stale_result',
      payload: { id: claim.executionId, fence: claim.fence, currentFence: row.fence, outcome },
    },
  ]);
}

interface Held {
  tenantId: number;
  rootId: number;
  executionId: number;
  fence: number;
}

/** Renews leases; tells which claims are lost and which are to be stopped. */
export async function renewLeases(
  workerId: number,
  claims: readonly Held[],
  leaseSeconds: number,
): Promise<{ lost: number[]; cancelRequested: number[] }> {
  if (claims.length === 0) return { lost: [], cancelRequested: [] };
  const mine = `SELECT e.tenant_id, e.root_id, e.id, e.cancel_requested
     FROM jsonb_to_recordset($1::jsonb) AS c("tenantId" bigint, "rootId" bigint, "executionId" bigint, fence bigint)
     JOIN execution e ON e.tenant_id = c."tenantId" AND e.root_id = c."rootId" AND e.id = c."executionId" AND e.fence = c.fence
     WHERE e.worker_id = $2 AND e.state IN ('running', 'canceling')`;
  // What a step holds at this moment is passed by: waiting for it while holding others could stand still for ever.
  const rows = await querySystem<{ id: number; cancelRequested: boolean }>(
    `WITH mine AS (${mine} ORDER BY e.id FOR UPDATE OF e SKIP LOCKED)
     UPDATE execution e SET lease_until = clock_timestamp() + make_interval(secs => $3) FROM mine
     WHERE e.tenant_id = mine.tenant_id AND e.root_id = mine.root_id AND e.id = mine.id
     RETURNING e.id, e.cancel_requested AS "cancelRequested"`,
    [JSON.stringify(claims), workerId, leaseSeconds],
  );
  if (rows.length < claims.length) {
    // Passed by, or lost? What is passed by is ours still, and has its turn with the next renewal.
    const held = await querySystem<{ id: number; cancelRequested: boolean }>(
      `SELECT id, cancel_requested AS "cancelRequested" FROM (${mine} AND e.lease_until > clock_timestamp()) AS held`,
      [JSON.stringify(claims), workerId],
    );
    const renewed = new Set(rows.map(({ id }) => id));
    rows.push(...held.filter(({ id }) => !renewed.has(id)));
  }
  const kept = new Map(rows.map((row) => [row.id, row.cancelRequested]));
  return {
    lost: claims.filter((claim) => !kept.has(claim.executionId)).map((claim) => claim.executionId),
    cancelRequested: rows.filter((row) => row.cancelRequested).map((row) => row.id),
  };
}

/** Hands a claim back that was not started: another worker takes it. */
export async function releaseExecution(claim: Claim): Promise<void> {
  await inTenant(claim.tenantId, async (tx) => {
    await lockRoot(tx, claim.tenantId, claim.rootId);
    const row = await findInTree(tx, claim.tenantId, claim.rootId, claim.executionId);
    if (!row || row.fence !== claim.fence || isEnded(row.state)) return;
    if (row.state === 'canceling') {
      await endExecution(tx, row, {
        state: 'cancelled',
        result: toErrorResult('Cancelled.'),
        error: row.stateReason ?? 'Cancelled.',
      });
      return;
    }
    const back = await changeState(tx, row, {
      state: 'scheduled',
      stateReason: 'handed back by a stopping worker',
    });
    if (back && !back.onHold) {
      await enqueue(tx, 'execution', [
        { tenantId: row.tenantId, rootId: row.rootId, id: row.id, priority: row.priority },
      ]);
    }
  });
}

/** Stores output in order: `firstSeq`, +1, …. A batch that is written twice is stored once. */
export async function appendLog(
  claim: Held,
  chunks: readonly { stream: 'stdout' | 'stderr' | 'system'; content: string }[],
  firstSeq: number,
): Promise<void> {
  if (chunks.length === 0) return;
  await inSystem(async (tx) => {
    await tx.query(
      `INSERT INTO execution_log (tenant_id, root_id, execution_id, seq, stream, content)
       SELECT $1::bigint, $2::bigint, $3::bigint, $4::int + (c.place - 1)::int, c.chunk ->> 'stream', c.chunk ->> 'content'
       FROM jsonb_array_elements($5::jsonb) WITH ORDINALITY AS c(chunk, place)
       ON CONFLICT DO NOTHING`,
      [claim.tenantId, claim.rootId, claim.executionId, firstSeq, JSON.stringify(chunks)],
    );
    tx.afterCommit(() => announce('attune_log', String(claim.executionId)));
  });
}
