import type { Json } from '@/engine/expression/expression';
import { HttpRequest } from '@/server/actions/http-request';
import { env } from '@/server/env';
import { causeHeader } from '@/server/events/cause';
import type { Claim } from '@/server/executions/claims';
import { toApiUrl } from '../../api-url';
import { Redactor } from '../../redactor';
import { toCleanText } from '../../sandbox/clean-text';
import { toStorable } from '../read-data';
import { AddressWall } from '@/server/http/address-wall';
import {
  AddressRefused,
  exchange,
  keptBodyBytes,
  toPlace,
  toStatusLine,
  type Answer,
  type Resolve,
} from './exchange';
import { BadRequest, toMessage, type Message } from './message';

/** How a request ended. Any answer is `completed`, but for one outside of 2xx where the request asks for that. */
export type HttpEnd =
  | { kind: 'completed'; data: Json; note: string }
  | { kind: 'failed'; error: string; data: Json; note: string }
  | { kind: 'stopped' };

let known: AddressWall | undefined;

/** The wall of this worker, by its environment. @throws Error for an ATTUNE_HTTP_ALLOW that can't be read */
export function ownWall(): AddressWall {
  return (known ??= new AddressWall(env().ATTUNE_HTTP_ALLOW));
}

export interface HttpOptions {
  wall: AddressWall;
  stop: AbortSignal;
  /** The secrets among the parameters: they go to no other origin than the one that they were meant for. */
  secretTexts: readonly string[];
  /** Whose request it is: said to the studio, and to nobody else. */
  executionId?: number;
  resolve?: Resolve;
}

/**
 * Sends the request that `given` describes, and gives back what came of it: `{status_code, success, headers, body, json, url,
 * body_truncated}`. What an answer says is data, never a template. Ends within `timeout` seconds, or when `stop` says so.
 */
export async function runHttp(given: Claim['parameters'], options: HttpOptions): Promise<HttpEnd> {
  const read = HttpRequest.safeParse(given);
  if (!read.success) {
    const problems = read.error.issues
      .slice(0, 5)
      .map(({ path, message }) => `${path.join('.')}: ${message}`);
    return failed(`The request cannot be sent: ${problems.join('; ')}.`);
  }
  const request = read.data;
  const deadline = AbortSignal.timeout(request.timeout * 1000);
  let message: Message | null = null;
  try {
    message = toMessage(request);
    if (options.executionId !== undefined && ownOrigins().has(message.url.origin))
      message.headers.set(causeHeader, String(options.executionId));
    const secrets = secretsOf(message, [...options.secretTexts, ...authTexts(request)]);
    const answer = await exchange(message, {
      wall: options.wall,
      signal: AbortSignal.any([options.stop, deadline]),
      followsRedirects: request.follow_redirects,
      verifies: request.verify,
      secrets,
      ...(options.resolve ? { resolve: options.resolve } : {}),
    });
    return toEnd(request, message, answer, new Redactor(secrets));
  } catch (error) {
    if (options.stop.aborted) return { kind: 'stopped' };
    if (error instanceof BadRequest) return failed(`The request cannot be sent: ${error.message}`);
    if (error instanceof AddressRefused) return failed(error.message);
    const what = message ? ` from ${message.method} ${toPlace(message.url)}` : '';
    if (deadline.aborted) return failed(`No answer${what}: timed out after ${request.timeout} s.`);
    return failed(`No answer${what}: ${toReason(error)}.`);
  }
}

/** Where the studio is, as this worker and as people know it. */
function ownOrigins(): Set<string> {
  const { ATTUNE_PUBLIC_URL } = env();
  return new Set(
    [toApiUrl(env()), ATTUNE_PUBLIC_URL].flatMap((url) =>
      url !== undefined && URL.canParse(url) ? [new URL(url).origin] : [],
    ),
  );
}

function failed(error: string): HttpEnd {
  return { kind: 'failed', error, data: null, note: '' };
}

const sensitiveName = /auth|token|cookie|key|secret|pass|signature/i;

function authTexts({ auth }: HttpRequest): string[] {
  return [auth?.password, auth?.token].filter((text) => text !== undefined);
}

/** What the parameters' schema calls secret, and what headers of such names hold; of `Bearer x` also the x. */
function secretsOf(message: Message, secretTexts: readonly string[]): string[] {
  const found = new Set(secretTexts);
  for (const [name, value] of message.headers) {
    if (!sensitiveName.test(name)) continue;
    for (const text of Array.isArray(value) ? value : [value])
      for (const secret of [text, text.split(' ').at(-1) ?? '']) if (secret.length >= 4) found.add(secret);
  }
  return [...found];
}

function toEnd(request: HttpRequest, message: Message, answer: Answer, redactor: Redactor): HttpEnd {
  const isSuccess = answer.status >= 200 && answer.status < 300;
  const text = toText(answer);
  const kept = answer.isCut ? `${text}\n[body cut at ${keptBodyBytes / 2 ** 20} MB]` : text;
  const headers: Record<string, Json> = {};
  for (const [name, value] of Object.entries(answer.headers)) headers[name] = toStorable(value);
  const data = redactor.redactJson({
    status_code: answer.status,
    success: isSuccess,
    headers,
    body: kept,
    json: answer.isCut ? null : toJson(text, String(answer.headers['content-type'] ?? '')),
    url: toCleanText(answer.url.href),
    body_truncated: answer.isCut,
  });
  const from = answer.url.href === message.url.href ? '' : ` from ${toPlace(answer.url)}`;
  const note = `${message.method} ${toPlace(message.url)} → ${toStatusLine(answer.status)}${from}, ${answer.body.length} bytes`;
  if (isSuccess || !request.fail_on_error) return { kind: 'completed', data, note };
  return {
    kind: 'failed',
    error: `${message.method} ${toPlace(message.url)} was answered with ${toStatusLine(answer.status)}.`,
    data,
    note,
  };
}

/** The body as text, by the charset that its type names; what does not fit it is replaced. */
function toText({ body, headers }: Answer): string {
  const charset = /charset\s*=\s*"?([\w.:-]+)/i.exec(String(headers['content-type'] ?? ''))?.[1] ?? 'utf-8';
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(charset);
  } catch {
    decoder = new TextDecoder();
  }
  return toCleanText(decoder.decode(body));
}

/** The body as JSON where its type says so or it looks like it; null when it is not, or is deeper than can be kept. */
function toJson(text: string, type: string): Json {
  if (!/[/+]json\b/i.test(type) && !/^\s*[[{]/.test(text)) return null;
  try {
    return toStorable(JSON.parse(text));
  } catch {
    return null;
  }
}

const reasons: Record<string, string> = {
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name could not be looked up; try again later',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the other side broke the connection off',
  EPIPE: 'the other side broke the connection off',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the connection timed out',
  HPE_HEADER_OVERFLOW: 'its headers are longer than 16 KB',
};

function toReason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return toReason(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const { code = '' } = error as NodeJS.ErrnoException;
  if (reasons[code]) return reasons[code];
  if (/CERT|SIGNATURE|SSL|TLS|ISSUER/.test(code))
    return `its certificate is not accepted (${code}). Where you trust it all the same, set verify to false`;
  if (code.startsWith('HPE_')) return `it does not speak HTTP (${code})`;
  if (code.startsWith('Z_') || code.startsWith('ERR_BROTLI')) return 'its body could not be unpacked';
  return error.message.replace(/\.$/, '');
}
