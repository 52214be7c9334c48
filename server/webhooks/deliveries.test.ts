import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inSystem } from '../db';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { createPack } from '../packs/service';
import { makeTenant } from '../packs/test-people';
import { purgeWebhooks } from './store';

let rest: RestServer;
let ada: Actor;
let token: string;
let made = 0;
let ref: string;
let key: string;
let id: number;

beforeAll(async () => {
  rest = await startRestServer();
  ada = await makeMember(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  token = await rest.tokenOf(ada.login);
});
afterAll(() => rest.close());

const api = (method: string, path: string, body?: unknown, as = token) =>
  rest.call(method, `/api/v1${path}`, { token: as, ...(body === undefined ? {} : { body }) });
const post = (body: unknown, headers: Record<string, string> = {}) =>
  rest.call('POST', `/api/v1/webhooks/${key}`, { body, headers });
const calls = async (query = '') =>
  (await api('GET', `/triggers/${ref}/webhooks/deliveries${query}`)).body.items ?? [];
const details = async (delivery: unknown) =>
  (await api('GET', `/triggers/${ref}/webhooks/deliveries/${String(delivery)}`)).body.data;
const redeliver = (delivery: unknown, as = token) =>
  api('POST', `/triggers/${ref}/webhooks/deliveries/${String(delivery)}/redeliver`, {}, as);
const countRows = () =>
  inSystem(async (tx) => {
    const rows = await tx.query<{ all: number; unkept: number }>(
      'SELECT count(*)::int AS all, sum(unkept)::int AS unkept FROM webhook_delivery WHERE trigger_id = $1',
      [id],
    );
    return rows[0];
  });

beforeEach(async () => {
  ref = `ops.hook_${(made += 1)}`;
  await api('POST', '/triggers', { ref, pack_ref: 'ops', label: ref });
  const { body } = await api('POST', `/triggers/${ref}/webhooks/enable`, {});
  ({ webhook_key: key, id } = body.data as { webhook_key: string; id: number });
});

describe('the calls to a webhook', () => {
  it('are listed with what became of each, newest first', async () => {
    const accepted = await post({ payload: [1] });
    await post('{"a":');
    await api('PUT', `/triggers/${ref}/webhooks/config`, { dedupe_header: 'X-Once' });
    const named = await post({ b: 1 }, { 'x-once': 'a' });
    await post({ b: 1 }, { 'x-once': 'a' });
    const [repeat, first, malformed, oldest] = await calls();
    expect(oldest).toEqual({
      id: expect.any(Number) as number,
      ...{ verdict: 'accepted', status: 200, reason: '', address: '127.0.0.1', size_bytes: 15 },
      ...{ event: accepted.body.data?.['event_id'], redelivery_of: null, unkept: 0 },
      created: expect.stringMatching(/Z$/) as string,
    });
    expect(malformed).toMatchObject({ verdict: 'malformed', status: 400, event: null });
    expect(malformed?.['reason']).toMatch(/not JSON/);
    expect(first).toMatchObject({ verdict: 'accepted', event: named.body.data?.['event_id'] });
    expect(repeat).toMatchObject({ verdict: 'duplicate', status: 200, event: first?.['event'] });
    expect((await calls('?verdict=malformed')).map((each) => each['id'])).toEqual([malformed?.['id']]);
    expect((await calls('?page_size=1&page=2'))[0]?.['id']).toBe(first?.['id']);
    // What was accepted is the event's; what was refused is kept, with masks.
    expect(await details(oldest?.['id'])).toMatchObject({ headers: null, body: null });
    expect(await details(malformed?.['id'])).toMatchObject({
      body: '{"a":',
      headers: { 'content-type': 'application/json' },
    });
  });

  it('that were refused show neither secrets nor, from a stranger’s address, anything at all', async () => {
    await api('PUT', `/triggers/${ref}/webhooks/config`, { hmac: { enabled: true, secret: 'hunter2' } });
    await post('{"password":"p","note":"hunter2"}', { authorization: 'Bearer b', 'x-token': 't' });
    await api('PUT', `/triggers/${ref}/webhooks/config`, {
      ip_whitelist: { enabled: true, ips: ['10.0.0.1'] },
    });
    await post('{"password":"p"}');
    const [stranger, unsigned] = await calls();
    expect(stranger).toMatchObject({ verdict: 'address_refused', status: 403 });
    expect(await details(stranger?.['id'])).toMatchObject({ headers: null, body: null });
    expect(await details(unsigned?.['id'])).toMatchObject({
      verdict: 'bad_signature',
      headers: { authorization: '********', 'x-token': '********' },
      body: '{"password":"********","note":"********"}',
    });
  });

  it('that are refused in a flood leave few rows, and how many they were', async () => {
    await api('PUT', `/triggers/${ref}/webhooks/config`, { hmac: { enabled: true, secret: 's' } });
    const answers = await Promise.all(Array.from({ length: 300 }, () => post('{}')));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(300);
    // Twenty at once, and one a second as long as it took.
    expect((await countRows())?.all).toBeLessThan(100);
  });

  it('are kept for 7 days, and of one webhook the last 1,000', async () => {
    await post({});
    const fill = (count: number, ago: string) =>
      inSystem((tx) =>
        tx.query(
          `INSERT INTO webhook_delivery (tenant_id, trigger_id, verdict, status, address, size_bytes, created)
           SELECT $1, $2, 'malformed', 400, '', 0, clock_timestamp() - $3::interval FROM generate_series(1, $4)`,
          [ada.tenantId, id, ago, count],
        ),
      );
    await fill(3, '7 days 1 minute');
    expect((await calls('?verdict=malformed')).length).toBe(0);
    while ((await purgeWebhooks(2)) > 0);
    expect((await countRows())?.all).toBe(1);
    await fill(1_005, '1 minute');
    expect(await calls('?page_size=1000')).toHaveLength(1_000);
    while ((await purgeWebhooks(100)) > 0);
    expect((await countRows())?.all).toBe(1_000);
    expect(await calls('?verdict=accepted')).toEqual([]);
  });

  it('are for those who look after the trigger', async () => {
    const viewer = await makeMember(ada.tenantId, 'Vera', [
      { resource: 'triggers', actions: ['read'] },
      { resource: 'executions', actions: ['execute'] },
    ]);
    const as = await rest.tokenOf(viewer.login);
    await post({});
    const [call] = await calls();
    for (const [method, path] of [
      ['GET', 'config'],
      ['GET', 'deliveries'],
      ['GET', `deliveries/${String(call?.['id'])}`],
      ['POST', `deliveries/${String(call?.['id'])}/redeliver`],
    ] as const) {
      const answer = await api(
        method,
        `/triggers/${ref}/webhooks/${path}`,
        method === 'POST' ? {} : undefined,
        as,
      );
      expect({ path, status: answer.status }).toEqual({ path, status: 403 });
    }
  });
});

describe('an accepted call', () => {
  it('is delivered again on purpose, as a new event that says which it repeats', async () => {
    const first = (await post({ payload: { a: 1 } }, { 'x-kind': 'push' })).body.data?.['event_id'];
    const [call] = await calls();
    const again = await redeliver(call?.['id']);
    expect(again.status).toBe(201);
    const event = Number(again.body.data?.['event_id']);
    expect(event).not.toBe(first);
    const { body } = await api('GET', `/events/${event}`);
    expect(body.data).toMatchObject({
      payload: { a: 1 },
      config: { headers: { 'x-kind': 'push', ':redelivery_of': first } },
      ...{ source_kind: 'webhook', replay_of: first },
    });
    expect((await calls())[0]).toMatchObject({ verdict: 'accepted', event, redelivery_of: call?.['id'] });
  });

  it('and no other is: what was refused, is gone, is another trigger’s, or may not be sent', async () => {
    await post('{"a":');
    const [refused] = await calls();
    expect((await redeliver(refused?.['id'])).body['code']).toBe('delivery_without_event');
    expect((await redeliver(999_999_999)).status).toBe(404);
    await post({});
    const [call] = await calls();
    const editor = await makeMember(ada.tenantId, 'Ed', [
      { resource: 'triggers', actions: ['read', 'update'] },
      { resource: 'executions', actions: ['read', 'execute'], constraints: { refs: ['ops.other'] } },
    ]);
    expect((await redeliver(call?.['id'], await rest.tokenOf(editor.login))).status).toBe(403);
    await api('PUT', `/triggers/${ref}`, { enabled: false });
    expect((await redeliver(call?.['id'])).body['code']).toBe('trigger_disabled');
    const mine = ref;
    await api('POST', '/triggers', { ref: (ref = `${mine}_other`), pack_ref: 'ops', label: 'Other' });
    expect((await redeliver(call?.['id'])).status).toBe(404);
    expect(await details(call?.['id'])).toBeUndefined();
  });
});
