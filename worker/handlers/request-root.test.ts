import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAtOnce } from '../runners/native';
import { createAction, updateAction } from '@/server/actions/service';
import { closeDatabase, connectAlone, inTenant, markingWrites, querySystem } from '@/server/db';
import { readTimeline } from '@/server/feed/store';
import type { JsonObject } from '@/server/fields';
import type { Actor } from '@/server/identities/actor';
import { stopLive } from '@/server/live';
import { createPack } from '@/server/packs/service';
import { makePerson, makeTenant } from '@/server/packs/test-people';
import { stopBoss } from '@/server/queue';
import { findActionFacts, forgetActions } from '@/server/executions/action-facts';
import { createExecution } from '@/server/executions/create';
import { parseNewborn } from '@/server/executions/newborn';
import { requestRoot } from '@/server/executions/request-root';
import { carryOutNewborn } from '@/server/executions/roots-at-once';
import { cancelExecution, getExecution, requesterOf } from '@/server/executions/service';

let ada: Actor;
const heard: string[] = [];
let listener: Awaited<ReturnType<typeof connectAlone>>;
const worker = { workerId: 1, carryOut: runAtOnce };

const script = {
  packRef: 'ops',
  label: 'Script',
  description: '',
  runtime: 'shell' as const,
  code: 'true',
  outputFormat: 'text' as const,
  timeoutSeconds: 30,
  idempotent: true,
};

beforeAll(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
  await createAction(ada, { ...script, ref: 'ops.script', paramSchema: {} });
  const paramSchema = { type: 'object', properties: { token: { type: 'string', secret: true } } };
  await createAction(ada, { ...script, ref: 'ops.secret', paramSchema });
  listener = await connectAlone('test');
  listener.on('notification', ({ payload }) => void heard.push(payload ?? ''));
  await listener.query('LISTEN attune_job');
});
afterAll(async () => {
  await listener.end();
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

const orderOf = (actionRef: string, parameters: JsonObject = {}) => ({
  ...{ actionRef, parameters },
  requestedBy: requesterOf(ada),
});

/** As a process that has asked for the action a moment ago. */
async function request(actionRef: string, parameters: JsonObject = {}): Promise<number> {
  await know(actionRef);
  return (await requestRoot(ada.tenantId, orderOf(actionRef, parameters))).id;
}

async function know(actionRef: string): Promise<void> {
  await inTenant(ada.tenantId, (tx) => findActionFacts(tx, ada.tenantId, actionRef));
}

/** Everything that is stored of it, without what is another one's each time. */
async function storedOf(id: number): Promise<unknown> {
  const rows = await querySystem<{ row: string; feed: string }>(
    `SELECT to_json(e)::text AS row, to_json(f)::text AS feed FROM execution e JOIN change_feed f USING (tenant_id, root_id)
     WHERE e.tenant_id = $1 AND e.root_id = $2`,
    [ada.tenantId, id],
  );
  const plain = (text: string) =>
    text
      .replaceAll(/"\d{4}-\d\d-\d\dT[^"]+"/g, '"then"')
      .replaceAll(/"(id|root_id|entity_id|rootId|xid)": ?"?\d+"?/g, '"$1":0');
  return rows.map(({ row, feed }) => [JSON.parse(plain(row)), JSON.parse(plain(feed))] as unknown);
}

async function lotsOf(ids: readonly number[]): Promise<number> {
  const rows = await querySystem<{ lots: number }>(
    `SELECT count(DISTINCT xid) AS lots FROM change_feed WHERE tenant_id = $1 AND root_id = ANY ($2) AND kind = 'created'`,
    [ada.tenantId, ids],
  );
  return rows[0]?.lots ?? 0;
}

/** What the listener has been told by now. */
async function told(): Promise<string[]> {
  await listener.query('SELECT 1');
  return heard.splice(0);
}

describe('a request that comes alone', () => {
  it('stores what the long way stores', async () => {
    for (const [ref, parameters] of [
      ['core.noop', {}],
      ['ops.script', { note: 'é "quoted" \\ 😀' }],
      ['ops.secret', { token: 'hush' }],
    ] as const) {
      const long = await inTenant(ada.tenantId, (tx) =>
        createExecution(tx, ada.tenantId, orderOf(ref, parameters)),
      );
      const short = await request(ref, parameters);
      // A sealed value is another one each time.
      const stored = (await storedOf(short)) as [{ sealed: string | null }][];
      const expected = (await storedOf(long.id)) as [{ sealed: string | null }][];
      expect(stored[0]?.[0].sealed === null).toBe(expected[0]?.[0].sealed === null);
      for (const rows of [stored, expected]) if (rows[0]) rows[0][0].sealed = null;
      expect(stored).toEqual(expected);
    }
  });

  it('is told with its commit, and carried out by whoever hears it without being looked for', async () => {
    await told();
    const id = await request('core.set', { size: 3 });
    const newborn = (await told()).map(parseNewborn).find((one) => one !== null);
    expect(newborn).toEqual({
      ...{ tenantId: ada.tenantId, id, actionRef: 'core.set', revision: 1, parameters: { size: 3 } },
    });
    if (!newborn) return;
    // Two workers hear it.
    const both = [carryOutNewborn(worker, newborn), carryOutNewborn({ ...worker, workerId: 2 }, newborn)];
    expect(await Promise.all(both)).toEqual([true, true]);
    expect(await getExecution(ada, id)).toMatchObject({ state: 'completed', result: { data: { size: 3 } } });
    const rows = await inTenant(ada.tenantId, (tx) => readTimeline(tx, ada.tenantId, id, 0, 100));
    expect(rows.map(({ seq, terminal }) => [seq, terminal])).toEqual([
      [1, false],
      [2, true],
    ]);
  });

  it('that fails is ended with the reason', async () => {
    const id = await request('core.fail', { message: 'no' });
    const newborn = {
      tenantId: ada.tenantId,
      id,
      actionRef: 'core.fail',
      revision: 1,
      parameters: { message: 'no' },
    };
    expect(await carryOutNewborn(worker, newborn)).toBe(true);
    expect(await getExecution(ada, id)).toMatchObject({ state: 'failed', error: 'no' });
  });

  it('stays cancelled where it was before anybody took it', async () => {
    const id = await request('core.noop');
    await cancelExecution(ada, id);
    const newborn = { tenantId: ada.tenantId, id, actionRef: 'core.noop', revision: 1, parameters: {} };
    expect(await carryOutNewborn(worker, newborn)).toBe(true);
    expect(await getExecution(ada, id)).toMatchObject({ state: 'cancelled' });
  });

  it('is only rung for where it takes time, has a secret or much to say', async () => {
    await told();
    for (const [ref, parameters] of [
      ['ops.script', {}],
      ['ops.secret', { token: 'hush' }],
      ['core.set', { text: 'x'.repeat(3_000) }],
    ] as const)
      await request(ref, parameters);
    const all = await told();
    expect(all.length).toBeGreaterThan(0);
    expect(all.map(parseNewborn)).toEqual(all.map(() => null));
    expect(all.join(' ')).not.toContain('hush');
  });

  it('for an action that takes time is left to be claimed', async () => {
    const id = await request('core.echo', { message: 'hello' });
    const newborn = { tenantId: ada.tenantId, id, actionRef: 'core.echo', revision: 1, parameters: {} };
    expect(await carryOutNewborn(worker, newborn)).toBe(false);
    expect(await getExecution(ada, id)).toMatchObject({ state: 'requested' });
  });

  it('goes by what the action is now, also where this process knew it otherwise', async () => {
    await createAction(ada, { ...script, ref: 'ops.edited', paramSchema: {} });
    await know('ops.edited');
    const { packRef: _, ...fields } = script;
    await updateAction(ada, {
      ...fields,
      ref: 'ops.edited',
      revision: 1,
      timeoutSeconds: 7,
      paramSchema: {},
    });
    // What was known stays known here: the edit was another process's.
    const { id } = await requestRoot(ada.tenantId, orderOf('ops.edited'));
    expect(await getExecution(ada, id)).toMatchObject({ timeoutSeconds: 7 });
  });
});

describe('requests of one moment', () => {
  it('share a transaction; each is an execution of its own with its own parameters', async () => {
    await know('core.set');
    const numbers = Array.from({ length: 30 }, (_, number) => number);
    const made = await Promise.all(
      numbers.map((number) => requestRoot(ada.tenantId, orderOf('core.set', { number }))),
    );
    const ids = made.map(({ id }) => id);
    expect(new Set(ids).size).toBe(30);
    for (const [number, { id }] of made.entries())
      expect(await getExecution(ada, id)).toMatchObject({ parameters: { number }, state: 'requested' });
    expect(await lotsOf(ids)).toBeLessThanOrEqual(3);
  });

  it('of which one has a long parameter, or one that does not fit, harm nobody', async () => {
    forgetActions();
    for (const ref of ['core.set', 'core.noop', 'ops.secret']) await know(ref);
    const made = await Promise.all([
      requestRoot(ada.tenantId, orderOf('core.noop')),
      requestRoot(ada.tenantId, orderOf('core.set', { text: 'x'.repeat(200_000) })),
      requestRoot(ada.tenantId, orderOf('ops.secret', { token: 7 })),
      requestRoot(ada.tenantId, orderOf('core.noop')),
    ]);
    const states = await Promise.all(made.map(async ({ id }) => (await getExecution(ada, id)).state));
    expect(states).toEqual(['requested', 'requested', 'failed', 'requested']);
  });

  it('of which one relies on an action that has changed are all stored, that one by what it is now', async () => {
    await createAction(ada, { ...script, ref: 'ops.changed', paramSchema: {} });
    for (const ref of ['core.noop', 'ops.changed']) await know(ref);
    const { packRef: _, ...fields } = script;
    await updateAction(ada, {
      ...fields,
      ref: 'ops.changed',
      revision: 1,
      timeoutSeconds: 9,
      paramSchema: {},
    });
    const made = await Promise.all(
      ['core.noop', 'core.noop', 'ops.changed', 'core.noop'].map((ref) =>
        requestRoot(ada.tenantId, orderOf(ref)),
      ),
    );
    expect(new Set(made.map(({ id }) => id)).size).toBe(4);
    expect(await getExecution(ada, made[2]?.id ?? 0)).toMatchObject({
      state: 'requested',
      timeoutSeconds: 9,
    });
    const rows = await querySystem<{ count: number }>(
      `SELECT count(*) FROM execution WHERE tenant_id = $1 AND action_ref = 'ops.changed'`,
      [ada.tenantId],
    );
    expect(rows).toEqual([{ count: 1 }]);
  });

  it('of tenants that know nothing of each other stay apart', async () => {
    const bob = await makePerson(await makeTenant(), 'Bob');
    await know('core.noop');
    await inTenant(bob.tenantId, (tx) => findActionFacts(tx, bob.tenantId, 'core.noop'));
    const order = orderOf('core.noop');
    const made = await Promise.all(
      [ada, bob, ada, bob, ada, bob].map(async ({ tenantId }) => {
        const own = tenantId === ada.tenantId ? order : { ...order, requestedBy: requesterOf(bob) };
        return { tenantId, id: (await requestRoot(tenantId, own)).id };
      }),
    );
    for (const { tenantId, id } of made) {
      const rows = await querySystem<{ tenant: number }>(
        'SELECT tenant_id AS tenant FROM execution WHERE root_id = $1',
        [id],
      );
      expect(rows).toEqual([{ tenant: tenantId }]);
    }
  });

  it('each mark that they write, once and as themselves', async () => {
    await know('core.noop');
    const marks: number[] = [];
    const asked = Array.from({ length: 8 }, (_, number) =>
      markingWrites(
        async () => void marks.push(number),
        () => requestRoot(ada.tenantId, orderOf('core.noop')),
      ),
    );
    const refused = markingWrites(
      () => Promise.reject(new Error('not any more')),
      () => requestRoot(ada.tenantId, orderOf('core.noop')),
    );
    await expect(refused).rejects.toThrow('not any more');
    expect(await Promise.all(asked)).toHaveLength(8);
    expect(marks.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
