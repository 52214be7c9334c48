import { inTenant, querySystem } from '@/server/db';
import { matchEvent } from '@/server/events/match';
import { trimSilences } from '@/server/events/retention';
import { recordEvent } from '@/server/events/store';
import type { Ground } from '../ground';
import { Book, inRounds, mean } from '../rounds';
import type { Case } from '../suite';
import { EventPlace, inLanes, payload, unmet } from './place';

const eventsPerRound = 2_000;
const rulesOnTrigger = 100;
const atOnce = 8;
const allowedMicroseconds = 50;
const otherRules = 1_000;

/** Stores events, and then asks the rules of each. Gives the milliseconds of the asking, per event. */
async function msPerEvent(ground: Ground, triggerRef: string, count: number): Promise<number> {
  const { tenantId } = ground.actor;
  const ids: number[] = [];
  await inLanes(count, atOnce, async () => {
    const event = { tenantId, triggerRef, triggerId: null, source: 'webhook' as const, payload, headers: {} };
    ids.push((await inTenant(tenantId, (tx) => recordEvent(tx, event))).eventId);
  });
  const startedMs = performance.now();
  let place = 0;
  await inLanes(count, atOnce, async () => {
    const id = ids[place] ?? 0;
    place += 1;
    await matchEvent({ tenantId, rootId: 0, id });
  });
  const elapsedMs = performance.now() - startedMs;
  await trimSilences();
  const [row] = await querySystem<{ open: number }>(
    'SELECT count(*)::int AS open FROM event WHERE tenant_id = $1 AND id = ANY ($2) AND processed_at IS NULL',
    [tenantId, ids],
  );
  if (row?.open !== 0) throw new Error(`${row?.open} of ${count} events were not asked about`);
  return elapsedMs / count;
}

/** 10,000 events in five rounds, through a hundred rules that leave them alone. */
export const matching: Case = {
  name: 'matching',
  title: `Events through ${rulesOnTrigger} rules on their trigger`,
  async measure(ground, limits) {
    const book = new Book();
    const place = await EventPlace.open(ground, 1);
    const [asked, silent] = [await place.trigger(), await place.trigger()];
    for (let count = 0; count < rulesOnTrigger; count += 1) await place.rule(asked.ref, unmet);
    await msPerEvent(ground, asked.ref, 200);
    await inRounds(limits, async () => {
      const before = await msPerEvent(ground, silent.ref, eventsPerRound);
      const withRules = await msPerEvent(ground, asked.ref, eventsPerRound);
      const none = mean([before, await msPerEvent(ground, silent.ref, eventsPerRound)]);
      const microseconds = ((withRules - none) * 1000) / rulesOnTrigger;
      book.note(
        'an evaluation, beyond an event without rules',
        { measured: microseconds, beside: allowedMicroseconds },
        { beside: 'what is allowed', unit: 'µs', goal: { atMost: 1 } },
      );
      book.note(
        `an event with ${rulesOnTrigger} rules`,
        { measured: withRules, beside: none },
        { beside: 'an event without', unit: 'ms', goal: null },
      );
    });
    place.close();
    return book.rows;
  },
};

/** Ten rules on the trigger, with and without a thousand on others. */
export const others: Case = {
  name: 'others',
  title: `${otherRules} rules on other triggers`,
  async measure(ground, limits) {
    const book = new Book();
    const place = await EventPlace.open(ground, 1);
    const { ref } = await place.trigger();
    for (let count = 0; count < 10; count += 1) await place.rule(ref, unmet);
    const measure = () => msPerEvent(ground, ref, eventsPerRound);
    const { tenantId } = ground.actor;
    await measure();
    await inRounds(limits, async () => {
      const before = await measure();
      await querySystem(
        `INSERT INTO rule (tenant_id, pack_id, pack_ref, ref, label, trigger_ref, action_ref, conditions)
         SELECT $1, p.id, 'ops', 'ops.other_' || n, 'Other', 'ops.other_' || n % 100, 'core.echo', $2
         FROM pack p, generate_series(1, $3::int) n WHERE p.tenant_id = $1 AND p.ref = 'ops'`,
        [tenantId, JSON.stringify(unmet), otherRules],
      );
      const beside = await measure();
      await querySystem(`DELETE FROM rule WHERE tenant_id = $1 AND ref LIKE 'ops.other\\_%'`, [tenantId]);
      book.note(
        `an event, with ${otherRules} rules on other triggers`,
        { measured: beside, beside: mean([before, await measure()]) },
        { beside: 'without', unit: 'ms', goal: { atMost: 1.1 } },
      );
    });
    place.close();
    return book.rows;
  },
};
