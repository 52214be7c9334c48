import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inSystem } from '../db';
import { makeMember, startRestServer, type Answer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { createPack } from '../packs/service';
import { makeTenant } from '../packs/test-people';
import { disableWebhook } from '../triggers/service';

let rest: RestServer;
let ada: Actor;
let token: string;
let made = 0;

beforeAll(async () => {
  rest = await startRestServer();
  ada = await makeMember(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  token = await rest.tokenOf(ada.login);
});
afterAll(() => rest.close());

const api = (method: string, path: string, body?: unknown) =>
  rest.call(method, `/api/v1${path}`, { token, ...(body === undefined ? {} : { body }) });

interface Hook {
  ref: string;
  id: number;
  key: string;
  post: (body: unknown, headers?: Record<string, string>) => Promise<Answer>;
  set: (config: unknown) => Promise<Answer>;
  events: () => Promise<{ id: number; payload: unknown; headers: Record<string, unknown> }[]>;
  calls: () => Promise<{ [name: string]: unknown }[]>;
}

async function makeHook(config?: unknown): Promise<Hook> {
  const ref = `ops.hook_${(made += 1)}`;
  await api('POST', '/triggers', { ref, pack_ref: 'ops', label: ref });
  const { body } = await api('POST', `/triggers/${ref}/webhooks/enable`, {});
  const { webhook_key: key, id } = body.data as { webhook_key: string; id: number };
  const hook: Hook = {
    ...{ ref, id, key },
    post: (sent, headers = {}) => rest.call('POST', `/api/v1/webhooks/${key}`, { body: sent, headers }),
    set: (wanted) => api('PUT', `/triggers/${ref}/webhooks/config`, wanted),
    events: () =>
      inSystem((tx) =>
        tx.query(
          'SELECT id, payload, headers FROM event WHERE tenant_id = $1 AND trigger_ref = $2 ORDER BY id',
          [ada.tenantId, ref],
        ),
      ),
    calls: async () => (await api('GET', `/triggers/${ref}/webhooks/deliveries`)).body.items ?? [],
  };
  if (config !== undefined) expect((await hook.set(config)).status).toBe(200);
  return hook;
}

const signed = (secret: string, body: string) => ({
  'x-webhook-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
});
const store = (hook: Hook, config: unknown) =>
  inSystem((tx) =>
    tx.query('UPDATE trigger SET webhook_config = $2 WHERE id = $1', [hook.id, JSON.stringify(config)]),
  );

describe('a webhook’s settings', () => {
  it('are told without the secret, which lies sealed', async () => {
    const hook = await makeHook();
    const answer = await hook.set({
      hmac: { enabled: true, secret: 'open sesame', algorithm: 'sha512', header: 'X-Own' },
      rate_limit: { enabled: true, requests: 5, window_seconds: 30 },
      ip_whitelist: { enabled: true, ips: ['127.0.0.1', '2001:db8::/32'] },
      payload_size_limit_kb: 64,
      dedupe_header: 'X-Once',
    });
    const config = {
      hmac: { enabled: true, scheme: 'plain', algorithm: 'sha512', header: 'X-Own', has_secret: true },
      rate_limit: { enabled: true, requests: 5, window_seconds: 30 },
      ip_whitelist: { enabled: true, ips: ['127.0.0.1', '2001:db8::/32'] },
      payload_size_limit_kb: 64,
      dedupe_header: 'X-Once',
      response_mode: 'async',
      sync_timeout_seconds: 30,
    };
    expect(answer.body.data).toMatchObject({ ref: hook.ref, webhook_key: hook.key, webhook_config: config });
    expect((await api('GET', `/triggers/${hook.ref}/webhooks/config`)).body.data).toEqual(config);
    const rows = await inSystem((tx) =>
      tx.query<{ row: string }>(
        `SELECT t::text || s.sealed::text || encode(s.sealed, 'escape') AS row FROM trigger t JOIN webhook_secret s ON s.trigger_id = t.id WHERE t.id = $1`,
        [hook.id],
      ),
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify([rows, answer.body])).not.toContain('open sesame');
  });

  it('change in parts, keep the secret, and go back to the beginning by null', async () => {
    const hook = await makeHook({ hmac: { enabled: true, secret: 's1' }, payload_size_limit_kb: 9_999 });
    expect((await hook.set({ hmac: { algorithm: 'sha1' } })).body.data).toMatchObject({
      webhook_config: {
        hmac: { enabled: true, algorithm: 'sha1', has_secret: true },
        payload_size_limit_kb: 1_024,
      },
    });
    const reset = await hook.set({ hmac: null, payload_size_limit_kb: null });
    expect(reset.body.data).toMatchObject({
      webhook_config: { hmac: { enabled: false, has_secret: false }, payload_size_limit_kb: null },
    });
  });

  it('take GitHub’s name of a delivery along with its form of signing', async () => {
    const hook = await makeHook({ hmac: { enabled: true, scheme: 'github', secret: 's' } });
    expect((await api('GET', `/triggers/${hook.ref}/webhooks/config`)).body.data).toMatchObject({
      dedupe_header: 'X-GitHub-Delivery',
    });
  });

  it.each([
    ['signatures without a secret', { hmac: { enabled: true } }, /hmac\.secret is missing/],
    [
      'an empty list of addresses',
      { ip_whitelist: { enabled: true, ips: [] } },
      /ip_whitelist\.ips is empty/,
    ],
    ['what is no address', { ip_whitelist: { enabled: true, ips: ['10.0.0.0/33'] } }, /ip_whitelist/],
    ['a name for an address', { ip_whitelist: { enabled: true, ips: ['example.org'] } }, /ip_whitelist/],
    ['an unknown algorithm', { hmac: { enabled: true, secret: 's', algorithm: 'md5' } }, /hmac\.algorithm/],
    ['an empty secret', { hmac: { enabled: true, secret: '' } }, /hmac\.secret/],
    ['no requests at all', { rate_limit: { enabled: true, requests: 0, window_seconds: 1 } }, /rate_limit/],
    ['no size at all', { payload_size_limit_kb: 0 }, /payload_size_limit_kb/],
    ['a header that cannot be', { dedupe_header: 'X Once' }, /dedupe_header/],
  ])('refuse %s', async (_, config, message) => {
    const hook = await makeHook();
    const answer = await hook.set(config);
    expect(answer.status).toBe(400);
    expect(answer.body['error']).toMatch(message);
    expect((await hook.post({ a: 1 })).status).toBe(200);
  });
});

describe('a call to a webhook', () => {
  it('from an address that is not listed is refused before its signature is looked at, whatever it claims', async () => {
    const hook = await makeHook({
      ip_whitelist: { enabled: true, ips: ['10.0.0.0/8', '2001:db8::1'] },
      hmac: { enabled: true, secret: 's' },
    });
    expect((await hook.post('{}', { 'x-forwarded-for': '10.1.1.1' })).status).toBe(403);
    await hook.set({ ip_whitelist: { ips: ['127.0.0.0/8'] } });
    expect((await hook.post('{}')).status).toBe(401);
    expect((await hook.post('{}', signed('s', '{}'))).status).toBe(200);
    expect(await hook.events()).toHaveLength(1);
  });

  it('must be signed over its raw bytes', async () => {
    const hook = await makeHook({ hmac: { enabled: true, secret: 'open sesame' } });
    const body = '{ "b":1,  "a":[1.0] }';
    for (const headers of [{}, signed('open', body), signed('open sesame', '{"b":1,"a":[1]}')])
      expect((await hook.post(body, headers)).status).toBe(401);
    expect((await hook.post(body, signed('open sesame', body))).status).toBe(200);
    expect((await hook.events()).map(({ payload }) => payload)).toEqual([{ b: 1, a: [1] }]);
  });

  it('that is not signed is refused before its body is read as anything, and uses up no rate', async () => {
    const hook = await makeHook({
      hmac: { enabled: true, secret: 's' },
      rate_limit: { enabled: true, requests: 1, window_seconds: 3_600 },
    });
    for (let round = 0; round < 3; round += 1) expect((await hook.post('{"a":')).status).toBe(401);
    expect((await hook.post('{"a":', signed('s', '{"a":'))).status).toBe(400);
    expect((await hook.post('{}', signed('s', '{}'))).status).toBe(429);
  });

  it('beyond the rate is refused, says when to come back, and is taken again in the next window', async () => {
    const hook = await makeHook({ rate_limit: { enabled: true, requests: 3, window_seconds: 3_600 } });
    const answers = await Promise.all(Array.from({ length: 12 }, () => hook.post({})));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(9);
    const seconds = Number(refused[0]?.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(3_000);
    expect(seconds).toBeLessThanOrEqual(3_600);
    await inSystem((tx) =>
      tx.query(
        `UPDATE webhook_rate SET window_start = window_start - interval '3601 s' WHERE trigger_id = $1`,
        [hook.id],
      ),
    );
    expect((await hook.post({})).status).toBe(200);
    expect(await hook.events()).toHaveLength(4);
  });

  it('that is too large is refused after the rate, and says so', async () => {
    const hook = await makeHook({ payload_size_limit_kb: 1 });
    const refused = await hook.post({ a: 'x'.repeat(1_024) });
    expect({ status: refused.status, code: refused.body['code'] }).toEqual({
      status: 413,
      code: 'too_large',
    });
    expect((await hook.post({ a: 'x'.repeat(900) })).status).toBe(200);
    await hook.set({ rate_limit: { enabled: true, requests: 1, window_seconds: 3_600 } });
    expect((await hook.post({ a: 'x'.repeat(1_024) })).status).toBe(413);
    expect((await hook.post({ a: 'x'.repeat(1_024) })).status).toBe(429);
  });

  it('that comes again by its name, 100 times at once, makes one event, whose id all are told', async () => {
    const hook = await makeHook({ dedupe_header: 'X-Once' });
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => hook.post({ index }, { 'x-once': 'a' })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const [event, ...more] = await hook.events();
    expect(more).toEqual([]);
    const told = answers.map(({ body }) => [
      body.data?.['event_id'],
      body.data?.['trigger_ref'],
      body.data?.['message'],
    ]);
    expect(new Set(told.map(String))).toEqual(
      new Set([String([event?.id, hook.ref, 'Webhook received successfully'])]),
    );
    expect((await hook.post({}, { 'x-once': 'b' })).body.data?.['event_id']).not.toBe(event?.id);
    // Without a name nothing can be known again.
    await hook.post({});
    await hook.post({});
    expect(await hook.events()).toHaveLength(4);
  });

  it('whose name another trigger has had is new', async () => {
    const [one, other] = [
      await makeHook({ dedupe_header: 'X-Once' }),
      await makeHook({ dedupe_header: 'X-Once' }),
    ];
    await one.post({}, { 'x-once': 'a' });
    await other.post({}, { 'x-once': 'a' });
    expect([await one.events(), await other.events()].map(({ length }) => length)).toEqual([1, 1]);
  });

  it('that was refused has not used its name up', async () => {
    const hook = await makeHook({ dedupe_header: 'X-Once' });
    expect((await hook.post('{"a":', { 'x-once': 'a' })).status).toBe(400);
    expect((await hook.post({}, { 'x-once': 'a' })).status).toBe(200);
    expect(await hook.events()).toHaveLength(1);
  });

  it('with GitLab’s token keeps it off the event', async () => {
    const hook = await makeHook({ hmac: { enabled: true, scheme: 'gitlab', secret: 'a shared token' } });
    expect((await hook.post({}, { 'x-gitlab-token': 'another' })).status).toBe(401);
    expect(
      (await hook.post({}, { 'x-gitlab-token': 'a shared token', 'x-gitlab-event': 'Push' })).status,
    ).toBe(200);
    const [event] = await hook.events();
    expect(event?.headers).toMatchObject({ 'x-gitlab-event': 'Push' });
    expect(JSON.stringify([await hook.events(), await hook.calls()])).not.toContain('a shared token');
  });

  it('of Slack that asks whether the address is ours is answered, and makes no event', async () => {
    const hook = await makeHook({ hmac: { enabled: true, scheme: 'slack', secret: 's' } });
    const body = JSON.stringify({ type: 'url_verification', token: 'xyz', challenge: 'c1' });
    const moment = String(Math.floor(Date.now() / 1000));
    const headers = {
      'x-slack-request-timestamp': moment,
      'x-slack-signature': `v0=${createHmac('sha256', 's').update(`v0:${moment}:${body}`).digest('hex')}`,
    };
    expect((await hook.post(body)).status).toBe(401);
    expect((await hook.post(body, headers)).body).toEqual({ challenge: 'c1' });
    expect(await hook.events()).toEqual([]);
    expect((await hook.calls()).map(({ verdict }) => verdict)).toEqual(['challenge', 'bad_signature']);
  });

  it.each([
    ['settings that say nothing of themselves', { hmac: {} }],
    ['settings of another kind', { ip_whitelist: { enabled: 'yes' } }],
    ['settings with what nobody knows', { hmac: { enabled: false }, quota: 3 }],
    ['signatures without a secret', { hmac: { enabled: true } }],
  ])('is refused where there are %s', async (_, config) => {
    const hook = await makeHook();
    await store(hook, config);
    const refused = await hook.post({});
    expect({ status: refused.status, code: refused.body['code'] }).toEqual({
      ...{ status: 503, code: 'webhook_misconfigured' },
    });
    expect(await hook.events()).toEqual([]);
    expect((await hook.calls())[0]).toMatchObject({ verdict: 'misconfigured', status: 503 });
  });

  it('is refused until broken settings are said anew, all of them', async () => {
    const hook = await makeHook({ hmac: { enabled: true, secret: 's' } });
    await store(hook, { hmac: 'on' });
    const half = await hook.set({ payload_size_limit_kb: 5 });
    expect({ status: half.status, error: half.body['error'] }).toEqual({
      status: 400,
      error: expect.stringContaining('hmac, rate_limit, ip_whitelist') as string,
    });
    expect((await hook.post({})).status).toBe(503);
    expect((await hook.set({ hmac: { enabled: true }, rate_limit: null, ip_whitelist: null })).status).toBe(
      200,
    );
    expect((await hook.post('{}')).status).toBe(401);
    expect((await hook.post('{}', signed('s', '{}'))).status).toBe(200);
  });

  it('is refused where the secret does not open', async () => {
    const hook = await makeHook({ hmac: { enabled: true, secret: 's' } });
    const other = await makeHook({ hmac: { enabled: true, secret: 't' } });
    await inSystem((tx) =>
      tx.query(
        'UPDATE webhook_secret SET sealed = (SELECT sealed FROM webhook_secret WHERE trigger_id = $2) WHERE trigger_id = $1',
        [hook.id, other.id],
      ),
    );
    expect((await hook.post('{}', signed('t', '{}'))).status).toBe(503);
    expect(await hook.events()).toEqual([]);
  });

  it('whose webhook is switched off while its body is on the way makes no event', async () => {
    const hook = await makeHook();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await disableWebhook(ada, hook.ref);
        controller.enqueue(new TextEncoder().encode('{}'));
        controller.close();
      },
    });
    const answer = await fetch(`${rest.origin}/api/v1/webhooks/${hook.key}`, {
      ...{ method: 'POST', body, headers: { 'content-type': 'application/json' } },
      // @ts-expect-error Node's own, without which it sends no stream
      duplex: 'half',
    });
    expect(answer.status).toBe(404);
    expect(await hook.events()).toEqual([]);
  });
});
