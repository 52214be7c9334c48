import pg from 'pg';
import { querySystem } from '@/server/db';
import { env } from '@/server/env';
import { requestExecution } from '@/server/executions/service';
import type { Ground } from '../ground';
import { quietCluster } from '../quiet-cluster';
import { Book, inRounds } from '../rounds';
import type { Case } from '../suite';

const size = 10_000;
const history = 2_000;
const requestsAtOnce = 8;
const longestSeconds = 600;

/** Asks for so many one-task executions that have to be claimed, while no worker runs. Gives their ids. */
async function request(ground: Ground, count: number): Promise<number[]> {
  const ids: number[] = [];
  let left = count;
  await Promise.all(
    Array.from({ length: requestsAtOnce }, async () => {
      while (left > 0) {
        left -= 1;
        ids.push((await requestExecution(ground.actor, { actionRef: 'core.echo', parameters: {} })).id);
      }
    }),
  );
  return ids;
}

/** Blocks that sessions of this database have looked at so far; those that still run report within a second or so. */
async function countBlocks(owner: pg.Client): Promise<number> {
  const { rows } = await owner.query<{ blocks: number }>(
    'SELECT (blks_hit + blks_read)::float8 AS blocks FROM pg_stat_database WHERE datname = current_database()',
  );
  return rows[0]?.blocks ?? Number.NaN;
}

/** Lets workers carry them out. Gives how many ended a second, from the first start to the last end. */
async function drain(ground: Ground, ids: readonly number[]): Promise<number> {
  const ended = Promise.all(ids.map((id) => ground.ends.of(id, longestSeconds)));
  await ground.startWorkers();
  await ended;
  await ground.stopWorkers();
  const [row] = await querySystem<{ seconds: number; done: number }>(
    `SELECT extract(epoch FROM max(ended_at) - min(started_at))::float8 AS seconds,
       count(*) FILTER (WHERE state = 'completed') AS done
     FROM execution WHERE tenant_id = $1 AND root_id = ANY ($2)`,
    [ground.actor.tenantId, ids],
  );
  if (row?.done !== ids.length) throw new Error(`only ${row?.done} of ${ids.length} executions completed`);
  return ids.length / row.seconds;
}

/**
 * A backlog whose planner statistics are from before it came (they say that everything has ended), against one that
 * was analysed after it had come. Autovacuum is kept away, or it would repair the first while we look.
 */
export const burst: Case = {
  name: 'burst',
  title: 'A burst of 10,000 one-task executions with stale planner statistics',
  async measure(ground, limits) {
    const book = new Book();
    const owner = new pg.Client({ connectionString: env().DATABASE_URL });
    await owner.connect();
    const setBack = await quietCluster(owner);
    const measureBurst = async (isAnalysed: boolean) => {
      await owner.query('VACUUM (ANALYZE)');
      const ids = await request(ground, size);
      if (isAnalysed) await owner.query('ANALYZE');
      const before = await countBlocks(owner);
      const perSecond = await drain(ground, ids);
      return { perSecond, blocks: ((await countBlocks(owner)) - before) / size };
    };
    await drain(ground, await request(ground, history));
    // Two bursts a round, in turns first, so that a growing history slows neither more than the other.
    const rounds = Math.ceil(limits.rounds / 2);
    await inRounds({ ...limits, rounds }, async (round) => {
      const order = round % 2 === 0 ? [false, true] : [true, false];
      const bursts = new Map<boolean, { perSecond: number; blocks: number }>();
      for (const isAnalysed of order) bursts.set(isAnalysed, await measureBurst(isAnalysed));
      const [stale, analysed] = [bursts.get(false), bursts.get(true)];
      if (!stale || !analysed) return;
      book.note(
        'drain of a burst of 10,000 with stale statistics',
        { measured: stale.perSecond, beside: analysed.perSecond },
        { beside: 'analysed', unit: '/s', goal: { atLeast: 0.8 } },
      );
      // No clock is in this one: a plan that has gone wrong reads more, however busy the machine is.
      book.note(
        'blocks read per execution of that burst',
        { measured: stale.blocks, beside: analysed.blocks },
        { beside: 'analysed', unit: 'blocks', goal: null },
      );
    });
    await setBack();
    await owner.end();
    return book.rows;
  },
};
