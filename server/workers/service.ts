import { inSystem, inTenant } from '../db';
import { env } from '../env';
import { requireRight, type Actor } from '../identities/actor';
import type { WorkerSummary } from './schema';
import * as store from './store';

/** A worker that was not heard of for this many leases counts as offline. */
const silentLeases = 3;

/** The workers of the last day, the newest first; each person with the right sees the whole installation's. */
export async function listWorkers(actor: Actor): Promise<WorkerSummary[]> {
  requireRight(actor, 'read', 'workers');
  return inTenant(actor.tenantId, (tx) => store.selectWorkers(tx, env().ATTUNE_LEASE_SECONDS * silentLeases));
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
): Promise<void> {
  await inSystem((tx) => store.touchWorker(tx, workerId, busy, status));
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
