import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';
import { lastLines, Trouble, tryCommand } from './progress.mjs';
import { answers, Supervised } from './supervise.mjs';

const program = (name) => path.join(root, 'dist', `${name}.mjs`);

/** What every process of a studio is told. Makes the key for the secrets at rest where the operator gave none. */
export function studioEnvironment({ databaseUrl, home }) {
  const env = {
    DATABASE_URL: databaseUrl,
    ATTUNE_HOME: home,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
  };
  if (process.env['ATTUNE_MASTER_KEY'] || process.env['ATTUNE_MASTER_KEY_FILE']) return env;
  const keyFile = path.join(home, 'master.key');
  if (!existsSync(keyFile)) {
    mkdirSync(home, { recursive: true });
    writeFileSync(keyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  }
  return { ...env, ATTUNE_MASTER_KEY_FILE: keyFile };
}

/**
 * Brings the database up to date: migrations, queues, packs, administrator.
 * @returns {Promise<{ admin: { login: string, password: string | null, created: boolean },
 *   migrated: string[], packs: string[], problems: string[] }>}
 */
export async function setUp(env) {
  const { code, stdout, output } = await tryCommand(
    process.execPath,
    ['--enable-source-maps', program('setup')],
    { cwd: root, env: { ...process.env, ...env } },
  );
  const installed = stdout
    .split('\n')
    .map(parseLine)
    .findLast((line) => line?.admin);
  if (code === 0 && installed) return installed;
  throw new Trouble(
    `The database could not be brought up to date (setup ended with code ${code}):\n${lastLines(output, 15)}`,
  );
}

function parseLine(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The web process; ready when it says so by HTTP. */
export function webProcess({ env, host, port, logFolder, runFolder, name = 'web' }) {
  const asked = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  const address = `http://${asked.includes(':') ? `[${asked}]` : asked}:${port}`;
  const web = new Supervised({
    name,
    program: program('web'),
    env: { ...env, HOST: host, PORT: String(port) },
    logFile: path.join(logFolder, `${name}.log`),
    runFolder,
    isReady: answers(`${address}/health/ready`),
  });
  return Object.assign(web, { address });
}

/** A worker; ready when it prints its ready line. */
export function workerProcess({ env, logFolder, runFolder, name = 'worker' }) {
  return new Supervised({
    name,
    program: program('worker'),
    // What output leaves behind is cleared away early, or a flood of it would make the worker large.
    // No text becomes code in the process that evaluates people's expressions, whatever a library comes to.
    nodeArguments: ['--max-semi-space-size=4', '--disallow-code-generation-from-strings'],
    env,
    logFile: path.join(logFolder, `${name}.log`),
    runFolder,
    isReady: (worker) => worker.saidReady,
  });
}
