import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import type { Context as HonoContext } from 'hono';
import { DomainError, forbidden, invalid } from '@/engine/errors';
import { errorHeaders, errorNumbers, toErrorBody, toKnownError, toTrpcError } from '../http-errors';
import type { Actor } from '../identities/actor';
import { actorOf, sessionTokenOf } from '../identities/sessions';
import { log } from '../log';
import { appRouter } from '../router';
import type { Context } from '../trpc';
import type { HttpEnv } from './bindings';
import { chargeCall } from './rate-limit';
import { decodeText, parseJson, readBody } from './read-body';
import { isSameOrigin } from './same-origin';

const maxBodyBytes = 2 * 1024 * 1024;
const maxBatchSize = 10;

/**
 * Makes the handler of `/trpc`: the browser's API. Input is bounded and checked before tRPC parses it;
 * streams end when `stopping` does.
 */
export function createTrpcEndpoint(stopping: AbortSignal) {
  return async (c: HonoContext<HttpEnv>): Promise<Response> => {
    const requestId = c.get('requestId');
    const address = c.get('address');
    let request: Request;
    try {
      requireOurPage(c);
      request = await toCheckedRequest(c, stopping);
    } catch (error) {
      const known = toKnownError(error);
      if (!known) throw error;
      return refuse(known);
    }

    return fetchRequestHandler({
      endpoint: '/trpc',
      req: request,
      router: appRouter,
      maxBatchSize,
      createContext: async ({ resHeaders }): Promise<Context> => {
        const sessionToken = sessionTokenOf(c.req.header('cookie'));
        const actor = await chargedActor(sessionToken, c).catch((cause: unknown) => {
          throw toTrpcError(cause, { path: c.req.path, requestId });
        });
        return {
          actor,
          requestId,
          address,
          userAgent: c.req.header('user-agent') ?? '',
          sessionToken,
          setCookie: (cookie) => resHeaders.append('set-cookie', cookie),
        };
      },
      responseMeta: ({ errors }) => {
        const cause = errors.find((error) => error.cause instanceof DomainError)?.cause;
        return { headers: new Headers(cause instanceof DomainError ? errorHeaders(cause) : {}) };
      },
      onError: ({ error, path }) => {
        // What the middleware has told and logged carries no cause any more.
        if (error.code !== 'INTERNAL_SERVER_ERROR' || !error.cause) return;
        log.error(
          { path, requestId, error: error.cause.message, stack: error.cause.stack },
          'a call failed outside its procedure',
        );
      },
    });
  };
}

/** Who calls, if anybody, with each member of the batch counted. */
async function chargedActor(sessionToken: string | null, c: HonoContext<HttpEnv>): Promise<Actor | null> {
  const actor = await actorOf(sessionToken, c.get('address'), c.get('requestId'));
  chargeCall(actor ?? c.get('address'), c.req.path.split(',').length);
  return actor;
}

/** Cookies travel by themselves, so a change must prove that a page of ours asks for it. */
function requireOurPage(c: HonoContext<HttpEnv>): void {
  if (!isSameOrigin(c.req.raw.headers)) {
    throw forbidden('This address answers only to pages of the studio itself.');
  }
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return;
  const contentType = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (contentType !== 'application/json') {
    throw forbidden('A change must be sent as application/json.');
  }
  if (c.req.header('x-attune') !== '1') throw forbidden('A change needs the header x-attune: 1.');
}

async function toCheckedRequest(c: HonoContext<HttpEnv>, stopping: AbortSignal): Promise<Request> {
  const { method, url, headers, signal } = c.req.raw;
  if (method === 'POST') {
    const body = decodeText(await readBody(c.req.raw, maxBodyBytes));
    if (body.trim() !== '') parseJson(body);
    return new Request(url, { method, headers: new Headers(headers), body, signal });
  }
  if (method !== 'GET' && method !== 'HEAD') throw invalid(`${method} is not used here.`);
  const input = c.req.query('input');
  if (input) parseJson(input);
  const isStream = (headers.get('accept') ?? '').includes('text/event-stream');
  return new Request(url, {
    method,
    headers: new Headers(headers),
    signal: isStream ? AbortSignal.any([signal, stopping]) : signal,
  });
}

/** An error in tRPC's own shape, for what is refused before tRPC sees it. One object answers a whole batch. */
function refuse(error: DomainError): Response {
  const { status, trpc } = errorNumbers[error.kind];
  const { code: word, details = [] } = toErrorBody(error);
  const body = {
    error: {
      message: error.message,
      code: TRPC_ERROR_CODES_BY_KEY[trpc],
      data: { code: trpc, httpStatus: status, word, details },
    },
  };
  return Response.json(body, { status, headers: errorHeaders(error) });
}
