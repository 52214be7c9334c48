import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inSystem } from '../db';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { loadPacks } from '../packs/load';
import { defaultTenantId } from '../packs/refs';
import { makePerson, makeReader, makeTenant } from '../packs/test-people';
import { getHome } from './service';

let ada: Actor;
beforeAll(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

async function addRoot(tenantId: number, state: string, daysAgo = 0): Promise<void> {
  const ended = ['completed', 'failed'].includes(state);
  await inSystem((tx) =>
    tx.query(
      `WITH given AS (SELECT nextval('execution_id_seq') AS id)
       INSERT INTO execution (id, root_id, tenant_id, action_ref, kind, state, error, ended_at)
       SELECT id, id, $1::bigint, 'ops.a', 'workflow', $2::text, 'x', CASE WHEN $3 THEN now() - make_interval(days => $4::int) END FROM given`,
      [tenantId, state, ended, daysAgo],
    ),
  );
}

describe('the home page', () => {
  it('is empty for a new tenant', async () => {
    expect(await getHome(ada)).toMatchObject({
      counts: { running: 0, waiting: 0, endedToday: 0, failedToday: 0, inbox: 0 },
      recent: [],
      example: null,
    });
  });

  it('counts what runs, waits and ended today, and shows the last eight', async () => {
    for (const state of ['running', 'requested', 'waiting', 'completed', 'completed', 'failed']) {
      await addRoot(ada.tenantId, state);
    }
    await addRoot(ada.tenantId, 'failed', 2);
    for (let n = 0; n < 3; n += 1) await addRoot(ada.tenantId, 'queued');
    const home = await getHome(ada);
    expect(home.counts).toMatchObject({ running: 5, waiting: 1, endedToday: 3, failedToday: 1 });
    expect(home.recent).toHaveLength(8);
    expect(home.recent[0]).toMatchObject({ state: 'queued', actionRef: 'ops.a' });
  });

  it('shows nothing of executions to those who may not read them', async () => {
    const blind = await makePerson(ada.tenantId, 'Blind', []);
    expect(await getHome(blind)).toMatchObject({
      counts: { running: 0, inbox: 0 },
      recent: [],
      example: null,
    });
  });

  it('offers the example story while its pack is there, its address only to those who look after it', async () => {
    await loadPacks('packs');
    const mia = await makePerson(defaultTenantId, 'Mia');
    const { example } = await getHome(mia);
    expect(example).toMatchObject({
      workflowRef: 'examples.disk_cleanup',
      triggerRef: 'examples.disk_alert',
      payload: { host: 'web-1', used_percent: 91 },
    });
    expect(example?.webhookUrl).toMatch(/\/api\/v1\/webhooks\/wh_/);
    expect((await getHome(await makeReader(defaultTenantId))).example).toMatchObject({ webhookUrl: null });
  });
});
