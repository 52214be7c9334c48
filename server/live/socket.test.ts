import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inSystem, inTenant } from '../db';
import { run, work, workflow } from '../executions/test-worker';
import { appendChanges, type Change } from '../feed/store';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import { createUpgradeHandler } from '../http/upgrade';
import type { Actor } from '../identities/actor';
import type { Grant } from '../identities/schema';
import { updatePerson } from '../identities/service';
import { readToken, signToken } from '../identities/tokens';
import { startListening } from '../live';
import { createPack } from '../packs/service';
import { makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { stopHub } from './hub';
import { openSocket, type Message } from './test-readers';

let rest: RestServer;
let tenant: number;
let ada: Actor;
let token: string;

beforeAll(async () => {
  rest = await startRestServer();
  await startListening();
});
beforeEach(async () => {
  tenant = await makeTenant();
  ada = await makeMember(tenant, 'Ada');
  token = await rest.tokenOf(ada.login);
});
afterAll(async () => {
  stopHub();
  await stopBoss();
  await rest.close();
});

const chain = [
  { name: 'first', action: 'core.echo', next: [{ do: ['second'] }] },
  { name: 'second', action: 'core.echo' },
];

async function makeWorkflow(): Promise<string> {
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  return workflow(ada, chain);
}

const write = (...changes: Change[]) => inTenant(tenant, (tx) => appendChanges(tx, tenant, changes));
const item = (id: number): Change => ({
  entityType: 'work_queue_item',
  entityId: id,
  kind: 'updated',
  actorId: ada.identityId,
  payload: { ref: 'ops.mail', queue: 1, status: 'queued', execution: null },
});
const words = (messages: readonly Message[]) =>
  messages.map(({ entity_id: id, payload }) => `${id} ${String(payload?.['status'])}`);
const memberWith = async (grants: Grant[]) => rest.tokenOf((await makeMember(tenant, 'Vera', grants)).login);

describe('the WebSocket', () => {
  it('tells every change of an execution to who subscribed, in order', async () => {
    const ref = await makeWorkflow();
    const reader = await openSocket(rest.origin, { token });
    expect(reader.messages[0]).toMatchObject({
      type: 'welcome',
      client_id: expect.any(String) as string,
      message: expect.any(String) as string,
    });
    await reader.subscribe('entity_type:execution');
    const id = await run(ada, ref);
    await work();
    const told = await reader.notified(8);
    expect(words(told.filter(({ entity_id: entity }) => entity === id))).toEqual([
      `${id} requested`,
      `${id} running`,
      `${id} completed`,
    ]);
    expect(told[0]).toEqual({
      type: 'notification',
      notification_type: 'execution_status_changed',
      entity_type: 'execution',
      entity_id: id,
      payload: expect.objectContaining({ status: 'requested', action_ref: ref, parent: null }) as object,
      user_id: ada.identityId,
      timestamp: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/) as string,
    });
    reader.socket.close();
  });

  it('takes the token as a subprotocol, and selects attune.v1', async () => {
    const reader = await openSocket(rest.origin, { protocols: ['attune.v1', `attune.jwt.${token}`] });
    expect(reader.socket.protocol).toBe('attune.v1');
    expect(reader.messages[0]?.type).toBe('welcome');
    reader.socket.close();
  });

  it('sends what any of the filters lets through, once', async () => {
    const cases: [string[], number[]][] = [
      [['all'], [1, 2]],
      [
        ['all', 'entity_type:work_queue_item'],
        [1, 2],
      ],
      [['entity:work_queue_item:2'], [2]],
      [['notification_type:work_queue_item_updated'], [1, 2]],
      [[`user:${ada.identityId}`], [1, 2]],
      [['user:1', 'notification_type:rule_triggered', 'entity_type:inquiry'], []],
      [[], []],
    ];
    const readers = await Promise.all(cases.map(() => openSocket(rest.origin, { token })));
    await Promise.all(readers.map((reader, at) => reader.subscribe(...(cases[at]?.[0] ?? []))));
    const last = await openSocket(rest.origin, { token });
    await last.subscribe('all');
    await write(item(1), item(2));
    await last.notified(2);
    for (const [at, reader] of readers.entries()) {
      const expected = cases[at]?.[1] ?? [];
      if (expected.length > 0) await reader.notified(expected.length);
      await reader.settled();
      const told = reader.messages.filter(({ type }) => type === 'notification');
      expect(told.map(({ entity_id: id }) => id)).toEqual(expected);
      reader.socket.close();
    }
    last.socket.close();
  });

  it.each([
    'nonsense',
    '[]',
    '{"type":"dance"}',
    '{"type":"subscribe"}',
    '{"type":"subscribe","filter":"entity:execution"}',
    '{"type":"subscribe","filter":"entity_type:secret"}',
    '{"type":"subscribe","filter":"all:all"}',
  ])('says what is wrong with the frame %s, and goes on', async (frame) => {
    const reader = await openSocket(rest.origin, { token });
    reader.socket.send(frame);
    await reader.subscribe('all');
    expect(reader.messages[1]).toEqual({ type: 'error', message: expect.any(String) as string });
    await write(item(1));
    expect(await reader.notified(1)).toHaveLength(1);
    reader.socket.close();
  });

  it('takes frames in their order, also those that came before the welcome', async () => {
    const reader = await openSocket(rest.origin, { token });
    for (const type of ['subscribe', 'unsubscribe', 'subscribe', 'unsubscribe'])
      reader.socket.send(JSON.stringify({ type, filter: 'all' }));
    await reader.subscribe('entity:work_queue_item:2');
    await write(item(1), item(2));
    expect((await reader.notified(1)).map(({ entity_id: id }) => id)).toEqual([2]);
    reader.socket.close();
  });

  it('tells nothing to strangers, nor what a right does not reach', async () => {
    const stranger = await makeMember(await makeTenant(), 'Eve');
    const readers = {
      eve: await openSocket(rest.origin, { token: await rest.tokenOf(stranger.login) }),
      none: await openSocket(rest.origin, { token: await memberWith([]) }),
      other: await openSocket(rest.origin, {
        token: await memberWith([
          { resource: 'queues', actions: ['read'], constraints: { refs: ['ops.post'] } },
        ]),
      }),
      own: await openSocket(rest.origin, {
        token: await memberWith([
          { resource: 'queues', actions: ['read'], constraints: { refs: ['ops.mail'] } },
        ]),
      }),
    };
    for (const reader of Object.values(readers)) await reader.subscribe('all', 'entity:work_queue_item:1');
    await write(item(1), {
      entityType: 'execution',
      entityId: 9,
      kind: 'state',
      payload: { id: 9, state: 'running', actionRef: 'ops.run' },
    });
    await readers.own.notified(1);
    for (const [name, reader] of Object.entries(readers)) {
      await reader.settled();
      const told = reader.messages.filter(({ type }) => type === 'notification');
      expect([name, told.length]).toEqual([name, name === 'own' ? 1 : 0]);
      reader.socket.close();
    }
  });

  it('tells nothing of somebody else’s private pack', async () => {
    await createPack(ada, {
      ref: 'hers',
      label: 'Hers',
      description: '',
      version: '0.1.0',
      visibility: 'private',
    });
    const vera = await openSocket(rest.origin, {
      token: await memberWith([
        { resource: 'executions', actions: ['read'] },
        { resource: 'enforcements', actions: ['read'] },
      ]),
    });
    await vera.subscribe('all');
    const told = (ref: string, id: number): Change[] => [
      {
        entityType: 'execution',
        entityId: id,
        kind: 'state',
        payload: { id, state: 'running', actionRef: `${ref}.run` },
      },
      {
        entityType: 'enforcement',
        entityId: id,
        kind: 'created',
        payload: { id, ruleId: id, ruleRef: `${ref}.rule`, eventId: 1, executionId: id },
      },
    ];
    await write(...told('hers', 1), ...told('ours', 2));
    expect((await vera.notified(2)).map(({ notification_type: type, entity_id: id }) => [type, id])).toEqual([
      ['execution_status_changed', 2],
      ['rule_triggered', 2],
    ]);
    vera.socket.close();
  });

  it('tells nothing of what is asked in somebody else’s private pack, but to whoever is asked', async () => {
    const pack = { ref: 'secret', label: 'Secret', description: '', version: '0.1.0' };
    await createPack(ada, { ...pack, visibility: 'private' });
    const [vera, piet] = await Promise.all(
      ['Vera', 'Piet'].map((name) =>
        makeMember(tenant, name, [{ resource: 'inquiries', actions: ['read'] }]),
      ),
    );
    const readers = await Promise.all(
      [vera, piet].map(async (one) =>
        openSocket(rest.origin, { token: await rest.tokenOf(one?.login ?? '') }),
      ),
    );
    for (const reader of readers) await reader.subscribe('entity_type:inquiry');
    const ask = async (actionRef: string, assignedTo?: string[]) => {
      const [row] = await inSystem((tx) =>
        tx.query<{ id: number }>(
          `INSERT INTO execution (id, root_id, tenant_id, action_ref, state, requested_by)
           SELECT id, id, $1, $2, 'requested', $3 FROM (SELECT nextval('execution_id_seq') AS id) AS next RETURNING id`,
          [tenant, actionRef, ada.identityId],
        ),
      );
      const body = { execution: row?.id, prompt: 'Go on?', ...(assignedTo && { assigned_to: assignedTo }) };
      const { status, body: answer } = await rest.call('POST', '/api/v1/inquiries', { token, body });
      expect(status).toBe(201);
      return Number(answer.data?.['id']);
    };
    await ask('secret.run');
    const his = await ask('secret.run', [`user:${piet?.login ?? ''}`]);
    const open = await ask('ours.run');
    const heard = await Promise.all(
      readers.map(async (reader, place) => (await reader.notified(place + 1)).map(({ entity_id: id }) => id)),
    );
    expect(heard).toEqual([[open], [his, open]]);
    for (const { socket } of readers) socket.close();
  });

  it('asks who calls: 401 without a good token, 4401 for one that is too old', async () => {
    for (const bad of [undefined, 'nonsense', `${token}x`])
      await expect(openSocket(rest.origin, bad === undefined ? {} : { token: bad })).rejects.toThrow('401');
    const claims = await readToken(token);
    const old = claims && (await signToken(claims, -10));
    const reader = await openSocket(rest.origin, { token: old ?? '' });
    expect((await reader.closed).code).toBe(4401);
    expect((await rest.call('GET', '/ws', { token })).status).toBe(426);
  });

  it('closes with 4401 once the account is frozen', async () => {
    const vera = await makeMember(tenant, 'Vera');
    const reader = await openSocket(rest.origin, { token: await rest.tokenOf(vera.login) });
    await reader.subscribe('all');
    await updatePerson(ada, { id: vera.identityId, frozen: true });
    expect((await reader.closed).code).toBe(4401);
  });

  it('tells no more of what a right was taken from', async () => {
    const vera = await makeMember(tenant, 'Vera', [
      { resource: 'queues', actions: ['read'] },
      { resource: 'inquiries', actions: ['read'] },
    ]);
    const reader = await openSocket(rest.origin, { token: await rest.tokenOf(vera.login) });
    await reader.subscribe('all');
    await inSystem((tx) =>
      tx.query(`UPDATE permission_set SET grants = $2 WHERE tenant_id = $1 AND ref = $3`, [
        tenant,
        JSON.stringify([{ resource: 'inquiries', actions: ['read'] }]),
        `tests.${vera.login}`,
      ]),
    );
    await write({ entityType: 'identity', entityId: vera.identityId, kind: 'updated', payload: {} });
    await write(item(1), {
      entityType: 'inquiry',
      entityId: 5,
      kind: 'created',
      payload: { id: 5, status: 'pending', executionId: 4, rootId: 4 },
    });
    const [told] = await reader.notified(1);
    expect(told).toMatchObject({
      notification_type: 'inquiry_created',
      entity_id: 5,
      payload: { status: 'pending', execution: 4 },
    });
    reader.socket.close();
  });

  it('bounds frames and subscriptions', async () => {
    const reader = await openSocket(rest.origin, { token });
    await reader.subscribe(...Array.from({ length: 101 }, (_, id) => `entity:execution:${id + 1}`));
    expect(reader.messages.filter(({ type }) => type === 'error')).toHaveLength(1);
    reader.socket.send('x'.repeat(20_000));
    expect((await reader.closed).code).toBe(1009);
  });

  it('says goodbye when the studio stops', async () => {
    const stopping = new AbortController();
    const server = createServer();
    server.on('upgrade', createUpgradeHandler(stopping.signal));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const reader = await openSocket(origin, { token });
    stopping.abort();
    expect((await reader.closed).code).toBe(1001);
    await new Promise((resolve) => server.close(resolve));
  });

  it('is not to be had at other addresses', async () => {
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(`${rest.origin.replace('http', 'ws')}/else`);
    const error = await new Promise<Error>((resolve) => socket.on('error', resolve));
    expect(error.message).toContain('404');
  });
});
