import { DomainError, forbidden, notFound, type ErrorKind } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { inTenant } from '../db';
import { findCause } from '../events/cause';
import { recordEvent } from '../events/store';
import { errorNumbers } from '../http-errors';
import { isListed } from '../http/address-list';
import { readBody } from '../http/read-body';
import { log, reasonOf } from '../log';
import { open } from '../sealing/seal';
import { parseWebhookBody, toFields } from './body';
import { Budget } from './budget';
import { keptHeaders, maskedBody, maskedHeaders } from './masking';
import { toPatience } from './outcome';
import { mostPayloadKb, WebhookConfig, type Verdict } from './schema';
import { findForgery } from './signature';
import { findHook, forgetHook, recallHook, rememberHook, type Hook, type ReadyHook } from './hooks';
import { acceptCall, contextOf, countCall, insertDelivery, nameEvent, takeName } from './store';

/**
 * Receiving: a call is looked at in this order, and the first thing that is wrong answers it. The key (404), the address (403),
 * the signature over the raw bytes (401), the rate (429), the size (413), the body (400), then whether the sender has sent the
 * same before (the first event's answer). What cannot be checked is refused. Why so: docs/adr/0026.
 */

export interface WebhookCall {
  key: string;
  request: Request;
  address: string;
  /** The execution that the caller says it is. */
  cause?: string | undefined;
}

/** An event, new or of the same delivery before; or what Slack asks an address to repeat. */
export type Received =
  | {
      kind: 'event';
      tenantId: number;
      eventId: number;
      triggerRef: string;
      receivedAt: string;
      /** How long the caller is to wait for results; null where it is answered at once. */
      patienceSeconds: number | null;
    }
  | { kind: 'challenge'; challenge: string };

const longestKey = 200;
const longestName = 1_000;
const mostBytes = mostPayloadKb * 1024;
const budget = new Budget(20, 1);

/** Says why a call is refused, and how that is called where calls are listed. */
class RefusedCall extends Error {
  constructor(
    readonly verdict: Verdict,
    readonly told: DomainError,
    /** For the log only. */
    readonly defect?: string,
  ) {
    super(told.message);
  }
}

/** The webhook is not what this process remembered, or a call is about to be refused by what it remembered. */
class Outdated extends Error {}

/** What is known of a call so far. */
interface Seen {
  bytes: Uint8Array;
  secret: string | null;
}

/** A call whose body is read once, however often it is looked at. */
interface Call extends WebhookCall {
  readonly read: () => Promise<Uint8Array>;
}

/**
 * Takes a call: exactly one event for each that is accepted, stored before the caller is answered.
 * @throws DomainError not_found for an unknown key and for what is switched off; forbidden, unauthenticated, too_many,
 * too_large, invalid as the webhook's checks say; unavailable where its settings cannot be read
 */
export async function receiveWebhook(asked: WebhookCall): Promise<Received> {
  let body: Promise<Uint8Array> | undefined;
  const call = { ...asked, read: () => (body ??= readBody(asked.request, mostBytes)) };
  return (await takeRecalled(call)) ?? takeAfresh(call);
}

/** By the webhook as it was a moment ago, while it is so still; null where it has to be looked up. */
async function takeRecalled(call: Call): Promise<Received | null> {
  const ready = recallHook(call.key);
  if (!ready) return null;
  try {
    return await take(ready, call, { bytes: new Uint8Array(), secret: ready.secret });
  } catch (error) {
    if (!(error instanceof RefusedCall) && !(error instanceof Outdated)) throw error;
    forgetHook(call.key);
    return null;
  }
}

async function takeAfresh(call: Call): Promise<Received> {
  const hook = call.key.length <= longestKey ? await findHook(call.key) : null;
  if (!hook) throw noWebhook();
  const seen: Seen = { bytes: new Uint8Array(), secret: null };
  try {
    const config = readSettings(hook, seen);
    const ready = { hook, config, secret: seen.secret, isRecalled: false };
    const received = await take(ready, call, seen);
    rememberHook(ready);
    return received;
  } catch (error) {
    if (!(error instanceof RefusedCall)) throw error;
    await keepRefused(hook, call, seen, {
      verdict: error.verdict,
      status: statusOf(error.told.kind),
      reason: error.told.message,
      eventId: null,
      ...(error.defect !== undefined && { defect: error.defect }),
    });
    throw error.told;
  }
}

/** The key is a secret: the answer does not repeat it. */
const noWebhook = () => notFound('webhook', 'with this key, or it is off');
const statusOf = (kind: ErrorKind) => errorNumbers[kind].status;

async function take(ready: ReadyHook, call: Call, seen: Seen): Promise<Received> {
  const { request } = call;
  const { hook, config } = ready;
  if (config.ip_whitelist.enabled && !isListed(config.ip_whitelist.ips, call.address))
    throw new RefusedCall(
      'address_refused',
      forbidden(`This webhook takes no calls from ${call.address}: the address is not on its list.`),
    );
  seen.bytes = await call.read().catch(asRefused('too_large'));
  requireSignature(config, request.headers, seen);
  await requireRate(hook, config);
  requireSize(config, seen.bytes);
  const body = await parseWebhookBody(seen.bytes, request.headers.get('content-type') ?? '').catch(
    asRefused('malformed'),
  );
  const challenge = config.hmac.scheme === 'slack' ? findChallenge(body.payload) : null;
  if (challenge !== null) {
    if (ready.isRecalled) throw new Outdated();
    await keepRefused(hook, call, seen, { verdict: 'challenge', status: 200, reason: '', eventId: null });
    return { kind: 'challenge', challenge };
  }
  const query = toFields(new URL(request.url).searchParams);
  return store(ready, call, {
    payload: body.payload,
    headers: {
      ...keptHeaders(request.headers),
      // No header can be called that, so the two never meet.
      ...(Object.keys(query).length > 0 && { ':query': query }),
      ...body.headers,
    },
    seen,
  });
}

function asRefused(verdict: Verdict) {
  return (error: unknown): never => {
    throw error instanceof DomainError ? new RefusedCall(verdict, error) : error;
  };
}

/** What the webhook asks for, with its secret. What does not fit or does not open lets nobody through. */
function readSettings(hook: Hook, seen: Seen): WebhookConfig {
  const config = WebhookConfig.safeParse(hook.config);
  const broken = (reason: string): never => {
    const message =
      'The settings of this webhook are broken, so it takes no calls. Its owner must save them anew.';
    const told = new DomainError('unavailable', 'webhook_misconfigured', message);
    throw new RefusedCall('misconfigured', told, reason);
  };
  if (!config.success) return broken(config.error.message);
  if (!config.data.hmac.enabled) return config.data;
  if (!hook.sealed) return broken('it asks for signatures and has no secret');
  try {
    const { value } = open(hook.tenantId, contextOf(hook.triggerId), hook.sealed);
    if (typeof value !== 'string' || value === '') return broken('its secret is no text');
    seen.secret = value;
  } catch (error) {
    return broken(reasonOf(error));
  }
  return config.data;
}

function requireSignature({ hmac }: WebhookConfig, headers: Headers, { bytes, secret }: Seen): void {
  if (!hmac.enabled) return;
  const nowSeconds = Date.now() / 1000;
  const forged =
    secret === null ? 'There is no secret.' : findForgery(hmac, secret, { headers, bytes, nowSeconds });
  if (forged !== null)
    throw new RefusedCall('bad_signature', new DomainError('unauthenticated', 'bad_signature', forged));
}

async function requireRate(hook: Hook, { rate_limit }: WebhookConfig): Promise<void> {
  if (!rate_limit.enabled) return;
  const retryAfterSeconds = await countCall(hook, rate_limit);
  if (retryAfterSeconds === null) return;
  const message = `This webhook takes ${rate_limit.requests} calls in ${rate_limit.window_seconds} s, and they are used up. Try again in ${Math.ceil(retryAfterSeconds)} s.`;
  throw new RefusedCall(
    'rate_limited',
    new DomainError('too_many', 'rate_limited', message, { retryAfterSeconds }),
  );
}

function requireSize({ payload_size_limit_kb: kb }: WebhookConfig, bytes: Uint8Array): void {
  if (kb === null || bytes.byteLength <= kb * 1024) return;
  throw new RefusedCall(
    'too_large',
    new DomainError('too_large', 'too_large', `The body is larger than ${kb} KB.`),
  );
}

/** What Slack sends once to see that an address is ours. */
function findChallenge(payload: Json): string | null {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return null;
  const { type, challenge } = payload;
  return type === 'url_verification' && typeof challenge === 'string' ? challenge : null;
}

/** Makes the event of a call that nothing else of its sender's may equal, and writes the call down, as one statement. */
async function accept(
  { hook, isRecalled }: ReadyHook,
  call: WebhookCall,
  stored: { payload: Json; headers: Record<string, Json>; executionId: number | null; sizeBytes: number },
): Promise<{ eventId: number; receivedAt: string }> {
  const version = isRecalled ? hook.version : '';
  const accepted = await acceptCall({ ...hook, ...stored, version, address: call.address });
  // Changed since it was looked up; or switched off, or given another key, since the call began.
  if (!accepted) throw isRecalled ? new Outdated() : noWebhook();
  return accepted;
}

async function store(
  ready: ReadyHook,
  call: WebhookCall,
  { payload, headers, seen }: { payload: Json; headers: Record<string, Json>; seen: Seen },
): Promise<Received> {
  const { hook, config } = ready;
  const { tenantId, triggerId, triggerRef } = hook;
  const name = config.dedupe_header && call.request.headers.get(config.dedupe_header)?.slice(0, longestName);
  const executionId = await findCause(tenantId, call.cause);
  const patienceSeconds = toPatience(config, call.request.headers.get('prefer'));
  if (!name) {
    const sizeBytes = seen.bytes.byteLength;
    const made = await accept(ready, call, { payload, headers, executionId, sizeBytes });
    return { kind: 'event', tenantId, triggerRef, patienceSeconds, ...made };
  }
  const stored = await inTenant(tenantId, async (tx) => {
    const before = await takeName(tx, hook, name);
    if (before) return { ...before, receivedAt: before.receivedAt.toISOString(), isRepeat: true };
    const { eventId, receivedAt } = await recordEvent(tx, {
      ...{ tenantId, triggerId, triggerRef, payload, headers, executionId },
      source: 'webhook',
    });
    await nameEvent(tx, hook, name, eventId);
    const delivery = await insertDelivery(tx, hook, {
      ...{ verdict: 'accepted', status: 200, reason: '', eventId },
      ...{ address: call.address, sizeBytes: seen.bytes.byteLength },
    });
    // Switched off, or given another key, since the call began.
    if (delivery === null) throw noWebhook();
    return { eventId, receivedAt, isRepeat: false };
  });
  const { eventId, receivedAt, isRepeat } = stored;
  if (isRepeat)
    await keepRefused(hook, call, seen, { verdict: 'duplicate', status: 200, reason: '', eventId });
  return { kind: 'event', tenantId, eventId, triggerRef, receivedAt, patienceSeconds };
}

/** Writes down a call that made no event, as far as the budget goes. That it cannot be written changes no answer. */
async function keepRefused(
  hook: Hook,
  { request, address }: WebhookCall,
  { bytes, secret }: Seen,
  {
    defect,
    ...what
  }: { verdict: Verdict; status: number; reason: string; eventId: number | null; defect?: string },
): Promise<void> {
  const unkept = budget.take(hook.triggerId, performance.now());
  if (unkept === null) return;
  if (defect !== undefined)
    log.error(
      { triggerRef: hook.triggerRef, reason: defect },
      'a webhook’s settings are broken: it takes no calls',
    );
  const said = Number(request.headers.get('content-length') ?? 0);
  const sizeBytes = bytes.byteLength || (Number.isSafeInteger(said) && said > 0 ? said : 0);
  // An address that may not call has shown nothing: nothing of what it sent is kept.
  const isStranger = what.verdict === 'address_refused' || what.verdict === 'misconfigured';
  const content = isStranger
    ? {}
    : {
        headers: maskedHeaders(request.headers),
        body: bytes.byteLength > 0 ? maskedBody(bytes, secret) : null,
      };
  await inTenant(hook.tenantId, (tx) =>
    insertDelivery(tx, hook, { ...what, address, sizeBytes, unkept, ...content }),
  ).catch((error: unknown) => {
    log.warn({ triggerRef: hook.triggerRef, error: reasonOf(error) }, 'a refused call was not written down');
  });
}
