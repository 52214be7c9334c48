import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closeDatabase, connectAlone, querySystem } from '../db';
import { getExecution } from '../executions/service';
import { stopLive } from '../live';
import { stopBoss } from '../queue';
import { dropOldEvents, purgeEvents } from './retention';
import { RulesFixture } from './rules-fixture';

let ground: RulesFixture;
beforeAll(async () => {
  ground = await RulesFixture.open();
  await ground.rule();
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

const age = (ids: readonly number[], days: number) =>
  querySystem(
    'UPDATE event SET created = created - make_interval(days => $3) WHERE tenant_id = $1 AND id = ANY ($2)',
    [ground.ada.tenantId, ids, days],
  );
const end = (executionId: number) =>
  querySystem(
    `UPDATE execution SET state = 'cancelled', ended_at = clock_timestamp() WHERE tenant_id = $1 AND root_id = $2 AND id = $2`,
    [ground.ada.tenantId, executionId],
  );
const countOf = async (table: string, ids: readonly number[], column = 'event_id') =>
  (
    await querySystem(`SELECT 1 FROM ${table} WHERE tenant_id = $1 AND ${column} = ANY ($2)`, [
      ground.ada.tenantId,
      ids,
    ])
  ).length;

/** An event that started something which has ended. */
async function past(): Promise<{ id: number; executionId: number }> {
  const { id, enforcements } = await ground.send();
  const executionId = enforcements[0]?.executionId ?? 0;
  await end(executionId);
  return { id, executionId };
}

describe('events', () => {
  beforeEach(() => purgeEvents(10_000));

  it('that are too old go in small batches, with what came of them but for the executions', async () => {
    const events = [await past(), await past(), await past()];
    const fresh = await past();
    const ids = events.map(({ id }) => id);
    await age(ids, 31);
    expect(await purgeEvents(2)).toBe(2);
    expect(await countOf('event', ids, 'id')).toBe(1);
    expect(await purgeEvents(2)).toBe(1);
    expect(await purgeEvents(2)).toBe(0);
    for (const table of ['rule_evaluation', 'enforcement']) expect(await countOf(table, ids)).toBe(0);
    expect(await countOf('event', [fresh.id], 'id')).toBe(1);
    for (const { id, executionId } of events)
      expect(await getExecution(ground.ada, executionId)).toMatchObject({ id: executionId, eventId: id });
  });

  it('that wait for the rules, or whose execution has not ended, stay', async () => {
    const waiting = await ground.record();
    const { id, enforcements } = await ground.send();
    await age([waiting, id], 31);
    expect(await purgeEvents(100)).toBe(0);
    await end(enforcements[0]?.executionId ?? 0);
    expect(await purgeEvents(100)).toBe(1);
    expect(await countOf('event', [waiting], 'id')).toBe(1);
    await ground.match(waiting);
    await end((await latestExecution(waiting)) ?? 0);
  });

  it('go although older ones are needed for as long as their executions last', async () => {
    const needed = [await ground.send(), await ground.send(), await ground.send()];
    const gone = await past();
    const fresh = await past();
    await age([...needed.map(({ id }) => id), gone.id], 31);
    expect(await purgeEvents(2)).toBe(1);
    expect(await countOf('event', [gone.id], 'id')).toBe(0);
    expect(
      await countOf(
        'event',
        [...needed, fresh].map(({ id }) => id),
        'id',
      ),
    ).toBe(4);
    for (const { enforcements } of needed) await end(enforcements[0]?.executionId ?? 0);
    expect(await purgeEvents(10)).toBe(3);
  });

  it('of a whole range that is too old are dropped with it, but never while somebody is at work', async () => {
    const old = await past();
    const [first] = await querySystem<{ name: string }>(
      'SELECT tableoid::regclass::text AS name FROM event WHERE id = $1',
      [old.id],
    );
    // The range is full: the next event begins another.
    await owner(`SELECT setval('event_id_seq', 400001); SELECT attune_ensure_partitions()`);
    const fresh = await past();
    expect(await dropOldEvents()).toBeNull();
    await querySystem('UPDATE event SET created = created - make_interval(days => 31) WHERE id < 200001');
    const writer = await connectAlone('test');
    try {
      await writer.query('BEGIN; LOCK TABLE event IN ROW EXCLUSIVE MODE');
      expect(await dropOldEvents()).toBeNull();
      await writer.query('COMMIT');
    } finally {
      await writer.end();
    }
    expect(await dropOldEvents()).toBe(first?.name);
    expect(await countOf('event', [old.id], 'id')).toBe(0);
    expect(await countOf('event', [fresh.id], 'id')).toBe(1);
    expect(await getExecution(ground.ada, old.executionId)).toMatchObject({ eventId: old.id });
    // Writers go on, and what was empty in between goes too.
    expect((await ground.send()).enforcements).toHaveLength(1);
  });
});

async function latestExecution(eventId: number): Promise<number | undefined> {
  const [row] = await querySystem<{ id: number }>(
    'SELECT execution_id AS id FROM enforcement WHERE tenant_id = $1 AND event_id = $2',
    [ground.ada.tenantId, eventId],
  );
  return row?.id;
}

/** As the owner of the tables. */
async function owner(sql: string): Promise<void> {
  const client = await connectAlone('test');
  try {
    await client.query(`RESET ROLE; SET ROLE NONE; ${sql}`);
  } finally {
    await client.end();
  }
}
