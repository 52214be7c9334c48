import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { authRoutes } from '../../identities/rest';
import { makeTenant } from '../../packs/test-people';
import { stopBoss } from '../../queue';
import { checkAnswer } from './answer-check';
import { makeMember, startRestServer, type RestServer } from './rest-fixture';
import type { Route } from './route';
import { apiRoutes } from './routes';

/** Whatever is sent to a route, its answer is one that its caller can do something about. */

let rest: RestServer;
let token: string;
beforeAll(async () => {
  rest = await startRestServer();
  // Somebody who may everything, so that the input gets as far as it can.
  token = await rest.tokenOf((await makeMember(await makeTenant(), 'Root', [], ['core.admin'])).login);
});
afterAll(async () => {
  await stopBoss();
  await rest.close();
});

const oddTexts = fc.constantFrom(
  ...[
    '',
    ' ',
    '.',
    'core',
    'core.echo',
    'core.nope',
    'x.y',
    '1',
    '-1',
    '0',
    '99999999999999999999',
    'true',
    'null',
  ],
  ...[
    '\u0000',
    '\ud800',
    '{{',
    '{{ 1/0 }}',
    '{% for %}',
    '../../etc/passwd',
    "' OR 1=1 --",
    '%',
    '2026-13-45',
    'é',
    '💥',
  ],
);
const scalars = fc.oneof(
  oddTexts,
  fc.string({ maxLength: 30 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(0, -1, 2 ** 53, 1e300, 1e-7),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('type', 'properties', '__proto__')),
      tie('value'),
      {
        maxKeys: 3,
      },
    ),
  ),
})).value;

/** Bodies that are taken, so that one part of them at a time can be wrong. */
const taken: Record<string, object> = {
  '/packs': {
    ref: 'made',
    label: 'x',
    version: '1',
    conf_schema: { a: { type: 'string' } },
    config: {},
    tags: ['x'],
  },
  '/actions': {
    ...{
      ref: 'core.made',
      pack_ref: 'core',
      label: 'x',
      entrypoint: 'echo x',
      runtime_ref: 'core.shell',
      timeout_seconds: 5,
    },
    ...{
      param_schema: { a: { type: 'string', required: true } },
      required_worker_runtimes: { python: '>=3' },
    },
  },
  '/workflows': {
    ...{ ref: 'core.flow', pack_ref: 'core', label: 'x', version: '1', param_schema: {}, out_schema: {} },
    definition: { tasks: [{ name: 'a', action: 'core.noop' }] },
  },
  '/triggers': {
    ref: 'core.rang',
    pack_ref: 'core',
    label: 'x',
    param_schema: {},
    out_schema: { a: { type: 'string' } },
  },
  '/rules': {
    ...{
      ref: 'core.rule',
      pack_ref: 'core',
      label: 'x',
      trigger_ref: 'core.crontimer',
      action_ref: 'core.echo',
    },
    ...{
      conditions: { all: [{ field: 'payload.a', operator: 'equals', value: 1 }] },
      action_params: { a: '{{ event.id }}' },
    },
    trigger_params: { expression: '0 0 * * *' },
  },
  '/keys': { ref: 'made', name: 'x', value: 1, owner_type: 'system', encrypted: true, ttl_seconds: 60 },
  '/queues': {
    ref: 'made.line',
    label: 'x',
    dispatch_action_ref: 'core.echo',
    config: {},
    item_schema: {},
    action_params: {},
  },
  '/executions/execute': { action_ref: 'core.echo', parameters: { message: 'x' }, env_vars: { A: 'b' } },
  '/identities': { login: 'made', display_name: 'x', password: 'long enough', attributes: {} },
  '/permissions/assignments': { identity_login: 'made', permission_set_ref: 'core.viewer' },
  '/artifacts': { ref: 'made', name: 'x', scope: 'system', owner: '', type: 'progress' },
  '/register': { login: 'made', password: 'long enough', tenant: { name: 'x' } },
};

const keysOf = (schema: z.ZodType | undefined): string[] =>
  Object.keys((schema as unknown as { shape?: object } | undefined)?.shape ?? {});
/** The names that the route knows, with values that it mostly does not want. */
const bodyOf = (route: Route) =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record(Object.fromEntries(keysOf(route.body).map((key) => [key, json])), {
        requiredKeys: [],
      }),
    },
    { weight: 1, arbitrary: json },
    ...Object.entries(taken)
      .filter(([path]) => path === route.path && route.method === 'post')
      .map(([, body]) => ({
        weight: 12,
        arbitrary: fc
          .tuple(fc.constantFrom(...Object.keys(body)), json)
          .map(([key, value]) => ({ ...body, [key]: value })),
      })),
  );
const queryOf = (route: Route) =>
  fc.record(
    Object.fromEntries(
      [...keysOf(route.query), 'page', 'limit', 'offset', 'after'].map((key) => [key, oddTexts]),
    ),
    { requiredKeys: [] },
  );

const routes = [
  ...apiRoutes.map((route) => ({ route, base: '/api/v1' })),
  ...authRoutes.map((route) => ({ route, base: '/auth' })),
];

describe('nonsense', () => {
  it.each(
    routes.map((one) => [`${one.route.method.toUpperCase()} ${one.base}${one.route.path}`, one] as const),
  )(
    'is answered as the API’s description says, and never with a 500: %s',
    async (_, { route, base }) => {
      const names = [...route.path.matchAll(/\{(\w+)\}/g)];
      await fc.assert(
        fc.asyncProperty(
          fc.array(oddTexts, { minLength: names.length, maxLength: names.length }),
          queryOf(route),
          bodyOf(route),
          async (parts, query, body) => {
            const path = names.reduce(
              (address, [name], index) => address.replace(name, toSegment(parts[index] ?? '')),
              route.path,
            );
            const search = new URLSearchParams(
              Object.fromEntries(Object.entries(query).map(([key, text]) => [key, toWellFormed(text ?? '')])),
            );
            const response = await fetch(`${rest.origin}${base}${path}?${search.toString()}`, {
              method: route.method.toUpperCase(),
              headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
              ...(route.method === 'get' ? {} : { body: JSON.stringify(body ?? null) }),
            });
            // A stream that was taken has no end.
            if (response.headers.get('content-type')?.startsWith('text/event-stream'))
              return response.body?.cancel();
            const text = await response.text();
            if (response.status >= 500 && response.status !== 501)
              throw new Error(`${response.status}: ${text}`);
            const type = response.headers.get('content-type') ?? '';
            expect(
              checkAnswer(route.method, base + route.path, { status: response.status, type, text }),
            ).toEqual([]);
          },
        ),
        { numRuns: 25 },
      );
    },
    60_000,
  );
});

/** What is left of a part that means a folder, or nothing, would be another address. */
function toSegment(part: string): string {
  const text = encodeURIComponent(toWellFormed(part));
  return text === '' || text === '.' || text === '..' ? 'x' : text;
}

function toWellFormed(text: string): string {
  return text.toWellFormed();
}
