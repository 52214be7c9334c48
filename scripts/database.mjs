import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readRecord } from './lock.mjs';
import { home } from './paths.mjs';
import { Cluster, ensureDatabase, readPidFile } from './postgres.mjs';
import { Trouble } from './progress.mjs';

const secretsFile = path.join(home, 'secrets.json');
const placeFile = path.join(home, 'postgres.json');

function databasePassword() {
  const secrets = readRecord(secretsFile) ?? {};
  if (!secrets.databasePassword) {
    secrets.databasePassword = randomBytes(24).toString('base64url');
    writeFileSync(secretsFile, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  }
  return secrets.databasePassword;
}

function ownCluster() {
  const place = readRecord(placeFile) ?? {};
  return new Cluster({
    preferred: path.join(home, 'postgres'),
    location: place.dataFolder,
    port: place.port,
    password: databasePassword(),
    logFile: path.join(home, 'logs/postgres.log'),
  });
}

/** Opens the database of this studio: DATABASE_URL where it is set, else the embedded one, started or adopted. */
export async function openDatabase(note) {
  const external = process.env['DATABASE_URL'];
  if (external) {
    note(`DATABASE_URL at ${new URL(external).host}`);
    return { url: external, stop: async () => {} };
  }
  const cluster = ownCluster();
  cluster.initialise();
  // Noted before the start: a launcher killed right after it must find the same place again.
  writeFileSync(placeFile, JSON.stringify({ dataFolder: cluster.dataFolder, port: cluster.wishedPort }));
  const how = await cluster.start();
  writeFileSync(placeFile, JSON.stringify({ dataFolder: cluster.dataFolder, port: cluster.port }));
  await ensureDatabase(cluster.url('postgres'), 'attune');
  note(
    `${how === 'adopted' ? 'found running' : 'Postgres 18'} on port ${cluster.port}, data in ${cluster.dataFolder}`,
  );
  return { url: cluster.url(), stop: () => cluster.stop() };
}

/** The address of the database that this folder's studio uses right now. @throws Trouble when none runs */
export async function runningDatabase() {
  if (process.env['DATABASE_URL']) {
    await checkDatabaseUrl();
    return process.env['DATABASE_URL'];
  }
  const place = readRecord(placeFile);
  const found = place && existsSync(place.dataFolder) ? readPidFile(place.dataFolder) : null;
  if (found?.status === 'ready') {
    const cluster = ownCluster();
    if (await cluster.isOurs(found.port)) return cluster.url('attune', found.port);
  }
  throw new Trouble(
    'No database runs in this folder. Start the studio first (npm start), or set DATABASE_URL.',
  );
}

/** Connects once where DATABASE_URL is set, so that a wrong one is said in one sentence instead of by every process. */
export async function checkDatabaseUrl() {
  const url = process.env['DATABASE_URL'];
  if (!url) return;
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new Trouble(
      'DATABASE_URL is not an address of Postgres. It looks like postgresql://user:password@host:5432/database.',
    );
  }
  const { hostname, port, pathname, username } = new URL(url);
  const where = `${hostname}:${port || 5432}`;
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query("SELECT current_setting('server_version_num')::int AS version");
    if (rows[0].version < 150_000) {
      throw new Trouble(
        `The Postgres at ${where} (DATABASE_URL) is version ${Math.floor(rows[0].version / 10_000)}. The studio needs 15 or newer.`,
      );
    }
  } catch (error) {
    if (error instanceof Trouble) throw error;
    const reasons = {
      ECONNREFUSED:
        'nothing listens there. Start that Postgres, or unset DATABASE_URL to use the embedded one',
      ENOTFOUND: 'no such host is known. Correct the host in DATABASE_URL',
      EAI_AGAIN: 'the host name cannot be looked up now. Correct the host in DATABASE_URL',
      '28P01': `the password of "${username}" is not accepted. Correct it in DATABASE_URL`,
      28000: `"${username}" is not let in. Correct the user in DATABASE_URL or allow it in pg_hba.conf`,
      '3D000': `there is no database "${pathname.slice(1)}". Create it (createdb ${pathname.slice(1)}) or correct DATABASE_URL`,
    };
    const reason =
      reasons[error.code] ??
      `${error.message || error.code}. Check DATABASE_URL, the network and that Postgres runs`;
    throw new Trouble(`The database at ${where} (DATABASE_URL) cannot be used: ${reason}.`);
  } finally {
    await client.end().catch(() => {});
  }
}
