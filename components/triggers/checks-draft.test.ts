import { describe, expect, it } from 'vitest';
import { toDraft, toSave, type WebhookConfig } from './checks-draft';

const config: WebhookConfig = {
  hmac: { enabled: true, scheme: 'plain', algorithm: 'sha256', header: null, has_secret: true },
  rate_limit: { enabled: true, requests: 5, window_seconds: 30 },
  ip_whitelist: { enabled: false, ips: ['10.0.0.0/8', '::1'] },
  payload_size_limit_kb: 64,
  dedupe_header: 'X-Once',
  response_mode: 'sync',
  sync_timeout_seconds: 20,
};

describe('the checks of a webhook, typed', () => {
  it('come back as they were, the secret left alone', () => {
    const { has_secret: _, ...hmac } = config.hmac;
    expect(toSave(toDraft(config), true)).toEqual({ config: { ...config, hmac } });
  });

  it('take addresses by lines, spaces or commas, and empty fields for nothing', () => {
    const draft = { ...toDraft(config), ips: ' 10.0.0.1,\n::1  fe80::/10\n', sizeKb: '', dedupeHeader: ' ' };
    expect(toSave(draft, true)).toMatchObject({
      config: {
        ip_whitelist: { ips: ['10.0.0.1', '::1', 'fe80::/10'] },
        payload_size_limit_kb: null,
        dedupe_header: null,
      },
    });
  });

  it('need a secret and an address where they are asked for', () => {
    const draft = { ...toDraft(config), isListed: true, ips: ' ' };
    expect(Object.keys((toSave(draft, false) as { errors: object }).errors)).toEqual([
      ...['ip_whitelist.ips', 'hmac.secret'],
    ]);
    expect(toSave({ ...draft, ips: '::1', secret: 's' }, false)).toHaveProperty('config');
  });

  it('say which number is none; of what is off nothing is asked', () => {
    const draft = { ...toDraft(config), requests: 'many', windowSeconds: '0', sizeKb: '1.5' };
    expect(Object.keys((toSave(draft, true) as { errors: object }).errors)).toEqual([
      ...['rate_limit.requests', 'rate_limit.window_seconds', 'payload_size_limit_kb'],
    ]);
    expect(toSave({ ...draft, isLimited: false, sizeKb: '2' }, true)).toHaveProperty('config');
  });
});
