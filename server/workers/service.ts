import { forbidden, notFound } from '@/engine/errors';
import { recordAudit } from '../audit/record';
import { inSystem, inTenant } from '../db';
import { env } from '../env';
import { authorOf, may, requireRight, type Actor } from '../identities/actor';
import { announce } from '../live';
import { defaultTenantId } from '../packs/refs';
import type { WorkerSummary } from './schema';
import * as store from './store';

/** A worker that was not heard of for this many leases counts as offline. */
const silentLeases = 3;

/** The workers of the last day, the newest first; each person with the right sees the whole installation's. */
export async function listWorkers(actor: Actor): Promise<WorkerSummary[]> {
  requireRight(actor, 'read', 'workers');
  return select(actor, null);
}

/** The id of the new row: a worker that starts again is a new worker, so an old claim is never taken for its own. */
export async function registerWorker(worker: store.NewWorker): Promise<number> {
  return inSystem((tx) => store.insertWorker(tx, worker));
}

/** Says that the worker lives, how many executions it runs, and whether it still takes new ones. */
export async function heartbeatWorker(
  workerId: number,
  busy: number,
  status: 'active' | 'draining',
): Promise<{ isCordoned: boolean }> {
  return inSystem((tx) => store.touchWorker(tx, workerId, busy, status));
}

/** One worker of the last day. @throws DomainError not_found */
export async function getWorker(actor: Actor, id: number): Promise<WorkerSummary> {
  requireRight(actor, 'read', 'workers', { id });
  return find(actor, id);
}

/**
 * Has a worker take no new executions, with the reason for whoever wonders (null: has it take them again). What it runs
 * goes on. It hears of it at once, at the latest with its next heartbeat. @throws DomainError not_found
 */
export async function cordonWorker(actor: Actor, id: number, reason: string | null): Promise<WorkerSummary> {
  requireRight(actor, 'manage', 'workers', { id });
  if (!mayManage(actor))
    throw forbidden('Workers serve every tenant, so only people of the default tenant manage them.');
  const changed = await inSystem(async (tx) => {
    const row = await store.setCordon(tx, id, reason === null ? null : { by: actor.login, reason });
    if (!row) return row;
    await recordAudit(tx, actor.tenantId, [
      {
        category: 'workers',
        eventType: reason === null ? 'worker.uncordoned' : 'worker.cordoned',
        outcome: 'success',
        actorId: authorOf(actor),
        actorLogin: actor.login,
        resourceType: 'worker',
        resourceId: id,
        resourceRef: null,
        details: { reason },
      },
    ]);
    tx.afterCommit(() => announce('attune_job', cordonBell(id)));
    return row;
  });
  if (!changed) throw notFound('worker', id);
  return find(actor, id);
}

/** What a worker listens for to hear that it was cordoned, or is not any more. */
export function cordonBell(workerId: number): string {
  return `worker ${workerId}`;
}

async function find(actor: Actor, id: number): Promise<WorkerSummary> {
  const [worker] = await select(actor, id);
  if (!worker) throw notFound('worker', id);
  return worker;
}

async function select(actor: Actor, id: number | null): Promise<WorkerSummary[]> {
  const rows = await inTenant(actor.tenantId, (tx) =>
    store.selectWorkers(tx, env().ATTUNE_LEASE_SECONDS * silentLeases, id),
  );
  return rows.map((row) => ({ ...row, mayManage: mayManage(actor) }));
}

/** They belong to the installation, and so to whoever keeps it. */
function mayManage(actor: Actor): boolean {
  return actor.tenantId === defaultTenantId && may(actor, 'manage', 'workers');
}

/** Marks a worker that ends in order as offline. */
export async function retireWorker(workerId: number): Promise<void> {
  await inSystem((tx) => store.closeWorker(tx, workerId));
}

/** Of the executions named, the ids of those that somebody asked to cancel. */
export async function findCancelRequests(
  executions: readonly { tenantId: number; rootId: number; executionId: number }[],
): Promise<number[]> {
  if (executions.length === 0) return [];
  return inSystem((tx) => store.selectCancelRequests(tx, executions));
}
