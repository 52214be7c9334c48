import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inSystem } from '../db';
import { startRestServer, type Answer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { createPack } from '../packs/service';
import { makePerson, makeTenant } from '../packs/test-people';
import { createTrigger, disableWebhook, enableWebhook } from '../triggers/service';
import { recallHook } from './hooks';
import { saveConfig } from './service';

/** A process remembers webhooks; what another process changes counts for the very next call all the same. */

let rest: RestServer;
let ada: Actor;
let made = 0;
beforeAll(async () => {
  rest = await startRestServer();
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
});
afterAll(() => rest.close());

type Config = Parameters<typeof saveConfig>[2];

async function makeHook(config?: Config) {
  const ref = `ops.hook_${(made += 1)}`;
  const { webhookUrl } = await createTrigger(ada, {
    ...{ packRef: 'ops', ref, label: ref, description: '', webhook: true },
  });
  const path = new URL(webhookUrl ?? '').pathname;
  const key = path.split('/').at(-1) ?? '';
  if (config) await saveConfig(ada, ref, config);
  return {
    ref,
    key,
    post: (headers: Record<string, string> = {}): Promise<Answer> =>
      rest.call('POST', path, { body, headers: headers }),
    count: async () =>
      (
        await inSystem((tx) =>
          tx.query('SELECT 1 FROM event WHERE tenant_id = $1 AND trigger_ref = $2', [ada.tenantId, ref]),
        )
      ).length,
  };
}
const body = JSON.stringify({ a: 'body' });
const signed = (secret: string) => ({
  'x-webhook-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
});
const hmac = (secret: string): Config => ({ hmac: { enabled: true, secret } });

describe('a webhook that this process remembers', () => {
  it('takes no call once it is off, and takes them when it is on again', async () => {
    const hook = await makeHook();
    expect((await hook.post()).status).toBe(200);
    expect(recallHook(hook.key)).not.toBeNull();
    expect((await hook.post()).status).toBe(200);
    await disableWebhook(ada, hook.ref);
    expect((await hook.post()).status).toBe(404);
    await enableWebhook(ada, hook.ref);
    expect(await hook.count()).toBe(2);
  });

  it('asks for a signature as soon as one is asked for', async () => {
    const hook = await makeHook();
    expect((await hook.post()).status).toBe(200);
    await saveConfig(ada, hook.ref, hmac('s1'));
    expect((await hook.post()).status).toBe(401);
    expect((await hook.post(signed('s1'))).status).toBe(200);
    expect(await hook.count()).toBe(2);
  });

  it('knows a new secret at once, and the old one no more', async () => {
    const hook = await makeHook(hmac('old'));
    expect((await hook.post(signed('old'))).status).toBe(200);
    expect(recallHook(hook.key)?.secret).toBe('old');
    await saveConfig(ada, hook.ref, hmac('new'));
    expect((await hook.post(signed('old'))).status).toBe(401);
    expect((await hook.post(signed('new'))).status).toBe(200);
    expect((await hook.post(signed('new'))).status).toBe(200);
    // What would be refused by what is remembered is looked up first.
    await saveConfig(ada, hook.ref, hmac('newest'));
    expect((await hook.post(signed('newest'))).status).toBe(200);
    expect(await hook.count()).toBe(4);
  });

  it('keeps addresses out as soon as they are off its list', async () => {
    const list = (ips: string[]) => ({ ip_whitelist: { enabled: true, ips } }) as Config;
    const hook = await makeHook(list(['127.0.0.1', '::1']));
    expect((await hook.post()).status).toBe(200);
    await saveConfig(ada, hook.ref, list(['192.0.2.1']));
    expect((await hook.post()).status).toBe(403);
    expect(await hook.count()).toBe(1);
  });

  it.each([
    ['counts its calls', { rate_limit: { enabled: true, requests: 5, window_seconds: 60 } }],
    ['knows deliveries by name', { dedupe_header: 'x-once' }],
  ])('is looked up for each call where it %s', async (_, config) => {
    const hook = await makeHook(config);
    expect((await hook.post({ 'x-once': 'one' })).status).toBe(200);
    expect(recallHook(hook.key)).toBeNull();
  });
});
