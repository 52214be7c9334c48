import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import { makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import type { Actor } from './actor';

let rest: RestServer;
let ada: Actor;
beforeAll(async () => {
  rest = await startRestServer();
  ada = await makeMember(await makeTenant(), 'Ada', undefined, ['core.admin']);
});
afterAll(async () => {
  await stopBoss();
  await rest.close();
});

const sessionsOf = async (token: string) =>
  (await rest.call('GET', '/auth/sessions', { token })).body.items as { id: number; current: boolean }[];
const isIn = async (token: string) => (await rest.call('GET', '/auth/me', { token })).status === 200;

describe('one’s own sessions', () => {
  it('are listed with where they came from, this one marked', async () => {
    const [first, second] = [await rest.tokenOf(ada.login), await rest.tokenOf(ada.login)];
    const listed = await sessionsOf(second);
    expect(listed.filter(({ current }) => current)).toHaveLength(1);
    expect(listed[0]).toMatchObject({ address: '127.0.0.1', user_agent: expect.any(String) as string });
    expect((await sessionsOf(first)).map(({ id }) => id).sort()).toEqual(listed.map(({ id }) => id).sort());
  });

  it('end one by one, and the token with them at the next call', async () => {
    const [mine, lost] = [await rest.tokenOf(ada.login), await rest.tokenOf(ada.login)];
    const { id } = (await sessionsOf(lost)).find(({ current }) => current) ?? { id: 0 };
    expect((await rest.call('DELETE', `/auth/sessions/${id}`, { token: mine })).status).toBe(200);
    expect([await isIn(mine), await isIn(lost)]).toEqual([true, false]);
    expect((await rest.call('DELETE', `/auth/sessions/${id}`, { token: mine })).status).toBe(404);
  });

  it('are nobody else’s to end', async () => {
    const bob = await makeMember(ada.tenantId, 'Bob', undefined, ['core.admin']);
    const mine = await rest.tokenOf(ada.login);
    const { id } = (await sessionsOf(mine)).find(({ current }) => current) ?? { id: 0 };
    const answer = await rest.call('DELETE', `/auth/sessions/${id}`, {
      token: await rest.tokenOf(bob.login),
    });
    expect([answer.status, await isIn(mine)]).toEqual([404, true]);
  });

  it('end all at once but this one, and what streams to them is cut', async () => {
    const [mine, other] = [await rest.tokenOf(ada.login), await rest.tokenOf(ada.login)];
    const stream = await fetch(`${rest.origin}/api/v1/executions/stream`, {
      headers: { authorization: `Bearer ${other}` },
    });
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    const { body } = await rest.call('DELETE', '/auth/sessions', { token: mine });
    expect(body).toMatchObject({ success: true });
    // Read to its end: it comes by itself.
    for (let part = await reader.read(); !part.done; part = await reader.read());
    expect([await isIn(mine), await isIn(other)]).toEqual([true, false]);
    expect(await sessionsOf(mine)).toHaveLength(1);
  });
});
