import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { closeDatabase, inSystem } from './db';

/** Defaults that hold for whatever is added: they ask the database's own catalogue, not a list of ours. */

afterAll(closeDatabase);

const ask = <Row>(text: string) => inSystem((tx) => tx.query<Row>(text));

/** Names that must be one of a kind across tenants: what is looked up before anybody knows whose it is. */
const global = new Set([
  'session.token_hash',
  'api_token.token_hash',
  'trigger.webhook_key',
  'identity.login',
  'identity_subject.issuer',
  'tenant.slug',
]);

describe('what is one of a kind', () => {
  it('is so within its tenant, unless it is looked up before the tenant is known', async () => {
    const indexes = await ask<{ table: string; index: string; columns: string[] }>(
      `SELECT t.relname AS "table", i.relname AS "index",
         ARRAY(SELECT a.attname::text FROM unnest(x.indkey::int[]) WITH ORDINALITY AS k(number, place)
               JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number ORDER BY k.place) AS columns
       FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
       WHERE x.indisunique AND t.relnamespace = 'public'::regnamespace AND NOT t.relispartition
         AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'tenant_id')`,
    );
    expect(indexes.length).toBeGreaterThan(30);
    const astray = indexes.filter(({ table, columns }) => {
      const [first = ''] = columns;
      // An id says nothing of a tenant; it is handed out by one counter.
      const isId = first === 'id' || first.endsWith('_id');
      return !isId && !global.has(`${table}.${first}`);
    });
    expect(astray.map(({ table, index, columns }) => `${table}: ${index} (${columns.join(', ')})`)).toEqual(
      [],
    );
  });
});

describe('the roles that the program works with', () => {
  it('own nothing, are no superusers, and do not step past row-level security', async () => {
    const roles = await ask<{ name: string; super: boolean; create: boolean }>(
      `SELECT rolname AS name, rolsuper AS super, rolcreaterole OR rolcreatedb AS create FROM pg_roles
       WHERE rolname IN ('attune_app', 'attune_system') ORDER BY rolname`,
    );
    expect(roles).toEqual([
      { name: 'attune_app', super: false, create: false },
      { name: 'attune_system', super: false, create: false },
    ]);
    const [app] = await ask<{ bypass: boolean }>(
      `SELECT rolbypassrls AS bypass FROM pg_roles WHERE rolname = 'attune_app'`,
    );
    expect(app?.bypass).toBe(false);
    const owned = await ask(
      `SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname IN ('attune_app', 'attune_system')`,
    );
    expect(owned).toEqual([]);
  });

  it('cannot rewrite or empty the audit log', async () => {
    const rights = await ask<{ role: string; right: string }>(
      `SELECT grantee AS role, privilege_type AS right FROM information_schema.role_table_grants
       WHERE table_name = 'audit_event' AND grantee IN ('attune_app', 'attune_system') ORDER BY 1, 2`,
    );
    expect(rights.map(({ role, right }) => `${role} ${right}`)).not.toContain('attune_app UPDATE');
    const rewriting = rights.filter(({ right }) => right === 'UPDATE' || right === 'TRUNCATE');
    expect(rewriting).toEqual([]);
    expect(rights.filter(({ role, right }) => role === 'attune_app' && right === 'DELETE')).toEqual([]);
  });
});

describe('code from texts', () => {
  it('is not made by the schemas of the web process: their switch is thrown before any of them is made', async () => {
    const text = await readFile('server/main.ts', 'utf8');
    expect(text.split('\n')[0]).toBe("import './no-generated-code';");
  });
});
