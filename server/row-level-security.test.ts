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
