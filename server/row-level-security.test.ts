import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inConfiguration, inSystem, inTenant } from './db';
import { appendChanges } from './feed/store';
import { stopLive } from './live';
import { makePerson, makeTenant } from './packs/test-people';

/** What happens when one of our own queries forgets its tenant. */

let own: number;
let other: number;
beforeAll(async () => {
  own = await makeTenant();
  other = await makeTenant();
  await makePerson(own, 'Ada');
  await makePerson(other, 'Bob');
  for (const tenantId of [own, other]) {
    await inTenant(tenantId, (tx) =>
      appendChanges(tx, tenantId, [{ entityType: 'pack', entityId: 1, kind: 'created', payload: {} }]),
    );
    await inTenant(tenantId, (tx) =>
      tx.query(
        `INSERT INTO execution (id, root_id, tenant_id, action_ref)
         SELECT id, id, $1, 'core.noop' FROM (SELECT nextval('execution_id_seq') AS id) AS next`,
        [tenantId],
      ),
    );
  }
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

/** Every table with a tenant, as the database has it. */
async function tenantTables(): Promise<string[]> {
  const rows = await inSystem((tx) =>
    tx.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       ORDER BY c.relname`,
    ),
  );
  return rows.map(({ name }) => name);
}

describe('row-level security', () => {
  it('stands behind every table that has a tenant', async () => {
    const tables = await tenantTables();
    expect(tables).toEqual(
      expect.arrayContaining(['execution', 'event', 'inquiry', 'change_feed', 'session']),
    );
    const rows = await inSystem((tx) =>
      tx.query<{ name: string; isOn: boolean }>(
        'SELECT relname AS name, relrowsecurity AS "isOn" FROM pg_class WHERE relname = ANY($1)',
        [tables],
      ),
    );
    expect(rows.filter(({ isOn }) => !isOn).map(({ name }) => name)).toEqual([]);
  });

  it('asks on each of them for the tenant of the transaction, also on each part of a table that lies in parts', async () => {
    const open = await inSystem((tx) =>
      tx.query<{ name: string }>(
        `SELECT c.relname AS name FROM pg_class c
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
           AND has_table_privilege('attune_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE')
           AND NOT (c.relrowsecurity AND EXISTS (
             SELECT FROM pg_policies p WHERE p.schemaname = 'public' AND p.tablename = c.relname
               AND (p.roles && '{attune_app,public}') AND p.qual ~ 'tenant_id' AND p.qual ~ 'attune'))`,
      ),
    );
    expect(open).toEqual([]);
  });

  it('holds for the roles that we work as: they own nothing and pass by nothing', async () => {
    const roles = await inSystem((tx) =>
      tx.query(
        `SELECT r.rolname AS name, r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb AS above,
           (SELECT count(*)::int FROM pg_class c WHERE c.relowner = r.oid) AS owned
         FROM pg_roles r WHERE r.rolname IN ('attune_app', 'attune_system') ORDER BY r.rolname`,
      ),
    );
    expect(roles).toEqual([
      { name: 'attune_app', above: false, owned: 0 },
      { name: 'attune_system', above: false, owned: 0 },
    ]);
  });

  it('leaves no table without a tenant but what is nobody’s', async () => {
    const rows = await inSystem((tx) =>
      tx.query<{ name: string }>(
        `SELECT c.relname AS name FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
         ORDER BY c.relname`,
      ),
    );
    expect(rows.map(({ name }) => name)).toEqual(['_prisma_migrations', 'tenant']);
  });

  it('gives a query without a tenant filter only the own rows', async () => {
    for (const table of await tenantTables()) {
      const rows = await inTenant(own, (tx) =>
        tx.query<{ tenant: number }>(`SELECT DISTINCT tenant_id AS tenant FROM ${table}`),
      );
      // What the standard tenant holds is everybody's.
      expect(
        rows.map(({ tenant }) => tenant).filter((tenant) => tenant !== own && tenant !== 1),
        table,
      ).toEqual([]);
    }
  });

  it('gives a query that names another tenant nothing, by pg and by Prisma', async () => {
    const rows = await inTenant(own, (tx) =>
      tx.query('SELECT id FROM execution WHERE tenant_id = $1', [other]),
    );
    expect(rows).toEqual([]);
    const people = await inConfiguration(own, ({ prisma }) =>
      prisma.identity.findMany({ where: { tenantId: other } }),
    );
    expect(people).toEqual([]);
  });

  it('changes and removes nothing of another tenant', async () => {
    const changed = await inTenant(own, (tx) =>
      tx.query("UPDATE execution SET state_reason = 'mine' WHERE tenant_id = $1 RETURNING id", [other]),
    );
    const removed = await inTenant(own, (tx) =>
      tx.query('DELETE FROM identity WHERE tenant_id = $1 RETURNING id', [other]),
    );
    expect([changed, removed]).toEqual([[], []]);
  });

  it('refuses a row that is written for another tenant', async () => {
    await expect(
      inTenant(own, (tx) =>
        tx.query(`INSERT INTO identity (tenant_id, login, display_name) VALUES ($1, 'spy', 'Spy')`, [other]),
      ),
    ).rejects.toThrow('row-level security');
  });

  it('lets nobody rewrite history', async () => {
    await expect(inTenant(own, (tx) => tx.query('DELETE FROM change_feed'))).rejects.toThrow(
      'permission denied',
    );
    await expect(inSystem((tx) => tx.query("UPDATE change_feed SET kind = 'x'"))).rejects.toThrow(
      'permission denied',
    );
  });

  it('shows nothing at all where no tenant was named', async () => {
    const rows = await inTenant(0, (tx) => tx.query('SELECT id FROM execution'));
    expect(rows).toEqual([]);
  });
});
