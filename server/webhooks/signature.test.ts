import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { WebhookConfig } from './schema';
import { findForgery } from './signature';

const secret = "It's a Secret to Everybody";
const body = 'Hello, World!';
const bytes = new TextEncoder().encode(body);
const nowSeconds = 1_790_000_000;

const check = (hmac: object, headers: Record<string, string>, at = nowSeconds, sent = bytes) =>
  findForgery(WebhookConfig.parse({ hmac: { enabled: true, ...hmac } }).hmac, secret, {
    headers: new Headers(headers),
    bytes: sent,
    nowSeconds: at,
  });
const sign = (text: string, algorithm = 'sha256') => createHmac(algorithm, secret).update(text).digest('hex');

describe('a plain signature', () => {
  it.each(['sha1', 'sha256', 'sha512'])('by %s is good in either header', (algorithm) => {
    const value = `${algorithm}=${sign(body, algorithm)}`;
    expect(check({ algorithm }, { 'x-webhook-signature': value })).toBeNull();
    expect(check({ algorithm }, { 'x-hub-signature-256': value })).toBeNull();
    expect(check({ algorithm }, { 'x-webhook-signature': value.toUpperCase() })).toBeNull();
  });

  it('is looked for in the header that is named, and in no other', () => {
    const value = `sha256=${sign(body)}`;
    expect(check({ header: 'X-Own' }, { 'x-own': value })).toBeNull();
    expect(check({ header: 'X-Own' }, { 'x-webhook-signature': value })).toMatch(/X-Own is missing/);
  });

  it.each([
    ['missing', {}],
    ['empty', { 'x-webhook-signature': '' }],
    ['without the algorithm', { 'x-webhook-signature': sign(body) }],
    ['of another algorithm', { 'x-webhook-signature': `sha1=${sign(body, 'sha1')}` }],
    ['too short', { 'x-webhook-signature': `sha256=${sign(body).slice(2)}` }],
    ['not hex', { 'x-webhook-signature': `sha256=${'z'.repeat(64)}` }],
    ['of another body', { 'x-webhook-signature': `sha256=${sign(`${body} `)}` }],
    [
      'bad in the first header, good in the second',
      {
        'x-webhook-signature': `sha256=${sign('other')}`,
        'x-hub-signature-256': `sha256=${sign(body)}`,
      },
    ],
  ])('that is %s is refused', (_, headers) => {
    expect(check({}, headers as Record<string, string>)).not.toBeNull();
  });

  it('is over the raw bytes, whatever they are', () => {
    const raw = Uint8Array.from([0, 255, 195, 40]);
    const value = `sha256=${createHmac('sha256', secret).update(raw).digest('hex')}`;
    expect(check({}, { 'x-webhook-signature': value }, nowSeconds, raw)).toBeNull();
  });
});

describe('the form of', () => {
  it('GitHub is what GitHub documents', () => {
    const documented = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    expect(check({ scheme: 'github' }, { 'x-hub-signature-256': documented })).toBeNull();
    expect(check({ scheme: 'github' }, { 'x-webhook-signature': documented })).not.toBeNull();
    expect(
      check({ scheme: 'github' }, { 'x-hub-signature-256': documented.replace('757', '758') }),
    ).not.toBeNull();
  });

  it('GitLab is the secret itself', () => {
    expect(check({ scheme: 'gitlab' }, { 'x-gitlab-token': secret })).toBeNull();
    for (const value of ['', 'x', `${secret}x`])
      expect(check({ scheme: 'gitlab' }, { 'x-gitlab-token': value })).toMatch(/not the secret/);
    expect(check({ scheme: 'gitlab' }, {})).toMatch(/missing/);
  });

  it('Stripe signs the moment too, and more than 300 s are too many', () => {
    const value = (t: number, more = '') => ({
      'stripe-signature': `t=${t},v1=${'0'.repeat(64)},v1=${sign(`${t}.${body}`)}${more}`,
    });
    expect(check({ scheme: 'stripe' }, value(nowSeconds, ',v0=old'))).toBeNull();
    expect(check({ scheme: 'stripe' }, value(nowSeconds - 300))).toBeNull();
    expect(check({ scheme: 'stripe' }, value(nowSeconds - 301))).toMatch(/300 s/);
    expect(check({ scheme: 'stripe' }, value(nowSeconds + 301))).toMatch(/300 s/);
    const { 'stripe-signature': good } = value(nowSeconds);
    const moved = good.replace(`t=${nowSeconds}`, `t=${nowSeconds - 1}`);
    expect(check({ scheme: 'stripe' }, { 'stripe-signature': moved })).toMatch(/does not belong/);
    for (const bad of ['', 't=,v1=', `t=${nowSeconds}`, `v1=${sign(body)}`])
      expect(check({ scheme: 'stripe' }, { 'stripe-signature': bad })).not.toBeNull();
  });

  it('Slack signs the moment too, and more than 300 s are too many', () => {
    const value = (t: number, version = 'v0') => ({
      'x-slack-request-timestamp': String(t),
      'x-slack-signature': `${version}=${sign(`v0:${t}:${body}`)}`,
    });
    expect(check({ scheme: 'slack' }, value(nowSeconds - 300))).toBeNull();
    expect(check({ scheme: 'slack' }, value(nowSeconds - 301))).toMatch(/300 s/);
    expect(check({ scheme: 'slack' }, value(nowSeconds, 'v1'))).toMatch(/does not belong/);
    expect(check({ scheme: 'slack' }, { ...value(nowSeconds), 'x-slack-request-timestamp': '0x1' })).toMatch(
      /names no time/,
    );
    expect(check({ scheme: 'slack' }, { 'x-slack-request-timestamp': String(nowSeconds) })).toMatch(
      /missing/,
    );
  });
});
