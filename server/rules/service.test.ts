import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAction } from '../actions/service';
import { closeDatabase } from '../db';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeReader, makeTenant, readFeed } from '../packs/test-people';
import { createTrigger } from '../triggers/service';
import { testRule } from './backtest';
import type { CreateRule } from './schema';
import { createRule, getRule, listRules, removeRule, setRuleEnabled, updateRule } from './service';

let ada: Actor;
beforeAll(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  await createTrigger(ada, {
    packRef: 'ops',
    ref: 'ops.alert',
    label: 'Alert',
    description: '',
    webhook: false,
  });
  await createAction(ada, {
    packRef: 'ops',
    ref: 'ops.page',
    label: 'Page',
    description: '',
    runtime: 'shell',
    code: 'echo page',
    paramSchema: { who: { type: 'string' } },
    outputFormat: 'text',
    timeoutSeconds: 10,
    idempotent: false,
  });
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

const draft = (ref: string, changed: Partial<CreateRule> = {}): CreateRule => ({
  packRef: 'ops',
  ref,
  label: 'Page at night',
  description: '',
  triggerRef: 'ops.alert',
  actionRef: 'ops.page',
  conditions: { expression: "event.payload.severity == 'critical'" },
  actionParams: { who: '{{ event.payload.who }}' },
  enabled: true,
  ...changed,
});

describe('rules', () => {
  it('are made, read, listed and told to the feed', async () => {
    const rule = await createRule(ada, draft('ops.night'));
    expect(rule).toMatchObject({
      ref: 'ops.night',
      enabled: true,
      isAdhoc: true,
      mayEdit: true,
      priority: 0,
    });
    expect(await getRule(ada, 'ops.night')).toEqual(rule);
    expect((await listRules(ada)).map((each) => each.ref)).toContain('ops.night');
    expect(await readFeed(ada.tenantId, 'rule')).toMatchObject([
      { kind: 'created', payload: { ref: 'ops.night', enabled: true }, actorId: ada.identityId },
    ]);
  });

  it('are changed, switched and removed', async () => {
    await createRule(ada, draft('ops.life'));
    const { packRef: _, ...fields } = draft('ops.life', { label: 'Another', conditions: {} });
    expect(await updateRule(ada, fields)).toMatchObject({ label: 'Another', conditions: {} });
    expect(await setRuleEnabled(ada, 'ops.life', false)).toMatchObject({ enabled: false, label: 'Another' });
    expect(await removeRule(ada, 'ops.life')).toBeNull();
    await expect(getRule(ada, 'ops.life')).rejects.toMatchObject({ message: 'There is no rule ops.life.' });
  });

  it('keep the priority of what they start until it is changed', async () => {
    expect(await createRule(ada, draft('ops.urgent', { priority: 50 }))).toMatchObject({ priority: 50 });
    const { packRef: _, ...fields } = draft('ops.urgent');
    expect(await updateRule(ada, fields)).toMatchObject({ priority: 50 });
    expect(await updateRule(ada, { ...fields, priority: -1 })).toMatchObject({ priority: -1 });
  });

  it('have one name each', async () => {
    await createRule(ada, draft('ops.twice'));
    await expect(createRule(ada, draft('ops.twice'))).rejects.toMatchObject({ code: 'rule_exists' });
  });

  it.each([
    ['an unknown trigger', { triggerRef: 'ops.alrt' }, 'triggerRef', 'Did you mean ops.alert?'],
    ['an unknown action', { actionRef: 'ops.pge' }, 'actionRef', 'Did you mean ops.page?'],
    [
      'an expression that does not parse',
      { conditions: { expression: 'event.payload ==' } },
      'conditions',
      'line 1, column',
    ],
    [
      'an unknown operator',
      { conditions: { all: [{ field: 'payload.a', operator: 'sounds_like', value: 1 }] } },
      'conditions',
      'no operator',
    ],
    [
      'a template that does not parse',
      { actionParams: { who: '{{ event.' } },
      'actionParams.who',
      'line 1, column',
    ],
  ])('refuse %s at its field', async (_, changed, path, message) => {
    await expect(createRule(ada, draft('ops.wrong', changed))).rejects.toMatchObject({
      kind: 'invalid',
      code: 'invalid_rule',
      details: [{ path, message: expect.stringContaining(message) as string }],
    });
  });

  it('of another tenant read like missing ones', async () => {
    await createRule(ada, draft('ops.private'));
    const stranger = await makePerson(await makeTenant(), 'Stranger');
    const missing = { message: 'There is no rule ops.private.' };
    await expect(getRule(stranger, 'ops.private')).rejects.toMatchObject(missing);
    await expect(setRuleEnabled(stranger, 'ops.private', false)).rejects.toMatchObject(missing);
    await expect(removeRule(stranger, 'ops.private')).rejects.toMatchObject(missing);
  });

  it('are changed only by those who may', async () => {
    await createRule(ada, draft('ops.guarded'));
    const reader = await makeReader(ada.tenantId);
    expect((await getRule(reader, 'ops.guarded')).mayEdit).toBe(false);
    await expect(createRule(reader, draft('ops.new'))).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(setRuleEnabled(reader, 'ops.guarded', false)).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(removeRule(reader, 'ops.guarded')).rejects.toMatchObject({ kind: 'forbidden' });
  });
});

describe('trying a rule out', () => {
  const attempt = (payload: object, actionParams = {}) =>
    testRule(ada, {
      triggerRef: 'ops.alert',
      conditions: { expression: 'event.payload.used >= 80' },
      actionParams,
      payload: payload as never,
    });

  it('says that it matches, and with which inputs', async () => {
    expect(
      await attempt(
        { used: 91, host: 'web-1' },
        { host: '{{ trigger.data.host }}', used: '{{ event.payload.used }}' },
      ),
    ).toMatchObject({
      verdict: 'matched',
      parameters: { host: 'web-1', used: 91 },
      error: null,
    });
  });

  it('says why it stays silent', async () => {
    const result = await attempt({ used: 12 });
    expect(result).toMatchObject({ verdict: 'silent', parameters: null });
    expect(result.reason).not.toBe('');
  });

  it('says what went wrong in its criterion', async () => {
    expect(await attempt({ used: 'much' })).toMatchObject({ verdict: 'error', parameters: null });
  });

  it('says what went wrong in its inputs', async () => {
    const result = await attempt({ used: 91 }, { host: "{{ event.payload.used + 'x' }}" });
    expect(result).toMatchObject({ verdict: 'matched', parameters: null });
    expect(result.error).not.toBeNull();
  });
});
