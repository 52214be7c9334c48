import { lookup as lookUp, type LookupAddress } from 'node:dns';
import { request as sendHttp, STATUS_CODES, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as sendHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { addAbortSignal, pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { AddressWall } from '@/server/http/address-wall';
import { BadRequest, redirect, type Message } from './message';

/** Bytes of an answer's body that are kept, after unpacking. */
export const keptBodyBytes = 10 * 2 ** 20;
export const mostRedirects = 10;

/** An address that may not be reached. */
export class AddressRefused extends Error {
  constructor(host: string, addresses: readonly string[]) {
    const where = addresses.length === 1 && addresses[0] === host ? '' : ` (${addresses.join(', ')})`;
    super(
      `${host}${where} is not a public address, so it was not asked. The operator can list it in ATTUNE_HTTP_ALLOW.`,
    );
  }
}

/** How a name is looked up; as `dns.lookup` with `all`. */
export type Resolve = (
  name: string,
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/** What an exchange needs besides its message. */
export interface ExchangeOptions {
  wall: AddressWall;
  signal: AbortSignal;
  followsRedirects: boolean;
  verifies: boolean;
  /** Kept from other origins. */
  secrets: readonly string[];
  /** (Default: the system's resolver) */
  resolve?: Resolve;
}

/** What came back. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
  isCut: boolean;
  /** Where it came from in the end. */
  url: URL;
}

const bySystem: Resolve = (name, callback) => lookUp(name, { all: true }, callback);

/**
 * Sends a message and gives back the answer, whatever its status. Every address is checked at the moment of the connection:
 * the checked one is the one that is connected to, so a name can't change its mind in between; redirects are no exception.
 * @throws AddressRefused, BadRequest for a redirect that can't be followed, or what Node says when there is no answer
 */
export async function exchange(first: Message, options: ExchangeOptions): Promise<Answer> {
  let message = first;
  for (let redirects = 0; ; redirects += 1) {
    const response = await send(message, options);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (!options.followsRedirects || location === undefined || ![301, 302, 303, 307, 308].includes(status)) {
      const { body, isCut } = await readBody(response, message.method, options.signal);
      return { status, headers: toHeaders(response), body, isCut, url: message.url };
    }
    response.destroy();
    if (redirects >= mostRedirects)
      throw new BadRequest(
        `It was redirected more than ${mostRedirects} times, last from ${toPlace(message.url)}.`,
      );
    message = redirect(message, status, location, options.secrets);
  }
}

/** An address as it may be shown: without its query, which may hold what is private. */
export function toPlace(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function send(message: Message, options: ExchangeOptions): Promise<IncomingMessage> {
  const { url, method, body } = message;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // An address is not looked up, so it is looked at here.
  if (isIP(host) !== 0 && !options.wall.allows(host, host)) throw new AddressRefused(host, [host]);
  const headers: OutgoingHttpHeaders = Object.fromEntries(message.headers);
  if (body !== null || ['POST', 'PUT', 'PATCH'].includes(method))
    headers['content-length'] = body?.length ?? 0;
  const common = {
    method,
    headers,
    signal: options.signal,
    lookup: toLookup(options),
    // A connection of its own: none is left open, and none that another tenant opened is used.
    agent: false as const,
  };
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:'
        ? sendHttps(url, { ...common, rejectUnauthorized: options.verifies })
        : sendHttp(url, common);
    request.once('response', resolve);
    // Stays for what breaks later: the body's reader tells of it.
    request.on('error', reject);
    request.end(body ?? undefined);
  });
}

/** A look-up that gives only addresses which may be connected to. */
function toLookup({ wall, resolve = bySystem }: ExchangeOptions): LookupFunction {
  return (host, options, callback) => {
    resolve(host, (error, found) => {
      if (error) return callback(error, []);
      const open = found.filter(({ address }) => wall.allows(host, address));
      const [first] = open;
      if (!first) {
        const refused: NodeJS.ErrnoException = new AddressRefused(
          host,
          found.map(({ address }) => address),
        );
        return callback(refused, []);
      }
      if (options.all) callback(null, open);
      else callback(null, first.address, first.family);
    });
  };
}

function toHeaders(response: IncomingMessage): Answer['headers'] {
  const headers: Answer['headers'] = {};
  for (const [name, value] of Object.entries(response.headers))
    if (value !== undefined) headers[name] = value;
  return headers;
}

function toUnpacker(encoding: string) {
  switch (encoding.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      return null;
  }
}

/** The body, unpacked as it comes in, so that what blows up when unpacked is cut as well. */
async function readBody(
  response: IncomingMessage,
  method: string,
  signal: AbortSignal,
): Promise<{ body: Buffer; isCut: boolean }> {
  const hasBody = method !== 'HEAD' && response.statusCode !== 204 && response.statusCode !== 304;
  const unpacker = hasBody ? toUnpacker(response.headers['content-encoding'] ?? '') : null;
  // The reader of the last stream hears of every error; nobody else needs to.
  const source: Readable = unpacker ? pipeline(response, unpacker, () => {}) : response;
  addAbortSignal(signal, source);
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of source as AsyncIterable<Buffer>) {
    const room = keptBodyBytes - size;
    parts.push(part.length <= room ? part : part.subarray(0, room));
    size += Math.min(part.length, room);
    if (part.length > room) {
      // Leaving the loop closes the stream, and with it the connection.
      return { body: Buffer.concat(parts), isCut: true };
    }
  }
  return { body: Buffer.concat(parts), isCut: false };
}

/** `200 OK`. */
export function toStatusLine(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`.trim();
}
