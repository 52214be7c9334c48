import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTenant } from '../db';
import { matchEvent } from '../events/match';
import { recordEvent } from '../events/store';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { createPack } from '../packs/service';
import { makeTenant } from '../packs/test-people';
import { createTrigger } from '../triggers/service';

let rest: RestServer;
let ada: Actor;
let token: string;
let strangerToken: string;
let viewerToken: string;

beforeAll(async () => {
  rest = await startRestServer();
  const tenant = await makeTenant();
  ada = await makeMember(tenant, 'Ada');
  const viewer = await makeMember(tenant, 'Vera', [{ resource: 'rules', actions: ['read'] }]);
  const stranger = await makeMember(await makeTenant(), 'Eve');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  await createTrigger(ada, {
    packRef: 'ops',
    ref: 'ops.alarm',
    label: 'Alarm',
    description: '',

    webhook: false,
  });
  token = await rest.tokenOf(ada.login);
  viewerToken = await rest.tokenOf(viewer.login);
  strangerToken = await rest.tokenOf(stranger.login);
});
afterAll(() => rest.close());

const call = (method: string, path: string, body?: unknown, as = token) =>
  rest.call(method, `/api/v1${path}`, { token: as, ...(body === undefined ? {} : { body }) });
const rule = (name: string, more: object = {}) => ({
  ref: `ops.${name}`,
  pack_ref: 'ops',
  label: name,
  trigger_ref: 'ops.alarm',
  action_ref: 'core.echo',
  ...more,
});

describe('rules by REST', () => {
  it('are made with all that the models name', async () => {
    const made = await call(
      'POST',
      '/rules',
      rule('made', { action_params: { message: '{{ event.payload.text }}' } }),
    );
    expect(made.status).toBe(201);
    expect(made.body.data).toMatchObject({
      ref: 'ops.made',
      pack_ref: 'ops',
      pack: expect.any(Number) as number,
      trigger: expect.any(Number) as number,
      action: expect.any(Number) as number,
      conditions: {},
      action_params: { message: '{{ event.payload.text }}' },
      trigger_params: {},
      enabled: true,
      is_adhoc: true,
      owner_identity: ada.identityId,
      description: '',
      warnings: [],
    });
    expect((await call('POST', '/rules', rule('made'))).status).toBe(409);
    expect((await call('GET', '/rules/ops.made')).body.data).toEqual(made.body.data);
  });

  it('are changed in part, switched, listed and removed', async () => {
    await call('POST', '/rules', rule('turn', { description: 'first', conditions: { expression: 'true' } }));
    const changed = await call('PUT', '/rules/ops.turn', {
      label: 'Turned',
      description: { op: 'clear' },
      conditions: null,
    });
    expect(changed.body.data).toMatchObject({
      label: 'Turned',
      description: '',
      conditions: { expression: 'true' },
    });
    expect((await call('POST', '/rules/ops.turn/disable')).body.data).toMatchObject({ enabled: false });
    const off = await call('GET', '/rules?enabled=false&pack_ref=ops');
    expect(off.body.items?.map(({ ref }) => ref)).toEqual(['ops.turn']);
    expect(off.body['pagination']).toMatchObject({ page: 1, total_items: 1, has_next: false });
    expect((await call('POST', '/rules/ops.turn/enable')).body.data).toMatchObject({ enabled: true });
    expect((await call('DELETE', '/rules/ops.turn')).body).toMatchObject({ success: true });
    expect((await call('GET', '/rules/ops.turn')).status).toBe(404);
  });

  it('take the older list, and give it back as an object', async () => {
    const conditions = [{ field: 'payload.level', operator: 'equals', value: 'high' }];
    const made = await call('POST', '/rules', rule('older', { conditions }));
    expect(made.body.data).toMatchObject({ conditions: { all: conditions } });
  });

  it('have guards, each given, changed and taken away by itself', async () => {
    const dedupe = { key: '{{ event.payload.host }}', window_seconds: 60 };
    const made = await call('POST', '/rules', rule('guarded', { cooldown_seconds: 30, dedupe }));
    expect(made.body.data).toMatchObject({ cooldown_seconds: 30, dedupe, rate: null });
    const rate = { count: 5, window_seconds: 10 };
    const changed = await call('PUT', '/rules/ops.guarded', { rate, cooldown_seconds: null });
    expect(changed.body.data).toMatchObject({ cooldown_seconds: null, dedupe, rate });
    const wrong = { rate: { count: 0, window_seconds: 10 } };
    expect((await call('PUT', '/rules/ops.guarded', wrong)).status).toBe(400);
    const broken = await call('PUT', '/rules/ops.guarded', {
      dedupe: { key: '{{ event.', window_seconds: 5 },
    });
    expect(broken.status).toBe(400);
    const kept = await call('POST', '/rules/ops.guarded/keep-evaluations', { hours: 2 });
    expect(kept.body.data).toMatchObject({ keep_evaluations_until: expect.any(String) as string });
  });

  it('are tried over a payload and over what has been, as they are and changed', async () => {
    const triggerRef = 'ops.tried_on';
    await call('POST', '/triggers', { ref: triggerRef, pack_ref: 'ops', label: 'Tried on' });
    const saved = { trigger_ref: triggerRef, conditions: { expression: 'event.payload.used >= 90' } };
    expect((await call('POST', '/rules', rule('tried', saved))).status).toBe(201);
    const conditions = { expression: 'event.payload.used >= 80' };
    const tested = await call('POST', '/rules/ops.tried/test', { payload: { used: 85 }, conditions });
    expect(tested.status).toBe(200);
    expect(tested.body.data).toMatchObject({
      verdict: 'matched',
      before: { verdict: 'silent' },
      error: null,
    });
    const { eventId } = await inTenant(ada.tenantId, (tx) =>
      recordEvent(tx, {
        ...{ tenantId: ada.tenantId, triggerRef, triggerId: null, source: 'webhook' },
        ...{ payload: { used: 85 }, headers: {} },
      }),
    );
    expect((await call('POST', '/rules/ops.tried/test', { event: eventId })).body.data).toMatchObject({
      verdict: 'silent',
    });
    const backtest = await call('POST', '/rules/ops.tried/backtest', { conditions, last: 1 });
    expect(backtest.body.data).toMatchObject({
      asked: 1,
      is_cut: false,
      events: [{ event: eventId, verdict: 'matched', before: 'silent', fired: false }],
    });
    for (const body of [{}, { payload: {}, event: eventId }])
      expect((await call('POST', '/rules/ops.tried/test', body)).status).toBe(400);
    expect((await call('POST', '/rules/ops.tried/backtest', { last: 1_001 })).status).toBe(400);
    expect((await call('POST', '/rules/ops.tried/backtest', {}, strangerToken)).status).toBe(404);
    // Of whoever may read no events.
    expect((await call('POST', '/rules/ops.tried/backtest', {}, viewerToken)).status).toBe(403);
  });

  it('are refused with the field as the wire calls it', async () => {
    const answer = await call('POST', '/rules', rule('lost', { action_ref: 'core.ecko' }));
    expect(answer.status).toBe(400);
    expect(answer.body['details']).toEqual([
      { path: 'action_ref', message: expect.stringContaining('core.echo') as string },
    ]);
    expect(String(answer.body['error'])).toContain('action_ref');
    expect((await call('POST', '/rules', { ...rule('x'), pack_ref: 'none', ref: 'none.x' })).status).toBe(
      404,
    );
    expect((await call('POST', '/rules', { label: 'nothing else' })).status).toBe(400);
  });

  it('say at once that a past date never fires', async () => {
    const trigger = {
      trigger_ref: 'core.datetimetimer',
      trigger_params: { fire_at: '2020-01-01T00:00:00Z' },
    };
    const made = await call('POST', '/rules', rule('past', trigger));
    expect(made.status).toBe(201);
    expect(made.body.data?.['warnings']).toEqual([expect.stringContaining('never fires')]);
  });

  it('are for those who may', async () => {
    expect((await call('GET', '/rules', undefined, viewerToken)).status).toBe(200);
    expect((await call('POST', '/rules', { nonsense: true }, viewerToken)).status).toBe(403);
    expect((await call('GET', '/rules/ops.made', undefined, strangerToken)).status).toBe(404);
    expect((await call('PUT', '/rules/ops.made', { label: 'mine' }, strangerToken)).status).toBe(404);
    expect((await rest.call('GET', '/api/v1/rules')).status).toBe(401);
  });
});

describe('events and enforcements by REST', () => {
  it('tell what happened and what came of it, newest first', async () => {
    await call('POST', '/rules', rule('loud', { action_params: { message: '{{ event.payload.text }}' } }));
    const ids: number[] = [];
    for (const text of ['one', 'two']) {
      const { eventId } = await inTenant(ada.tenantId, (tx) =>
        recordEvent(tx, {
          tenantId: ada.tenantId,
          triggerRef: 'ops.alarm',
          triggerId: null,
          source: 'webhook',
          payload: { text },
          headers: { 'x-from': 'test' },
        }),
      );
      await matchEvent({ tenantId: ada.tenantId, rootId: 0, id: eventId });
      ids.unshift(eventId);
    }
    const events = await call('GET', '/events?trigger_ref=ops.alarm&page_size=1');
    expect(events.body.items).toEqual([
      expect.objectContaining({
        id: ids[0],
        trigger_ref: 'ops.alarm',
        rule: null,
        rule_ref: null,
        source: null,
        has_payload: true,
      }),
    ]);
    const { next } = events.body['pagination'] as { next: string };
    expect(
      (await call('GET', `/events?trigger_ref=ops.alarm&after=${next}`)).body.items?.map(({ id }) => id),
    ).toEqual([ids[1]]);
    expect((await call('GET', `/events/${ids[1]}`)).body.data).toMatchObject({
      payload: { text: 'one' },
      config: { headers: { 'x-from': 'test' } },
    });

    const found = await call('GET', `/enforcements?rule_ref=ops.loud&event=${ids[0]}`);
    const [enforcement] = found.body.items ?? [];
    expect(enforcement).toMatchObject({
      rule_ref: 'ops.loud',
      event: ids[0],
      status: 'processed',
      condition: 'all',
    });
    expect((await call('GET', `/enforcements/${String(enforcement?.['id'])}`)).body.data).toMatchObject({
      config: { message: 'two' },
      payload: { text: 'two' },
      conditions: {},
      resolved_at: expect.any(String) as string,
    });
    expect(
      (await call('GET', `/executions?enforcement=${String(enforcement?.['id'])}`)).body.items,
    ).toHaveLength(1);
  });

  it('of another tenant are not there', async () => {
    const [event] = (await call('GET', '/events')).body.items ?? [];
    const [enforcement] = (await call('GET', '/enforcements')).body.items ?? [];
    expect((await call('GET', `/events/${String(event?.['id'])}`, undefined, strangerToken)).status).toBe(
      404,
    );
    expect(
      (await call('GET', `/enforcements/${String(enforcement?.['id'])}`, undefined, strangerToken)).status,
    ).toBe(404);
    expect((await call('GET', '/events', undefined, strangerToken)).body.items).toEqual([]);
    expect((await call('GET', '/events', undefined, viewerToken)).status).toBe(403);
  });
});
