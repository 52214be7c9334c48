import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inSystem } from '../db';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeReader, makeTenant, readFeed } from '../packs/test-people';
import { stopBoss } from '../queue';
import {
  createTrigger,
  disableWebhook,
  emitEvent,
  enableWebhook,
  getTrigger,
  listTriggers,
  regenerateWebhook,
  removeTrigger,
  updateTrigger,
} from './service';

let ada: Actor;
beforeAll(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

const draft = (ref: string, webhook = true) => ({
  packRef: 'ops',
  ref,
  label: 'Alert',
  description: '',
  webhook,
});

describe('triggers', () => {
  it('are made with an address of their own', async () => {
    const trigger = await createTrigger(ada, draft('ops.alert'));
    expect(trigger.webhookUrl).toMatch(/^http:\/\/.+\/api\/v1\/webhooks\/wh_[0-9A-Za-z]{32}$/);
    expect(trigger).toMatchObject({
      ref: 'ops.alert',
      enabled: true,
      webhookEnabled: true,
      rules: 0,
      lastEvent: null,
      mayEdit: true,
    });
    expect(await getTrigger(ada, 'ops.alert')).toEqual(trigger);
    expect((await listTriggers(ada)).find((each) => each.ref === 'ops.alert')).toMatchObject({
      id: trigger.id,
    });
  });

  it('show their address only to those who look after them', async () => {
    await createTrigger(ada, draft('ops.secret'));
    const reader = await makeReader(ada.tenantId);
    expect(await getTrigger(reader, 'ops.secret')).toMatchObject({
      webhookEnabled: true,
      webhookUrl: null,
      mayEdit: false,
    });
  });

  it('lose their address when the webhook is switched off, and get another later', async () => {
    const first = (await createTrigger(ada, draft('ops.switch'))).webhookUrl;
    expect(await disableWebhook(ada, 'ops.switch')).toMatchObject({
      webhookEnabled: false,
      webhookUrl: null,
    });
    await expect(regenerateWebhook(ada, 'ops.switch')).rejects.toMatchObject({
      kind: 'invalid',
      code: 'webhook_disabled',
    });
    const second = (await enableWebhook(ada, 'ops.switch')).webhookUrl;
    expect(second).not.toBe(first);
    expect((await enableWebhook(ada, 'ops.switch')).webhookUrl).toBe(second);
    expect((await regenerateWebhook(ada, 'ops.switch')).webhookUrl).not.toBe(second);
  });

  it('change what is given and keep the rest', async () => {
    await createTrigger(ada, draft('ops.words'));
    expect(await updateTrigger(ada, { ref: 'ops.words', enabled: false })).toMatchObject({
      label: 'Alert',
      enabled: false,
    });
    expect(await updateTrigger(ada, { ref: 'ops.words', label: 'New' })).toMatchObject({
      label: 'New',
      enabled: false,
    });
    expect((await readFeed(ada.tenantId, 'trigger')).at(-1)).toMatchObject({
      kind: 'updated',
      payload: { ref: 'ops.words', enabled: false },
    });
  });

  it('make an event by hand, which a job carries on', async () => {
    await createTrigger(ada, draft('ops.emit', false));
    const { eventId } = await emitEvent(ada, { ref: 'ops.emit', payload: { a: [1, null] } });
    const [event] = await inSystem((tx) =>
      tx.query('SELECT trigger_ref, source, payload FROM event WHERE tenant_id = $1 AND id = $2', [
        ada.tenantId,
        eventId,
      ]),
    );
    expect(event).toEqual({ trigger_ref: 'ops.emit', source: 'manual', payload: { a: [1, null] } });
    expect((await getTrigger(ada, 'ops.emit')).lastEvent).toMatch(/Z$/);
  });

  it('that are off take no event', async () => {
    await createTrigger(ada, draft('ops.off'));
    await updateTrigger(ada, { ref: 'ops.off', enabled: false });
    await expect(emitEvent(ada, { ref: 'ops.off', payload: {} })).rejects.toMatchObject({
      code: 'trigger_disabled',
    });
  });

  it('have one name each', async () => {
    await createTrigger(ada, draft('ops.twice'));
    await expect(createTrigger(ada, draft('ops.twice'))).rejects.toMatchObject({ code: 'trigger_exists' });
  });

  it('that a rule names are not removed', async () => {
    const { id } = await createTrigger(ada, draft('ops.used'));
    await inSystem((tx) =>
      tx.query(
        `INSERT INTO rule (tenant_id, pack_id, pack_ref, ref, label, trigger_ref, action_ref)
         SELECT tenant_id, pack_id, pack_ref, 'ops.rule', 'Rule', ref, 'core.echo' FROM trigger WHERE id = $1`,
        [id],
      ),
    );
    expect((await getTrigger(ada, 'ops.used')).rules).toBe(1);
    await expect(removeTrigger(ada, 'ops.used')).rejects.toMatchObject({
      code: 'trigger_in_use',
      message: expect.stringContaining('ops.rule') as string,
    });
    await createTrigger(ada, draft('ops.free'));
    expect(await removeTrigger(ada, 'ops.free')).toBeNull();
    await expect(getTrigger(ada, 'ops.free')).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('of another tenant read like missing ones', async () => {
    await createTrigger(ada, draft('ops.private'));
    const stranger = await makePerson(await makeTenant(), 'Stranger');
    for (const attempt of [getTrigger, enableWebhook, disableWebhook, regenerateWebhook, removeTrigger]) {
      await expect(attempt(stranger, 'ops.private')).rejects.toMatchObject({
        message: 'There is no trigger ops.private.',
      });
    }
    await expect(emitEvent(stranger, { ref: 'ops.private', payload: {} })).rejects.toMatchObject({
      kind: 'not_found',
    });
  });

  it('are changed and fired only by those who may', async () => {
    await createTrigger(ada, draft('ops.guarded'));
    const reader = await makeReader(ada.tenantId);
    for (const attempt of [
      () => createTrigger(reader, draft('ops.new')),
      () => updateTrigger(reader, { ref: 'ops.guarded', label: 'x' }),
      () => disableWebhook(reader, 'ops.guarded'),
      () => emitEvent(reader, { ref: 'ops.guarded', payload: {} }),
      () => removeTrigger(reader, 'ops.guarded'),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ kind: 'forbidden' });
    }
  });
});
