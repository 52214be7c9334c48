import { hostname } from 'node:os';
import { closeDatabase } from '@/server/db';
import { env } from '@/server/env';
import { renewLeases, type Claim } from '@/server/executions/claims';
import { reapLostLeases } from '@/server/executions/upkeep';
import { onAnnouncement, startListening, stopLive } from '@/server/live';
import { log } from '@/server/log';
import { boss, stopBoss } from '@/server/queue';
import { requireMasterKeys, WrongMasterKey } from '@/server/sealing/canary';
import { masterKeys } from '@/server/sealing/master-keys';
import { cordonBell, heartbeatWorker, registerWorker, retireWorker } from '@/server/workers/service';
import { hearBell } from './handlers/bell';
import { Events } from './handlers/events';
import { Executions } from './handlers/execution';
import { handleNews } from './handlers/news';
import { describeRuntimes, describeWalls, openHost, type Host } from './host';
import { Leases } from './leases';
import { QueueLoop } from './loop';
import { SensorLoop } from './sensor-loop';
import { TimerLoop } from './timer-loop';
import { WorkQueueLoop } from './work-queue-loop';
import { startUpkeep } from './upkeep';
import { messageOf } from './message-of';

const newsAtOnce = 4;
const bellsAtOnce = 1_000;
const bootRetryMs = 1_000;

/**
 * Runs a worker until it is told to end. @param program this program's file, for the lease thread
 * @throws Error with one sentence when there is no master key, or it does not fit this database
 */
export async function runWorker(program: URL): Promise<void> {
  masterKeys();
  const stopRequest = new StopRequest();
  const host = await openHost();
  const workerId = await registerWhenPossible(host, stopRequest);
  if (workerId === null) return end(host);
  const leases = new Leases(workerId, program);
  const executions = new Executions({ ...host, workerId, leases });
  const events = new Events(executions);
  await startListening();
  const loops = [
    executions.loop,
    executions.demands,
    new QueueLoop(
      'execution',
      bellsAtOnce,
      hearBell(() => executions.loop.ring()),
      'lazy',
    ),
    new TimerLoop(),
    new SensorLoop(host, workerId),
    new WorkQueueLoop(),
    events.loop,
    new QueueLoop(
      'event',
      bellsAtOnce,
      hearBell(() => events.loop.ring()),
      'lazy',
    ),
    new QueueLoop('news', newsAtOnce, handleNews),
  ];
  for (const loop of loops) loop.start();
  const stopUpkeep = startUpkeep(host);
  let status: 'active' | 'draining' = 'active';
  const beat = async () => {
    try {
      executions.isCordoned = (await heartbeatWorker(workerId, executions.busy, status)).isCordoned;
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'the heartbeat was not written');
    }
  };
  const stopListening = onAnnouncement('attune_job', (payload) => {
    if (payload === cordonBell(workerId)) void beat();
  });
  const heart = setInterval(() => void beat(), (env().ATTUNE_LEASE_SECONDS * 1000) / 3);
  const name = nameOf();
  process.stdout.write(
    `${JSON.stringify({ ready: true, process: 'worker', id: workerId, name, pid: process.pid, slots: env().ATTUNE_WORKER_SLOTS, sandbox: host.walls.level })}\n`,
  );

  await stopRequest.heard;
  log.info({ busy: executions.busy }, 'stopping: nothing new is taken');
  status = 'draining';
  executions.beginStopping();
  // What ends from now on has no successor.
  void host.warm.close();
  void beat();
  await Promise.all(loops.map((loop) => loop.stop()));
  await waitUntilIdle(executions, env().ATTUNE_DRAIN_SECONDS * 1000);
  await handBack(workerId, executions);
  await stopUpkeep();
  clearInterval(heart);
  stopListening();
  await leases.close();
  await retireWorker(workerId).catch((error: unknown) =>
    log.warn({ error: messageOf(error) }, 'could not sign off'),
  );
  await stopBoss().catch(() => {});
  await end(host);
}

/** SIGTERM, SIGINT, or a launcher that is gone. The second signal ends at once: the walls die with the worker. */
class StopRequest {
  isHeard = false;
  readonly heard: Promise<void>;

  constructor() {
    this.heard = new Promise((resolve) => {
      const hear = () => {
        this.isHeard = true;
        resolve();
      };
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        process.on(signal, () => {
          if (this.isHeard) process.exit(1);
          hear();
        });
      }
      process.once('disconnect', hear);
    });
  }
}

function nameOf(): string {
  return env().ATTUNE_WORKER_NAME ?? `${hostname()}-${process.pid}`;
}

/** Registers as soon as the database is there and set up. Null when told to end before. */
async function registerWhenPossible(host: Host, stopRequest: StopRequest): Promise<number | null> {
  let last = '';
  while (!stopRequest.isHeard) {
    try {
      await requireMasterKeys();
      await boss({ supervise: true });
      return await registerWorker({
        name: nameOf(),
        host: hostname(),
        pid: process.pid,
        slots: env().ATTUNE_WORKER_SLOTS,
        runtimes: describeRuntimes(host),
        sandbox: describeWalls(host),
      });
    } catch (error) {
      if (error instanceof WrongMasterKey) {
        await host.workspace.close();
        host.groups?.close();
        throw error;
      }
      const message = error instanceof AggregateError ? String(error.errors[0]) : (error as Error).message;
      if (message !== last) log.warn({ error: message }, 'waiting for the database');
      last = message;
      // A queue that could not start is not kept.
      await stopBoss().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, bootRetryMs));
    }
  }
  return null;
}

async function waitUntilIdle(executions: Executions, limitMs: number): Promise<void> {
  const untilMs = performance.now() + limitMs;
  while (executions.busy > 0 && performance.now() < untilMs)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

/** What did not finish in time is killed, and its lease ended now: the reaper decides as for a worker that died. */
async function handBack(workerId: number, executions: Executions): Promise<void> {
  const claims: Claim[] = executions.abandonAll();
  if (claims.length === 0) return;
  log.warn({ executions: claims.map((claim) => claim.executionId) }, 'killed what did not end in time');
  await waitUntilIdle(executions, 5_000);
  try {
    await renewLeases(workerId, claims, 0);
    await reapLostLeases(claims.length);
  } catch (error) {
    log.warn({ error: (error as Error).message }, 'could not hand back; the leases run out by themselves');
  }
}

async function end(host: Host): Promise<never> {
  await host.warm.close();
  await host.workspace.close().catch(() => {});
  host.groups?.close();
  await stopLive();
  await closeDatabase();
  process.exit(0);
}
