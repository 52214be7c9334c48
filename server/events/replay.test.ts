import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTenant } from '../db';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import { makePerson, makeReader, makeTenant, readFeed } from '../packs/test-people';
import { RulesFixture } from './rules-fixture';
import { getEvent, replayEvent } from './service';
import { recordEvent } from './store';

let rest: RestServer;
let ground: RulesFixture;
beforeAll(async () => {
  rest = await startRestServer();
  ground = await RulesFixture.open();
});
afterAll(() => rest.close());

describe('a replay', () => {
  it('is a new event with the same payload and headers, which says what it replays, for the rules as they are now', async () => {
    const first = await ground.send({ level: 'high', text: 'ü' });
    expect(first.evaluations).toEqual([]);
    const rule = await ground.rule();
    const id = await replayEvent(ground.ada, first.id);
    expect(id).toBeGreaterThan(first.id);
    expect(await getEvent(ground.ada, id)).toMatchObject({
      ...{ triggerRef: first.triggerRef, payload: first.payload, headers: first.headers },
      ...{ replayOf: first.id, processedAt: null, source: first.source },
    });
    await ground.match(id);
    expect((await getEvent(ground.ada, id)).enforcements).toMatchObject([{ ruleRef: rule.ref }]);
    expect((await getEvent(ground.ada, first.id)).enforcements).toEqual([]);
    expect(
      (await readFeed(ground.ada.tenantId, 'event')).filter(({ kind }) => kind === 'created').at(-1),
    ).toMatchObject({
      payload: { id },
      actorId: ground.ada.identityId,
    });
  });

  it('of an event for one rule asks that rule alone', async () => {
    const rule = await ground.rule();
    await ground.rule();
    const { eventId } = await inTenant(ground.ada.tenantId, (tx) =>
      recordEvent(tx, {
        ...{ tenantId: ground.ada.tenantId, triggerRef: ground.triggerRef, triggerId: null, source: 'timer' },
        ...{ ruleId: rule.id, payload: {}, headers: {} },
      }),
    );
    const id = await replayEvent(ground.ada, eventId);
    await ground.match(id);
    expect((await getEvent(ground.ada, id)).evaluations.map(({ ruleRef }) => ruleRef)).toEqual([rule.ref]);
  });

  it('is for those who may create events and read this one, and only where its trigger is there', async () => {
    const id = await ground.record();
    const reader = await makeReader(ground.ada.tenantId);
    expect((await getEvent(reader, id)).mayReplay).toBe(false);
    await expect(replayEvent(reader, id)).rejects.toMatchObject({ kind: 'forbidden' });
    const eve = await makePerson(await makeTenant(), 'Eve');
    await expect(replayEvent(eve, id)).rejects.toMatchObject({ kind: 'not_found' });
    const lost = await ground.record({}, 'ops.gone');
    await expect(replayEvent(ground.ada, lost)).rejects.toMatchObject({ code: 'trigger_gone' });
  });

  it('by an execution is part of the chain of that execution', async () => {
    const id = await ground.record();
    const execution = { id: 4711, actionRef: 'ops.x', packRef: 'ops', requester: null };
    const replayed = await replayEvent({ ...ground.ada, execution }, id);
    expect(await getEvent(ground.ada, replayed)).toMatchObject({ executionId: 4711, replayOf: id });
  });

  it('by REST answers 201 with the new event', async () => {
    const { login, tenantId } = await makeMember(ground.ada.tenantId, 'Maya');
    const stranger = await makeMember(await makeTenant(), 'Stranger');
    expect(tenantId).toBe(ground.ada.tenantId);
    const token = await rest.tokenOf(login);
    const id = await ground.record({ level: 'low' });
    const made = await rest.call('POST', `/api/v1/events/${id}/replay`, { token });
    expect(made.status).toBe(201);
    expect(made.body.data).toMatchObject({
      replay_of: id,
      payload: { level: 'low' },
      trigger_ref: ground.triggerRef,
    });
    const known = await rest.call('GET', `/api/v1/events/${id}`, { token });
    expect(known.body.data).toMatchObject({ replay_of: null });
    const hidden = await rest.call('POST', `/api/v1/events/${id}/replay`, {
      token: await rest.tokenOf(stranger.login),
    });
    expect(hidden.status).toBe(404);
    expect((await rest.call('POST', '/api/v1/events/x/replay', { token })).status).toBe(400);
  });
});
