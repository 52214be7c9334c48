import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAction } from '../actions/service';
import { closeDatabase, inSystem } from '../db';
import type { Actor } from '../identities/actor';
import type { Grant } from '../identities/schema';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeReader, makeTenant, readFeed } from '../packs/test-people';
import { appRouter } from '../router';
import { mayUseKey, toKeyFacts } from './rights';
import type { CreateKey, UpdateKey } from './schema';
import { createKey, getKey, listKeys, purgeExpiredKeys, removeKey, revealKey, updateKey } from './service';

let ada: Actor;
let reader: Actor;
let stranger: Actor;
beforeAll(async () => {
  const tenant = await makeTenant();
  ada = await makePerson(tenant, 'Ada');
  reader = await makeReader(tenant);
  stranger = await makePerson(await makeTenant(), 'Eve');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  await createAction(ada, {
    packRef: 'ops',
    ref: 'ops.page',
    label: 'Page',
    description: '',
    runtime: 'shell',
    code: 'echo page',
    paramSchema: {},
    outputFormat: 'text',
    timeoutSeconds: 10,
    idempotent: false,
  });
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

const draft = (ref: string, changed: Partial<CreateKey> = {}): CreateKey => ({
  ref,
  name: ref,
  value: 'a value',
  ownerType: 'system',
  ...changed,
});

/** Moves a key's end into the past, as if its time had gone by. */
const expire = (ref: string, by = "interval '1 millisecond'") =>
  inSystem((tx) =>
    tx.query(`UPDATE key SET expires_at = clock_timestamp() - ${by} WHERE tenant_id = $1 AND ref = $2`, [
      ada.tenantId,
      ref,
    ]),
  );
const countRows = async (ref: string) =>
  inSystem(async (tx) => {
    const rows = await tx.query('SELECT id FROM key WHERE tenant_id = $1 AND ref = $2', [ada.tenantId, ref]);
    return rows.length;
  });
const refsOf = async (actor: Actor, search: string) =>
  (await listKeys(actor, { search })).items.map(({ ref }) => ref);

describe('keys', () => {
  it.each([
    ['a text', 'hello'],
    ['null', null],
    ['a number', 1.5],
    ['false', false],
    ['an object', { a: [1, { b: 'ü' }] }],
  ])('hold any JSON, encrypted or not: %s', async (what, value) => {
    for (const encrypted of [true, false]) {
      const ref = `any.${what.replaceAll(' ', '_')}.${String(encrypted)}`;
      const made = await createKey(ada, draft(ref, { value, encrypted }));
      expect('value' in made).toBe(!encrypted);
      expect(await revealKey(ada, { ref })).toEqual({ value });
      expect(await getKey(ada, { ref })).toMatchObject(encrypted ? { encrypted } : { encrypted, value });
    }
  });

  it('are encrypted unless somebody says otherwise, and lists show no value', async () => {
    await createKey(ada, draft('by-default', { value: 'listed-nowhere' }));
    await createKey(ada, draft('by-default.plain', { value: 'listed-nowhere', encrypted: false }));
    const { items } = await listKeys(ada, { search: 'by-default' });
    expect(items.map(({ ref, encrypted }) => [ref, encrypted])).toEqual([
      ['by-default', true],
      ['by-default.plain', false],
    ]);
    expect(JSON.stringify(items)).not.toContain('listed-nowhere');
  });

  it('of one name exist once per owner', async () => {
    await createKey(ada, draft('region'));
    await createKey(ada, draft('region', { ownerType: 'pack', owner: 'ops' }));
    await createKey(ada, draft('region', { ownerType: 'action', owner: 'ops.page' }));
    await createKey(ada, draft('region', { ownerType: 'identity' }));
    await expect(createKey(ada, draft('region'))).rejects.toMatchObject({ code: 'key_exists' });
    await expect(createKey(ada, draft('region', { ownerType: 'pack', owner: 'ops' }))).rejects.toMatchObject({
      code: 'key_exists',
    });
    expect(await refsOf(ada, 'region')).toHaveLength(4);
    expect(await getKey(ada, { ref: 'region' })).toMatchObject({ ownerType: 'identity', owner: ada.login });
    expect(await getKey(ada, { ref: 'region', ownerType: 'pack' })).toMatchObject({ owner: 'ops' });
  });

  it('belong to something that exists', async () => {
    const refused = { code: 'owner_not_found' };
    for (const [ownerType, owner] of [
      ['pack', 'nowhere'],
      ['pack', ''],
      ['action', 'ops.nothing'],
      ['system', 'ops'],
    ] as const) {
      await expect(createKey(ada, draft('lost', { ownerType, owner }))).rejects.toMatchObject(refused);
    }
  });

  it('are searched by name, label and owner, filtered by owner, and paged in the order of their names', async () => {
    for (const place of [3, 1, 2, 5, 4]) await createKey(ada, draft(`page.${place}`));
    await createKey(ada, draft('page.6', { ownerType: 'pack', owner: 'ops', name: 'Paging 100%' }));
    const first = await listKeys(ada, { search: 'page.', limit: 4 });
    expect(first.items.map(({ ref }) => ref)).toEqual(['page.1', 'page.2', 'page.3', 'page.4']);
    const last = await listKeys(ada, { search: 'page.', limit: 4, cursor: first.next });
    expect(last.items.map(({ ref }) => ref)).toEqual(['page.5', 'page.6']);
    expect(last.next).toBeNull();
    expect(await refsOf(ada, '100%')).toEqual(['page.6']);
    const ofPack = await listKeys(ada, { search: 'page', ownerType: 'pack', owner: 'ops' });
    expect(ofPack.items.map(({ ref }) => ref)).toEqual(['page.6']);
  });

  it('refuse a value beyond 1 MB, and say how large it is', async () => {
    const value = 'ü'.repeat(600_000);
    await expect(createKey(ada, draft('large', { value }))).rejects.toMatchObject({
      code: 'value_too_large',
      kind: 'too_large',
    });
    await createKey(ada, draft('large', { value: 'x'.repeat(1_048_000) }));
    await expect(updateKey(ada, { ref: 'large', value })).rejects.toMatchObject({ code: 'value_too_large' });
  });

  it.each(['', 'with space', 'tab\t', 'quo"te', "quo'te", 'back\\slash', 'x'.repeat(201)])(
    'refuse the name %j',
    async (ref) => {
      await expect(createKey(ada, draft(ref))).rejects.toThrow();
    },
  );

  it('change what is given and keep the rest', async () => {
    await createKey(ada, draft('changing', { value: 'one', ttlSeconds: 3600 }));
    const before = await getKey(ada, { ref: 'changing' });
    const renamed = await updateKey(ada, { ref: 'changing', name: 'Another name' });
    expect(renamed).toMatchObject({
      name: 'Another name',
      expiresAt: before.expiresAt,
      updatedBy: ada.login,
    });
    expect(await revealKey(ada, { ref: 'changing' })).toEqual({ value: 'one' });
    await updateKey(ada, { ref: 'changing', value: 'two', ttlSeconds: null });
    expect(await getKey(ada, { ref: 'changing' })).toMatchObject({ expiresAt: null, encrypted: true });
    expect(await updateKey(ada, { ref: 'changing', encrypted: false })).toMatchObject({ value: 'two' });
    await updateKey(ada, { ref: 'changing', encrypted: true });
    expect(await revealKey(ada, { ref: 'changing' })).toEqual({ value: 'two' });
    await removeKey(ada, { ref: 'changing' });
    await expect(getKey(ada, { ref: 'changing' })).rejects.toMatchObject({ code: 'key_not_found' });
  });

  it('tell the feed of every change and of every reading of a secret, without a value', async () => {
    await createKey(ada, draft('told', { value: 'never-in-the-feed' }));
    await updateKey(ada, { ref: 'told', value: 'never-in-the-feed-2' });
    await revealKey(ada, { ref: 'told' });
    await removeKey(ada, { ref: 'told' });
    const rows = (await readFeed(ada.tenantId, 'key')).filter(({ payload }) => payload['ref'] === 'told');
    expect(rows.map(({ kind, actorId }) => [kind, actorId])).toEqual(
      ['created', 'updated', 'revealed', 'deleted'].map((kind) => [kind, ada.identityId]),
    );
    expect(JSON.stringify(rows)).not.toContain('never-in-the-feed');
  });
});

describe('an encrypted value', () => {
  it('T2.3 lies in no column of any table, in no spelling', async () => {
    const canary = `canary-${randomUUID()}`;
    await createKey(ada, draft('dumped', { value: { deep: [canary] } }));
    await createKey(ada, draft('dumped.plain', { value: canary, encrypted: false }));
    await updateKey(ada, { ref: 'dumped.plain', encrypted: true });
    await updateKey(ada, { ref: 'dumped', value: `again ${canary}` });
    await revealKey(ada, { ref: 'dumped' });
    const bytes = Buffer.from(canary);
    const spellings = [canary, bytes.toString('hex'), bytes.toString('base64').slice(2, -4)];
    expect(await findInDump(spellings)).toEqual([]);
    await createKey(ada, draft('dumped.found', { value: canary, encrypted: false }));
    expect(await findInDump(spellings)).toEqual(['key']);
  });

  it('opens nowhere but in its own row', async () => {
    await createKey(ada, draft('mine'));
    await createKey(ada, draft('theirs'));
    await inSystem((tx) =>
      tx.query(
        `UPDATE key SET sealed = (SELECT sealed FROM key WHERE tenant_id = $1 AND ref = 'mine') WHERE tenant_id = $1 AND ref = 'theirs'`,
        [ada.tenantId],
      ),
    );
    await expect(revealKey(ada, { ref: 'theirs' })).rejects.toMatchObject({ code: 'key_sealed' });
  });

  it('cannot be stored beside a plain one, whatever our code does', async () => {
    await createKey(ada, draft('checked'));
    await expect(
      inSystem((tx) => tx.query(`UPDATE key SET value = '"x"' WHERE ref = 'checked'`)),
    ).rejects.toThrow('key_value_is_sealed_or_plain');
  });
});

describe('the right to a key', () => {
  const person = (grants: Grant[]) => makePerson(ada.tenantId, 'Somebody', grants);

  it('to read shows plain values and the names of encrypted ones; decrypt shows those', async () => {
    await createKey(ada, draft('shown', { value: 'in the open', encrypted: false }));
    await createKey(ada, draft('hidden', { value: 'out of sight' }));
    expect(await getKey(reader, { ref: 'shown' })).toMatchObject({ value: 'in the open' });
    expect(await getKey(reader, { ref: 'hidden' })).not.toHaveProperty('value');
    expect((await getKey(reader, { ref: 'hidden' })).mayReveal).toBe(false);
    await expect(revealKey(reader, { ref: 'hidden' })).rejects.toThrow('keys:decrypt');
    const keeper = await person([{ resource: 'keys', actions: ['read', 'decrypt'] }]);
    expect(await revealKey(keeper, { ref: 'hidden' })).toEqual({ value: 'out of sight' });
  });

  it('to read changes nothing, and none sees nothing', async () => {
    await createKey(ada, draft('guarded'));
    await expect(createKey(reader, draft('guarded.2'))).rejects.toThrow('keys:create');
    await expect(updateKey(reader, { ref: 'guarded', value: 1 })).rejects.toThrow('keys:update');
    await expect(removeKey(reader, { ref: 'guarded' })).rejects.toThrow('keys:delete');
    const nobody = await person([]);
    await expect(listKeys(nobody, {})).rejects.toThrow('keys:read');
    await expect(getKey(nobody, { ref: 'guarded' })).rejects.toThrow('keys:read');
  });

  it('to update does not give the value away by making it plain', async () => {
    await createKey(ada, draft('sealed-for-good', { value: 'mine alone' }));
    const editor = await person([{ resource: 'keys', actions: ['read', 'update'] }]);
    await expect(updateKey(editor, { ref: 'sealed-for-good', encrypted: false })).rejects.toThrow(
      'keys:decrypt',
    );
    const over: UpdateKey = { ref: 'sealed-for-good', value: 'a new one', encrypted: false };
    expect(await updateKey(editor, over)).toMatchObject({ value: 'a new one' });
  });

  it('may be limited to owners, packs and names', async () => {
    await createKey(ada, draft('limited', { ownerType: 'pack', owner: 'ops' }));
    await createKey(ada, draft('limited', { ownerType: 'action', owner: 'ops.page' }));
    await createKey(ada, draft('limited'));
    const seen = async (constraints: Grant['constraints']) =>
      (
        await listKeys(await person([{ resource: 'keys', actions: ['read'], constraints }]), {
          search: 'limited',
        })
      ).items.map(({ ownerType }) => ownerType);
    expect(await seen({ pack_refs: ['ops'] })).toEqual(['pack', 'action']);
    expect(await seen({ owner_types: ['action'] })).toEqual(['action']);
    expect(await seen({ owner_refs: ['ops'] })).toEqual(['pack']);
    expect(await seen({ refs: ['another'] })).toEqual([]);
  });

  it('to a person’s own key is theirs; broad rights of others do not reach it, a grant that names it does', async () => {
    const bea = await person([{ resource: 'keys', actions: ['read', 'create'] }]);
    await createKey(bea, draft('diary', { ownerType: 'identity', value: 'dear diary' }));
    expect(await revealKey(bea, { ref: 'diary' })).toEqual({ value: 'dear diary' });
    expect(await refsOf(ada, 'diary')).toEqual([]);
    for (const work of [
      () => getKey(ada, { ref: 'diary' }),
      () => revealKey(ada, { ref: 'diary', ownerType: 'identity', owner: bea.login }),
      () => updateKey(ada, { ref: 'diary', value: 1 }),
      () => removeKey(ada, { ref: 'diary' }),
    ])
      await expect(work()).rejects.toMatchObject({ code: 'key_not_found' });
    await expect(
      createKey(ada, draft('planted', { ownerType: 'identity', owner: bea.login })),
    ).rejects.toMatchObject({ kind: 'forbidden' });
    const wide = await person([
      { resource: 'keys', actions: ['read', 'decrypt'], constraints: { owner_types: ['identity'] } },
    ]);
    expect(await refsOf(wide, 'diary')).toEqual([]);
    const named = await person([
      { resource: 'keys', actions: ['read'], constraints: { owner_refs: [bea.login] } },
    ]);
    expect(await refsOf(named, 'diary')).toEqual(['diary']);
    await expect(revealKey(named, { ref: 'diary' })).rejects.toThrow('keys:decrypt');
    // Nor does the live feed tell others of it.
    const told = (await readFeed(ada.tenantId, 'key')).filter(({ payload }) => payload['ref'] === 'diary');
    expect(told.length).toBeGreaterThan(0);
    for (const { payload } of told) {
      const facts = toKeyFacts(1, payload);
      expect([ada, wide, named, bea].map((actor) => mayUseKey(actor, 'read', facts))).toEqual([
        false,
        false,
        true,
        true,
      ]);
    }
    await updateKey(bea, { ref: 'diary', name: 'My diary' });
    await removeKey(bea, { ref: 'diary' });
  });

  it('of another tenant is none: its keys answer like missing ones', async () => {
    await createKey(ada, draft('foreign', { ownerType: 'pack', owner: 'ops' }));
    const missing = { code: 'key_not_found', message: 'There is no key foreign.' };
    await expect(getKey(stranger, { ref: 'foreign' })).rejects.toMatchObject(missing);
    await expect(revealKey(stranger, { ref: 'foreign' })).rejects.toMatchObject(missing);
    await expect(updateKey(stranger, { ref: 'foreign', value: 1 })).rejects.toMatchObject(missing);
    await expect(removeKey(stranger, { ref: 'foreign' })).rejects.toMatchObject(missing);
    expect(await refsOf(stranger, 'foreign')).toEqual([]);
    await createKey(stranger, draft('foreign', { value: 'their own' }));
    expect(await revealKey(stranger, { ref: 'foreign' })).toEqual({ value: 'their own' });
  });
});

describe('a key with an end', () => {
  it('T2.3 is gone when its time is over, by the database’s clock and before any purge', async () => {
    const made = await createKey(ada, draft('brief', { ttlSeconds: 60, encrypted: false }));
    expect(new Date(made.expiresAt ?? 0).getTime() - new Date(made.created).getTime()).toBeLessThan(61_000);
    expect(await getKey(ada, { ref: 'brief' })).toMatchObject({ value: 'a value' });
    await expire('brief');
    const gone = { code: 'key_not_found' };
    await expect(getKey(ada, { ref: 'brief' })).rejects.toMatchObject(gone);
    await expect(revealKey(ada, { ref: 'brief' })).rejects.toMatchObject(gone);
    await expect(updateKey(ada, { ref: 'brief', ttlSeconds: null })).rejects.toMatchObject(gone);
    await expect(removeKey(ada, { ref: 'brief' })).rejects.toMatchObject(gone);
    expect(await refsOf(ada, 'brief')).toEqual([]);
    expect(await countRows('brief')).toBe(1);
  });

  it('makes room for a new one of its name before it is purged', async () => {
    await createKey(ada, draft('again', { ttlSeconds: 60 }));
    await expire('again');
    await createKey(ada, draft('again', { value: 'the new one' }));
    expect(await revealKey(ada, { ref: 'again' })).toEqual({ value: 'the new one' });
    expect(await countRows('again')).toBe(1);
  });

  it('is purged in batches, and nothing else is', async () => {
    while ((await purgeExpiredKeys(100)) > 0);
    for (const place of [1, 2, 3]) await createKey(ada, draft(`old.${place}`, { ttlSeconds: 60 }));
    for (const place of [1, 2, 3]) await expire(`old.${place}`, `interval '${place} minutes'`);
    await createKey(ada, draft('old.kept', { ttlSeconds: 60 }));
    expect(await purgeExpiredKeys(2)).toBe(2);
    expect(await countRows('old.1')).toBe(1);
    expect(await purgeExpiredKeys(2)).toBe(1);
    expect(await purgeExpiredKeys(2)).toBe(0);
    expect(await countRows('old.kept')).toBe(1);
    const feed = (await readFeed(ada.tenantId, 'key')).filter(({ kind }) => kind === 'expired');
    expect(feed.map(({ payload }) => payload['ref'])).toEqual(
      expect.arrayContaining(['old.1', 'old.2', 'old.3']),
    );
  });
});

describe('the procedures of keys', () => {
  it('declare the right that their service asks for', () => {
    const rights = Object.entries(appRouter.keys).map(([name, procedure]) => [
      name,
      (procedure as unknown as { _def: { meta?: { needs?: { action: string } } } })._def.meta?.needs?.action,
    ]);
    expect(Object.fromEntries(rights.filter(([, right]) => right !== undefined))).toEqual({
      list: 'read',
      get: 'read',
      reveal: 'decrypt',
      create: 'create',
      update: 'update',
      remove: 'delete',
    });
  });
});

/** Tables that hold one of the texts in any column, bytes as hex. */
async function findInDump(texts: readonly string[]): Promise<string[]> {
  return inSystem(async (tx) => {
    const tables = await tx.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
         AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1`,
    );
    expect(tables.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['key', 'change_feed', 'execution']),
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const rows = await tx.query(
        `SELECT 1 FROM "${name}" t WHERE EXISTS (SELECT FROM unnest($1::text[]) AS s WHERE strpos(t::text, s) > 0) LIMIT 1`,
        [texts],
      );
      if (rows.length > 0) found.push(name);
    }
    return found;
  });
}
