import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '@/engine/expression/expression';
import { closeDatabase, inSystem, querySystem } from '../db';
import type { Actor } from '../identities/actor';
import { createKey, revealKey } from '../keys/service';
import { stopLive } from '../live';
import { makePerson, makeTenant } from '../packs/test-people';
import { requireMasterKeys, WrongMasterKey } from './canary';
import { masterKeys, readMasterKeys, type MasterKeys } from './master-keys';
import { rotateMasterKeys } from './rotate';
import { keyIdOf, Sealing, SealBroken } from './seal';

const newKey = () => randomBytes(32).toString('base64');
const keysOf = (current: string, ...older: string[]): MasterKeys =>
  readMasterKeys({ ATTUNE_MASTER_KEY: current, ATTUNE_MASTER_KEY_PREVIOUS: older.join(' ') });
/** The key of this process, written out, so that a rotation can name it as the older one. */
const ownKey = () => masterKeys().current.key.export().toString('base64');

let ada: Actor;
beforeAll(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
});
beforeEach(async () => {
  await inSystem(async (tx) => {
    for (const table of ['item_input', 'key', 'webhook_secret', 'sealing_canary'])
      await tx.query(`DELETE FROM ${table}`);
    await tx.query('UPDATE execution SET sealed = NULL');
  });
  await requireMasterKeys();
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

/** An execution's parameters: parts one after the other, as `secret-parameters.ts` writes them. */
const framed = (...parts: Buffer[]) =>
  Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );

async function makeExecution(sealed: Buffer): Promise<number> {
  return inSystem(async (tx) => {
    const [row] = await tx.query<{ id: number }>(
      `INSERT INTO execution (id, root_id, tenant_id, action_ref, sealed, state, ended_at)
       SELECT id, id, $1, 'ops.deploy', $2, 'completed', now() FROM (SELECT nextval('execution_id_seq') AS id) AS next RETURNING id`,
      [ada.tenantId, sealed],
    );
    return row?.id ?? 0;
  });
}

const sealedOf = async (table: string) =>
  (
    await querySystem<{ sealed: Buffer }>(
      `SELECT sealed FROM ${table} WHERE sealed IS NOT NULL AND tenant_id = $1 ORDER BY 1`,
      [ada.tenantId],
    )
  ).map(({ sealed }) => sealed);
const put = (ref: string, value: Json) =>
  createKey(ada, { ref, name: ref, value, ownerType: 'system', encrypted: true });

describe('a rotation of the master key', () => {
  it('seals keys, parameters of executions that have ended, inputs of items and secrets of webhooks anew, and retires the old key', async () => {
    const old = new Sealing(masterKeys());
    const context = 'execution-parameters:ops.deploy';
    await put('token', { value: 'one' });
    await put('other', 'two');
    const rootId = await makeExecution(
      framed(old.seal(ada.tenantId, context, { '/a': 'x' }), old.seal(ada.tenantId, context, { '/b': 'y' })),
    );
    await inSystem((tx) =>
      tx.query(
        `INSERT INTO item_input (tenant_id, root_id, execution_id, task, visit, item, input, sealed) VALUES ($1, $2, $2, 't', 1, 0, '{}', $3)`,
        [ada.tenantId, rootId, old.seal(ada.tenantId, `item-input:${rootId}`, { z: 1 })],
      ),
    );
    await inSystem((tx) =>
      tx.query(
        `WITH p AS (INSERT INTO pack (tenant_id, ref, label, version) VALUES ($1, 'hooks', 'Hooks', '1.0.0') RETURNING id),
           t AS (INSERT INTO trigger (id, tenant_id, pack_id, pack_ref, ref, label) SELECT 777777, $1, id, 'hooks', 'hooks.one', 'One' FROM p RETURNING id)
         INSERT INTO webhook_secret (tenant_id, trigger_id, sealed) SELECT $1, id, $2 FROM t`,
        [ada.tenantId, old.seal(ada.tenantId, 'webhook:777777', 'hook secret')],
      ),
    );
    const keys = keysOf(newKey(), ownKey());
    expect(await rotateMasterKeys(keys)).toEqual({
      rewrapped: {
        key: 2,
        execution: 1,
        item_input: 1,
        webhook_secret: 1,
        work_queue_item: 0,
        idempotency_key: 0,
      },
      broken: [],
      retired: [masterKeys().current.id],
    });
    const next = new Sealing(keys);
    const [hookSecret = Buffer.alloc(0)] = await sealedOf('webhook_secret');
    expect(next.open(ada.tenantId, 'webhook:777777', hookSecret)).toMatchObject({
      ...{ value: 'hook secret', isCurrent: true },
    });
    for (const sealed of [...(await sealedOf('key')), ...(await sealedOf('item_input'))])
      expect(keyIdOf(sealed)).toBe(keys.current.id);
    const [parameters = Buffer.alloc(0)] = await sealedOf('execution');
    const firstLength = parameters.readUInt32BE(0);
    const parts = [parameters.subarray(4, 4 + firstLength), parameters.subarray(8 + firstLength)];
    expect(parts.map((part) => next.open(ada.tenantId, context, part))).toMatchObject([
      { value: { '/a': 'x' }, isCurrent: true },
      { value: { '/b': 'y' }, isCurrent: true },
    ]);
    // The old key is not needed any more, and a process that has only that one is sent away.
    await requireMasterKeys(keysOf(keys.current.key.export().toString('base64')));
    await expect(requireMasterKeys(masterKeys())).rejects.toThrow(WrongMasterKey);
  });

  it('does nothing where all is sealed with the newest key, and leaves what is plain alone', async () => {
    await put('token', 'one');
    await createKey(ada, { ref: 'plain', name: 'plain', value: 'p', ownerType: 'system', encrypted: false });
    const before = await sealedOf('key');
    expect(await rotateMasterKeys()).toEqual({
      rewrapped: {
        key: 0,
        execution: 0,
        item_input: 0,
        webhook_secret: 0,
        work_queue_item: 0,
        idempotency_key: 0,
      },
      broken: [],
      retired: [],
    });
    expect(await sealedOf('key')).toEqual(before);
    expect(await revealKey(ada, { ref: 'plain' })).toEqual({ value: 'p' });
  });

  it('goes on where it was broken off', async () => {
    for (let place = 0; place < 45; place += 1) await put(`many.${place}`, `value ${place}`);
    const keys = keysOf(newKey(), ownKey());
    const next = new Sealing(keys);
    // As if the first batch had been done before the process was killed.
    const rows = await querySystem<{ id: number; sealed: Buffer }>(
      'SELECT id, sealed FROM key ORDER BY id LIMIT 20',
    );
    for (const { id, sealed } of rows)
      await querySystem('UPDATE key SET sealed = $2 WHERE id = $1', [
        id,
        next.reseal(ada.tenantId, `key:${id}`, sealed),
      ]);
    expect(await rotateMasterKeys(keys)).toMatchObject({ rewrapped: { key: 25 }, broken: [] });
    const after = await querySystem<{ id: number; sealed: Buffer }>('SELECT id, sealed FROM key ORDER BY id');
    expect(after.map(({ id, sealed }) => next.open(ada.tenantId, `key:${id}`, sealed).value)).toEqual(
      Array.from({ length: 45 }, (_, place) => `value ${place}`),
    );
  });

  it('keeps the old key while something cannot be opened, says where it lies, and does the rest', async () => {
    await put('good', 'one');
    await put('bad', 'two');
    await querySystem(
      `UPDATE key SET sealed = set_byte(sealed, length(sealed) - 1, get_byte(sealed, length(sealed) - 1) # 1) WHERE ref = 'bad'`,
    );
    const { rewrapped, broken, retired } = await rotateMasterKeys(keysOf(newKey(), ownKey()));
    expect({ done: rewrapped['key'], retired }).toEqual({ done: 1, retired: [] });
    expect(broken).toEqual([expect.stringMatching(/^key \d+: A sealed value was changed/)]);
    expect(
      await querySystem('SELECT 1 FROM sealing_canary WHERE key_id = $1', [masterKeys().current.id]),
    ).toHaveLength(1);
  });

  it('is refused without the key that things were sealed with', async () => {
    await put('token', 'one');
    await expect(rotateMasterKeys(keysOf(newKey()))).rejects.toThrow(WrongMasterKey);
    expect(() =>
      new Sealing(keysOf(newKey())).reseal(1, 'x', new Sealing(masterKeys()).seal(1, 'x', 1)),
    ).toThrow(SealBroken);
  });
});
