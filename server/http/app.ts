import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { notFound } from '@/engine/errors';
import { auditing } from '../audit/request';
import { env } from '../env';
import { webhookReceiver } from '../webhooks/receiver';
import { defectSentence, errorHeaders, errorNumbers, toErrorBody, toKnownError } from '../http-errors';
import { log } from '../log';
import { authRoutes } from '../identities/rest';
import { createAgent } from './agent';
import type { HttpEnv } from './bindings';
import { toClientAddress } from './client-address';
import { createHealth, type Readiness } from './health';
import { createOidc } from './oidc';
import { createSpec } from './openapi/serve';
import { methodsAt } from './rest/methods';
import { apiRoutes } from './rest/routes';
import { serveRoutes } from './rest/serve';
import { dataHeaders } from './security-headers';
import { createTrpcEndpoint } from './trpc-endpoint';

/** The first path segments that are answered here and never by Next. */
export const dataPrefixes = ['/health', '/auth', '/api', '/trpc', '/ws', '/api-spec'] as const;

/** The public REST API; each noun mounts its own routes. */
function createRest(stopping: AbortSignal): Hono<HttpEnv> {
  const rest = new Hono<HttpEnv>();
  rest.route('/webhooks', webhookReceiver);
  rest.route('/agent', createAgent());
  rest.route('/', serveRoutes(apiRoutes, stopping));
  return rest;
}

/** Everything that is data: health, REST, webhooks, the browser's API and its streams. */
export function createApp(readiness: Readiness, stopping: AbortSignal): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();

  app.use(async (c, next) => {
    c.set('requestId', randomUUID());
    c.set(
      'address',
      toClientAddress(
        c.env.incoming.socket.remoteAddress,
        c.req.header('x-forwarded-for'),
        env().ATTUNE_TRUSTED_PROXIES,
      ),
    );
    await auditing(
      {
        requestId: c.get('requestId'),
        method: c.req.method,
        path: c.req.path,
        address: c.get('address'),
        userAgent: c.req.header('user-agent') ?? '',
        startedAtMs: performance.now(),
        status: 200,
        tokenType: null,
      },
      next,
    );
    for (const [name, value] of Object.entries(dataHeaders)) {
      // A stream has said already how it may be kept.
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
    c.res.headers.set('x-request-id', c.get('requestId'));
  });

  app.route('/health', createHealth(readiness));
  app.all('/trpc/*', createTrpcEndpoint(stopping));
  app.route('/auth/oidc', createOidc());
  app.route('/auth', serveRoutes(authRoutes, stopping));
  app.route('/api/v1', createRest(stopping));

  app.route('/api-spec', createSpec());
  app.all('/ws', (c) =>
    c.json({ error: 'This address speaks WebSocket: ask for an upgrade.', code: 'upgrade_required' }, 426, {
      upgrade: 'websocket',
    }),
  );

  app.notFound((c) => {
    const allowed = methodsAt(c.req.path);
    if (allowed.length === 0)
      return c.json(toErrorBody(notFound('route', `${c.req.method} ${c.req.path.slice(0, 500)}`)), 404);
    const allow = allowed.join(', ');
    const error = `This address takes ${allow}, not ${c.req.method}.`;
    return c.json({ error, code: 'method_not_allowed' }, 405, { allow });
  });
  app.onError((cause, c) => {
    const known = toKnownError(cause);
    if (known) return c.json(toErrorBody(known), errorNumbers[known.kind].status, errorHeaders(known));
    const requestId = c.get('requestId');
    log.error({ path: c.req.path, requestId, error: cause.message, stack: cause.stack }, 'a request failed');
    return c.json({ error: defectSentence(requestId) }, 500);
  });
  return app;
}
