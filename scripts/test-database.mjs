import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { identify, isAlive, readRecord } from './lock.mjs';
import { endCommands } from './progress.mjs';

/** The administrator of every test database, also of the studio that journeys run against. */
export const testAdmin = { login: 'admin', password: 'correct horse battery staple' };

const prefix = 'attune-test-cluster-';

/** Starts a Postgres for tests only: in memory-like haste (nothing is synced), on a free port, gone afterwards. */
export function startTestCluster() {
  return startPassingCluster({ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' });
}

/** Starts a Postgres in a temporary folder, gone afterwards. `settings` are what differs from the studio's own. */
export async function startPassingCluster(settings = {}) {
  const { Cluster } = await import('./postgres.mjs');
  await removeOrphans();
  const folder = mkdtempSync(path.join(tmpdir(), prefix));
  chmodSync(folder, 0o711);
  writeFileSync(path.join(folder, 'owner.json'), JSON.stringify(identify(process.pid)));
  const cluster = new Cluster({
    preferred: path.join(folder, 'data'),
    password: randomBytes(12).toString('hex'),
    logFile: path.join(folder, 'postgres.log'),
    settings,
  });
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
    if (!cluster.dataFolder.startsWith(folder)) rmSync(cluster.dataFolder, { recursive: true, force: true });
  };
  try {
    cluster.initialise();
    await cluster.start();
  } catch (error) {
    remove();
    throw error;
  }
  return {
    adminUrl: cluster.url('postgres'),
    folder,
    stop: async () => {
      await cluster.stop('immediate');
      remove();
    },
  };
}

/** Removes the clusters of test runs that were killed before they could. */
async function removeOrphans() {
  const { stopServer } = await import('./postgres.mjs');
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const folder = path.join(tmpdir(), name);
    const owner = readRecord(path.join(folder, 'owner.json'));
    if (owner === null || isAlive(owner)) continue;
    await stopServer(path.join(folder, 'data'), 'immediate');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function onServer(adminUrl, work) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const withDatabase = (adminUrl, name) => Object.assign(new URL(adminUrl), { pathname: `/${name}` }).href;

/** Makes a database with migrations, queues, packs and the administrator, from which tests clone theirs. */
export async function makeTemplate(adminUrl, homeFolder) {
  const { bundlePrograms } = await import('./build.mjs');
  const { setUp, studioEnvironment } = await import('./studio.mjs');
  const { withLock } = await import('./lock.mjs');
  await withLock('build', bundlePrograms);
  const template = `attune_template_${createHash('sha256').update(`${process.pid} ${Date.now()}`).digest('hex').slice(0, 8)}`;
  await onServer(adminUrl, (client) => client.query(`CREATE DATABASE ${template}`));
  await setUp({
    ...studioEnvironment({ databaseUrl: withDatabase(adminUrl, template), home: homeFolder }),
    ATTUNE_ADMIN_LOGIN: testAdmin.login,
    ATTUNE_ADMIN_PASSWORD: testAdmin.password,
  });
  // Cloning waits for every session to leave the template: let none in, autovacuum included.
  await onServer(adminUrl, (client) =>
    client.query(`ALTER DATABASE ${template} ALLOW_CONNECTIONS false IS_TEMPLATE true`),
  );
  return template;
}

/** Clones the template. Gives back the address of a database that nobody else uses. */
export async function cloneDatabase(adminUrl, template, prefix = 'attune_test') {
  const name = `${prefix}_${randomBytes(5).toString('hex')}`;
  await onServer(adminUrl, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  return withDatabase(adminUrl, name);
}

/**
 * The global setup of vitest's projects `database` and `faults`: a cluster (unless `npm test` or the caller gives
 * one in ATTUNE_TEST_ADMIN_URL) and the template. Each test file gets its clone in test-clone.mjs.
 */
export default async function setup() {
  if (process.env['ATTUNE_TEST_TEMPLATE']) return () => {};
  const given = process.env['ATTUNE_TEST_ADMIN_URL'];
  const cluster = given ? null : await startTestCluster();
  const folder = cluster?.folder ?? mkdtempSync(path.join(tmpdir(), 'attune-test-setup-'));
  const adminUrl = given ?? cluster.adminUrl;
  const tearDown = async () => {
    delete process.env['ATTUNE_TEST_TEMPLATE'];
    try {
      await (cluster ? cluster.stop() : dropTestDatabases(adminUrl));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  // Whoever gave the cluster may have stopped it already.
  const interrupted = () =>
    void tearDown()
      .catch(() => {})
      .finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, interrupted);
  try {
    process.env['ATTUNE_TEST_TEMPLATE'] = await makeTemplate(adminUrl, path.join(folder, 'home'));
    process.env['ATTUNE_TEST_ADMIN_URL'] = adminUrl;
    process.env['ATTUNE_MASTER_KEY_FILE'] ??= path.join(folder, 'home/master.key');
  } catch (error) {
    endCommands();
    await tearDown();
    throw error;
  }
  return tearDown;
}

async function dropTestDatabases(adminUrl) {
  await onServer(adminUrl, async (client) => {
    const { rows } = await client.query(
      "SELECT datname, datistemplate FROM pg_database WHERE datname ~ '^attune_(test|template)_[0-9a-f]+$'",
    );
    for (const { datname, datistemplate } of rows) {
      if (datistemplate) await client.query(`ALTER DATABASE ${datname} IS_TEMPLATE false`);
      await client.query(`DROP DATABASE ${datname} WITH (FORCE)`);
    }
  });
}
