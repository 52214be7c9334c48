import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { env } from '../env';
import { makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { makeMember, startRestServer, type RestServer } from './rest/rest-fixture';

/** What a caller is told who asks too much, at each of our doors. */

let rest: RestServer;
let tokens: [string, string];
let cookie: string;
beforeAll(async () => {
  // Ten calls at once for whoever is signed in; six hundred for an address.
  Object.assign(env(), { ATTUNE_RATE_PER_MINUTE: 100, ATTUNE_RATE_ANONYMOUS_PER_MINUTE: 200 });
  rest = await startRestServer();
  const tenantId = await makeTenant();
  const [ada, bob, cy] = [
    await makeMember(tenantId, 'Ada', undefined, ['core.admin']),
    await makeMember(tenantId, 'Bob', undefined, ['core.admin']),
    await makeMember(tenantId, 'Cy', undefined, ['core.admin']),
  ];
  tokens = [await rest.tokenOf(ada.login), await rest.tokenOf(bob.login)];
  const response = await fetch(`${rest.origin}/trpc/auth.signIn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-attune': '1' },
    body: JSON.stringify({ login: cy.login, password: 'correct horse battery' }),
  });
  cookie = (response.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
});
afterAll(async () => {
  await stopBoss();
  await rest.close();
});

/** The first answer that is no 200, of so many calls one after the other. */
async function firstRefused(most: number, call: () => Promise<Response>): Promise<Response | null> {
  for (let made = 0; made < most; made += 1) {
    const response = await call();
    if (response.status === 429) return response;
    await response.text();
  }
  return null;
}

describe('who asks too much', () => {
  it('is told so by REST, with when to come back; others are not', async () => {
    const ask = (token: string) =>
      fetch(`${rest.origin}/auth/me`, { headers: { authorization: `Bearer ${token}` } });
    const refused = await firstRefused(200, () => ask(tokens[0]));
    expect(refused?.status).toBe(429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused?.json()).toMatchObject({
      code: 'rate_limited',
      error: expect.any(String) as string,
    });
    expect((await ask(tokens[1])).status).toBe(200);
  });

  it('is told so in the studio’s own calls, where each of a batch counts', async () => {
    const batch = Array(9).fill('auth.me').join(',');
    const refused = await firstRefused(30, () =>
      fetch(`${rest.origin}/trpc/${batch}?batch=1&input=%7B%7D`, { headers: { cookie } }),
    );
    expect(refused?.status).toBe(429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('is told so by their address, where nobody is signed in', async () => {
    const refused = await firstRefused(200, () =>
      fetch(`${rest.origin}/auth/me`, { headers: { authorization: 'Bearer nonsense' } }),
    );
    expect(refused?.status).toBe(429);
  });
});
