import pg from 'pg';
import type { Sql } from './db';
import { inSystem } from './db';
import { appendChanges } from './feed/store';
import { hashPassword, randomPassword } from './identities/passwords';
import { administratorSet, builtInPermissionSets } from './identities/permission-sets';
import { reasonOf } from './log';
import { migrate, takeMigrationLock } from './migrate';
import { loadPacks } from './packs/load';
import { installQueues } from './queue';
import { requireMasterKeys } from './sealing/canary';
import { masterKeys } from './sealing/master-keys';

/** The tenant of the first administrator. */
const defaultTenant = 2;
const standardTenant = 1;

export interface InstallOptions {
  databaseUrl: string;
  migrationsFolder: string;
  /** None: no packs are loaded. */
  packsFolder: string | null;
  admin: { login: string; password: string | undefined };
}

export interface Installed {
  /** `password` only where it was made up just now: it is shown once and kept nowhere. */
  admin: { login: string; password: string | null; created: boolean };
  migrated: string[];
  packs: string[];
  problems: string[];
}

/**
 * Brings the database to where this program needs it, and says what it did: migrations, queues, partitions,
 * permission sets, packs, the first administrator. Safe to run again and by several processes at once.
 */
export async function install(options: InstallOptions): Promise<Installed> {
  // Before anything is changed: a key that cannot be read is the operator's to repair.
  masterKeys();
  const client = new pg.Client({
    connectionString: options.databaseUrl,
    application_name: 'attune setup',
    connectionTimeoutMillis: 10_000,
    options: '-c statement_timeout=0 -c lock_timeout=60s',
  });
  await client.connect().catch((cause: unknown) => {
    const { host } = new URL(options.databaseUrl);
    throw new Error(
      `The database at ${host} does not answer: ${reasonOf(cause)}. Start it, or check DATABASE_URL.`,
      { cause },
    );
  });
  try {
    // One installer at a time, from the first step to the last; the lock goes with the connection.
    await takeMigrationLock(client);
    const owner: Sql & { connectionString: string } = {
      connectionString: options.databaseUrl,
      query: async <Row>(text: string, values: readonly unknown[] = []) =>
        (await client.query(text, [...values])).rows as Row[],
    };
    const migrated = await migrate(client, options.migrationsFolder);
    await requireMasterKeys();
    await installQueues(owner);
    await owner.query('SELECT attune_ensure_partitions()');
    await savePermissionSets(owner);
    const problems: string[] = [];
    const packs = options.packsFolder ? await loadPacks(options.packsFolder) : null;
    problems.push(...(packs?.problems ?? []));
    const admin = await createAdministrator(options.admin, problems);
    return { admin, migrated, packs: packs?.loaded ?? [], problems };
  } finally {
    await client.end();
  }
}

async function savePermissionSets(owner: Sql): Promise<void> {
  for (const { ref, label, description, grants } of builtInPermissionSets) {
    await owner.query(
      `INSERT INTO permission_set (tenant_id, ref, label, description, pack_ref, grants)
       VALUES ($1, $2, $3, $4, 'core', $5::jsonb)
       ON CONFLICT (tenant_id, ref) DO UPDATE
       SET label = excluded.label, description = excluded.description, grants = excluded.grants`,
      [standardTenant, ref, label, description, JSON.stringify(grants)],
    );
  }
}

async function createAdministrator(
  wanted: InstallOptions['admin'],
  problems: string[],
): Promise<Installed['admin']> {
  const { login } = wanted;
  return inSystem(async (tx) => {
    const [existing] = await tx.query<{ login: string }>(
      `SELECT i.login FROM identity i
       JOIN permission_assignment a ON a.identity_id = i.id
       JOIN permission_set p ON p.id = a.permission_set_id AND p.tenant_id = $1 AND p.ref = $2
       ORDER BY i.id LIMIT 1`,
      [standardTenant, administratorSet],
    );
    if (existing) return { login: existing.login, password: null, created: false };
    const password = wanted.password ?? randomPassword();
    const [identity] = await tx.query<{ id: number }>(
      `INSERT INTO identity (tenant_id, login, display_name, password_hash) VALUES ($1, $2, 'Administrator', $3)
       ON CONFLICT (login) WHERE home_id IS NULL DO NOTHING RETURNING id`,
      [defaultTenant, login, await hashPassword(password)],
    );
    if (!identity) {
      problems.push(
        `There is no administrator, and the login ${login} belongs to somebody who is none. ` +
          'Set ATTUNE_ADMIN_LOGIN to a free login and start again.',
      );
      return { login, password: null, created: false };
    }
    await tx.query(
      `INSERT INTO permission_assignment (tenant_id, identity_id, permission_set_id)
       SELECT $1, $2, id FROM permission_set WHERE tenant_id = $3 AND ref = $4`,
      [defaultTenant, identity.id, standardTenant, administratorSet],
    );
    await appendChanges(tx, defaultTenant, [
      {
        entityType: 'identity',
        entityId: identity.id,
        kind: 'created',
        payload: { id: identity.id, login, permissionSets: [administratorSet] },
      },
    ]);
    return { login, password: wanted.password === undefined ? password : null, created: true };
  });
}
