import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inSystem, inTenant, querySystem } from '../db';
import { run, work, workflow } from '../executions/test-worker';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { createPack } from '../packs/service';
import { defaultTenantId } from '../packs/refs';
import { makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { registerWorker } from '../workers/service';
import { purgeAudit } from './store';

let rest: RestServer;
let tenant: number;
let ada: Actor;
let token: string;

beforeAll(async () => {
  rest = await startRestServer();
  tenant = await makeTenant();
  ada = await makeMember(tenant, 'Ada');
  token = await rest.tokenOf(ada.login);
});
afterAll(async () => {
  await stopBoss();
  await rest.close();
});

type Body = Record<string, unknown>;
const call = (method: string, path: string, body?: unknown, as = token) =>
  rest.call(method, `/api/v1${path}`, {
    token: as,
    headers: { 'user-agent': 'a test' },
    ...(body === undefined ? {} : { body }),
  });
const audit = async (query: string, as = token): Promise<Body[]> =>
  (await call('GET', `/audit-events?${query}`, undefined, as)).body.items ?? [];
const one = async (query: string): Promise<Body> => {
  const [event] = await audit(query);
  return (await call('GET', `/audit-events/${String(event?.['id'])}`)).body.data ?? {};
};

describe('the audit log', () => {
  it('has sign-ins with where they came from, and those that failed', async () => {
    expect(await one('event_type=identity.signed_in')).toMatchObject({
      category: 'authentication',
      outcome: 'success',
      actor_identity: ada.identityId,
      actor_login: ada.login,
      actor_ip: '127.0.0.1',
      http_method: 'POST',
      http_path: '/auth/login',
      http_status: 200,
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      duration_ms: expect.any(Number) as number,
      resource_type: 'identity',
      resource_id: ada.identityId,
    });
    const wrong = { login: ada.login, password: 'wrong-password' };
    expect((await rest.call('POST', '/auth/login', { body: wrong })).status).toBe(401);
    await expect.poll(() => audit('event_type=identity.sign_in_failed')).toHaveLength(1);
    expect(await one('outcome=failure')).toMatchObject({ actor_login: ada.login, http_status: 401 });
    const unknown = `nobody-${Date.now()}`;
    await rest.call('POST', '/auth/login', { body: { login: unknown, password: 'wrong-password' } });
    await expect
      .poll(() =>
        querySystem('SELECT 1 FROM audit_event WHERE tenant_id = $1 AND resource_ref = $2', [
          defaultTenantId,
          unknown,
        ]),
      )
      .toHaveLength(1);
  });

  it('has who read a secret, with what, and never the secret', async () => {
    const key = { ref: 'db', name: 'DB', value: 'canary-77aa', owner_type: 'system', encrypted: true };
    expect((await call('POST', '/keys', key)).status).toBe(201);
    expect((await call('GET', '/keys/db')).body.data?.['value']).toBe('canary-77aa');
    expect(await one('event_type=key.revealed&resource_ref=db')).toMatchObject({
      category: 'secrets',
      actor_token_type: 'access',
      actor_user_agent: 'a test',
      http_method: 'GET',
      http_path: '/api/v1/keys/db',
      resource_type: 'key',
    });
    const rows = await querySystem('SELECT * FROM audit_event WHERE tenant_id = $1', [tenant]);
    expect(JSON.stringify(rows)).not.toContain('canary-77aa');
  });

  it('has tokens, roles and sets as they are given and taken', async () => {
    const bob = await makeMember(tenant, 'Bob', []);
    const made = await call('POST', `/identities/${bob.identityId}/integration-tokens`, { label: 'ci' });
    const { token: secret, integration_token: row } = made.body.data as {
      token: string;
      integration_token: Body;
    };
    await rest.call('POST', '/auth/token-login', { body: { token: secret } });
    await call('DELETE', `/identities/${bob.identityId}/integration-tokens/${String(row['id'])}`);
    await call('POST', `/identities/${bob.identityId}/roles`, { role: 'ops' });
    await call('POST', '/permissions/assignments', {
      identity_id: bob.identityId,
      permission_set_ref: 'core.viewer',
    });
    await call('PUT', `/identities/${bob.identityId}`, { frozen: true });
    const words = (await audit(`resource_type=identity&resource_ref=${bob.login}`)).map(
      (event) => event['event_type'],
    );
    expect(words).toEqual(expect.arrayContaining(['identity.role_given', 'identity.set_assigned']));
    const all = (await audit('page_size=200')).map((event) => event['event_type']);
    expect(all).toEqual(
      expect.arrayContaining(['identity.token_created', 'identity.token_revoked', 'identity.updated']),
    );
    expect(await audit('resource_type=api_token&event_type=identity.signed_in')).toHaveLength(1);
    expect(JSON.stringify(await querySystem('SELECT * FROM audit_event'))).not.toContain(secret);
  });

  it('has packs, and answers to inquiries', async () => {
    await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
    await call('POST', '/packs', { ref: 'brief', label: 'Brief', version: '1.0.0' });
    await call('DELETE', '/packs/brief');
    expect((await audit('category=packs&resource_ref=brief')).map((event) => event['event_type'])).toEqual([
      'pack.deleted',
      'pack.created',
    ]);
    const ref = await workflow(ada, [{ name: 'ask', action: 'core.ask', input: { prompt: 'Well?' } }]);
    const id = await run(ada, ref);
    await work();
    const { body } = await call('GET', '/inquiries?status=pending');
    const asked = body.items?.[0];
    expect(asked).toBeDefined();
    await call('POST', `/inquiries/${String(asked?.['id'])}/respond`, { response: {} });
    expect(await one('category=approvals')).toMatchObject({
      event_type: 'inquiry.answered',
      actor_login: ada.login,
      resource_id: asked?.['id'],
      details: { status: 'responded', rootId: id },
    });
  });

  it('has cordons of workers', async () => {
    const keeper = await makeMember(defaultTenantId, 'Keeper');
    const as = await rest.tokenOf(keeper.login);
    const workerId = await registerWorker({
      name: 'one',
      host: 'here',
      pid: 7,
      slots: 4,
      runtimes: { native: 'built in' },
      sandbox: 'L3: own user',
    });
    expect((await call('POST', `/workers/${workerId}/cordon`, { reason: 'repair' }, as)).status).toBe(200);
    expect(await audit(`category=workers&actor=${keeper.login}`, as)).toMatchObject([
      { event_type: 'worker.cordoned', resource_type: 'worker', actor_identity: keeper.identityId },
    ]);
  });

  it('has who was refused what; a flood of it is told once a minute', async () => {
    const vera = await makeMember(tenant, 'Vera', [{ resource: 'packs', actions: ['read'] }]);
    const as = await rest.tokenOf(vera.login);
    for (let round = 0; round < 20; round += 1)
      expect((await call('GET', '/keys', undefined, as)).status).toBe(403);
    await rest.call('POST', '/api/v1/executions/execute', {
      token: as,
      body: { action_ref: 'core.echo' },
      headers: { 'idempotency-key': 'refused' },
    });
    const events = await audit(`outcome=denied&actor=${vera.identityId}`);
    expect(events.map((event) => [event['http_path'], event['http_status']])).toEqual([
      ['/api/v1/executions/execute', 403],
      ['/api/v1/keys', 403],
    ]);
    expect(await one(`outcome=denied&actor=${vera.login}`)).toMatchObject({
      category: 'authorization',
      event_type: 'access.denied',
      details: { reason: expect.stringContaining('executions:execute') as string },
    });
  });

  it('is read only with its right, and only one’s tenant’s', async () => {
    const reader = await makeMember(tenant, 'Rita', [{ resource: 'audit_log', actions: ['read'] }]);
    const as = await rest.tokenOf(reader.login);
    const [event] = await audit('', as);
    expect(event).toBeDefined();
    const none = await rest.tokenOf((await makeMember(tenant, 'Nemo', [])).login);
    expect((await call('GET', '/audit-events', undefined, none)).status).toBe(403);
    const stranger = await rest.tokenOf((await makeMember(await makeTenant(), 'Eve')).login);
    expect((await call('GET', `/audit-events/${String(event?.['id'])}`, undefined, stranger)).status).toBe(
      404,
    );
    const own = await audit('page_size=1000', stranger);
    expect(new Set(own.map(({ actor_login: login }) => login)).size).toBe(1);
  });

  it('gives pages that neither repeat nor skip, and a time to begin with', async () => {
    const seen: unknown[] = [];
    for (let after = ''; ;) {
      const { body } = await call('GET', `/audit-events?page_size=3${after}`);
      seen.push(...(body.items ?? []).map(({ id }) => id));
      const { next } = body['pagination'] as { next: string | null };
      if (next === null) break;
      after = `&after=${next}`;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual([...seen].sort((a, b) => Number(b) - Number(a)));
    expect(await audit('since=2100-01-01T00:00:00Z')).toEqual([]);
    expect(await audit('until=2000-01-01T00:00:00Z')).toEqual([]);
    expect((await call('GET', '/audit-events?since=yesterday')).status).toBe(400);
  });

  it.each(['UPDATE audit_event SET outcome = outcome', 'DELETE FROM audit_event'])(
    'refuses to both roles: %s',
    async (statement) => {
      await expect(inTenant(tenant, (tx) => tx.query(statement))).rejects.toThrow('permission denied');
      await expect(inSystem((tx) => tx.query(statement))).rejects.toThrow('permission denied');
    },
  );

  it('loses only what is old, and never what is younger than 30 days', async () => {
    await inTenant(tenant, (tx) =>
      tx.query(
        `INSERT INTO audit_event (tenant_id, category, event_type, outcome, created)
         SELECT $1, 'tests', 'tests.old', 'success', now() - make_interval(days => d) FROM unnest(ARRAY[20, 40, 400]) AS d`,
        [tenant],
      ),
    );
    expect(await purgeAudit(365, 100)).toBe(1);
    expect(await purgeAudit(0, 100)).toBe(1);
    expect(await audit('event_type=tests.old')).toHaveLength(1);
  });
});
