import { isEnded } from '@/engine/execution/status';
import { inSystem, inTenant, querySystem } from '../db';
import { appendChanges } from '../feed/store';
import type { JsonObject } from '../fields';
import { announce } from '../live';
import { enqueue, type JobData } from '../queue';
import { resolveAction, toErrorResult } from './resolve-action';
import { endExecution, startRun } from './steps';
import { changeState, findInTree, lockRoot } from './store';

/** What a worker holds while it carries out one attempt. A result that names an older fence is refused. */
export interface Claim {
  tenantId: number;
  rootId: number;
  executionId: number;
  fence: number;
  actionRef: string;
  packRef: string;
  runtime: 'shell' | 'python' | 'nodejs' | 'native';
  entrypoint: string;
  code: string | null;
  packPath: string | null;
  outputFormat: 'text' | 'json' | 'jsonl' | 'yaml';
  outSchema: JsonObject | null;
  parameters: JsonObject;
  timeoutSeconds: number | null;
  attempt: number;
  idempotent: boolean;
  idempotencyKey: string;
  ruleRef: string | null;
  triggerRef: string | null;
}

export type Taken = { kind: 'nothing' } | { kind: 'done' } | { kind: 'run'; claim: Claim };

/**
 * Takes what a job points at. A workflow's first step is carried out at once (`done`); an action is claimed with a
 * lease (`run`). `nothing` when the row is not waiting any more: the job was doubled, late or cancelled.
 */
export async function takeExecution(
  job: JobData,
  worker: { workerId: number; leaseSeconds: number },
): Promise<Taken> {
  return inTenant(job.tenantId, async (tx): Promise<Taken> => {
    if (!(await lockRoot(tx, job.tenantId, job.rootId))) return { kind: 'nothing' };
    const row = await findInTree(tx, job.tenantId, job.rootId, job.id);
    if (!row || (row.state !== 'requested' && row.state !== 'scheduled')) return { kind: 'nothing' };
    if (row.kind === 'workflow') {
      await startRun(tx, row);
      return { kind: 'done' };
    }
    const action = await resolveAction(tx, job.tenantId, row.actionRef);
    if (!action || action.runtime === 'workflow') {
      const error = `The action ${row.actionRef} was removed before it could start.`;
      await endExecution(tx, row, { state: 'failed', result: toErrorResult(error), error });
      return { kind: 'done' };
    }
    const claimed = await changeState(tx, row, {
      state: 'running',
      claim: worker,
      deadlineSeconds: row.timeoutSeconds,
    });
    if (!claimed) return { kind: 'nothing' };
    return {
      kind: 'run',
      claim: {
        tenantId: row.tenantId,
        rootId: row.rootId,
        executionId: row.id,
        fence: claimed.fence,
        actionRef: row.actionRef,
        packRef: action.packRef,
        runtime: action.runtime as Claim['runtime'],
        entrypoint: action.entrypoint,
        code: action.code,
        packPath: action.packPath,
        outputFormat: action.outputFormat as Claim['outputFormat'],
        outSchema: action.outSchema,
        parameters: row.parameters,
        timeoutSeconds: row.timeoutSeconds,
        attempt: row.attempt,
        idempotent: row.idempotent,
        idempotencyKey: `${row.tenantId}-${row.originalId ?? row.id}`,
        ruleRef: row.ruleRef,
        triggerRef: row.triggerRef,
      },
    };
  });
}

export interface Outcome {
  state: 'completed' | 'failed' | 'timeout' | 'cancelled';
  result: JsonObject;
  error: string | null;
}

/**
 * Ends the claimed attempt, and lets its run go on, in one transaction. Not accepted when the claim is no longer
 * the newest (the lease was lost): that is recorded as `stale_result` and changes nothing else.
 */
export async function finishExecution(claim: Claim, outcome: Outcome): Promise<{ accepted: boolean }> {
  return inTenant(claim.tenantId, async (tx) => {
    await lockRoot(tx, claim.tenantId, claim.rootId);
    const row = await findInTree(tx, claim.tenantId, claim.rootId, claim.executionId);
    if (!row || isEnded(row.state) || row.fence !== claim.fence) {
      const isOwn = row?.fence === claim.fence;
      // Ended with our own fence: our commit got through and only its reply was lost.
      if (!row || isOwn) return { accepted: isOwn };
      await appendChanges(tx, claim.tenantId, [
        {
          entityType: 'execution',
          entityId: claim.executionId,
          rootId: claim.rootId,
          kind: 'stale_result',
          payload: {
            id: claim.executionId,
            fence: claim.fence,
            currentFence: row.fence,
            outcome: outcome.state,
          },
        },
      ]);
      return { accepted: false };
    }
    // A cancel that came in time wins over an end that TERM brought about, not over a success.
    const cancelled = row.cancelRequested && outcome.state !== 'completed';
    const state = cancelled ? 'cancelled' : outcome.state;
    const error = state === 'completed' ? null : outcome.error || 'The action failed without saying why.';
    const accepted = await endExecution(tx, row, {
      state,
      result: outcome.result,
      error: cancelled ? (row.stateReason ?? 'Cancelled.') : error,
    });
    return { accepted };
  });
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
  const rows = await querySystem<{ id: number; cancelRequested: boolean }>(
    `UPDATE execution e SET lease_until = clock_timestamp() + make_interval(secs => $3)
     FROM jsonb_to_recordset($1::jsonb) AS c("tenantId" bigint, "rootId" bigint, "executionId" bigint, fence bigint)
     WHERE e.tenant_id = c."tenantId" AND e.root_id = c."rootId" AND e.id = c."executionId" AND e.fence = c.fence
       AND e.worker_id = $2 AND e.state IN ('running', 'canceling')
     RETURNING e.id, e.cancel_requested AS "cancelRequested"`,
    [JSON.stringify(claims), workerId, leaseSeconds],
  );
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
    if (await changeState(tx, row, { state: 'scheduled', stateReason: 'handed back by a stopping worker' })) {
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
