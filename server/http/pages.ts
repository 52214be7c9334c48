import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { env } from '../env';
import { toKnownError } from '../http-errors';
import { actorOf, sessionTokenOf } from '../identities/sessions';
import { log, reasonOf } from '../log';
import { toClientAddress } from './client-address';
import { toLocalPath } from './local-path';
import { commonHeaders, pageHeaders, toPagePolicy } from './security-headers';
import { unavailablePage } from './unavailable-page';

export type PageHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** What pages are made of, and files at the top of the site (icons, the manifest): the same for everybody. */
function isAsset(path: string): boolean {
  return path.startsWith('/_next/') || /^\/[\w-]+\.[a-z0-9]{2,11}$/.test(path);
}

/** Who may see a page is decided here: strangers go to the sign-in page and come back from it. */
async function findRedirect(request: IncomingMessage, url: URL): Promise<string | null> {
  const { headers, socket } = request;
  const forwarded = headers['x-forwarded-for'];
  const address = toClientAddress(
    socket.remoteAddress,
    Array.isArray(forwarded) ? forwarded.join(',') : forwarded,
    env().ATTUNE_TRUSTED_PROXIES,
  );
  const actor = await actorOf(sessionTokenOf(headers.cookie), address, '');
  if (url.pathname === '/login') return actor ? toLocalPath(url.searchParams.get('next')) : null;
  if (actor) return null;
  url.searchParams.delete('_rsc');
  const wanted = toLocalPath(`${url.pathname}${url.search}`);
  return wanted === '/' ? '/login' : `/login?next=${encodeURIComponent(wanted)}`;
}

/** Hands pages to Next, with a policy and a nonce of their own on every answer. */
export function createPageHandler(pages: Promise<PageHandler>): PageHandler {
  const isDevelopment = env().NODE_ENV === 'development';
  return async (request, response) => {
    // Next takes its nonce from this header: a caller must not choose it.
    delete request.headers['content-security-policy'];
    delete request.headers['content-security-policy-report-only'];
    delete request.headers['x-nonce'];
    const url = toUrl(request);
    if (!url || (request.method !== 'GET' && request.method !== 'HEAD')) {
      respond(response, url ? 405 : 400, url ? { allow: 'GET, HEAD' } : {});
      return;
    }
    const handle = await pages;
    if (isAsset(url.pathname)) {
      setHeaders(response, commonHeaders);
      return handle(request, response);
    }

    const nonce = randomBytes(16).toString('base64');
    const policy = toPagePolicy(nonce, isDevelopment);
    setHeaders(response, { ...pageHeaders, 'content-security-policy': policy });
    request.headers['content-security-policy'] = policy;
    request.headers['x-nonce'] = nonce;
    try {
      const target = await findRedirect(request, url);
      if (target !== null) {
        respond(response, 307, { location: target, 'cache-control': 'no-store' });
        return;
      }
    } catch (error) {
      if (!toKnownError(error)) throw error;
      log.warn({ error: reasonOf(error) }, 'a page could not be shown: the database is away');
      respond(
        response,
        503,
        {
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-store',
          'retry-after': '3',
          refresh: '3',
        },
        unavailablePage,
      );
      return;
    }
    return handle(request, response);
  };
}

function toUrl(request: IncomingMessage): URL | null {
  // Only the path is ours to read; a host in the request line, or `//host`, is not one.
  const path = (request.url ?? '').replace(/^\/{2,}/, '/');
  return path.startsWith('/') && URL.canParse(path, 'http://studio') ? new URL(path, 'http://studio') : null;
}

function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

function respond(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body?: string,
): void {
  response.writeHead(status, headers).end(body);
}
