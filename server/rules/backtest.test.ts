import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inSystem, inTenant } from '../db';
import { matchEvent } from '../events/match';
import { recordEvent } from '../events/store';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { createTrigger } from '../triggers/service';
import { backtestRule, testRule } from './backtest';
import { createRule } from './service';

const trigger = 'ops.disk';
let ada: Actor;
beforeAll(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  await createTrigger(ada, { packRef: 'ops', ref: trigger, label: 'Disk', description: '', webhook: false });
  await createRule(ada, {
    ...{ packRef: 'ops', ref: 'ops.full', label: 'Full', description: '', triggerRef: trigger },
    ...{ actionRef: 'core.echo', conditions: atLeast(90), actionParams: {}, enabled: true },
  });
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

const atLeast = (value: number) => ({
  all: [{ field: 'payload.used', operator: 'greater_or_equal', value }],
});
const actionParams = { message: '{{ event.payload.used }}% of {{ rule.ref }}' };
const draft = { ref: 'ops.full', triggerRef: trigger, conditions: atLeast(80), actionParams };

async function send(used: number, triggerRef = trigger): Promise<number> {
  const { eventId } = await inTenant(ada.tenantId, (tx) =>
    recordEvent(tx, {
      ...{ tenantId: ada.tenantId, triggerRef, triggerId: null, source: 'webhook' },
      ...{ payload: { used }, headers: {} },
    }),
  );
  return eventId;
}

/** How many rows each table holds that a rule may lead to. */
async function countRows(): Promise<unknown> {
  return inSystem((tx) =>
    tx.query(
      `SELECT (SELECT count(*) FROM enforcement WHERE tenant_id = $1) AS enforcements, (SELECT count(*) FROM rule_evaluation WHERE tenant_id = $1) AS evaluations,
         (SELECT count(*) FROM execution WHERE tenant_id = $1) AS executions, (SELECT count(*) FROM change_feed WHERE tenant_id = $1) AS changes`,
      [ada.tenantId],
    ),
  );
}

describe('a backtest', () => {
  it('says of each event what the draft and the saved rule say, newest first, and changes nothing', async () => {
    const ids: number[] = [];
    for (const used of [95, 85, 10]) ids.unshift(await send(used));
    await matchEvent({ tenantId: ada.tenantId, rootId: 0, id: ids.at(-1) ?? 0 });
    await send(99, 'ops.other');
    const rows = await countRows();
    const { events, ...rest } = await backtestRule(ada, { ...draft, last: 1_000 });
    expect(rest).toEqual({ asked: 3, isCut: false });
    expect(events).toMatchObject([
      { id: ids[0], verdict: 'silent', before: 'silent', fired: false },
      { id: ids[1], verdict: 'matched', before: 'silent', fired: false },
      { id: ids[2], verdict: 'matched', before: 'matched', fired: true },
    ]);
    expect(await countRows()).toEqual(rows);
    expect((await backtestRule(ada, { ...draft, last: 2 })).events.map(({ id }) => id)).toEqual(
      ids.slice(0, 2),
    );
  });

  it('reads in batches, and as many as it was asked for', async () => {
    for (let used = 0; used < 60; used += 1) await send(used);
    const { asked, events } = await backtestRule(ada, { ...draft, last: 57 });
    expect(asked).toBe(57);
    expect(events.map(({ id }) => id)).toEqual(events.map(({ id }) => id).sort((a, b) => b - a));
    expect(new Set(events.map(({ id }) => id)).size).toBe(57);
  });

  it('compares with nothing where the draft is on another trigger, or is new', async () => {
    await send(85, 'ops.moved');
    const moved = await backtestRule(ada, { ...draft, triggerRef: 'ops.moved', last: 10 });
    expect(moved.events).toMatchObject([{ verdict: 'matched', before: null }]);
    const { ref: _, ...fresh } = draft;
    expect((await backtestRule(ada, { ...fresh, last: 1 })).events[0]).toMatchObject({
      before: null,
      fired: false,
    });
  });

  it('opens one of them: the clauses, the inputs, and what the saved rule says', async () => {
    const eventId = await send(85);
    expect(await testRule(ada, { ...draft, eventId })).toMatchObject({
      verdict: 'matched',
      clauses: [{ path: 'payload.used', expected: 80, actual: 85, result: true }],
      parameters: { message: '85% of ops.full' },
      before: { verdict: 'silent', clauses: [{ expected: 90, result: false }] },
    });
    await expect(testRule(ada, { ...draft, triggerRef: 'ops.moved', eventId })).rejects.toMatchObject({
      kind: 'not_found',
    });
  });

  it('without criteria, renders the inputs also for an event that the saved rule leaves alone, and says so', async () => {
    const eventId = await send(12);
    expect(await testRule(ada, { ...draft, conditions: {}, eventId })).toMatchObject({
      verdict: 'matched',
      parameters: { message: '12% of ops.full' },
      before: { verdict: 'silent' },
    });
  });

  it('shows only events that the person may read, and none of another tenant', async () => {
    const eventId = await send(85);
    const rules = { resource: 'rules' as const, actions: ['read' as const] };
    const blind = await makePerson(ada.tenantId, 'Blind', [rules]);
    await expect(backtestRule(blind, { ...draft, last: 5 })).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(testRule(blind, { ...draft, eventId })).rejects.toMatchObject({ kind: 'forbidden' });
    const narrow = await makePerson(ada.tenantId, 'Narrow', [
      rules,
      { resource: 'events', actions: ['read'], constraints: { ids: [eventId] } },
    ]);
    expect((await backtestRule(narrow, { ...draft, last: 5 })).events.map(({ id }) => id)).toEqual([eventId]);
    const eve = await makePerson(await makeTenant(), 'Eve');
    const { ref: _, ...fresh } = draft;
    expect((await backtestRule(eve, { ...fresh, last: 5 })).events).toEqual([]);
    await expect(backtestRule(eve, { ...draft, last: 5 })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
