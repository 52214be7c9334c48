import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { HttpRequest } from '@/server/actions/http-request';

/** A request as it goes over the wire to one address. */
export interface Message {
  method: string;
  url: URL;
  /** By lower-case name. */
  headers: Map<string, string | string[]>;
  body: Buffer | null;
}

/** What the request is wrong in; the message says where, and never a header's value. */
export class BadRequest extends Error {}

/** They speak of the connection, which is ours: set by hand they could split one request in two. */
const ownHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
]);

/** @throws BadRequest */
export function toUrl(text: string, base?: URL): URL {
  let url: URL;
  try {
    url = new URL(text, base);
  } catch {
    throw new BadRequest(`url is no address such as https://example.com/path.`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new BadRequest(`url must begin with http:// or https://, not ${url.protocol}//.`);
  return url;
}

/** The first message of a request; redirects make others of it. @throws BadRequest */
export function toMessage(request: HttpRequest): Message {
  const url = toUrl(request.url);
  for (const [name, value] of Object.entries(request.query))
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== null) url.searchParams.append(name, String(each));
  const headers = toHeaders(request.headers);
  const authorization = toAuthorization(request.auth) ?? fromUserinfo(url);
  if (authorization !== null && !headers.has('authorization')) headers.set('authorization', authorization);
  url.username = '';
  url.password = '';
  url.hash = '';
  const body = toBody(request.body, headers);
  if (!headers.has('accept')) headers.set('accept', '*/*');
  if (!headers.has('user-agent')) headers.set('user-agent', 'attune-studio');
  if (!headers.has('accept-encoding')) headers.set('accept-encoding', 'gzip, deflate, br');
  return { method: request.method, url, headers, body };
}

function toHeaders(given: HttpRequest['headers']): Message['headers'] {
  const headers: Message['headers'] = new Map();
  for (const [name, value] of Object.entries(given)) {
    if (value === null) continue;
    const lower = name.toLowerCase();
    if (ownHeaders.has(lower))
      throw new BadRequest(`headers.${name} is set by the studio itself. Leave it out.`);
    const texts = (Array.isArray(value) ? value : [value]).map(String);
    try {
      validateHeaderName(name);
      for (const text of texts) validateHeaderValue(name, text);
    } catch (error) {
      const isName = (error as NodeJS.ErrnoException).code === 'ERR_INVALID_HTTP_TOKEN';
      throw new BadRequest(
        isName
          ? `headers: ${JSON.stringify(name)} is no name of a header.`
          : `headers.${name} has a character that no header may hold, such as a line break.`,
      );
    }
    headers.set(lower, Array.isArray(value) ? texts : (texts[0] ?? ''));
  }
  return headers;
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function toAuthorization(auth: HttpRequest['auth']): string | null {
  if (auth === null) return null;
  const type = auth.type ?? (auth.token !== undefined ? 'bearer' : 'basic');
  if (type === 'basic') {
    if (auth.username === undefined) throw new BadRequest('auth.username is missing.');
    return basic(auth.username, auth.password ?? '');
  }
  if (auth.token === undefined) throw new BadRequest('auth.token is missing.');
  if (!/^[\x21-\x7e]+$/.test(auth.token))
    throw new BadRequest(
      'auth.token has a character that no token may hold, such as a space or a line break.',
    );
  return `Bearer ${auth.token}`;
}

function fromUserinfo({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  return basic(decode(username), decode(password));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A text goes as it is; anything else as JSON, or as a form where the headers say so. */
function toBody(body: HttpRequest['body'], headers: Message['headers']): Buffer | null {
  if (body === null) return null;
  const type = String(headers.get('content-type') ?? '');
  if (typeof body === 'string') {
    if (type === '') headers.set('content-type', 'text/plain; charset=utf-8');
    return Buffer.from(body);
  }
  if (
    type.startsWith('application/x-www-form-urlencoded') &&
    typeof body === 'object' &&
    !Array.isArray(body)
  ) {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(body))
      for (const each of Array.isArray(value) ? value : [value])
        if (each !== null) form.append(name, typeof each === 'object' ? JSON.stringify(each) : String(each));
    return Buffer.from(form.toString());
  }
  if (type === '') headers.set('content-type', 'application/json');
  return Buffer.from(JSON.stringify(body));
}

/** What only the first receiver is meant to see. */
const personal = new Set(['authorization', 'cookie', 'proxy-authorization']);

/**
 * The message that a redirect asks for (RFC 9110, 15.4): 303 becomes GET, and so does a POST behind 301 and 302. To
 * another origin no header goes along that is personal or holds a secret.
 * @throws BadRequest for a place that is no address, and where the body would carry a secret to another origin
 */
export function redirect(
  message: Message,
  status: number,
  location: string,
  secrets: readonly string[],
): Message {
  const url = toUrl(location, message.url);
  url.hash = '';
  url.username = '';
  url.password = '';
  const headers = new Map(message.headers);
  const { method } = message;
  const drops =
    (status === 303 && method !== 'HEAD') || ((status === 301 || status === 302) && method === 'POST');
  const body = drops ? null : message.body;
  if (drops)
    for (const name of ['content-type', 'content-encoding', 'content-language']) headers.delete(name);
  if (url.origin !== message.url.origin) {
    headers.delete('host');
    const known = secrets.filter((secret) => secret.length >= 4);
    for (const [name, value] of message.headers)
      if (personal.has(name) || known.some((secret) => String(value).includes(secret))) headers.delete(name);
    if (body !== null && known.some((secret) => body.includes(secret)))
      throw new BadRequest(
        `The answer leads to ${url.origin}, and the body that would go there holds a secret. Send the request there yourself if that is meant.`,
      );
  }
  return { method: drops ? 'GET' : method, url, headers, body };
}
