import { querySystem } from '@/server/db';
import { between, Book, inRounds } from '../rounds';
import type { Case } from '../suite';
import { EventPlace } from './place';

const calls = 200;

/** From the first statement of the transaction that accepts a call to the start of the action, by the database's clock. */
async function msToStart(tenantId: number, eventIds: readonly number[]): Promise<number[]> {
  const rows = await querySystem<{ ms: number }>(
    `SELECT (extract(epoch FROM x.started_at - e.created) * 1000)::float8 AS ms FROM event e
       JOIN enforcement f ON f.tenant_id = e.tenant_id AND f.event_id = e.id
       JOIN execution x ON x.tenant_id = e.tenant_id AND x.root_id = f.execution_id AND x.id = f.execution_id
     WHERE e.tenant_id = $1 AND e.id = ANY ($2) AND x.state = 'completed' ORDER BY ms`,
    [tenantId, eventIds],
  );
  if (rows.length !== eventIds.length)
    throw new Error(`only ${rows.length} of ${eventIds.length} webhooks led to an execution that completed`);
  return rows.map(({ ms }) => ms);
}

/** A webhook, one rule that matches, one action that is claimed by a worker: one after the other. */
export const start: Case = {
  name: 'start',
  title: 'From a webhook that is accepted to the start of its action',
  async measure(ground, limits) {
    const book = new Book();
    const floor = await ground.floor();
    const place = await EventPlace.open(ground, 1);
    await ground.startWorkers();
    const trigger = await place.trigger();
    await place.rule(trigger.ref, {});
    const send = async () => {
      const ids: number[] = [];
      for (let count = 0; count < calls; count += 1) {
        const id = await place.post(trigger.path);
        ids.push(id);
        await untilEnded(ground.actor.tenantId, id);
      }
      return msToStart(ground.actor.tenantId, ids);
    };
    await send();
    await inRounds(limits, async () => {
      const { value: sorted, floor: floorMs } = await between(() => floor.oneAtATime(), send);
      const at = (part: number) =>
        sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
      const line = { beside: 'two commits and a NOTIFY there and back', unit: 'ms' };
      book.note(
        'p50, accepted to started',
        { measured: at(0.5), beside: floorMs },
        { ...line, goal: { atMost: 5 } },
      );
      book.note(
        'p99, accepted to started',
        { measured: at(0.99), beside: floorMs },
        { ...line, goal: { atMost: 10 } },
      );
    });
    place.close();
    return book.rows;
  },
};

/** Until what the event started has ended, so that one does not wait for the other. */
async function untilEnded(tenantId: number, eventId: number): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (performance.now() < endMs) {
    // Seldom: who looks takes time from what is measured.
    await new Promise((resolve) => setTimeout(resolve, 25));
    const rows = await querySystem(
      `SELECT 1 FROM enforcement f JOIN execution x ON x.tenant_id = f.tenant_id AND x.root_id = f.execution_id AND x.id = f.execution_id
       WHERE f.tenant_id = $1 AND f.event_id = $2 AND x.ended_at IS NOT NULL`,
      [tenantId, eventId],
    );
    if (rows.length > 0) return;
  }
  throw new Error(`what event ${eventId} started did not end within 30 s`);
}
