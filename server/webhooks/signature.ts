import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookConfig } from './schema';

/** How far a signed moment may lie from ours. */
const toleranceSeconds = 300;
const mostSignatures = 10;

export interface Signed {
  headers: Headers;
  /** The body as it came over the wire. */
  bytes: Uint8Array;
  nowSeconds: number;
}

/** Why the caller has not shown that it knows the secret; null where it has. Compares in constant time. */
export function findForgery(hmac: WebhookConfig['hmac'], secret: string, call: Signed): string | null {
  switch (hmac.scheme) {
    case 'plain':
      return checkPlain(hmac.algorithm, hmac.header ?? pickHeader(call.headers), secret, call);
    case 'github':
      return checkPlain('sha256', 'X-Hub-Signature-256', secret, call);
    case 'gitlab':
      return checkToken('X-Gitlab-Token', secret, call);
    case 'stripe':
      return checkStripe(secret, call);
    case 'slack':
      return checkSlack(secret, call);
  }
}

const pickHeader = (headers: Headers) =>
  !headers.has('x-webhook-signature') && headers.has('x-hub-signature-256')
    ? 'X-Hub-Signature-256'
    : 'X-Webhook-Signature';

function checkPlain(algorithm: string, header: string, secret: string, call: Signed): string | null {
  const given = call.headers.get(header);
  if (given === null) return `The header ${header} is missing.`;
  const [name = '', hex = '', ...more] = given.trim().split('=');
  if (name.toLowerCase() !== algorithm || more.length > 0)
    return `The header ${header} must be ${algorithm}=, then the signature in hex.`;
  return isSame(hex, sign(algorithm, secret, call.bytes)) ? null : mismatch(header);
}

function checkToken(header: string, secret: string, { headers }: Signed): string | null {
  const given = headers.get(header);
  if (given === null) return `The header ${header} is missing.`;
  // Of one length, whatever was sent.
  const hash = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(hash(given), hash(secret)) ? null : `The header ${header} is not the secret.`;
}

function checkStripe(secret: string, call: Signed): string | null {
  const header = 'Stripe-Signature';
  const given = call.headers.get(header);
  if (given === null) return `The header ${header} is missing.`;
  const parts = given.split(',').map((part) => part.trim().split('=', 2));
  const moment = parts.find(([name]) => name === 't')?.[1] ?? '';
  const signatures = parts.filter(([name]) => name === 'v1').slice(0, mostSignatures);
  const stale = findStale(header, moment, call.nowSeconds);
  if (stale !== null) return stale;
  const expected = sign('sha256', secret, Buffer.from(`${moment}.`), call.bytes);
  // While a secret is changed Stripe signs with both.
  return signatures.some(([, hex = '']) => isSame(hex, expected)) ? null : mismatch(header);
}

function checkSlack(secret: string, call: Signed): string | null {
  const header = 'X-Slack-Signature';
  const given = call.headers.get(header);
  if (given === null) return `The header ${header} is missing.`;
  const moment = call.headers.get('x-slack-request-timestamp') ?? '';
  const stale = findStale('X-Slack-Request-Timestamp', moment, call.nowSeconds);
  if (stale !== null) return stale;
  const [version, hex = ''] = given.trim().split('=', 2);
  const expected = sign('sha256', secret, Buffer.from(`v0:${moment}:`), call.bytes);
  return version === 'v0' && isSame(hex, expected) ? null : mismatch(header);
}

function findStale(header: string, moment: string, nowSeconds: number): string | null {
  if (!/^\d{1,12}$/.test(moment)) return `The header ${header} names no time.`;
  if (Math.abs(nowSeconds - Number(moment)) <= toleranceSeconds) return null;
  return `The header ${header} names a time more than ${toleranceSeconds} s from ours.`;
}

function sign(algorithm: string, secret: string, ...parts: readonly Uint8Array[]): Buffer {
  const hmac = createHmac(algorithm, secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

function isSame(hex: string, expected: Buffer): boolean {
  if (!/^[\da-f]+$/i.test(hex) || hex.length !== expected.length * 2) return false;
  return timingSafeEqual(Buffer.from(hex, 'hex'), expected);
}

const mismatch = (header: string) =>
  `The signature in the header ${header} does not belong to this body and the secret.`;
