// Playwright's global setup: a whole studio (web, worker, a fresh database) on the port that the journeys expect.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './paths.mjs';
import { testAdmin, startTestCluster } from './test-database.mjs';

/** Faults must show within a journey's patience: leases and looks are short. */
const hasty = {
  ATTUNE_LEASE_SECONDS: '3',
  ATTUNE_REAP_SECONDS: '0.5',
  ATTUNE_DRAIN_SECONDS: '3',
  ATTUNE_KILL_GRACE_SECONDS: '1',
  // Enough for the scenarios that run side by side, most of which wait.
  ATTUNE_WORKER_SLOTS: '64',
  // The servers that scenarios of HTTP actions talk to are on this machine, at this address only.
  ATTUNE_HTTP_ALLOW: '127.0.0.1',
};

export default async function setup() {
  const { buildAll } = await import('./build.mjs');
  const { ensureDatabase } = await import('./postgres.mjs');
  const { setUp, studioEnvironment, webProcess, workerProcess } = await import('./studio.mjs');
  await buildAll();
  const given = process.env['ATTUNE_TEST_ADMIN_URL'];
  const cluster = given ? null : await startTestCluster();
  const adminUrl = given ?? cluster.adminUrl;
  const name = `attune_journeys_${Date.now()}`;
  await ensureDatabase(adminUrl, name);
  const home = mkdtempSync(path.join(tmpdir(), 'attune-journeys-'));
  const runFolder = path.join(home, 'run');
  mkdirSync(runFolder);
  const env = {
    ...studioEnvironment({
      databaseUrl: Object.assign(new URL(adminUrl), { pathname: `/${name}` }).href,
      home,
    }),
    ...hasty,
    ATTUNE_ADMIN_LOGIN: testAdmin.login,
    ATTUNE_ADMIN_PASSWORD: testAdmin.password,
  };
  const folders = { logFolder: path.join(root, 'e2e/.artifacts/logs'), runFolder };
  const web = webProcess({
    env,
    host: '127.0.0.1',
    port: Number(process.env['ATTUNE_E2E_PORT']),
    ...folders,
  });
  const worker = workerProcess({ env: { ...env, ATTUNE_API_URL: web.address }, ...folders });
  const tearDown = async () => {
    await Promise.all([worker.stop(10_000), web.stop(10_000)]);
    await cluster?.stop();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await setUp(env);
    await Promise.all([web.start(), worker.start()]);
  } catch (error) {
    await tearDown();
    throw error;
  }
  // Journeys of faults may kill and start again what runs here.
  Object.assign(process.env, {
    ATTUNE_E2E_RUN: runFolder,
    ATTUNE_ADMIN_LOGIN: testAdmin.login,
    ATTUNE_ADMIN_PASSWORD: testAdmin.password,
  });
  return tearDown;
}
