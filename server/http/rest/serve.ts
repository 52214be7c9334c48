import { Readable } from 'node:stream';
import { Hono, type Context } from 'hono';
import type { ZodType } from 'zod';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { DomainError, forbidden, invalid, type ErrorDetail, type ErrorKind } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { recordDenial } from '../../audit/record';
import { noteRequest } from '../../audit/request';
import { errorHeaders, errorNumbers, toErrorBody } from '../../http-errors';
import { once } from '../../idempotency/service';
import { requireRight, type Actor } from '../../identities/actor';
import { actorOfBearer, bearerOf, refreshBearer } from '../../identities/bearer';
import { actorOf, refreshActor, sessionTokenOf } from '../../identities/sessions';
import type { HttpEnv } from '../bindings';
import { chargeCall } from '../rate-limit';
import { decodeText, parseJson, readBody } from '../read-body';
import { isSameOrigin } from '../same-origin';
import { toEventStream } from './event-stream';
import { PagingQuery, toPaging } from './paging';
import type { Checked, Route, SentFile } from './route';

/**
 * The declared routes, served: who calls (401), whether they hold the right at all (403), then what they sent (400, 413,
 * 415), then the service. Streams end when `stopping` does.
 */
export function serveRoutes(routes: readonly Route[], stopping: AbortSignal): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  for (const route of routes) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    app.on(route.method.toUpperCase(), path, async (c) => {
      const actor = await chargedActor(c, route);
      noteRequest({ status: route.status });
      try {
        return await serve(c, route, actor, stopping);
      } catch (error) {
        if (actor && error instanceof DomainError && error.kind === 'forbidden')
          await recordDenial(actor, error);
        throw error;
      }
    });
  }
  return app;
}

/** Who calls, counted: where it is nobody that we know, by their address. */
async function chargedActor(c: Context<HttpEnv>, route: Route): Promise<Actor | null> {
  const address = c.get('address');
  if (route.access === 'anyone') {
    chargeCall(address);
    return null;
  }
  const actor = await requireActor(c, route).catch((error: unknown) => {
    if (error instanceof DomainError && error.kind === 'unauthenticated') chargeCall(address);
    throw error;
  });
  chargeCall(actor);
  return actor;
}

async function serve(
  c: Context<HttpEnv>,
  route: Route,
  actor: Actor | null,
  stopping: AbortSignal,
): Promise<Response> {
  const { access } = route;
  if (actor && typeof access === 'object' && !isOfSelf(route, actor, c.req.param('id')))
    for (const right of access.also ? [access, access.also] : [access])
      requireRight(actor, right.action, right.resource);
  const checked = await check(route, c, actor).catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error;
    return error;
  });
  if (checked instanceof DomainError) return refuse(c, route, checked);
  const run = () =>
    route.run(checked).catch((error: unknown) => {
      throw inWireWords(error);
    });
  const key = route.isRepeatable ? c.req.header('idempotency-key') : undefined;
  if (actor && key !== undefined) return runOnce(c, { actor, key, bytes: checked.bytes }, run);
  const sent = await run();
  if ('file' in sent) return sendFile(sent.file);
  if ('stream' in sent) {
    const signal = AbortSignal.any([c.req.raw.signal, stopping]);
    return toEventStream(sent.stream, { signal, requestId: c.get('requestId') });
  }
  return c.json(sent.body, sent.status);
}

/** The first answer to this caller with this key. What is refused is kept as well, but not what may be had later. */
async function runOnce(
  c: Context<HttpEnv>,
  { actor, key, bytes }: { actor: Actor; key: string; bytes: Uint8Array },
  run: () => ReturnType<Route['run']>,
): Promise<Response> {
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw invalid('An Idempotency-Key is 1 to 255 letters, digits or signs, without spaces.');
  const { pathname, search } = new URL(c.req.url);
  const request = {
    key,
    route: `${c.req.method} ${pathname}${search}`,
    body: withoutBoundary(bytes, c.req.header('content-type')),
  };
  const { status, body, isReplay } = await once(actor, request, async () => {
    const sent = await run().catch(async (error: unknown) => {
      const isFinal = error instanceof DomainError && !passing.has(error.kind);
      if (!isFinal) throw error;
      if (error.kind === 'forbidden') await recordDenial(actor, error);
      return { status: errorNumbers[error.kind].status, body: toErrorBody(error) };
    });
    if (!('body' in sent)) throw new Error('what is sent once and again is JSON');
    return { status: sent.status, body: sent.body as Json };
  });
  return c.json(body, status as ContentfulStatusCode, isReplay ? { 'idempotency-replayed': 'true' } : {});
}

/** A form’s parts are divided by a text that is made up anew whenever it is sent. */
function* withoutBoundary(bytes: Uint8Array, contentType = ''): Iterable<Uint8Array> {
  const boundary = /^multipart\/.*boundary="?([^";]{1,100})/i.exec(contentType)?.[1];
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let from = 0;
  for (let at = 0; boundary !== undefined; from = at + boundary.length) {
    at = whole.indexOf(boundary, from);
    if (at === -1) break;
    yield whole.subarray(from, at);
  }
  yield whole.subarray(from);
}

const passing = new Set<ErrorKind>(['too_many', 'unavailable', 'unauthenticated', 'not_implemented']);

/** Whether the address names the caller, and people may do this about themselves. */
function isOfSelf({ access }: Route, actor: Actor, id: string | undefined): boolean {
  const isAllowed = typeof access === 'object' && access.orSelf === true;
  return isAllowed && actor.execution === undefined && id === String(actor.identityId);
}

/** By token, or by a browser's cookie, which travels by itself: then the header must say that a page of ours asks. */
async function requireActor(c: Context<HttpEnv>, { envelope }: Route): Promise<Actor> {
  const token = bearerOf(c.req.header('authorization'));
  if (token !== null) {
    const caller = await actorOfBearer(token, c.get('address'), c.get('requestId'));
    noteRequest({ tokenType: caller.execution ? 'execution' : 'access' });
    return caller;
  }
  const actor = await actorOf(sessionTokenOf(c.req.header('cookie')), c.get('address'), c.get('requestId'));
  if (!actor) {
    const message =
      'Send a token: the header Authorization: Bearer … with an access token of POST /auth/login.';
    throw new DomainError('unauthenticated', 'unauthenticated', message);
  }
  noteRequest({ tokenType: 'session' });
  // A file is shown and saved by the browser itself, which sends no header of ours but says where it was asked for.
  if (envelope === 'file' && ['same-origin', 'none'].includes(c.req.header('sec-fetch-site') ?? ''))
    return actor;
  if (!isSameOrigin(c.req.raw.headers) || c.req.header('x-attune') !== '1')
    throw forbidden('With a cookie this needs the header x-attune: 1, from a page of the studio.');
  return actor;
}

function refresh(actor: Actor, authorization: string | undefined): Promise<Actor | null> {
  const token = bearerOf(authorization);
  return token === null ? refreshActor(actor) : refreshBearer(token, actor);
}

/** Services name fields as the studio does; who calls here knows them by their names on the wire. */
function inWireWords(error: unknown): unknown {
  if (!(error instanceof DomainError) || error.details.length === 0) return error;
  const renamed = new Map<string, string>();
  const details = error.details.map(({ path, message }) => {
    const [first = ''] = path.split('.', 1);
    const wire = first.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    renamed.set(path, wire + path.slice(first.length));
    return { path: wire + path.slice(first.length), message };
  });
  let { message } = error;
  for (const [path, wire] of renamed) if (path !== '') message = message.replaceAll(path, wire);
  const { kind, code, retryAfterSeconds, cause } = error;
  return new DomainError(kind, code, message, {
    details,
    cause,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

function sendFile({ fileName, contentType, sizeBytes, content, leftOut = [] }: SentFile): Response {
  // The name for old readers keeps only what every one of them takes.
  const plain = fileName.replaceAll(/[^\w. -]/g, '_');
  return new Response(Readable.toWeb(Readable.from(content, { objectMode: false })) as ReadableStream, {
    headers: {
      'content-type': contentType,
      ...(sizeBytes !== null && { 'content-length': String(sizeBytes) }),
      'content-disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(fileName)}`,
      // A header holds no letters beyond ASCII.
      ...(leftOut.length > 0 && { 'x-attune-left-out': encodeURIComponent(leftOut.join('\n')) }),
    },
  });
}

async function check(route: Route, c: Context<HttpEnv>, actor: Actor | null): Promise<Checked> {
  const query = Object.fromEntries(new URL(c.req.url).searchParams);
  const params = c.req.param();
  // Texts of an address are kept to what texts of a body are.
  parseJson(JSON.stringify([query, params]));
  const isList = route.envelope === 'list';
  return {
    caller: {
      actor,
      address: c.get('address'),
      userAgent: c.req.header('user-agent') ?? '',
      refresh: async () => actor && refresh(actor, c.req.header('authorization')),
    },
    lastEventId: c.req.header('last-event-id') ?? null,
    params: parse(route.params, params, 'The address'),
    query: parse(route.query, query, 'The query'),
    paging: toPaging(isList ? parse(PagingQuery, query, 'The query') : {}),
    ...(await readInput(route, c)),
  };
}

async function readInput(
  route: Route,
  c: Context<HttpEnv>,
): Promise<Pick<Checked, 'body' | 'upload' | 'bytes'>> {
  const type = c.req.header('content-type') ?? '';
  const kind = type.split(';')[0]?.trim().toLowerCase() ?? '';
  if (route.isUpload) {
    if (kind !== 'multipart/form-data')
      throw invalid('Send a form: multipart/form-data.', [], 'malformed_body');
    const bytes = await readBody(c.req.raw, route.maxBodyBytes);
    return { body: undefined, upload: { bytes, type }, bytes };
  }
  if (!route.body) return { body: undefined, upload: null, bytes: new Uint8Array() };
  if (kind !== 'application/json')
    throw invalid('Send the body as JSON, with the header Content-Type: application/json.', [], 'not_json');
  const bytes = await readBody(c.req.raw, route.maxBodyBytes);
  const body: unknown = parse(route.body, parseJson(decodeText(bytes)), 'The body');
  return { body, upload: null, bytes };
}

function parse<Schema extends ZodType>(schema: Schema, value: unknown, what: string): Schema['_output'];
function parse(schema: ZodType | undefined, value: unknown, what: string): unknown;
function parse(schema: ZodType | undefined, value: unknown, what: string): unknown {
  if (!schema) return undefined;
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const details: ErrorDetail[] = read.error.issues
    .slice(0, 50)
    .map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const places = details.slice(0, 5).map(({ path, message }) => (path ? `${path}: ${message}` : message));
  throw invalid(`${what} does not fit: ${places.join('; ').replace(/\.$/, '')}.`, details);
}

function refuse(c: Context<HttpEnv>, route: Route, error: DomainError): Response {
  if (error.kind !== 'invalid') throw error;
  const status = error.code === 'not_json' ? 415 : route.invalidStatus;
  return c.json(toErrorBody(error), status, errorHeaders(error));
}
