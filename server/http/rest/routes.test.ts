import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../identities/actor';
import { authRoutes } from '../../identities/rest';
import { makeTenant } from '../../packs/test-people';
import { makeMember, startRestServer, type RestServer } from './rest-fixture';
import type { Route } from './route';
import { apiRoutes } from './routes';

/** What holds of every declared route, whoever adds one. */

let rest: RestServer;
let noRights: Actor;
let token: string;
beforeAll(async () => {
  rest = await startRestServer();
  noRights = await makeMember(await makeTenant(), 'Nemo', []);
  token = await rest.tokenOf(noRights.login);
});
afterAll(() => rest.close());

const all = [
  ...apiRoutes.map((route) => ({ route, address: `/api/v1${route.path}` })),
  ...authRoutes.map((route) => ({ route, address: `/auth${route.path}` })),
];
const nameOf = ({ route, address }: { route: Route; address: string }) =>
  `${route.method.toUpperCase()} ${address}`;
const cases = all.map((one) => [nameOf(one), one] as const);
const send = ({ route, address }: (typeof all)[number], as?: string) =>
  rest.call(route.method.toUpperCase(), address.replaceAll(/\{\w+\}/g, '1'), {
    token: as,
    // Nothing that any of them takes: who asks is looked at first.
    ...(route.method === 'get' ? {} : { body: '{' }),
  });

describe('every route', () => {
  it('is declared once', () => {
    expect(new Set(all.map(nameOf)).size).toBe(all.length);
  });

  it('below /api/v1 names the right that it needs', () => {
    expect(apiRoutes.filter(({ access }) => typeof access !== 'object').map(({ path }) => path)).toEqual([]);
  });

  it.each(cases.filter(([, { route }]) => route.access !== 'anyone'))(
    'asks who calls, before anything else: %s',
    async (_, one) => {
      for (const as of [undefined, 'nonsense', `${token}x`]) {
        const { status, body } = await send(one, as);
        expect({ status, error: typeof body['error'] }).toEqual({ status: 401, error: 'string' });
      }
    },
  );

  it.each(cases.filter(([, { route }]) => typeof route.access === 'object'))(
    'is forbidden without its right, whose name is told, whatever the body: %s',
    async (_, one) => {
      const { status, body } = await send(one, token);
      const { access } = one.route;
      const right = typeof access === 'object' ? `${access.resource}:${access.action}` : '';
      expect(status).toBe(403);
      expect(body['error']).toContain(right);
    },
  );

  it.each(cases.filter(([, { route }]) => route.params !== undefined))(
    'has a name for each part of its address that varies: %s',
    (_, { route }) => {
      const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const shape = (route.params as unknown as { shape: object }).shape;
      expect(Object.keys(shape)).toEqual(names);
    },
  );
});
