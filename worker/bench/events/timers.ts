import { inSystem, querySystem } from '@/server/db';
import { createRule } from '@/server/rules/service';
import { Book, inRounds } from '../rounds';
import type { Case } from '../suite';

const timers = 1_000;
const windowSeconds = 10;
/** What T1.1 allows. */
const allowedMs = 500;

interface Seen {
  fired: number;
  lagMs: number;
  waiting: number;
}

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

/** What became of the times of the last seconds, by the database's clock. */
async function look(tenantId: number): Promise<Seen> {
  const [row] = await querySystem<Seen>(
    `SELECT count(*)::int AS fired,
       percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM created - (payload ->> 'scheduled_at')::timestamptz) * 1000)::float8 AS "lagMs",
       (SELECT count(*)::int FROM event WHERE tenant_id = $1 AND processed_at IS NULL) AS waiting
     FROM event WHERE tenant_id = $1 AND source = 'timer'
       AND (payload ->> 'scheduled_at')::timestamptz BETWEEN now() - make_interval(secs => $2 + 1) AND now() - interval '1 second'`,
    [tenantId, windowSeconds],
  );
  if (!row) throw new Error('the events cannot be counted');
  return row;
}

/** A thousand rules that each fire every second, on one worker that also asks the rules and carries out what they start. */
export const manyTimers: Case = {
  name: 'timers',
  title: `${timers.toLocaleString('en')} timers of one second on one worker`,
  async measure(ground, limits) {
    const book = new Book();
    const { actor } = ground;
    for (let number = 0; number < timers; number += 1)
      await createRule(actor, {
        ...{ packRef: 'ops', ref: `ops.each_second_${number}`, label: 'Each second', description: '' },
        ...{ triggerRef: 'core.intervaltimer', triggerParams: { unit: 'seconds', interval: 1 } },
        ...{ actionRef: 'core.noop', actionParams: {}, conditions: {}, enabled: true },
      });
    await inSystem((tx) => tx.query('ANALYZE'));
    await ground.startWorkers();
    await pause(5);
    await inRounds({ ...limits, rounds: Math.min(3, limits.rounds) }, async () => {
      await pause(windowSeconds + 1);
      const { fired, lagMs, waiting } = await look(actor.tenantId);
      const line = { unit: 'ms', goal: { atMost: 1 } };
      book.note(
        'p99, from its time to its event',
        { measured: lagMs, beside: allowedMs },
        { ...line, beside: 'what is allowed' },
      );
      book.note(
        'times that became an event',
        { measured: fired, beside: timers * windowSeconds },
        { unit: 'events', beside: 'times', goal: { atLeast: 0.999 } },
      );
      book.note(
        'events whose rules are still to be asked',
        { measured: waiting, beside: timers },
        { unit: 'events', beside: 'those of one second', goal: null },
      );
    });
    return book.rows;
  },
};
