import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeDatabase, inSystem, inTenant } from '../db';
import { requestExecution } from '../executions/service';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { makePerson, makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { countRounds, findCause } from './cause';

let ada: Actor;
let eve: Actor;
beforeAll(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
  eve = await makePerson(await makeTenant(), 'Eve');
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

const request = async () => (await requestExecution(ada, { actionRef: 'core.echo', parameters: {} })).id;

it('an execution is the cause of an event only while it lives or just ended, and only in its own tenant', async () => {
  const id = await request();
  expect(await findCause(ada.tenantId, String(id))).toBe(id);
  expect(await findCause(eve.tenantId, String(id))).toBeNull();
  for (const said of [undefined, '', '0', '-1', '1e3', `${id} OR true`, '9'.repeat(40)])
    expect(await findCause(ada.tenantId, said)).toBeNull();
  const end = (ago: string) =>
    inSystem((tx) =>
      tx.query(
        `UPDATE execution SET state = 'cancelled', ended_at = clock_timestamp() - $3::interval WHERE tenant_id = $1 AND root_id = $2 AND id = $2`,
        [ada.tenantId, id, ago],
      ),
    );
  await end('59 seconds');
  expect(await findCause(ada.tenantId, String(id))).toBe(id);
  const old = await request();
  await inSystem((tx) =>
    tx.query(
      `UPDATE execution SET state = 'cancelled', ended_at = clock_timestamp() - interval '61 seconds' WHERE tenant_id = $1 AND root_id = $2 AND id = $2`,
      [ada.tenantId, old],
    ),
  );
  expect(await findCause(ada.tenantId, String(old))).toBeNull();
});

it('rounds are counted along the chain of causes, by rule, and a chain that closes on itself ends', async () => {
  // Executions and events in turn: each event was brought about by the execution before it.
  const ids: number[] = [];
  const events: number[] = [];
  for (const rule of ['ops.a', 'ops.b', 'ops.a']) {
    const [event] = await inSystem((tx) =>
      tx.query<{ id: number }>(
        `INSERT INTO event (tenant_id, trigger_ref, source, payload, headers, execution_id) VALUES ($1, 'ops.hook', 'webhook', '{}', '{}', $2) RETURNING id`,
        [ada.tenantId, ids.at(-1) ?? null],
      ),
    );
    const id = await request();
    await inSystem((tx) =>
      tx.query(
        'UPDATE execution SET event_id = $3, rule_ref = $4 WHERE tenant_id = $1 AND root_id = $2 AND id = $2',
        [ada.tenantId, id, event?.id, rule],
      ),
    );
    ids.push(id);
    events.push(event?.id ?? 0);
  }
  const rounds = (rule: string) =>
    inTenant(ada.tenantId, (tx) => countRounds(tx, ada.tenantId, ids.at(-1) ?? 0, rule));
  expect([await rounds('ops.a'), await rounds('ops.b'), await rounds('ops.c')]).toEqual([2, 1, 0]);
  await inSystem((tx) =>
    tx.query('UPDATE event SET execution_id = $3 WHERE tenant_id = $1 AND id = $2', [
      ada.tenantId,
      events[0],
      ids.at(-1),
    ]),
  );
  expect(await rounds('ops.b')).toBeGreaterThan(20);
});
