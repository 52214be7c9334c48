import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMember, startRestServer, type Answer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { createPack, updatePack } from '../packs/service';
import { makeTenant } from '../packs/test-people';
import { dispatchDue } from './dispatch';

let server: RestServer;
let ada: Actor;
let token: string;
let colleague: string;
let reader: string;
let stranger: string;
let made = 0;
beforeAll(async () => {
  server = await startRestServer();
  const tenant = await makeTenant();
  ada = await makeMember(tenant, 'Ada');
  token = await server.tokenOf(ada.login);
  colleague = await server.tokenOf((await makeMember(tenant, 'Bob')).login);
  reader = await server.tokenOf(
    (await makeMember(tenant, 'Rea', [{ resource: 'queues', actions: ['read'] }])).login,
  );
  stranger = await server.tokenOf((await makeMember(await makeTenant(), 'Eve')).login);
});
afterAll(() => server.close());

const call = (method: string, path: string, body?: unknown, who = token): Promise<Answer> =>
  server.call(method, `/api/v1${path}`, { token: who, body });
async function queue(more: object = {}): Promise<string> {
  const ref = `rest.queue_${(made += 1)}`;
  const answer = await call('POST', '/queues', {
    ...{ ref, label: ref, dispatch_action_ref: 'core.sleep', ...more },
  });
  expect(answer.status).toBe(201);
  return ref;
}
const enqueue = (ref: string, body: object) => call('POST', `/queues/${ref}/items`, body);

describe('work queues by REST', () => {
  it('are made with defaults, read, changed in part, listed and removed', async () => {
    const ref = await queue({ config: { concurrency: 2, region: 'eu' } });
    const { body, status } = await call('GET', `/queues/${ref}`);
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      ...{ ref, label: ref, description: '', dispatch_action_ref: 'core.sleep', pack: null, pack_ref: null },
      ...{ enabled: true, accepting_new_items: true, allow_pending_update: false, is_adhoc: true },
      ...{ update_strategy: 'immutable', batch_mode: 'single', default_priority: 0 },
      ...{ item_schema: {}, action_params: {}, config: { concurrency: 2, region: 'eu' } },
      dispatch_action: expect.any(Number) as number,
      resolved_dispatch_tuning: { concurrency: 2, batch_size: 10, cooldown_seconds: 0, max_attempts: 3 },
    });
    const changed = await call('PUT', `/queues/${ref}`, {
      ...{ label: 'New', enabled: false, item_schema: null, description: { op: 'set', value: 'Words' } },
    });
    expect(changed.body.data).toMatchObject({
      ...{ label: 'New', enabled: false, description: 'Words', config: { concurrency: 2, region: 'eu' } },
    });
    expect((await call('GET', '/queues?per_page=1000')).body.items).toContainEqual(
      expect.objectContaining({ ref, is_adhoc: true }),
    );
    expect(await call('DELETE', `/queues/${ref}`)).toMatchObject({ status: 200, body: { success: true } });
    expect((await call('GET', `/queues/${ref}`)).status).toBe(404);
  });

  it('say what is wrong of them', async () => {
    const ref = await queue();
    const draft = { ref: 'rest.other', label: 'Other', dispatch_action_ref: 'core.noop' };
    const refused = async (body: object) => {
      const answer = await call('POST', '/queues', { ...draft, ...body });
      return [answer.status, answer.body['error']];
    };
    expect(await refused({ ref })).toEqual([409, expect.stringContaining(ref)]);
    expect(await refused({ dispatch_action_ref: 'core.nop' })).toEqual([
      400,
      expect.stringContaining('Did you mean core.noop?'),
    ]);
    expect(await refused({ config: { concurrency: 0 } })).toEqual([
      400,
      expect.stringContaining('config.concurrency'),
    ]);
    expect(await refused({ action_params: { a: '{{ item. }}' } })).toEqual([
      400,
      expect.stringContaining('action_params.a'),
    ]);
    expect(await refused({ item_schema: { a: { type: 'txt' } } })).toEqual([400, expect.any(String)]);
    expect(await refused({ pack_ref: 'nowhere' })).toEqual([404, 'There is no pack nowhere.']);
    expect(await refused({ label: '' })).toEqual([400, expect.any(String)]);
  });

  it('take items with the fields of the model, newest first, filtered by status', async () => {
    const ref = await queue({ default_priority: 3, enabled: false });
    const first = await enqueue(ref, { payload: { seconds: 1 }, item_key: 'a', metadata: { from: 'test' } });
    expect(first.status).toBe(201);
    expect(first.body.data).toMatchObject({
      ...{ queue_ref: ref, item_key: 'a', priority: 3, payload: { seconds: 1 }, metadata: { from: 'test' } },
      ...{ status: 'queued', enqueue_source: 'api', attempt_count: 0, leased_execution: null },
      ...{ lease_token: null, lease_expires_at: null, ack_summary: null, last_error: null },
      ...{ requested_by_identity: ada.identityId, requested_by_execution: null },
    });
    const second = await enqueue(ref, { payload: { seconds: 2 }, priority: -1 });
    const id = Number(second.body.data?.['id']);
    expect(await call('DELETE', `/queues/${ref}/items/${id}`)).toMatchObject({
      ...{ status: 200, body: { success: true } },
    });
    expect((await call('GET', `/queues/${ref}/items`)).body).toMatchObject({
      items: [{ id, status: 'cancelled' }, { item_key: 'a' }],
      pagination: { total_items: 2 },
    });
    const waiting = await call('GET', `/queues/${ref}/items?statuses=queued,retry&page_size=1`);
    expect(waiting.body).toMatchObject({ items: [{ item_key: 'a' }], pagination: { has_next: false } });
    expect((await call('GET', `/queues/${ref}/items?statuses=waiting`)).status).toBe(400);
  });

  it('refuse an item where as many wait as may, and say how long to wait', async () => {
    const ref = await queue({ enabled: false, config: { max_pending: 1 } });
    expect((await enqueue(ref, { payload: {} })).status).toBe(201);
    const full = await enqueue(ref, { payload: {} });
    expect(full).toMatchObject({ status: 429, body: { code: 'queue_full' } });
    expect(full.headers.get('retry-after')).toBe('1');
    expect((await call('PUT', `/queues/${ref}`, { config: { max_pending: 0 } })).status).toBe(400);
  });

  it('merge an item into the one of its key that waits, as their strategy says', async () => {
    const patched = await queue({
      ...{ allow_pending_update: true, update_strategy: 'merge_patch', enabled: false },
    });
    await enqueue(patched, {
      item_key: 'k',
      priority: 7,
      payload: { a: 1, b: { c: 2, d: 3 } },
      metadata: { x: 1 },
    });
    const merged = await enqueue(patched, {
      item_key: 'k',
      payload: { b: { c: null }, e: 4 },
      metadata: { y: 2 },
    });
    expect(merged.status).toBe(200);
    expect(merged.body.data).toMatchObject({ priority: 7, metadata: { x: 1, y: 2 } });
    expect(merged.body.data?.['payload']).toEqual({ a: 1, b: { d: 3 }, e: 4 });
    expect((await enqueue(patched, { item_key: 'k', payload: {}, priority: 9 })).body.data).toMatchObject({
      priority: 9,
    });
    const replaced = await queue({ allow_pending_update: true, update_strategy: 'replace', enabled: false });
    await enqueue(replaced, { item_key: 'k', payload: { a: 1 }, metadata: { x: 1 } });
    expect((await enqueue(replaced, { item_key: 'k', payload: { b: 2 } })).body.data).toMatchObject({
      ...{ payload: { b: 2 }, metadata: {} },
    });
    const fixed = await queue({ enabled: false });
    await enqueue(fixed, { item_key: 'k', payload: { a: 1 } });
    expect((await enqueue(fixed, { item_key: 'k', payload: { a: 2 } })).status).toBe(409);
  });

  it('have one item of a key, however many ask for it at once', async () => {
    const ref = await queue({ allow_pending_update: true, update_strategy: 'replace', enabled: false });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => enqueue(ref, { item_key: 'same', payload: { n } })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
    expect((await call('GET', `/queues/${ref}/items`)).body.items).toHaveLength(1);
  });

  it('check payloads against their schema, more fields allowed, and refuse what is too large', async () => {
    const ref = await queue({
      item_schema: { host: { type: 'string', required: true }, port: { type: 'integer' } },
    });
    expect((await enqueue(ref, { payload: { host: 'a', more: true } })).status).toBe(201);
    const wrong = await enqueue(ref, { payload: { port: 'x' } });
    expect(wrong).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('payload.host') as string },
    });
    expect((await enqueue(ref, {})).status).toBe(400);
    expect((await enqueue(ref, { payload: { host: 'x'.repeat(1_000_001) } })).status).toBe(400);
    await call('PUT', `/queues/${ref}`, { accepting_new_items: false });
    expect((await enqueue(ref, { payload: { host: 'a' } })).status).toBe(409);
  });

  it('let an item that waits be changed and cancelled, and none that is out', async () => {
    const ref = await queue();
    const item = await enqueue(ref, { payload: { seconds: 1 }, item_key: 'k' });
    const path = `/queues/${ref}/items/${String(item.body.data?.['id'])}`;
    expect(
      (await call('PUT', path, { priority: 4, payload: { seconds: 9 }, item_key: { op: 'clear' } })).body
        .data,
    ).toMatchObject({ priority: 4, payload: { seconds: 9 }, item_key: null });
    await dispatchDue(100);
    expect((await call('GET', path)).body.data).toMatchObject({
      status: 'leased',
      lease_token: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
    expect((await call('PUT', path, { priority: 1 })).status).toBe(409);
    expect((await call('DELETE', path)).status).toBe(409);
    expect((await call('PUT', `/queues/${ref}/items/999999999`, { priority: 1 })).status).toBe(404);
    expect((await call('GET', `/queues/${ref}/items/abc`)).status).toBe(400);
  });

  it('are filled by those who hold queues:execute, and are not there for other tenants', async () => {
    const ref = await queue();
    const path = `/queues/${ref}/items`;
    expect((await call('GET', `/queues/${ref}`, undefined, reader)).status).toBe(200);
    expect((await call('POST', path, { nonsense: true }, reader)).status).toBe(403);
    expect((await call('PUT', `/queues/${ref}`, { label: 'x' }, reader)).status).toBe(403);
    for (const [method, where] of [
      ['GET', `/queues/${ref}`],
      ['DELETE', `/queues/${ref}`],
      ['GET', path],
      ['GET', `${path}/1`],
    ] as const)
      expect((await call(method, where, undefined, stranger)).status).toBe(404);
    expect((await call('POST', path, { payload: {} }, stranger)).status).toBe(404);
    expect((await server.call('GET', '/api/v1/queues')).status).toBe(401);
  });

  it('of a private pack are there for whoever made it, and of a pack are listed with it', async () => {
    const pack = `shop${(made += 1)}`;
    await createPack(ada, { ref: pack, label: 'Shop', description: '', version: '1.0.0' });
    const ref = `${pack}.orders`;
    expect(
      (
        await call('POST', '/queues', {
          ref: 'other.x',
          label: 'x',
          pack_ref: pack,
          dispatch_action_ref: 'core.noop',
        })
      ).status,
    ).toBe(400);
    const body = { ref, label: 'Orders', pack_ref: pack, dispatch_action_ref: 'core.noop' };
    expect((await call('POST', '/queues', body)).status).toBe(201);
    expect((await call('GET', `/packs/${pack}/queues`, undefined, colleague)).body.items).toMatchObject([
      { ref },
    ]);
    await updatePack(ada, pack, { visibility: 'private' });
    expect((await call('GET', `/queues/${ref}`, undefined, colleague)).status).toBe(404);
    expect((await call('POST', `/queues/${ref}/items`, { payload: {} }, colleague)).status).toBe(404);
    expect((await call('GET', `/packs/${pack}/queues`, undefined, colleague)).status).toBe(404);
    expect((await call('GET', `/queues/${ref}`)).status).toBe(200);
  });
});
