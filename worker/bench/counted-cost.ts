import pg from 'pg';
import { closeDatabase } from '@/server/db';
import { env } from '@/server/env';
import { requestExecution } from '@/server/executions/service';
import type { JsonObject } from '@/server/fields';
import type { Actor } from '@/server/identities/actor';
import { stopLive } from '@/server/live';
import { stopBoss } from '@/server/queue';
import { WorkerProcess } from '../faults/worker-process';
import { quietCluster } from './quiet-cluster';

/** What Postgres counted. */
export interface Cost {
  /** Committed and rolled back, of everybody: the request, the worker with its fetching and ringing. */
  transactions: number;
  /** Inserted, updated and deleted, in every table of ours and of the queue. */
  rows: number;
  walBytes: number;
  /** Looked at, in memory or on disk. A plan that has gone wrong shows here first. */
  blocks: number;
}

const kinds = ['transactions', 'rows', 'walBytes', 'blocks'] as const;

/** One number per kind, each made by `of`. */
function toCost(of: (kind: (typeof kinds)[number]) => number): Cost {
  return Object.fromEntries(kinds.map((kind) => [kind, of(kind)])) as Record<(typeof kinds)[number], number>;
}

/** A cost shared out evenly. */
export function perTask(cost: Cost, tasks: number): Cost {
  return toCost((kind) => cost[kind] / tasks);
}

/** Clocks so long that nothing but the run happens: polling is there only in case a NOTIFY gets lost. */
const quiet = { ATTUNE_LEASE_SECONDS: '900', ATTUNE_REAP_SECONDS: '3600', ATTUNE_POLL_SECONDS: '5' };
const idleRounds = 3;
const lookMs = 100;
const longestSeconds = 280;

/**
 * Counts what a run costs the database, with a real worker process, from Postgres's own statistics. No clock is in it,
 * so it says the same on a busy machine.
 *
 * Sessions report their counts at most once a second, and for certain when they end. So each measurement has a worker
 * of its own, and is read when every session but the counting one has ended. What a worker that has nothing to do
 * costs (to register, to look for work, to sign off) is measured in the same way and taken off; it polls so seldom that
 * how long the run takes hardly shows (about one transaction a second).
 *
 * WAL is the cluster's: nobody else may write there meanwhile, see {@link quietCluster}. The cluster of the tests has
 * full_page_writes off, or each page's first change after a checkpoint would be counted as 8 KB. The client needs to
 * be a superuser.
 */
export class CountedCost {
  private asked = 0;
  private idle: Cost = toCost(() => 0);

  private constructor(
    private readonly client: pg.Client,
    private readonly setBack: () => Promise<void>,
  ) {}

  static async open(): Promise<CountedCost> {
    const client = new pg.Client({ connectionString: env().DATABASE_URL, application_name: 'counting' });
    await client.connect();
    const counting = new CountedCost(client, await quietCluster(client));
    const idle: Cost[] = [];
    for (let round = 0; round < idleRounds; round += 1) idle.push(await counting.measure(async () => {}));
    counting.idle = toCost((kind) => middle(idle.map((cost) => cost[kind])));
    return counting;
  }

  /** What one run costs, without the worker's own upkeep. @throws Error when it does not complete with all its children */
  async ofRun(actor: Actor, ref: string, parameters: JsonObject, children: number): Promise<Cost> {
    const whole = await this.measure(async (worker) => {
      const { id } = await requestExecution(actor, { actionRef: ref, parameters });
      await this.untilEnded(id, worker);
    });
    await this.requireComplete(ref, children);
    return toCost((kind) => whole[kind] - this.idle[kind]);
  }

  /**
   * What a worker needs for a backlog of one-task executions that was there before it came. Their requests are not in it.
   * @param isAnalysed whether the planner's statistics are of the backlog; else they are from before, when all had ended
   */
  async ofBacklog(actor: Actor, actionRef: string, count: number, isAnalysed: boolean): Promise<Cost> {
    await this.ask('VACUUM (ANALYZE)');
    const ids: number[] = [];
    for (let made = 0; made < count; made += 1)
      ids.push((await requestExecution(actor, { actionRef, parameters: {} })).id);
    if (isAnalysed) await this.ask('ANALYZE');
    // The last one is claimed last; those beside it end while the worker is told to stop.
    const whole = await this.measure((worker) => this.untilEnded(ids.at(-1) ?? 0, worker));
    const [row] = await this.ask<{ done: number }>(
      `SELECT count(*)::int AS done FROM execution WHERE id = ANY ($1) AND state = 'completed'`,
      [ids],
    );
    if (row?.done !== count) throw new Error(`only ${row?.done} of ${count} executions completed`);
    return toCost((kind) => whole[kind] - this.idle[kind]);
  }

  async close(): Promise<void> {
    await this.setBack();
    await this.client.end();
    await closeOwnSessions();
  }

  private async measure(work: (worker: WorkerProcess) => Promise<void>): Promise<Cost> {
    await this.untilAlone();
    const before = await this.read();
    const worker = await WorkerProcess.start(quiet);
    try {
      await work(worker);
    } finally {
      await worker.stop();
    }
    await this.untilAlone();
    const after = await this.read();
    return toCost((kind) => after[kind] - before[kind]);
  }

  /** The counts so far, without this client's own transactions. */
  private async read(): Promise<Cost> {
    // Its own counts are pending as well, until it is told to report them.
    await this.ask('SELECT pg_stat_force_next_flush()');
    const own = this.asked;
    const [found] = await this.ask<Cost>(
      `SELECT (SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database())::float8 AS transactions,
         (SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables)::float8 AS rows,
         (pg_current_wal_insert_lsn() - '0/0')::float8 AS "walBytes",
         (SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database())::float8 AS blocks`,
    );
    if (!found) throw new Error('Postgres gave no statistics');
    return { ...found, transactions: found.transactions - own };
  }

  private async ask<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    this.asked += 1;
    return (await this.client.query<Row>(text, values as unknown[])).rows;
  }

  /** Until every other session of this database has ended, and so reported. */
  private async untilAlone(): Promise<void> {
    await closeOwnSessions();
    const isAlone = async () => {
      const [row] = await this.ask<{ others: number }>(
        `SELECT count(*)::int AS others FROM pg_stat_activity
         WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
      );
      return row?.others === 0;
    };
    await until(isAlone, () => 'sessions are still open');
  }

  private untilEnded(id: number, worker: WorkerProcess): Promise<void> {
    return until(
      async () => {
        const [row] = await this.ask<{ ended: boolean }>(
          'SELECT ended_at IS NOT NULL AS ended FROM execution WHERE root_id = $1 AND id = $1',
          [id],
        );
        return row?.ended === true;
      },
      () => `run ${id} did not end\n${worker.said}`,
    );
  }

  private async requireComplete(ref: string, children: number): Promise<void> {
    const [run] = await this.ask<{ state: string; error: string | null; done: number }>(
      `SELECT state, error, (SELECT count(*)::int FROM execution c
         WHERE c.root_id = e.id AND c.parent_id = e.id AND c.state = 'completed') AS done
       FROM execution e WHERE action_ref = $1 AND parent_id IS NULL ORDER BY id DESC LIMIT 1`,
      [ref],
    );
    if (run?.state !== 'completed' || run.done !== children)
      throw new Error(
        `${ref} ended ${run?.state} with ${run?.done} of ${children} tasks completed: ${run?.error}`,
      );
  }
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function until(isSo: () => Promise<boolean>, why: () => string): Promise<void> {
  const untilMs = performance.now() + longestSeconds * 1000;
  while (!(await isSo())) {
    if (performance.now() > untilMs) throw new Error(`${why()} after ${longestSeconds} s`);
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

async function closeOwnSessions(): Promise<void> {
  await stopBoss();
  await stopLive();
  await closeDatabase();
}
