import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inSystem } from '../db';
import { run, work, workflow } from '../executions/test-worker';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { updatePerson } from '../identities/service';
import { startListening } from '../live';
import { createPack } from '../packs/service';
import { makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { stopHub } from './hub';
import { readEvents, type Event } from './test-readers';

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

describe('the stream of executions', () => {
  const stream = (
    query: string,
    isEnough: (events: Event[]) => boolean,
    { as = token, last, whenOpen }: { as?: string; last?: string; whenOpen?: () => unknown } = {},
  ) =>
    readEvents(
      `${rest.origin}/api/v1/executions/stream${query}`,
      { authorization: `Bearer ${as}`, ...(last === undefined ? {} : { 'last-event-id': last }) },
      isEnough,
      whenOpen,
    );
  const has = (id: number, status: string) => (events: Event[]) =>
    events.some(({ data }) => data.entity_id === id && data.payload['status'] === status);
  const told = (events: Event[]) =>
    events.map(({ data }) => `${data.entity_id} ${String(data.payload['status'])}`);

  it('tells where the execution stands, then what becomes of it and of its children', async () => {
    const ref = await makeWorkflow();
    const other = await run(ada, ref);
    const id = await run(ada, ref);
    const { events } = await stream(`?execution_id=${id}`, has(id, 'completed'), { whenOpen: work });
    expect(events[0]?.data).toMatchObject({
      entity_type: 'execution',
      entity_id: id,
      payload: { status: 'requested', action_ref: ref },
    });
    const own = events.filter(({ data }) => data.entity_id === id);
    expect(told(own)).toEqual([`${id} requested`, `${id} running`, `${id} completed`]);
    const children = events.filter(({ data }) => data.payload['parent'] === id);
    expect(new Set(children.map(({ data }) => data.entity_id)).size).toBe(2);
    expect(events.some(({ data }) => data.entity_id === other)).toBe(false);
    // It has ended: that is said at once.
    const after = await stream(`?execution_id=${id}`, (seen) => seen.length > 0);
    expect(told(after.events)).toEqual([`${id} completed`]);
  });

  it('goes on after any event, without a gap or a double', async () => {
    const ref = await makeWorkflow();
    const first = await stream('', (events) => events.length >= 1, { whenOpen: () => run(ada, ref) });
    const start = first.events[0];
    const id = start?.data.entity_id ?? 0;
    await work();
    const all = await stream('', has(id, 'completed'), { last: start?.id ?? '' });
    expect(new Set(all.events.map((event) => event.id)).size).toBe(all.events.length);
    for (const [at, event] of all.events.entries()) {
      if (at === all.events.length - 1) break;
      const rest = await stream('', has(id, 'completed'), { last: event.id });
      expect(rest.events).toEqual(all.events.slice(at + 1));
    }
  });

  it('is there only for those who may see', async () => {
    const id = await run(ada, await makeWorkflow());
    const eve = await rest.tokenOf((await makeMember(await makeTenant(), 'Eve')).login);
    const none = await rest.tokenOf(
      (await makeMember(tenant, 'Vera', [{ resource: 'inquiries', actions: ['read'] }])).login,
    );
    const never = () => false;
    expect((await stream(`?execution_id=${id}`, never, { as: eve })).status).toBe(404);
    expect((await stream(`?execution_id=${id}`, never, { as: none })).status).toBe(403);
    expect((await stream('?execution_id=x', never)).status).toBe(400);
    expect((await stream('', never, { last: '17' })).status).toBe(400);
    expect((await stream('', never, { as: 'nonsense' })).status).toBe(401);
  });

  it('shows an owner what was asked for, and nothing of others', async () => {
    const ref = await makeWorkflow();
    const vera = await makeMember(tenant, 'Vera', []);
    await inSystem((tx) =>
      tx.query('UPDATE permission_set SET grants = $2 WHERE tenant_id = $1 AND ref = $3', [
        tenant,
        JSON.stringify([
          { resource: 'executions', actions: ['execute'] },
          {
            resource: 'executions',
            actions: ['read'],
            constraints: { owner_types: ['identity'], owner_refs: [vera.login] },
          },
        ]),
        `tests.${vera.login}`,
      ]),
    );
    const own: number[] = [];
    const { events } = await stream('', (seen) => has(own[0] ?? 0, 'running')(seen), {
      as: await rest.tokenOf(vera.login),
      whenOpen: async () => {
        await run(ada, ref);
        own.push(await run({ ...vera, grants: ada.grants }, ref));
        await work();
      },
    });
    expect(new Set(events.map(({ data }) => data.payload['root']))).toEqual(new Set(own));
  });

  it('ends with the session', async () => {
    const vera = await makeMember(tenant, 'Vera');
    const { hasEnded, events } = await stream('', () => false, {
      as: await rest.tokenOf(vera.login),
      whenOpen: () => updatePerson(ada, { id: vera.identityId, frozen: true }),
    });
    expect(hasEnded).toBe(true);
    expect(events.at(-1)).toMatchObject({ name: 'error', data: { code: 'session_ended' } });
  });
});
