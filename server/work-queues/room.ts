import { DomainError } from '@/engine/errors';
import type { Sql } from '../db';
import { pendingStatuses, toTuning } from './schema';
import { countItemRows, type QueueRow } from './store';

/** Of so many queues this process remembers how much room there is. */
const mostKnown = 1_000;
/** This part of the room is given away before anybody counts again. */
const share = 16;

/** How many items may still be added without counting, by queue. */
const known = new Map<number, { most: number; left: number }>();

/**
 * Makes sure that one more item may wait in the queue. Near its end it is counted for each item, one after the other, so that
 * there are never more; far from it only now and then.
 * @throws DomainError queue_full
 */
export async function requireRoom(sql: Sql, queue: QueueRow): Promise<void> {
  const { max_pending: most } = toTuning(queue.config);
  const room = known.get(queue.id);
  if (room && room.most === most && room.left > 0) {
    room.left -= 1;
    return;
  }
  // Whoever adds at the same time waits for our commit, and counts with it.
  await sql.query(`SELECT pg_advisory_xact_lock(hashtextextended('work queue', $1))::text AS locked`, [
    queue.id,
  ]);
  const count = await countItemRows(sql, queue, pendingStatuses, most - 1);
  known.delete(queue.id);
  if (count === null)
    throw new DomainError(
      'too_many',
      'queue_full',
      `As many items wait in ${queue.ref} as may (${most}). Wait until some have gone out, have more go out at a time (concurrency), or raise max_pending in its configuration.`,
      { retryAfterSeconds: 1 },
    );
  known.set(queue.id, { most, left: Math.floor((most - count - 1) / share) });
  if (known.size > mostKnown) known.delete(known.keys().next().value ?? queue.id);
}
