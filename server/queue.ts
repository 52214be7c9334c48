import { PgBoss } from 'pg-boss';
import { env } from './env';
import type { Sql, Tx } from './db';
import { prepare, querySystem } from './db';
import { announce } from './live';
import { log } from './log';

/** The queues. A job is a bell: it carries ids only, and losing or doubling one changes nothing. */
export const queueNames = ['execution', 'event', 'news'] as const;
export type QueueName = (typeof queueNames)[number];

/** What a job says: which row to look at. */
export interface JobData {
  tenantId: number;
  /** The tree of an execution; 0 for an event. */
  rootId: number;
  id: number;
}

export interface Job {
  jobId: string;
  queue: QueueName;
  data: JobData;
}

const shared = globalThis as typeof globalThis & { attuneBoss?: Promise<PgBoss> };

/** Our SQL runs through our own pool, so a job commits or rolls back with the caller's transaction. */
const systemDatabase = {
  executeSql: async (text: string, values?: unknown[]) => ({
    rows: await querySystem<unknown>(text, values ?? []),
  }),
};

/**
 * pg-boss, started once per process. Its schema is installed by `setup`; here it neither migrates nor schedules,
 * and only a worker supervises (expires and deletes old jobs).
 */
export function boss(options: { supervise: boolean } = { supervise: false }): Promise<PgBoss> {
  shared.attuneBoss ??= (async () => {
    const instance = new PgBoss({
      db: systemDatabase,
      schema: 'pgboss',
      migrate: false,
      createSchema: false,
      schedule: false,
      supervise: options.supervise,
    });
    instance.on('error', (error: Error) => log.warn({ error: error.message }, 'the queue reported an error'));
    await instance.start();
    return instance;
  })();
  // A start that failed is tried again by the next caller.
  shared.attuneBoss.catch(() => delete shared.attuneBoss);
  return shared.attuneBoss;
}

export async function stopBoss(): Promise<void> {
  const running = shared.attuneBoss;
  delete shared.attuneBoss;
  if (running) await (await running).stop({ graceful: false, close: false });
}

/** Installs or upgrades the queue's schema, as the owner, and lets our two roles use it. */
export async function installQueues(owner: Sql & { connectionString: string }): Promise<void> {
  const installer = new PgBoss({
    connectionString: owner.connectionString,
    schema: 'pgboss',
    supervise: false,
    schedule: false,
    max: 2,
  });
  installer.on('error', (error: Error) => log.warn({ error: error.message }, 'the queue reported an error'));
  await installer.start();
  for (const name of queueNames) {
    // A job that no worker completes is not retried by the queue: the reconciler rings again from the row.
    const options = { retryLimit: 0, expireInSeconds: 60, deleteAfterSeconds: 60, retentionSeconds: 86_400 };
    if (await installer.getQueue(name)) await installer.updateQueue(name, options);
    else await installer.createQueue(name, { policy: 'standard', ...options });
  }
  await installRinging(owner, installer);
  await installer.stop({ graceful: false });
  for (const role of ['attune_app', 'attune_system']) {
    await owner.query(`GRANT USAGE ON SCHEMA pgboss TO ${role}`);
    await owner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA pgboss TO ${role}`);
    await owner.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA pgboss TO ${role}`);
    await owner.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgboss TO ${role}`);
  }
}

/**
 * Makes a function of the queue's own insert, so that a statement that stores an execution or an event can ring for it: the text is
 * what this version of pg-boss would send.
 */
async function installRinging(owner: Sql, installer: PgBoss): Promise<void> {
  for (const queue of ['execution', 'event'] as const satisfies QueueName[]) {
    const insert = await readInsert(installer, queue);
    await owner.query(
      `CREATE OR REPLACE FUNCTION attune_ring_${queue}(jobs text) RETURNS void LANGUAGE plpgsql AS $ring$ BEGIN ${insert}; END $ring$`,
    );
  }
}

async function readInsert(installer: PgBoss, queue: QueueName): Promise<string> {
  const caught: string[] = [];
  const db = {
    executeSql: (text: string) => {
      caught.push(text);
      return Promise.resolve({ rows: [] });
    },
  };
  await installer.insert(queue, [{ data: {} }], { db });
  const [insert, ...others] = caught;
  if (!insert?.includes('$1') || insert.includes('$2') || others.length > 0)
    throw new Error('pg-boss inserts jobs in another way than this program knows: see server/queue.ts');
  return insert;
}

/** Puts jobs into the queue inside the caller's transaction, and wakes the workers after its commit. */
export async function enqueue(
  tx: Tx,
  queue: QueueName,
  jobs: readonly (JobData & { priority?: number })[],
): Promise<void> {
  if (jobs.length === 0) return;
  const db = {
    executeSql: async (text: string, values?: unknown[]) => ({
      // The queue's own text, the same for each of its few queues.
      rows: await tx.query<unknown>(prepare(text), values ?? []),
    }),
  };
  const queueDoor = await boss();
  await queueDoor.insert(
    queue,
    jobs.map(({ priority, ...data }) => ({ data, priority: priority ?? 0 })),
    { db },
  );
  tx.afterCommit(() => announce('attune_job', queue));
}

/** Takes up to `limit` jobs off the queue, most urgent first, then oldest; jobs of one transaction by the ids of their rows. */
export async function fetchJobs(queue: QueueName, limit: number): Promise<Job[]> {
  const jobs = await (await boss()).fetch<JobData>(queue, { batchSize: limit, includeMetadata: true });
  return jobs
    .sort(
      (a, b) =>
        b.priority - a.priority || a.createdOn.getTime() - b.createdOn.getTime() || a.data.id - b.data.id,
    )
    .map((job) => ({ jobId: job.id, queue, data: job.data }));
}

/** Marks jobs as heard. Safe to call late or twice. */
export async function completeJobs(queue: QueueName, jobIds: readonly string[]): Promise<void> {
  if (jobIds.length > 0) await (await boss()).complete(queue, [...jobIds]);
}

/** The polling floor, in milliseconds. */
export function pollMs(): number {
  return env().ATTUNE_POLL_SECONDS * 1000;
}
