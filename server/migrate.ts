import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';

/** The number that Prisma's own commands lock, so that the two never migrate at the same time. */
const migrationLock = 72_707_369;

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Applies the migrations of the folder that the database does not have yet, in order, and gives back their names.
 * Each runs in one transaction together with its row in Prisma's own table, so a failed one leaves nothing behind
 * and is simply run again once it is repaired; `prisma migrate status` agrees. The client must be the owner's, with
 * no statement timeout. Two processes at once take turns.
 * @throws Error when a migration fails, was changed after it was applied, or is unknown to this program
 */
export async function migrate(client: Client, folder: string): Promise<string[]> {
  await takeMigrationLock(client);
  try {
    await client.query(`CREATE TABLE IF NOT EXISTS _prisma_migrations (
      id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
      migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
      started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`);
    const migrations = await readMigrations(folder);
    const done = await readApplied(client);
    requireAgreement(migrations, done);
    const missing = migrations.filter(({ name }) => !done.has(name));
    for (const migration of missing) await apply(client, migration);
    return missing.map(({ name }) => name);
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [migrationLock]);
  }
}

const patienceMs = 120_000;

/**
 * Takes the lock under which one process at a time changes the schema. Asks again and again: a statement that waits
 * for a lock holds a snapshot, and the queue's `CREATE INDEX CONCURRENTLY` waits for every snapshot to go.
 * @throws Error after two minutes
 */
export async function takeMigrationLock(client: Client): Promise<void> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += 100) {
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [
      migrationLock,
    ]);
    if (rows[0]?.taken) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(
    'Another process has been changing the database for two minutes. Look at it, then start again.',
  );
}

/** Checksums by name. */
async function readApplied(client: Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; checksum: string; finished: boolean }>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
     FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
  );
  const unfinished = rows.find((row) => !row.finished);
  if (unfinished) {
    throw new Error(
      `The migration ${unfinished.name} was begun by Prisma and did not finish. Look at what it did, then run ` +
        `\`npm run prisma -- migrate resolve --rolled-back ${unfinished.name}\` (or --applied) and start again.`,
    );
  }
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

function requireAgreement(migrations: readonly Migration[], done: ReadonlyMap<string, string>): void {
  const changed = migrations.find(({ name, checksum }) => (done.get(name) ?? checksum) !== checksum);
  if (changed) {
    throw new Error(
      `The migration ${changed.name} was changed after this database had it. Put the file back as it was and ` +
        'write the change as a new migration; while nothing is released, an empty database does as well.',
    );
  }
  const known = new Set(migrations.map(({ name }) => name));
  const newer = [...done.keys()].find((name) => !known.has(name));
  if (newer) {
    throw new Error(
      `This database was migrated by a newer program (${newer}). Start that version, or give another DATABASE_URL.`,
    );
  }
}

async function apply(client: Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    const { message, position } = error as Error & { position?: string };
    const line = position ? `, line ${sql.slice(0, Number(position)).split('\n').length}` : '';
    throw new Error(`The migration ${name} failed${line}: ${message}. Nothing of it was kept.`, {
      cause: error,
    });
  }
}
