import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inSystem, querySystem } from '../db';
import { matchWaiting } from '../events/take';
import { startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { createPack } from '../packs/service';
import { makePerson, makeTenant } from '../packs/test-people';
import { createTrigger, disableWebhook } from '../triggers/service';

/** Calls that come at the same time are stored together, and nobody notices. */

let rest: RestServer;
beforeAll(async () => {
  rest = await startRestServer();
});
afterAll(() => rest.close());

interface Hook {
  ada: Actor;
  ref: string;
  path: string;
}

async function makeHook(): Promise<Hook> {
  const ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  const ref = 'ops.hook';
  const { webhookUrl } = await createTrigger(ada, {
    ...{ packRef: 'ops', ref, label: ref, description: '', webhook: true },
  });
  return { ada, ref, path: new URL(webhookUrl ?? '').pathname };
}

interface Stored {
  id: number;
  tenantId: number;
  payload: unknown;
}

describe('calls of one moment', () => {
  it('are each one event of their own tenant with their own payload, one delivery, and taken by whoever is woken', async () => {
    const hooks = await Promise.all([makeHook(), makeHook(), makeHook()]);
    const sent = Array.from({ length: 120 }, (_, number) => ({
      hook: hooks[number % 3] as Hook,
      // Some are too large to be stored with the others.
      payload: { number, text: number % 40 === 7 ? 'x'.repeat(100_000) : `Ünï ☃ ${number}` },
    }));
    const answers = await Promise.all(
      sent.map(({ hook, payload }) => rest.call('POST', hook.path, { body: payload })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const ids = answers.map(({ body }) => Number(body.data?.['event_id']));
    expect(new Set(ids).size).toBe(120);
    const [events, deliveries, bells] = await inSystem((tx) =>
      Promise.all([
        tx.query<Stored>('SELECT id, tenant_id AS "tenantId", payload FROM event WHERE id = ANY ($1)', [ids]),
        tx.query<{ id: number }>('SELECT event_id AS id FROM webhook_delivery WHERE event_id = ANY ($1)', [
          ids,
        ]),
        tx.query(`SELECT 1 FROM pgboss.job WHERE name = 'event' AND state < 'active'`),
      ]),
    );
    const byId = new Map(events.map((event) => [event.id, event]));
    for (const [at, { hook, payload }] of sent.entries())
      expect(byId.get(ids[at] ?? 0)).toEqual({ id: ids[at], tenantId: hook.ada.tenantId, payload });
    expect(deliveries.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(bells).not.toEqual([]);
    let lastTenantId = 0;
    let mayBeMore = true;
    while (mayBeMore) {
      const taken = await matchWaiting(lastTenantId, 50, [], null);
      expect(taken.failed).toEqual([]);
      ({ lastTenantId, mayBeMore } = taken);
    }
    const [left] = await querySystem<{ count: number }>(
      'SELECT count(*)::int AS count FROM event WHERE id = ANY ($1) AND processed_at IS NULL',
      [ids],
    );
    expect(left?.count).toBe(0);
  });

  it('are refused where their webhook is off or has never been, beside others that are taken', async () => {
    const [on, off] = await Promise.all([makeHook(), makeHook()]);
    await disableWebhook(off.ada, off.ref);
    const post = (path: string) => rest.call('POST', path, { body: { a: 1 } });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, number) =>
        post([on.path, off.path, '/api/v1/webhooks/wh_nobody'][number % 3] ?? ''),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(
      Array.from({ length: 30 }, (_, number) => (number % 3 === 0 ? 200 : 404)),
    );
  });
});
