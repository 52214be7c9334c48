import { removeOrphans } from '@/server/artifacts/blobs';
import { purgeArtifacts } from '@/server/artifacts/service';
import { purgeAudit } from '@/server/audit/store';
import { purgeIdempotencyKeys } from '@/server/idempotency/store';
import { querySystem } from '@/server/db';
import { env } from '@/server/env';
import { promoteAll } from '@/server/executions/concurrency';
import {
  dropOldEvents,
  purgeEvents,
  purgeFirings as purgeRuleFirings,
  sweepSilences,
  trimSilences,
} from '@/server/events/retention';
import { breakCircles } from '@/server/executions/slot-circles';
import { fireDueTimers, reapLostLeases, reconcile } from '@/server/executions/upkeep';
import { purgeExpiredKeys } from '@/server/keys/service';
import { log } from '@/server/log';
import { purgeDedupes } from '@/server/sensors/pieces';
import { purgeFirings } from '@/server/timers/service';
import { purgeWebhooks } from '@/server/webhooks/store';
import { purgeItems } from '@/server/work-queues/items';
import type { Host } from './host';
import { messageOf } from './message-of';
import { collectPackFiles } from './pack-files';

const batch = 100;
const partitionsMs = 60_000;
const environmentsMs = 600_000;
const eventsMs = 60_000;
const eventsAtOnce = 500;
const silencesMs = 600_000;
const silencesAtOnce = 5_000;
const webhooksMs = 60_000;
const webhooksAtOnce = 2_000;

/**
 * What every worker looks after, so that none is special: lost leases, due timers, rows without a job, partitions.
 * Gives back what stops it, once the round under way has ended.
 */
export function startUpkeep({
  environments,
  workspace,
}: Pick<Host, 'environments' | 'workspace'>): () => Promise<void> {
  let isAsked = false;
  const isStopped = () => isAsked;
  let wake: () => void = () => {};
  let partitionsAtMs = -Infinity;
  let environmentsAtMs = -Infinity;
  let eventsAtMs = -Infinity;
  let silencesAtMs = -Infinity;
  let webhooksAtMs = -Infinity;
  const failing = new Set<string>();

  const rounds: readonly [string, () => Promise<unknown>][] = [
    ['lost leases', () => untilFewer(reapLostLeases)],
    ['due timers', () => untilFewer(fireDueTimers)],
    ['free slots', () => promoteAll(batch)],
    ['circles of waiting', breakCircles],
    ['expired keys', () => untilFewer(purgeExpiredKeys)],
    ['outdated artifacts', () => untilFewer(purgeArtifacts)],
    ['old firings', () => untilFewer(purgeFirings)],
    ['old keys of sensors', () => untilFewer(purgeDedupes)],
    ['ended items of work queues', () => untilFewer(purgeItems)],
    ['old idempotency keys', () => untilFewer(purgeIdempotencyKeys)],
    ['old audit events', () => untilFewer((limit) => purgeAudit(env().ATTUNE_AUDIT_DAYS, limit))],
    ['lost jobs', () => reconcile(batch)],
    [
      'partitions',
      async () => {
        if (performance.now() - partitionsAtMs < partitionsMs) return;
        await querySystem('SELECT attune_ensure_partitions()');
        partitionsAtMs = performance.now();
      },
    ],
    ['what rules left alone', trimSilences],
    ['what guards looked at', () => untilFewer(purgeRuleFirings)],
    [
      'old events',
      async () => {
        if (performance.now() - eventsAtMs < eventsMs) return;
        eventsAtMs = performance.now();
        await dropOldEvents();
        for (let round = 0; round < 50 && (await purgeEvents(eventsAtOnce)) >= eventsAtOnce; round += 1);
      },
    ],
    [
      'what rules left alone long ago',
      async () => {
        if (performance.now() - silencesAtMs < silencesMs) return;
        silencesAtMs = performance.now();
        await sweepSilences(silencesAtOnce);
      },
    ],
    [
      'old calls to webhooks',
      async () => {
        if (performance.now() - webhooksAtMs < webhooksMs) return;
        webhooksAtMs = performance.now();
        for (
          let round = 0;
          round < 50 && (await purgeWebhooks(webhooksAtOnce)) >= webhooksAtOnce;
          round += 1
        );
      },
    ],
    [
      'unused environments',
      async () => {
        if (performance.now() - environmentsAtMs < environmentsMs) return;
        environmentsAtMs = performance.now();
        await environments.collect();
        await collectPackFiles(workspace);
        await removeOrphans();
      },
    ],
  ];

  const turn = async () => {
    while (!isStopped()) {
      for (const [what, work] of rounds) {
        if (isStopped()) return;
        // One that fails must not keep the others from their turn.
        await work().then(
          () => failing.delete(what),
          (error: unknown) => {
            // Said once until it works again: a database that is away fails every round.
            log[failing.has(what) ? 'debug' : 'warn'](
              { what, error: messageOf(error) },
              'upkeep failed; trying again',
            );
            failing.add(what);
          },
        );
      }
      await new Promise<void>((resolve) => {
        // Jittered, so that many workers don't look all at once.
        const timer = setTimeout(resolve, env().ATTUNE_REAP_SECONDS * 1000 * (0.5 + Math.random()));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const turning = turn();
  return () => {
    isAsked = true;
    wake();
    return turning;
  };
}

/** A full batch means that there may be more. */
async function untilFewer(work: (limit: number) => Promise<number>): Promise<void> {
  for (let rounds = 0; rounds < 50 && (await work(batch)) >= batch; rounds += 1);
}
