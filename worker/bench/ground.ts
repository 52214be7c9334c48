import { closeDatabase, querySystem } from '@/server/db';
import { requestExecution } from '@/server/executions/service';
import type { JsonObject } from '@/server/fields';
import type { Actor } from '@/server/identities/actor';
import { startListening, stopLive } from '@/server/live';
import { stopHub } from '@/server/live/hub';
import { createPack } from '@/server/packs/service';
import { makePerson, makeTenant } from '@/server/packs/test-people';
import { stopBoss } from '@/server/queue';
import { WorkerProcess } from '../faults/worker-process';
import { Ends } from './ends';
import { Floor } from './floor';
import { publishWorkflow } from './publish-workflow';

/** A worker as `npm start` starts it, not with the short clocks of tests. */
const asStarted = {
  ATTUNE_LEASE_SECONDS: '15',
  ATTUNE_REAP_SECONDS: '2',
  ATTUNE_POLL_SECONDS: '0.5',
  ATTUNE_DRAIN_SECONDS: '30',
  ATTUNE_KILL_GRACE_SECONDS: '5',
};

const longestSeconds = 600;

/** How long a run took. */
export interface Times {
  /** From the request to the end being known here through the feed. */
  seenMs: number;
  /** From the root's start to its end, by the database's clock. */
  databaseMs: number;
}

/** What a case measures on: this process asks as the web process would, workers carry out in processes of their own. */
export class Ground {
  private readonly workers: WorkerProcess[] = [];
  private openFloor: Promise<Floor> | undefined;
  private made = 0;

  private constructor(
    readonly actor: Actor,
    readonly ends: Ends,
    private readonly workerCount: number,
  ) {}

  static async open(workerCount: number): Promise<Ground> {
    const actor = await makePerson(await makeTenant(), 'Ada');
    await createPack(actor, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
    await startListening();
    const ground = new Ground(actor, await Ends.open(actor.tenantId), workerCount);
    return ground;
  }

  /** The floor on the same database, opened when it is first asked for. */
  floor(): Promise<Floor> {
    this.openFloor ??= Floor.open();
    return this.openFloor;
  }

  async startWorkers(): Promise<void> {
    for (let count = 0; count < this.workerCount; count += 1)
      this.workers.push(await WorkerProcess.start(asStarted));
  }

  async stopWorkers(): Promise<void> {
    await Promise.all(this.workers.splice(0).map((worker) => worker.stop()));
  }

  get workerPids(): number[] {
    return this.workers.map(({ pid }) => pid);
  }

  /** Publishes a workflow; gives its ref. */
  async workflow(tasks: readonly JsonObject[], more: JsonObject = {}): Promise<string> {
    const ref = `ops.bench_${(this.made += 1)}`;
    await publishWorkflow(this.actor, ref, tasks, more);
    return ref;
  }

  /** Asks for an execution and hears of its end. Gives the id of it. */
  async carryOut(actionRef: string, parameters: JsonObject = {}, seconds = longestSeconds): Promise<number> {
    const { id } = await requestExecution(this.actor, { actionRef, parameters });
    await this.ends.of(id, seconds);
    return id;
  }

  /**
   * Runs a workflow to its end. @throws Error when it did not complete with that many children, each completed: what
   * was not carried out must not be measured
   */
  async run(ref: string, children: number, parameters: JsonObject = {}): Promise<Times> {
    const askedMs = performance.now();
    const id = await this.carryOut(ref, parameters);
    const seenMs = performance.now() - askedMs;
    const [row] = await querySystem<{ state: string; error: string | null; ms: number; done: number }>(
      `SELECT state, error, (extract(epoch FROM ended_at - started_at) * 1000)::float8 AS ms,
         (SELECT count(*) FROM execution c WHERE c.tenant_id = e.tenant_id AND c.root_id = e.id AND c.parent_id = e.id
            AND c.state = 'completed') AS done
       FROM execution e WHERE tenant_id = $1 AND root_id = $2 AND id = $2`,
      [this.actor.tenantId, id],
    );
    if (row?.state !== 'completed' || row.done !== children) {
      throw new Error(
        `run ${id} of ${ref} ended ${row?.state} with ${row?.done} of ${children} tasks completed: ${row?.error}`,
      );
    }
    return { seenMs, databaseMs: row.ms };
  }

  async close(): Promise<void> {
    await this.stopWorkers();
    const floor = await this.openFloor;
    await floor?.close();
    this.ends.close();
    stopHub();
    await stopBoss();
    await stopLive();
    await closeDatabase();
  }
}
