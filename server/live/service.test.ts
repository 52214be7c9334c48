import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closeDatabase, inSystem, inTenant } from '../db';
import { appendChanges, parseCursor, readTenantChanges, type Change } from '../feed/store';
import type { Actor } from '../identities/actor';
import { updatePerson } from '../identities/service';
import { announce, startListening, stopLive } from '../live';
import { makePerson, makeTenant } from '../packs/test-people';
import { countReaders, maxWaitingRows, stopHub } from './hub';
import type { LiveChange } from './schema';
import { streamChanges, streamLog } from './service';

let ada: Actor;
beforeAll(startListening);
beforeEach(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
});
afterAll(async () => {
  stopHub();
  await stopLive();
  await closeDatabase();
});

function change(n: number, more: Partial<Change> = {}): Change {
  return { entityType: 'rule', entityId: n + 1, kind: 'updated', payload: { n }, ...more };
}

function never(): never {
  throw new Error('there is no cursor');
}

function write(tenantId: number, ...changes: Change[]): Promise<void> {
  return inTenant(tenantId, (tx) => appendChanges(tx, tenantId, changes));
}

/** Reads until `count` changes have come, or nothing more after `patienceMs`. Ends the stream. */
async function collect(
  actor: Actor,
  lastEventId: string | null,
  count: number,
  whenOpen: () => unknown = () => undefined,
): Promise<{ changes: LiveChange[]; cursor: string }> {
  const leaving = new AbortController();
  const stream = streamChanges(actor, lastEventId, leaving.signal);
  const timer = setTimeout(() => leaving.abort(), 8_000);
  const changes: LiveChange[] = [];
  let cursor = '';
  for await (const [id, batch] of stream) {
    if (cursor === '') void whenOpen();
    cursor = id;
    changes.push(...batch);
    if (changes.length >= count) break;
  }
  clearTimeout(timer);
  return { changes, cursor };
}

const numbers = (changes: readonly LiveChange[]) => changes.map(({ payload }) => payload['n']);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the live feed', () => {
  it('says at once where the reader stands, then brings what happens, in order', async () => {
    const { changes } = await collect(ada, null, 3, () =>
      write(ada.tenantId, change(1), change(2), change(3)),
    );
    expect(numbers(changes)).toEqual([1, 2, 3]);
    expect(changes[0]).toMatchObject({ entityType: 'rule', entityId: 2, kind: 'updated', rootId: 0 });
    expect(countReaders()).toBe(0);
  });

  it('brings a change within a moment', async () => {
    const stream = streamChanges(ada, null, undefined);
    await stream.next();
    await wait(50);
    const started = performance.now();
    await write(ada.tenantId, change(1));
    const { value } = await stream.next();
    expect(value?.[1]).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(300);
    await stream.return();
  });

  it('goes on where a reader stopped', async () => {
    const { cursor } = await collect(ada, null, 0);
    await write(ada.tenantId, change(1));
    await write(ada.tenantId, change(2), change(3));
    const first = await collect(ada, cursor, 1);
    const rest = await collect(ada, first.cursor, 3 - first.changes.length);
    expect(numbers([...first.changes, ...rest.changes])).toEqual([1, 2, 3]);
  });

  it('has no gap and no double for readers that are cut while writers overlap, wait and roll back', async () => {
    const committed: number[] = [];
    let next = 0;
    const writer = async () => {
      for (let round = 0; round < 25; round += 1) {
        const own = [next++, next++];
        await inTenant(ada.tenantId, async (tx) => {
          await appendChanges(tx, ada.tenantId, [change(own[0] ?? 0)]);
          // Meanwhile others begin later and commit sooner.
          await wait(Math.random() * 30);
          await appendChanges(tx, ada.tenantId, [change(own[1] ?? 0)]);
          if (round % 5 === 4) throw new Error('changed my mind');
        }).then(
          () => committed.push(...own),
          () => undefined,
        );
      }
    };
    let isWritten = false;
    /** Reads in pieces, each cut off at some moment, until all is written; the last piece is a long one. */
    const readInPieces = async (from: string | null) => {
      const seen: unknown[] = [];
      let cursor = from;
      for (let isLast = false; !isLast;) {
        isLast = isWritten;
        const leaving = new AbortController();
        const timer = setTimeout(() => leaving.abort(), isLast ? 1_500 : 20 + Math.random() * 80);
        for await (const [id, batch] of streamChanges(ada, cursor, leaving.signal)) {
          cursor = id;
          seen.push(...numbers(batch));
        }
        clearTimeout(timer);
      }
      return seen;
    };
    const { cursor: begin } = await collect(ada, null, 0);
    const readers = [0, 1, 2].map(() => readInPieces(begin));
    const joiner = readInPieces(null);
    await Promise.all(Array.from({ length: 8 }, writer));
    isWritten = true;
    const expected = committed.toSorted((a, b) => a - b);
    for (const seen of await Promise.all(readers)) {
      expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(expected);
    }
    // The one that joined in the middle may miss the beginning, but sees nothing twice.
    const joined = await joiner;
    expect(new Set(joined).size).toBe(joined.length);
  }, 30_000);

  it('keeps its order where transaction ids grow by a digit: a text sort once gave rows twice', async () => {
    const { cursor } = await collect(ada, null, 0);
    await inSystem(async (tx) => {
      for (const [n, xid] of [
        [1, '999'],
        [2, '1000'],
        [3, '1001'],
      ] as const) {
        await tx.query(
          `INSERT INTO change_feed (tenant_id, entity_type, entity_id, kind, payload, xid)
           VALUES ($1, 'rule', 1, 'updated', jsonb_build_object('n', $2::int), $3::xid8)`,
          [ada.tenantId, n, xid],
        );
      }
    });
    const rows = await readTenantChanges(
      ada.tenantId,
      { xid: '998', id: 0 },
      parseCursor(cursor) ?? never(),
      500,
    );
    const mine = rows.filter(({ tenantId }) => tenantId === ada.tenantId);
    expect(mine.map(({ payload }) => payload['n'])).toEqual([1, 2, 3]);
  });

  it('holds rows back while an older transaction is open, and loses none of its', async () => {
    const { cursor } = await collect(ada, null, 0);
    let commit: () => void = () => undefined;
    const open = inTenant(ada.tenantId, async (tx) => {
      await appendChanges(tx, ada.tenantId, [change(1)]);
      await new Promise<void>((resolve) => (commit = resolve));
    });
    await wait(50);
    await write(ada.tenantId, change(2));
    const reading = collect(ada, cursor, 2);
    await wait(700);
    commit();
    await open;
    expect(numbers((await reading).changes)).toEqual([1, 2]);
  });

  it('shows nothing of another tenant, and what the standard packs do to everybody', async () => {
    const stranger = await makePerson(await makeTenant(), 'Stranger');
    const { changes } = await collect(ada, null, 2, async () => {
      await write(stranger.tenantId, change(1));
      await inSystem((tx) =>
        appendChanges(tx, 1, [
          change(2, { entityType: 'identity' }),
          change(3, { entityType: 'pack', payload: { n: 3, ref: randomUUID() } }),
        ]),
      );
      await write(ada.tenantId, change(4));
    });
    expect(numbers(changes)).toEqual([3, 4]);
  });

  it('shows only what the reader may read, also by name', async () => {
    const reader = await makePerson(ada.tenantId, 'Reader', [
      { resource: 'executions', actions: ['read'], constraints: { pack_refs: ['shop'] } },
      { resource: 'rules', actions: ['execute'] },
    ]);
    const { changes } = await collect(reader, null, 1, () =>
      write(
        ada.tenantId,
        change(1),
        change(2, { entityType: 'execution', payload: { n: 2, actionRef: 'bank.pay' } }),
        change(3, { entityType: 'execution', payload: { n: 3, actionRef: 'shop.order' } }),
      ),
    );
    expect(numbers(changes)).toEqual([3]);
  });

  it('drops a reader that is too slow, which then goes on without a gap', async () => {
    const stream = streamChanges(ada, null, undefined);
    const first = await stream.next();
    const cursor = first.value?.[0] ?? '';
    await inSystem(async (tx) => {
      await tx.query(
        `INSERT INTO change_feed (tenant_id, entity_type, entity_id, kind, payload)
         SELECT $1, 'rule', n, 'updated', jsonb_build_object('n', n) FROM generate_series(1, $2::int) n`,
        [ada.tenantId, maxWaitingRows + 1],
      );
      tx.afterCommit(() => announce('attune_feed'));
    });
    await wait(1_500);
    await expect(
      (async () => {
        while (!(await stream.next()).done);
      })(),
    ).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    const { changes } = await collect(ada, cursor, maxWaitingRows + 1);
    expect(numbers(changes)).toEqual(Array.from({ length: maxWaitingRows + 1 }, (_, index) => index + 1));
  }, 20_000);

  it('is cut when the reader is frozen', async () => {
    const reader = await makePerson(ada.tenantId, 'Reader');
    const [session] = await inSystem((tx) =>
      tx.query<{ id: number }>(
        `INSERT INTO session (tenant_id, identity_id, token_hash, expires_at)
         VALUES ($1, $2, decode(md5($3), 'hex'), now() + interval '1 day') RETURNING id`,
        [reader.tenantId, reader.identityId, randomUUID()],
      ),
    );
    const stream = streamChanges({ ...reader, sessionId: session?.id ?? 0 }, null, undefined);
    await stream.next();
    const reading = (async () => {
      while (!(await stream.next()).done);
    })();
    await updatePerson(ada, { id: reader.identityId, frozen: true });
    await expect(reading).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(countReaders()).toBe(0);
  });

  it('is opened at most a hundred times by one person', async () => {
    const streams = Array.from({ length: 100 }, () => streamChanges(ada, null, undefined));
    await Promise.all(streams.map((stream) => stream.next()));
    const oneMore = () => streamChanges(ada, null, undefined).next();
    await expect(oneMore()).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    await Promise.all(streams.map((stream) => stream.return()));
    const again = streamChanges(ada, null, undefined);
    await expect(again.next()).resolves.toMatchObject({ done: false });
    await again.return();
  });
});

describe('the live log', () => {
  async function makeExecution(): Promise<number> {
    return inSystem(async (tx) => {
      const [row] = await tx.query<{ id: number }>(
        `INSERT INTO execution (id, root_id, tenant_id, action_ref)
         SELECT id, id, $1, 'shop.order' FROM (SELECT nextval('execution_id_seq') AS id) AS next RETURNING id`,
        [ada.tenantId],
      );
      return row?.id ?? 0;
    });
  }
  const print = (id: number, seq: number, content: string) =>
    inSystem(async (tx) => {
      await tx.query(
        `INSERT INTO execution_log (tenant_id, root_id, execution_id, seq, stream, content)
         VALUES ($1, $2, $2, $3, 'stdout', $4)`,
        [ada.tenantId, id, seq, content],
      );
      tx.afterCommit(() => announce('attune_log', String(id)));
    });
  const finish = (id: number) =>
    inSystem(async (tx) => {
      await tx.query(
        `UPDATE execution SET state = 'failed', error = 'x', ended_at = now() WHERE tenant_id = $1 AND root_id = $2 AND id = $2`,
        [ada.tenantId, id],
      );
      tx.afterCommit(() => announce('attune_log', String(id)));
    });

  it('brings each line once, goes on from a line, and ends after the execution', async () => {
    const id = await makeExecution();
    await print(id, 1, 'one\n');
    await print(id, 2, 'two\n');
    const stream = await streamLog(ada, id, '1', undefined);
    const first = await stream.next();
    expect(first.value).toMatchObject([
      '2',
      [{ seq: 2, stream: 'stdout', content: 'two\n' }],
      expect.anything(),
    ]);
    const second = stream.next();
    await print(id, 3, 'three\n');
    expect((await second).value?.[1]).toMatchObject([{ seq: 3, content: 'three\n' }]);
    await finish(id);
    expect(await stream.next()).toMatchObject({ done: true });
  });

  it('of another tenant is not there', async () => {
    const id = await makeExecution();
    const stranger = await makePerson(await makeTenant(), 'Stranger');
    await expect(streamLog(stranger, id, null, undefined)).rejects.toMatchObject({ kind: 'not_found' });
  });
});
