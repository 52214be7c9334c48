import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { DomainError, notFound } from '@/engine/errors';
import { env } from '../env';
import { defectSentence, errorHeaders, errorNumbers, toErrorBody, toKnownError } from '../http-errors';
import { actorOfBearer, bearerOf, refreshBearer } from '../identities/bearer';
import { hasExpired } from '../identities/tokens';
import { closings, serveSocket } from '../live/socket';
import { log, reasonOf } from '../log';
import { toClientAddress } from './client-address';

const protocol = 'attune.v1';
const tokenPrefix = 'attune.jwt.';
const maxFrameBytes = 16 * 1024;

type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Makes what answers when a connection of ours is to become a WebSocket: `/ws` for the live API. What lies below `/_next/`
 * is left to Next, which listens too; anything else is refused.
 */
export function createUpgradeHandler(stopping: AbortSignal): UpgradeHandler {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
  });
  return (request, socket, head) => {
    socket.on('error', (error) => log.debug({ error: reasonOf(error) }, 'an upgrade failed'));
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (path.startsWith('/_next/')) return;
    const requestId = randomUUID();
    if (path !== '/ws') {
      refuse(socket, notFound('route', `${request.method} ${path.slice(0, 200)}`), requestId);
      return;
    }
    const upgrade = async () => {
      const token = tokenOf(request);
      const isOver = await hasExpired(token);
      const actor = isOver ? null : await actorOfBearer(token, addressOf(request), requestId);
      if (socket.destroyed) return;
      sockets.handleUpgrade(request, socket, head, (opened) => {
        // A browser's script cannot see the status of a refused handshake, so it is told by a close.
        if (!actor) opened.close(closings.tokenEnded, 'The token has expired. Log in again.');
        else void serveSocket(opened, { actor, refresh: () => refreshBearer(token, actor) }, stopping);
      });
    };
    upgrade().catch((error: unknown) => refuse(socket, error, requestId));
  };
}

/** By header, or by the subprotocol that a browser's script can send. @throws DomainError unauthenticated */
function tokenOf({ headers }: IncomingMessage): string {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const named = offered.find((name) => name.startsWith(tokenPrefix))?.slice(tokenPrefix.length);
  const token = bearerOf(headers.authorization) ?? named;
  if (token) return token;
  throw new DomainError(
    'unauthenticated',
    'unauthenticated',
    `Send a token: the header Authorization: Bearer …, or the subprotocols ${protocol} and ${tokenPrefix}….`,
  );
}

function addressOf({ headers, socket }: IncomingMessage): string {
  const forwarded = headers['x-forwarded-for'];
  return toClientAddress(
    socket.remoteAddress,
    Array.isArray(forwarded) ? forwarded.join(',') : forwarded,
    env().ATTUNE_TRUSTED_PROXIES,
  );
}

/** Answers a handshake that is refused, in the API's own words. */
function refuse(socket: Duplex, cause: unknown, requestId: string): void {
  const known = toKnownError(cause);
  if (!known) log.error({ requestId, error: reasonOf(cause) }, 'an upgrade failed');
  const status = known ? errorNumbers[known.kind].status : 500;
  const body = JSON.stringify(known ? toErrorBody(known) : { error: defectSentence(requestId) });
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
    connection: 'close',
    ...(known ? errorHeaders(known) : {}),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}
