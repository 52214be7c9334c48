import { parentPort } from 'node:worker_threads';
import { renewLeases } from '@/server/executions/claims';
import { log } from '@/server/log';
import type { HeldClaim, LeaseOrder, LeaseReport, LeaseThreadData } from './leases';
import { monotonicMs } from './monotonic';
import { killOnce } from './sandbox/tree';

/** A lease is given up, and its processes killed, when this part of it has passed without renewal. */
const patience = 0.8;
/** A main loop that was silent for this part of a lease is blocked: its leases are not renewed for it. */
const silence = 0.5;

/**
 * Renews leases on a connection of its own, every third of a lease, unless the main loop is blocked: then it lets
 * them go instead of hiding it. What can't be renewed in time is killed here, before anybody else may claim it.
 */
export function keepLeases({ workerId, leaseSeconds, heartbeat }: LeaseThreadData): void {
  const port = parentPort;
  if (!port) throw new Error('keepLeases runs in a worker thread only');
  const beats = new BigInt64Array(heartbeat);
  const held = new Map<number, HeldClaim>();
  const leaseMs = leaseSeconds * 1000;
  let isRenewing = false;
  let renewedAtMs = monotonicMs();

  const report = (message: LeaseReport) => port.postMessage(message);

  const giveUp = (claim: HeldClaim, why: string) => {
    held.delete(claim.executionId);
    const { tree } = claim;
    if (tree) {
      // A fork may slip through one pass; the main loop, once it turns, kills until nothing is left.
      for (let pass = 0; pass < 20 && killOnce(tree) > 0; pass += 1);
    }
    report({ kind: 'lost', executionId: claim.executionId, fence: claim.fence, why });
  };

  const renew = async () => {
    isRenewing = true;
    const claims = [...held.values()];
    const askedAtMs = monotonicMs();
    try {
      const bare = claims.map(({ tenantId, rootId, executionId, fence }) => ({
        tenantId,
        rootId,
        executionId,
        fence,
      }));
      const { lost, cancelRequested } = await renewLeases(workerId, bare, leaseSeconds);
      const gone = new Set(lost);
      for (const claim of claims) {
        // Ended, or claimed anew, while we asked.
        if (held.get(claim.executionId) !== claim) continue;
        if (gone.has(claim.executionId)) giveUp(claim, 'the database gave it to somebody else or ended it');
        else claim.renewedAtMs = askedAtMs;
      }
      for (const executionId of cancelRequested) report({ kind: 'cancel', executionId });
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'leases could not be renewed');
    } finally {
      renewedAtMs = askedAtMs;
      isRenewing = false;
    }
  };

  const look = () => {
    const nowMs = monotonicMs();
    const silentMs = nowMs - Number(Atomics.load(beats, 0)) / 1e6;
    for (const claim of [...held.values()]) {
      if (nowMs - claim.renewedAtMs > leaseMs * patience) {
        giveUp(
          claim,
          silentMs > leaseMs * silence ? 'the worker was blocked' : 'it could not be renewed in time',
        );
      }
    }
    const isBlocked = silentMs > leaseMs * silence;
    if (!isRenewing && !isBlocked && held.size > 0 && nowMs - renewedAtMs >= leaseMs / 3) void renew();
  };
  setInterval(look, Math.max(20, leaseMs / 30));

  port.on('message', (order: LeaseOrder) => {
    switch (order.kind) {
      case 'hold': {
        const older = held.get(order.claim.executionId);
        if (older) giveUp(older, 'it was claimed anew');
        held.set(order.claim.executionId, order.claim);
        return;
      }
      case 'guard': {
        const claim = held.get(order.executionId);
        if (claim?.fence === order.fence) claim.tree = order.tree;
        // Given up before its processes were known.
        else killOnce(order.tree);
        return;
      }
      case 'drop':
        if (held.get(order.executionId)?.fence === order.fence) held.delete(order.executionId);
        return;
      case 'ask': {
        const isHeld = held.get(order.executionId)?.fence === order.fence;
        report({ kind: 'answer', question: order.question, isHeld });
      }
    }
  });
}
