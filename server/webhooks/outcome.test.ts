import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inSystem } from '../db';
import { matchEvent } from '../events/match';
import { done, failed, work } from '../executions/test-worker';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { createPack } from '../packs/service';
import { makeTenant } from '../packs/test-people';
import { createRule } from '../rules/service';
import { toPatience } from './outcome';
import { WebhookConfig } from './schema';

let rest: RestServer;
let ada: Actor;
let token: string;
let made = 0;
// However busy the machine is with other tests.
const patience = { timeout: 40_000, interval: 50 };
beforeAll(async () => {
  rest = await startRestServer();
  ada = await makeMember(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  token = await rest.tokenOf(ada.login);
});
afterAll(() => rest.close());

const api = (method: string, path: string, body?: unknown) =>
  rest.call(method, `/api/v1${path}`, { token, ...(body === undefined ? {} : { body }) });

async function makeHook(config: object, rules: number) {
  const ref = `ops.hook_${(made += 1)}`;
  await api('POST', '/triggers', { ref, pack_ref: 'ops', label: ref });
  const { body } = await api('POST', `/triggers/${ref}/webhooks/enable`, {});
  expect((await api('PUT', `/triggers/${ref}/webhooks/config`, config)).status).toBe(200);
  const names = [];
  for (let each = 0; each < rules; each += 1) {
    names.push(`${ref}_rule_${each}`);
    await createRule(ada, {
      ...{ packRef: 'ops', ref: `${ref}_rule_${each}`, label: 'Rule', description: '', triggerRef: ref },
      ...{ actionRef: 'core.echo', actionParams: { message: '{{ event.payload }}' }, triggerParams: {} },
      ...{ conditions: { expression: 'event.payload != "silence"' }, enabled: true, priority: 0 },
    });
  }
  const url = `/api/v1/webhooks/${String(body.data?.['webhook_key'])}`;
  return {
    ref,
    names,
    url,
    post: (payload: unknown, headers: Record<string, string> = {}) =>
      rest.call('POST', url, { body: { payload }, headers }),
    /** Has the rules asked about every event that waits. */
    match: async () => {
      const waiting = () =>
        inSystem((tx) =>
          tx.query<{ id: number }>(
            'SELECT id FROM event WHERE tenant_id = $1 AND trigger_ref = $2 AND processed_at IS NULL',
            [ada.tenantId, ref],
          ),
        );
      const events = await vi.waitFor(async () => {
        const found = await waiting();
        expect(found.length).toBeGreaterThan(0);
        return found;
      }, patience);
      for (const { id } of events) await matchEvent({ tenantId: ada.tenantId, rootId: 0, id });
    },
  };
}

describe('a webhook that answers with results', () => {
  it('tells what the rule’s execution came to, as the API shows it', async () => {
    const hook = await makeHook({ response_mode: 'sync' }, 1);
    const answering = hook.post('hello');
    await hook.match();
    await work(() => done({ answer: 42 }));
    const { status, body } = await answering;
    expect(status).toBe(200);
    const execution = body.data?.['execution'] as { id: number; result: unknown };
    const shown = (await api('GET', `/executions/${execution.id}`)).body.data;
    expect(execution).toEqual({
      ...{ id: execution.id, rule_ref: hook.names[0], action_ref: 'core.echo' },
      ...{ status: 'completed', state: 'completed', result: shown?.['result'] },
    });
    expect(execution.result).toMatchObject({ succeeded: true, data: { answer: 42 } });
    expect(body.data).toMatchObject({
      event_id: expect.any(Number) as number,
      message: 'Webhook received successfully',
      outcome: 'ended',
      executions: [execution],
    });
  });

  it('tells a list where several rules matched, failures too', async () => {
    const hook = await makeHook({ response_mode: 'sync' }, 2);
    const answering = hook.post('hello');
    await hook.match();
    await work(() => failed);
    const { body } = await answering;
    expect(body.data).toMatchObject({
      outcome: 'ended',
      execution: null,
      executions: hook.names.map((rule_ref) => ({ rule_ref, status: 'failed', result: { error: 'broken' } })),
    });
  });

  it('says so where no rule matched', async () => {
    const hook = await makeHook({ response_mode: 'sync' }, 1);
    const answering = hook.post('silence');
    await hook.match();
    const { status, body } = await answering;
    expect({ status, ...body.data }).toMatchObject({ status: 200, outcome: 'none', executions: [] });
  });

  it('names the event and the executions when the time is over', async () => {
    const hook = await makeHook({ response_mode: 'sync', sync_timeout_seconds: 60 }, 1);
    /** The rules may be asked too late for the first who waits; then whoever waits longer sees it. */
    const answerWithin = async (seconds: number): ReturnType<typeof hook.post> => {
      const answering = hook.post('hello', { prefer: `wait=${seconds}` });
      await hook.match();
      const answer = await answering;
      const executions = answer.body.data?.['executions'] as unknown[];
      return executions.length > 0 || seconds >= 16 ? answer : answerWithin(seconds * 4);
    };
    const { status, body } = await answerWithin(1);
    expect({ status, ...body.data }).toMatchObject({
      ...{ status: 202, event_id: expect.any(Number) as number, outcome: 'pending' },
      executions: [{ id: expect.any(Number) as number, rule_ref: hook.names[0] }],
    });
  });

  it('answers at once where the caller asks for that, and where results are not allowed', async () => {
    const sync = await makeHook({ response_mode: 'sync' }, 1);
    const quick = await sync.post('hello', { prefer: 'respond-async' });
    expect(quick.body.data).not.toHaveProperty('outcome');
    const async_ = await makeHook({}, 1);
    const refused = await async_.post('hello', { prefer: 'wait=10' });
    expect({ status: refused.status, ...refused.body.data }).not.toHaveProperty('outcome');
  });

  it('lets so many wait and no more, and gives their places back when they leave', async () => {
    const hook = await makeHook({ response_mode: 'sync', sync_timeout_seconds: 60 }, 0);
    const probe = async () => (await hook.post('x', { prefer: 'wait=0' })).body.data?.['outcome'];
    expect(await probe()).toBe('pending');
    const leaving = new AbortController();
    const waiting = Array.from({ length: 50 }, () =>
      fetch(rest.origin + hook.url, { method: 'POST', body: '1', signal: leaving.signal }).catch(() => null),
    );
    await vi.waitFor(async () => expect(await probe()).toBe('not_waited'), patience);
    leaving.abort();
    await Promise.all(waiting);
    await vi.waitFor(async () => expect(await probe()).toBe('pending'), patience);
  }, 90_000);
});

it('how long a caller waits is what it asks, within what the webhook allows', () => {
  const secondsOf = (config: object, prefer: string | null) =>
    toPatience(WebhookConfig.parse(config), prefer);
  const allowed = (response_mode: string) => ({ response_mode, sync_timeout_seconds: 20 });
  expect(secondsOf({}, 'wait=10')).toBeNull();
  expect(secondsOf(allowed('prefer'), null)).toBeNull();
  expect(secondsOf(allowed('prefer'), 'handling=lenient, wait=10')).toBe(10);
  expect(secondsOf(allowed('prefer'), 'Wait="90"')).toBe(20);
  expect(secondsOf(allowed('sync'), null)).toBe(20);
  expect(secondsOf(allowed('sync'), 'wait=0')).toBe(0);
  expect(secondsOf(allowed('sync'), 'wait=5, respond-async')).toBeNull();
});
