import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { getRequestListener } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { closeDatabase, inSystem } from '../db';
import { hashPassword } from '../identities/passwords';
import { stopLive } from '../live';
import { countReaders } from '../live/hub';
import { makePerson, makeTenant } from '../packs/test-people';
import { createApp } from './app';
import { createPageHandler } from './pages';

const password = 'correct horse battery';
const stopping = new AbortController();
let server: Server;
let origin: string;
let login: string;

beforeAll(async () => {
  const app = createApp({ pages: true, stopping: false }, stopping.signal);
  const showData = getRequestListener((request, bindings) => app.fetch(request, bindings));
  const showPage = createPageHandler(
    // What stands in for Next shows the nonce that it was given.
    Promise.resolve((request, response) => {
      response.end(String(request.headers['x-nonce']));
      return Promise.resolve();
    }),
  );
  server = createServer((request, response) => {
    void (request.url?.startsWith('/page') ||
    request.url?.startsWith('/login') ||
    request.url?.startsWith('/_next')
      ? showPage(request, response)
      : showData(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const person = await makePerson(await makeTenant(), 'Ada');
  const passwordHash = await hashPassword(password);
  await inSystem((tx) =>
    tx.query('UPDATE identity SET password_hash = $2 WHERE id = $1', [person.identityId, passwordHash]),
  );
  login = person.login;
});
afterAll(async () => {
  stopping.abort();
  server.closeAllConnections();
  server.close();
  await stopLive();
  await closeDatabase();
});

const ours = { 'content-type': 'application/json', 'x-attune': '1' };

function call(path: string, headers: Record<string, string>, body: string): Promise<Response> {
  return fetch(`${origin}/trpc/${path}`, { method: 'POST', headers, body });
}

async function signIn(): Promise<string> {
  const response = await call('auth.signIn', ours, JSON.stringify({ login, password }));
  expect(response.status).toBe(200);
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

async function errorOf(response: Response): Promise<{ status: number; word: string | null }> {
  const { error } = (await response.json()) as { error: { data: { word: string | null } } };
  return { status: response.status, word: error.data.word };
}

describe('a change through /trpc', () => {
  const body = '{}';

  it('is taken from a page of ours', async () => {
    const response = await call('auth.signOut', { ...ours, origin, 'sec-fetch-site': 'same-origin' }, body);
    expect(response.status).toBe(200);
  });

  it.each([
    ['without our header', { 'content-type': 'application/json' }],
    ['as a form', { ...ours, 'content-type': 'application/x-www-form-urlencoded' }],
    ['as text', { ...ours, 'content-type': 'text/plain' }],
    ['from another origin', { ...ours, origin: 'http://evil.test' }],
    ['from no origin', { ...ours, origin: 'null' }],
    ['from another port of this host', { ...ours, origin: 'http://127.0.0.1:1' }],
    ['across sites', { ...ours, 'sec-fetch-site': 'cross-site' }],
    ['across origins of one site', { ...ours, 'sec-fetch-site': 'same-site' }],
  ])('is refused %s', async (_name, headers) => {
    expect(await errorOf(await call('auth.signOut', headers, body))).toEqual({
      status: 403,
      word: 'forbidden',
    });
  });

  it('cannot be asked for with GET', async () => {
    const response = await fetch(`${origin}/trpc/auth.signOut`);
    expect(response.status).toBe(405);
  });
});

describe('input through /trpc', () => {
  it.each([
    ['malformed', '{', 400, 'malformed_json'],
    ['holding NUL', '{"login":"a\\u0000","password":"b"}', 400, 'nul'],
    ['too deep', `${'['.repeat(80)}${']'.repeat(80)}`, 400, 'too_deep'],
    ['too large', `"${'a'.repeat(2 * 1024 * 1024)}"`, 413, 'too_large'],
  ])('is refused when %s', async (_name, body, status, word) => {
    expect(await errorOf(await call('auth.signIn', ours, body))).toEqual({ status, word });
  });

  it('in the address is checked too', async () => {
    const input = encodeURIComponent('{"0":"\\ud800"}');
    expect(await errorOf(await fetch(`${origin}/trpc/auth.me?batch=1&input=${input}`))).toEqual({
      status: 400,
      word: 'surrogate',
    });
  });

  it('comes at most ten calls at once', async () => {
    const batch = (count: number) =>
      fetch(`${origin}/trpc/${Array(count).fill('auth.me').join(',')}?batch=1&input=%7B%7D`);
    expect((await batch(10)).status).toBe(200);
    expect((await batch(11)).status).toBe(400);
  });

  it('that does not fit is told by field, and says when to come back after too many failures', async () => {
    const wrong = await call('auth.signIn', ours, JSON.stringify({ login: '', password: 'x' }));
    expect(await wrong.json()).toMatchObject({
      error: { data: { httpStatus: 400, details: [{ path: 'login', message: 'Enter your login.' }] } },
    });
    const stranger = JSON.stringify({ login: `nobody-${randomUUID()}`, password: 'x' });
    for (let round = 0; round < 5; round += 1) await call('auth.signIn', ours, stranger);
    const locked = await call('auth.signIn', ours, stranger);
    expect(locked.status).toBe(429);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  });

  it('never brings back a stack trace', async () => {
    const response = await call('auth.signIn', ours, '{"login":1}');
    expect(await response.text()).not.toMatch(/\bat \w+.*:\d+:\d+|node_modules/);
  });
});

describe('data', () => {
  it('carries headers that keep it from being kept, framed or taken for a page', async () => {
    const response = await fetch(`${origin}/health`);
    expect(await response.json()).toEqual({ status: 'ok' });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
    });
  });

  it('says in detail how it is', async () => {
    const response = await fetch(`${origin}/health/detailed`);
    expect(await response.json()).toMatchObject({ status: 'ok', database: 'connected', version: '0.1.0' });
    expect((await fetch(`${origin}/health/ready`)).status).toBe(200);
    expect((await fetch(`${origin}/health/live`)).status).toBe(200);
  });

  it('that is not there is a 404 in JSON', async () => {
    const response = await fetch(`${origin}/api/v1/nothing`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: expect.any(String), code: 'route_not_found' });
  });
});

describe('a webhook', () => {
  /** A trigger with its webhook on. */
  async function makeTrigger(config: Record<string, unknown> = {}, enabled = true): Promise<string> {
    const tenantId = await makeTenant();
    const key = `wh_${randomUUID()}`;
    await inSystem(async (tx) => {
      const [pack] = await tx.query<{ id: number }>(
        `INSERT INTO pack (tenant_id, ref, label, version) VALUES ($1, 'shop', 'Shop', '1') RETURNING id`,
        [tenantId],
      );
      await tx.query(
        `INSERT INTO trigger (tenant_id, pack_id, pack_ref, ref, label, enabled, webhook_enabled, webhook_key, webhook_config)
         VALUES ($1, $2, 'shop', 'shop.order', 'Order', $3, true, $4, $5)`,
        [tenantId, pack?.id, enabled, key, JSON.stringify(config)],
      );
    });
    return key;
  }
  const post = (key: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${origin}/api/v1/webhooks/${key}?from=test`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });

  it('becomes one event with its payload, query and headers, secrets left out', async () => {
    const key = await makeTrigger();
    const response = await post(key, '{"order":7}', {
      authorization: 'Bearer x',
      cookie: 'a=b',
      'X-Shop': 'eu',
    });
    expect(response.status).toBe(200);
    const { data } = (await response.json()) as { data: { event_id: number; received_at: string } };
    expect(data).toMatchObject({ trigger_ref: 'shop.order', message: 'Webhook received successfully' });
    expect(data.received_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const [event] = await inSystem((tx) =>
      tx.query<{ payload: unknown; headers: Record<string, unknown> }>(
        'SELECT payload, headers FROM event WHERE id = $1',
        [data.event_id],
      ),
    );
    expect(event?.payload).toEqual({ order: 7 });
    expect(event?.headers).toMatchObject({ 'x-shop': 'eu', ':query': { from: 'test' } });
    expect(Object.keys(event?.headers ?? {})).not.toEqual(expect.arrayContaining(['authorization']));
    expect(Object.keys(event?.headers ?? {})).not.toEqual(expect.arrayContaining(['cookie']));
  });

  it('with an unknown key or a trigger that is off is 404, before its body is looked at', async () => {
    expect((await post('wh_nothing', '{')).status).toBe(404);
    expect((await post(await makeTrigger({}, false), '{')).status).toBe(404);
  });

  it('that is malformed or empty is 400', async () => {
    const key = await makeTrigger();
    expect((await post(key, '{"a":')).status).toBe(400);
    expect((await post(key, '')).status).toBe(400);
  });

  it('that is too large is 413, by its own limit where it has one', async () => {
    const body = JSON.stringify('a'.repeat(3000));
    expect((await post(await makeTrigger({ payload_size_limit_kb: 2 }), body)).status).toBe(413);
    expect((await post(await makeTrigger({ payload_size_limit_kb: 4 }), body)).status).toBe(200);
    const large = JSON.stringify('a'.repeat(1024 * 1024));
    expect((await post(await makeTrigger({ payload_size_limit_kb: 9999 }), large)).status).toBe(413);
  });
});

describe('a page', () => {
  const look = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${origin}${path}`, { headers, redirect: 'manual' });

  it('sends strangers to sign in and back again', async () => {
    const response = await look('/page/3?tab=log&_rsc=1x');
    expect(response.status).toBe(307);
    expect(response.headers.get('location')).toBe('/login?next=%2Fpage%2F3%3Ftab%3Dlog');
    expect((await look('/login')).status).toBe(200);
  });

  it('sends the signed-in from the sign-in page to where they wanted to go, on this origin only', async () => {
    const cookie = await signIn();
    const target = async (path: string) => (await look(path, { cookie })).headers.get('location');
    expect(await target('/login')).toBe('/');
    expect(await target('/login?next=/page/3')).toBe('/page/3');
    expect(await target('/login?next=//evil.test')).toBe('/');
  });

  it('has a nonce of its own each time, which nobody else can choose', async () => {
    const cookie = await signIn();
    const nonces = new Set<string>();
    for (let round = 0; round < 2; round += 1) {
      const response = await look('/page', {
        cookie,
        'x-nonce': 'evil',
        'content-security-policy': "script-src 'nonce-evil'",
      });
      const nonce = await response.text();
      expect(response.headers.get('content-security-policy')).toContain(`'nonce-${nonce}'`);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(2);
    expect(nonces).not.toContain('evil');
  });

  it('forbids eval, frames, plugins and foreign scripts', async () => {
    const response = await look('/login');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).not.toContain('unsafe-eval');
    expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("object-src 'none'");
    expect(policy).not.toContain('http');
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(response.headers.get('permissions-policy')).toContain('camera=()');
  });

  it('is looked at, not posted to', async () => {
    expect((await fetch(`${origin}/page`, { method: 'POST' })).status).toBe(405);
  });
});

describe('a stream', () => {
  it('is open to the signed-in, is not to be buffered, and frees its place when the browser leaves', async () => {
    const cookie = await signIn();
    const leaving = new AbortController();
    const response = await fetch(`${origin}/trpc/live.changes?input=%7B%7D`, {
      headers: { cookie, accept: 'text/event-stream' },
      signal: leaving.signal,
    });
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(response.headers.get('content-encoding')).toBeNull();
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let seen = '';
    while (!/id: \d+-\d+/.test(seen)) seen += (await reader?.read())?.value ?? '';
    expect(countReaders()).toBe(1);
    leaving.abort();
    await vi.waitFor(() => expect(countReaders()).toBe(0));
  });

  it('is closed to strangers', async () => {
    const response = await fetch(`${origin}/trpc/live.changes?input=%7B%7D`, {
      headers: { accept: 'text/event-stream' },
    });
    expect(await response.text()).toContain('UNAUTHORIZED');
  });
});
