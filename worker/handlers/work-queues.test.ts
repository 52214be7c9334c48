import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeDatabase, inSystem, querySystem } from '@/server/db';
import { claimExecutions } from '@/server/executions/claims';
import { carryOutRoots } from '@/server/executions/roots-at-once';
import { cancelExecution, getExecution } from '@/server/executions/service';
import { matchEvent } from '@/server/events/match';
import type { JsonObject } from '@/server/fields';
import type { Actor } from '@/server/identities/actor';
import { stopLive } from '@/server/live';
import { createPack } from '@/server/packs/service';
import { makePerson, makeTenant, readFeed } from '@/server/packs/test-people';
import { stopBoss } from '@/server/queue';
import { createRule } from '@/server/rules/service';
import { dispatchDue, stopOverdue } from '@/server/work-queues/dispatch';
import { enqueueItem, listItems, purgeItems } from '@/server/work-queues/items';
import type { CreateQueue } from '@/server/work-queues/schema';
import { createQueue, getQueue, removeQueue, updateQueue } from '@/server/work-queues/service';
import { atOnceActions, runAtOnce } from '../runners/native';

let ada: Actor;
let made = 0;
const worker = { workerId: 1, leaseSeconds: 30, runtimes: ['native'], carryOut: runAtOnce };

beforeAll(async () => void (ada = await makePerson(await makeTenant(), 'Ada')));
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

async function queue(more: Partial<CreateQueue> = {}): Promise<string> {
  const ref = `work.queue_${(made += 1)}`;
  await createQueue(ada, { ref, label: ref, dispatchActionRef: 'core.noop', ...more });
  return ref;
}
const add = async (queueRef: string, payload: JsonObject | string, more: { priority?: number } = {}) =>
  (await enqueueItem(ada, { queueRef, payload, ...more })).item.id;
const itemsOf = async (queueRef: string) => (await listItems(ada, { queueRef })).items.toReversed();
const statusesOf = async (queueRef: string) => (await itemsOf(queueRef)).map(({ status }) => status);
const dispatch = () => dispatchDue(100);
/** What a worker does with executions that take no time. */
async function work(): Promise<void> {
  const { atOnce } = await claimExecutions(worker, 100, null, [], atOnceActions);
  await carryOutRoots(worker, atOnce);
}
/** Gives out, carries out and settles, so many rounds. */
async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round += 1) {
    await dispatch();
    await work();
  }
  await dispatch();
}
/** The parameters of what the queue gave out, oldest first. */
async function givenBy(ref: string) {
  const { dispatches } = await getQueue(ada, ref);
  const executions = await Promise.all(
    dispatches.toReversed().map(({ executionId }) => getExecution(ada, executionId)),
  );
  return executions.map(({ parameters }) => parameters);
}
const eventsOf = async (ref: string) =>
  (
    await querySystem<{ triggerRef: string; payload: JsonObject }>(
      'SELECT trigger_ref AS "triggerRef", payload FROM event WHERE tenant_id = $1 AND source = $2 ORDER BY id',
      [ada.tenantId, 'queue'],
    )
  ).filter(({ payload }) => payload['queue_ref'] === ref);
/** As if time had gone by. */
const becomeDue = () =>
  inSystem((tx) =>
    tx.query(`UPDATE work_queue_item SET available_at = clock_timestamp() WHERE status = 'retry'`),
  );

describe('a work queue', () => {
  test('gives out by priority, then the oldest, one at a time, and says when it starts and is empty', async () => {
    const ref = await queue({ dispatchActionRef: 'core.set' });
    await add(ref, { name: 'first' });
    await add(ref, { name: 'second' });
    await add(ref, { name: 'urgent' }, { priority: 5 });
    await dispatch();
    expect(await statusesOf(ref)).toEqual(['queued', 'queued', 'leased']);
    const [leased] = (await itemsOf(ref)).slice(-1);
    const [out] = (await getQueue(ada, ref)).dispatches;
    expect(leased).toMatchObject({ leasedExecution: out?.executionId, attemptCount: 1 });
    expect(leased?.leaseToken).toMatch(/^[0-9a-f-]{36}$/);
    await work();
    await rounds(2);
    expect(await givenBy(ref)).toEqual([{ name: 'urgent' }, { name: 'first' }, { name: 'second' }]);
    expect(await itemsOf(ref)).toMatchObject(
      Array.from({ length: 3 }, () => ({ status: 'completed', leasedExecution: null, leaseToken: null })),
    );
    const { id, dispatches } = await getQueue(ada, ref);
    expect(await eventsOf(ref)).toMatchObject([
      {
        triggerRef: 'core.queue_started',
        payload: {
          event_type: 'queue_started',
          queue_id: id,
          dispatch_id: dispatches[2]?.id,
          execution_id: dispatches[2]?.executionId,
          leased_item_count: 1,
        },
      },
      { triggerRef: 'core.queue_empty', payload: { dispatch_id: dispatches[0]?.id } },
    ]);
    await dispatch();
    expect(await eventsOf(ref)).toHaveLength(2);
  });

  test('gives several at once where its mode is batch, and settles each as it was acknowledged', async () => {
    const ref = await queue({
      dispatchActionRef: 'core.set',
      batchMode: 'batch',
      config: { batch_size: 4 },
      actionParams: {
        hosts: '{{ items | map(attribute="host") | list }}',
        ids: '{{ queue_items | map(attribute="id") | list }}',
        queue_ack: {
          version: 1,
          items: [
            { id: '{{ queue_items[0].id }}', status: 'completed', summary: { rows: 3 } },
            { id: '{{ queue_items[1].id }}', status: 'skipped', summary: 'known' },
            { id: '{{ queue_items[2].id }}', status: 'failed', summary: 'no such host' },
          ],
        },
      },
    });
    for (const host of ['a', 'b', 'c', 'd', 'e']) await add(ref, { host });
    await dispatch();
    expect(await givenBy(ref)).toMatchObject([{ hosts: ['a', 'b', 'c', 'd'] }]);
    await work();
    await dispatch();
    const items = await itemsOf(ref);
    expect(items).toMatchObject([
      { status: 'completed', ackSummary: { status: 'completed', summary: { rows: 3 } } },
      { status: 'skipped', ackSummary: { status: 'skipped', summary: 'known' } },
      { status: 'failed', lastError: { message: 'no such host' } },
      { status: 'completed', ackSummary: null },
      { status: 'leased' },
    ]);
  });

  test('without action_params gives the payload’s own keys, one value as item, and a batch as items', async () => {
    const single = await queue({ dispatchActionRef: 'core.set' });
    const batch = await queue({ dispatchActionRef: 'core.set', batchMode: 'batch' });
    await add(single, 'just text');
    await add(batch, { a: 1 });
    await add(batch, 'two');
    await rounds(1);
    expect(await givenBy(single)).toEqual([{ item: 'just text' }]);
    expect(await givenBy(batch)).toEqual([{ items: [{ a: 1 }, 'two'] }]);
  });

  test('tries what failed again until the limit, each time later, and keeps the error', async () => {
    const ref = await queue({
      dispatchActionRef: 'core.fail',
      config: { max_attempts: 2, retry_delay_seconds: 60 },
    });
    await add(ref, { message: 'no luck' });
    await rounds(1);
    const [waiting] = await itemsOf(ref);
    expect(waiting).toMatchObject({ status: 'retry', attemptCount: 1, lastError: { message: 'no luck' } });
    expect(Date.parse(waiting?.availableAt ?? '') - Date.parse(waiting?.updated ?? '')).toBe(60_000);
    await rounds(1);
    expect(await statusesOf(ref)).toEqual(['retry']);
    await becomeDue();
    await rounds(1);
    expect(await itemsOf(ref)).toMatchObject([{ status: 'failed', attemptCount: 2 }]);
  });

  test('has at most its concurrency out, however many workers look at once, and gives each item once', async () => {
    const ref = await queue({ dispatchActionRef: 'core.sleep', config: { concurrency: 3 } });
    for (let n = 0; n < 12; n += 1) await add(ref, { seconds: n });
    await Promise.all(Array.from({ length: 8 }, dispatch));
    expect((await statusesOf(ref)).filter((status) => status === 'leased')).toHaveLength(3);
    await updateQueue(ada, { ref, config: { concurrency: 100 } });
    for (let look = 0; look < 4; look += 1) await Promise.all(Array.from({ length: 8 }, dispatch));
    expect(new Set(await statusesOf(ref))).toEqual(new Set(['leased']));
    const items = await itemsOf(ref);
    expect(new Set(items.map(({ leasedExecution }) => leasedExecution)).size).toBe(12);
    expect((await getQueue(ada, ref)).dispatches).toHaveLength(12);
    expect(items.map(({ attemptCount }) => attemptCount)).toEqual(Array.from({ length: 12 }, () => 1));
  });

  test('rests between two dispatches', async () => {
    const ref = await queue({ config: { cooldown_seconds: 600, concurrency: 5 } });
    await add(ref, {});
    await add(ref, {});
    await rounds(2);
    expect(await statusesOf(ref)).toEqual(['completed', 'queued']);
  });

  test('gives nothing out while it is off, and what was out is settled all the same', async () => {
    const ref = await queue();
    await add(ref, {});
    await add(ref, {});
    await dispatch();
    await updateQueue(ada, { ref, enabled: false });
    await rounds(2);
    expect(await statusesOf(ref)).toEqual(['completed', 'queued']);
    await updateQueue(ada, { ref, enabled: true });
    await rounds(1);
    expect(await statusesOf(ref)).toEqual(['completed', 'completed']);
  });

  test('cancels the items of an execution that somebody cancelled', async () => {
    const ref = await queue({ dispatchActionRef: 'core.sleep' });
    await add(ref, { seconds: 60 });
    await dispatch();
    const [item] = await itemsOf(ref);
    await cancelExecution(ada, item?.leasedExecution ?? 0);
    await dispatch();
    expect(await itemsOf(ref)).toMatchObject([
      { status: 'cancelled', leasedExecution: null, lastError: { state: 'cancelled' } },
    ]);
    expect((await eventsOf(ref)).map(({ triggerRef }) => triggerRef)).toEqual([
      'core.queue_started',
      'core.queue_empty',
    ]);
  });

  test('stops an execution that has its items for longer than the lease, and tries them again', async () => {
    const ref = await queue({ dispatchActionRef: 'core.sleep', config: { lease_seconds: 30 } });
    await add(ref, { seconds: 60 });
    await dispatch();
    await stopOverdue(100);
    expect(await statusesOf(ref)).toEqual(['leased']);
    await inSystem((tx) =>
      tx.query(
        'UPDATE work_queue_dispatch SET lease_expires_at = clock_timestamp() WHERE ended_at IS NULL AND lease_expires_at IS NOT NULL',
      ),
    );
    await stopOverdue(100);
    await dispatch();
    const [item] = await itemsOf(ref);
    expect(item).toMatchObject({
      status: 'retry',
      leaseExpiresAt: null,
      lastExecution: expect.any(Number) as number,
    });
    expect(item?.lastError?.['message']).toMatch(/lease_seconds \(30 s\)/);
    expect((await getExecution(ada, item?.lastExecution ?? 0)).state).toBe('cancelled');
  });

  test('takes back the items of an execution whose row is gone', async () => {
    const ref = await queue({ dispatchActionRef: 'core.sleep' });
    await add(ref, { seconds: 60 });
    await dispatch();
    const [item] = await itemsOf(ref);
    // As if the partition in which it lay had been dropped.
    await inSystem((tx) =>
      tx.query(
        'UPDATE work_queue_dispatch SET execution_id = -$1::bigint WHERE tenant_id = $2 AND execution_id = $1',
        [item?.leasedExecution, ada.tenantId],
      ),
    );
    await inSystem((tx) =>
      tx.query(
        'UPDATE work_queue_item SET leased_execution = -$1::bigint WHERE tenant_id = $2 AND leased_execution = $1',
        [item?.leasedExecution, ada.tenantId],
      ),
    );
    await dispatch();
    expect(await statusesOf(ref)).toEqual(['retry']);
  });

  test('whose parameters cannot be made makes an execution that failed and says why', async () => {
    const ref = await queue({ actionParams: { n: '{{ item.a + 1 }}' }, config: { max_attempts: 1 } });
    await add(ref, { a: 'text' });
    await rounds(1);
    const [item] = await itemsOf(ref);
    expect(item).toMatchObject({ status: 'failed' });
    expect(item?.lastError?.['message']).toMatch(/action_params could not be rendered/);
  });

  test('keeps what its schema calls secret sealed, and masked in the execution that gets it', async () => {
    const ref = await queue({
      dispatchActionRef: 'core.set',
      itemSchema: { user: { type: 'string' }, token: { type: 'string', secret: true } },
      actionParams: { who: '{{ item.user }}', header: 'Bearer {{ item.token }}' },
    });
    await add(ref, { user: 'eve', token: 't0k-3n-s3cr3t' });
    await dispatch();
    const [item] = await itemsOf(ref);
    expect(item?.payload).toEqual({ user: 'eve', token: '********' });
    expect(await givenBy(ref)).toEqual([{ who: 'eve', header: '********' }]);
    const { claims } = await claimExecutions(worker, 100, null, [], []);
    const claim = claims.find(({ executionId }) => executionId === item?.leasedExecution);
    expect(claim?.parameters).toEqual({ who: 'eve', header: 'Bearer t0k-3n-s3cr3t' });
    expect(claim?.secretTexts).toContain('t0k-3n-s3cr3t');
  });

  test('knows who asked for an item, and tells the feed of each change without what is in it', async () => {
    const ref = await queue({ dispatchActionRef: 'core.sleep' });
    await add(ref, { seconds: 60 });
    await dispatch();
    const [first] = await itemsOf(ref);
    const id = first?.leasedExecution ?? 0;
    const speaker = {
      ...{ ...ada, identityId: 0, login: 'execution' },
      execution: { id, actionRef: 'core.sleep', packRef: 'core', requester: null },
    };
    await enqueueItem(speaker, { queueRef: ref, payload: { seconds: 1 } });
    const items = await itemsOf(ref);
    expect(items).toMatchObject([
      { requestedByIdentity: ada.identityId, requestedByExecution: null },
      { requestedByIdentity: null, requestedByExecution: id },
    ]);
    const told = (await readFeed(ada.tenantId, 'work_queue_item')).filter(
      ({ payload }) => payload['ref'] === ref,
    );
    const { id: queueId } = await getQueue(ada, ref);
    expect(told.map(({ payload }) => payload)).toEqual([
      { ref, queue: queueId, status: 'queued', execution: null },
      { ref, queue: queueId, status: 'leased', execution: id },
      { ref, queue: queueId, status: 'queued', execution: null },
    ]);
  });

  test('that a rule fills again whenever it is empty is stopped after 20 rounds, with an alert', async () => {
    const ref = await queue();
    const ruleRef = `ops.refill_${made}`;
    await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
    await createRule(ada, {
      ...{ packRef: 'ops', ref: ruleRef, label: 'Refill', description: '', triggerRef: 'core.queue_empty' },
      ...{ actionRef: 'core.noop', actionParams: {}, enabled: true },
      conditions: { all: [{ field: 'payload.queue_ref', operator: 'equals', value: ref }] },
    });
    /** Has the rule asked, and gives what it started. */
    const fire = async () => {
      const events = await querySystem<{ id: number }>(
        'SELECT id FROM event WHERE tenant_id = $1 AND processed_at IS NULL ORDER BY id',
        [ada.tenantId],
      );
      for (const { id } of events) await matchEvent({ tenantId: ada.tenantId, rootId: 0, id });
      const started = await querySystem<{ id: number }>(
        `SELECT execution_id AS id FROM enforcement WHERE tenant_id = $1 AND rule_ref = $2 AND event_id = ANY ($3)`,
        [ada.tenantId, ruleRef, events.map(({ id }) => id)],
      );
      return started.map(({ id }) => id);
    };
    const countAlerts = async () =>
      (
        await querySystem(
          `SELECT 1 FROM event WHERE tenant_id = $1 AND trigger_ref = 'core.alert' AND payload ->> 'component_ref' = $2`,
          [ada.tenantId, ruleRef],
        )
      ).length;
    const turn = async (): Promise<number> => {
      await rounds(1);
      const [id] = await fire();
      if (id === undefined) return 0;
      await work();
      const execution = { id, actionRef: 'core.noop', packRef: 'core', requester: null };
      await enqueueItem({ ...ada, execution }, { queueRef: ref, payload: {} });
      return 1 + (await turn());
    };
    await add(ref, {});
    expect(await turn()).toBe(20);
    expect(await countAlerts()).toBe(1);
    // What somebody adds begins anew.
    await add(ref, {});
    await rounds(1);
    expect(await fire()).toHaveLength(1);
  });

  test('goes with its items, and what it had given out runs on', async () => {
    const ref = await queue({ dispatchActionRef: 'core.sleep' });
    await add(ref, { seconds: 60 });
    await dispatch();
    const [item] = await itemsOf(ref);
    await removeQueue(ada, ref);
    await dispatch();
    expect((await getExecution(ada, item?.leasedExecution ?? 0)).state).toBe('requested');
  });

  test('forgets items that ended long ago, and none that wait', async () => {
    const ref = await queue({ config: { cooldown_seconds: 600 } });
    await add(ref, {});
    await add(ref, {});
    await rounds(1);
    expect(await statusesOf(ref)).toEqual(['completed', 'queued']);
    await inSystem((tx) => tx.query(`UPDATE work_queue_item SET updated = updated - interval '31 days'`));
    await purgeItems(100);
    expect(await statusesOf(ref)).toEqual(['queued']);
  });
});
