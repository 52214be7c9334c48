import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAction } from '../actions/service';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { findActorByToken } from '../identities/store';
import { querySystem } from '../db';
import { stopBoss } from '../queue';
import { appRouter } from '../router';
import { requestExecution } from '../executions/service';
import { createPack, updatePack } from './service';
import { makeTenant } from './test-people';

let server: RestServer;
let ada: Actor;
let bob: Actor;
let tokens: { ada: string; bob: string; named: string };
let executionId: number;

/** A person as the session of their token knows them: with what is hidden from them. */
async function actorOf(login: string): Promise<Actor> {
  const [row] = await querySystem<{ hash: Buffer }>(
    'SELECT s.token_hash AS hash FROM session s JOIN identity i ON i.id = s.identity_id WHERE i.login = $1 ORDER BY s.id DESC LIMIT 1',
    [login],
  );
  const found = await findActorByToken({ query: querySystem }, row?.hash ?? Buffer.alloc(0));
  if (!found) throw new Error(`${login} has no session`);
  return { ...found.actor, address: '127.0.0.1', requestId: 'test' };
}

beforeAll(async () => {
  server = await startRestServer();
  const tenant = await makeTenant();
  const maker = await makeMember(tenant, 'Ada');
  await createPack(maker, {
    ref: 'hers',
    label: 'Hers',
    description: '',
    version: '1.0.0',
    visibility: 'private',
  });
  await createPack(maker, { ref: 'ours', label: 'Ours', description: '', version: '1.0.0' });
  for (const packRef of ['hers', 'ours'])
    await createAction(maker, {
      ...{ packRef, ref: `${packRef}.act`, label: 'Act', description: '', runtime: 'shell', code: 'true' },
      ...{ paramSchema: {}, outputFormat: 'text', timeoutSeconds: 10, idempotent: false },
    });
  executionId = (await requestExecution(maker, { actionRef: 'hers.act', parameters: {} })).id;
  const other = await makeMember(tenant, 'Bob');
  const named = await makeMember(tenant, 'Carol', [
    { resource: 'packs', actions: ['read'], constraints: { pack_refs: ['hers'] } },
    { resource: 'actions', actions: ['read'] },
  ]);
  tokens = {
    ada: await server.tokenOf(maker.login),
    bob: await server.tokenOf(other.login),
    named: await server.tokenOf(named.login),
  };
  [ada, bob] = await Promise.all([actorOf(maker.login), actorOf(other.login)]);
});
afterAll(async () => {
  await stopBoss();
  await server.close();
});

const caller = (actor: Actor) =>
  appRouter.createCaller({
    actor,
    setCookie: () => {},
    sessionToken: null,
    address: '',
    userAgent: '',
    requestId: '',
  });

describe('a private pack', () => {
  it('and all in it is there for whoever made it, and as if it were not for others, whatever rights they hold', async () => {
    const reads: [string, (api: ReturnType<typeof caller>) => Promise<unknown>][] = [
      ['the pack', (api) => api.packs.get({ ref: 'hers' })],
      ['an action', (api) => api.actions.get({ ref: 'hers.act' })],
      ['an execution', (api) => api.executions.get({ id: executionId })],
      ['its tree', (api) => api.executions.tree({ id: executionId })],
      ['its log', (api) => api.executions.log({ executionId, after: 0, limit: 10 })],
      ['running it', (api) => api.executions.request({ actionRef: 'hers.act', parameters: {} })],
    ];
    for (const [what, read] of reads) {
      await expect(read(caller(ada)), what).resolves.toBeDefined();
      await expect(read(caller(bob)), what).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    const listed = async (actor: Actor) => {
      const api = caller(actor);
      const lists = [await api.packs.list(), await api.actions.list(), await api.actions.catalog()];
      const runs = (await api.executions.list({ limit: 50 })).items.map(({ actionRef }) => ({
        ref: actionRef,
      }));
      return [...lists.flat(), ...runs].map(({ ref }) => ref).filter((ref) => ref.startsWith('hers'));
    };
    expect(await listed(ada)).toHaveLength(5);
    expect(await listed(bob)).toEqual([]);
  });

  it('is named by nobody else’s rule or workflow', async () => {
    const api = caller(bob);
    const rule = { packRef: 'ours', ref: 'ours.rule', label: 'Rule', triggerRef: 'core.webhook' };
    await expect(api.rules.create({ ...rule, actionRef: 'hers.act' })).rejects.toThrow(
      'there is no action hers.act',
    );
    const made = await api.workflows.create({ packRef: 'ours', ref: 'ours.flow', label: 'Flow' });
    const saved = await api.workflows.saveDraft({
      ...{ ref: 'ours.flow', draftVersion: made.draftVersion, layout: { positions: {} } },
      definition: { tasks: [{ name: 'a', action: 'hers.act' }] },
    });
    expect(saved.problems.map(({ message }) => message).join()).toContain('hers.act');
  });

  it('is seen by whom a grant names it to, and its maker alone changes that', async () => {
    const get = (token: string) => server.call('GET', '/api/v1/packs/hers', { token });
    expect((await get(tokens.ada)).body.data).toMatchObject({ visibility: 'private' });
    expect((await get(tokens.bob)).status).toBe(404);
    expect((await get(tokens.named)).status).toBe(200);
    await expect(
      updatePack({ ...bob, hiddenPacks: [] }, 'ours', { visibility: 'private' }),
    ).rejects.toMatchObject({
      kind: 'forbidden',
    });
  });

  it('is what the API makes unless it is told otherwise', async () => {
    const post = (body: object) => server.call('POST', '/api/v1/packs', { token: tokens.ada, body });
    expect((await post({ ref: 'api_own', label: 'x', version: '1.0.0' })).body.data).toMatchObject({
      visibility: 'private',
    });
    const shared = await post({ ref: 'api_shared', label: 'x', version: '1.0.0', visibility: 'tenant' });
    expect(shared.body.data).toMatchObject({ visibility: 'tenant' });
  });

  it('is not counted among what others can see', async () => {
    const total = async (token: string) => {
      const { body } = await server.call('GET', '/api/v1/executions', { token });
      return (body['pagination'] as { total_items: number }).total_items;
    };
    expect(await total(tokens.ada)).toBeGreaterThan(0);
    expect(await total(tokens.bob)).toBe(0);
  });

  it('asks nothing of others that they could see, unless it is asked of them', async () => {
    const post = (token: string, path: string, body: object) =>
      server.call('POST', `/api/v1/inquiries${path}`, { token, body });
    const ids = async (token: string, query = '') =>
      (
        await server.call('GET', `/api/v1/inquiries?execution=${executionId}${query}`, { token })
      ).body.items?.map(({ id }) => id);
    const asked = { execution: executionId, prompt: 'Hers alone?', response_schema: {} };
    expect((await post(tokens.bob, '', asked)).status).toBe(404);
    const own = (await post(tokens.ada, '', asked)).body.data?.['id'];
    const forBob = (await post(tokens.ada, '', { ...asked, assigned_to: bob.identityId })).body.data?.['id'];
    expect(await ids(tokens.ada)).toEqual([forBob, own]);
    expect(await ids(tokens.bob)).toEqual([forBob]);
    expect((await server.call('GET', `/api/v1/inquiries/${String(own)}`, { token: tokens.bob })).status).toBe(
      404,
    );
    expect((await post(tokens.bob, `/${String(own)}/respond`, { response: {} })).status).toBe(404);
    const asBob = caller(bob);
    expect((await asBob.inquiries.list({ view: 'all' })).items.map(({ id }) => id)).toEqual([forBob]);
    expect(await asBob.inquiries.count()).toBe(1);
    expect((await post(tokens.bob, `/${String(forBob)}/respond`, { response: {} })).status).toBe(200);
  });
});
