import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { identify, isAlive, readRecord, tryLock, unlock, updateLock } from './lock.mjs';
import { home } from './paths.mjs';
import { bold, dim, endCommands, green, red, say, seconds, step, Trouble } from './progress.mjs';
import { endLeftovers } from './supervise.mjs';

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const startedAt = Number(process.env['ATTUNE_STARTED_AT'] ?? Date.now() - process.uptime() * 1000);
const runFolder = path.join(home, 'run');
const lockFile = path.join(runFolder, 'launcher.lock');
const logFolder = path.join(home, 'logs');

const host = process.env['HOST'] ?? '127.0.0.1';
const port = Number(process.env['PORT'] ?? 3000);

/** What must be stopped, in the order in which it was started. */
const opened = [];
/** The database while it is being opened: it must not be left behind by a Ctrl-C at that moment. */
let opening = null;
let stopping = null;
let stoppingSince = 0;

/** One launcher per folder, nothing left over from a killed one, and a free port: all before anything slow. */
export async function claimFolder() {
  watchForTheEnd();
  await claim();
  const ended = await endLeftovers(runFolder);
  if (ended.length > 0) say(`${green('✓')} Ended what a killed start left running: ${ended.join(', ')}`);
  await claimPort();
}

async function claim() {
  process.on('exit', () => unlock(lockFile));
  const other = tryLock(lockFile);
  if (!other) return;
  // The other one is alone if the npm that it served was killed: it stops by itself, and this start waits for it.
  for (let waited = 0; waited < 45_000; waited += 250) {
    const now = readRecord(lockFile);
    if (now && !now.isStopping && waited >= 3000) {
      const where = now.address ? ` at ${now.address}` : '';
      throw new Trouble(
        `The studio already runs in this folder${where} (process ${now.pid}). Use that one, or stop it first: kill ${now.pid}`,
      );
    }
    if (waited === 3000) say(dim('The former start is still stopping; waiting for it.'));
    await wait(250);
    if (!tryLock(lockFile)) return;
  }
  throw new Trouble(
    `The former start (process ${other.pid}) does not stop. End it with kill -9 ${other.pid} and start again.`,
  );
}

async function claimPort() {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Trouble(
      `PORT=${process.env['PORT']} is not a port. Choose a number from 1 to 65535, for example PORT=3001 npm start`,
    );
  }
  const failure = await new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(error.code));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
  if (failure === null) return;
  const reasons = {
    EADDRINUSE: `Port ${port} on ${host} is taken by another program. Stop it, or choose another port: PORT=${port + 1} npm start`,
    EACCES: `The port ${port} may not be opened by this user. Choose one above 1023: PORT=3000 npm start`,
    EADDRNOTAVAIL: `This machine has no address ${host}. Correct HOST (127.0.0.1 for this machine only, 0.0.0.0 for all).`,
    ENOTFOUND: `The host name ${host} is not known. Correct HOST (127.0.0.1 for this machine only, 0.0.0.0 for all).`,
  };
  throw new Trouble(
    reasons[failure] ?? `Cannot listen on ${host}:${port} (${failure}). Correct HOST or PORT.`,
  );
}

/** Builds what is not built, opens the database, starts the processes. */
export async function start() {
  const { buildAll } = await import('./build.mjs');
  const { checkDatabaseUrl, openDatabase } = await import('./database.mjs');
  const { setUp, studioEnvironment, webProcess, workerProcess } = await import('./studio.mjs');
  await checkDatabaseUrl();
  await buildAll();
  opening = step('Database', openDatabase).then((database) => {
    opened.push({ stop: database.stop, kill: () => {} });
    return database;
  });
  const database = await opening;
  const env = studioEnvironment({ databaseUrl: database.url, home });
  const { admin, problems } = await step('Migrations, packs, administrator', async (note) => {
    const installed = await setUp(env);
    if (installed.migrated.length > 0) note(`${installed.migrated.length} new`);
    return installed;
  });
  for (const problem of problems) say(`  ${red('!')} ${problem}`);
  const web = webProcess({ env, host, port, logFolder, runFolder });
  // On this machine executions reach the API without a way round.
  const apiUrl = process.env['ATTUNE_API_URL'] ?? web.address;
  const worker = workerProcess({ env: { ...env, ATTUNE_API_URL: apiUrl }, logFolder, runFolder });
  opened.push(web, worker);
  await step('Web process and worker', () => Promise.all([web.start(), worker.start()]));
  const address = process.env['ATTUNE_PUBLIC_URL'] ?? web.address;
  updateLock(lockFile, { address });
  announce(address, admin);
}

function announce(address, admin) {
  const lines = [`${bold('Attune Studio')} is running at ${bold(address)}`];
  if (admin.created && admin.password) {
    lines.push(
      '',
      `Sign in as  ${bold(admin.login)}`,
      `Password    ${bold(admin.password)}`,
      dim('Shown this once. Keep it, or change it after signing in.'),
    );
  } else if (admin.created) {
    lines.push('', `Sign in as ${bold(admin.login)} with the password from ATTUNE_ADMIN_PASSWORD.`);
  }
  const length = (text) => text.replaceAll(/\x1b\[\d+m/g, '').length;
  const width = Math.max(...lines.map(length));
  say(`\n  ╭─${'─'.repeat(width)}─╮`);
  for (const line of lines) say(`  │ ${line}${' '.repeat(width - length(line))} │`);
  say(`  ╰─${'─'.repeat(width)}─╯`);
  say(
    dim(
      `  Ready after ${seconds(Date.now() - startedAt)}. Listening on ${host} (HOST=0.0.0.0 opens it to the network). Logs: ${logFolder}. Ctrl-C stops everything.\n`,
    ),
  );
}

/** Stops worker and web (they drain), the database last. A second call ends the waiting. */
function stop(why, exitCode = 0) {
  if (stopping) {
    // One Ctrl-C may arrive twice: from the terminal and from npm.
    if (Date.now() - stoppingSince < 700) return;
    say('Ending at once.');
    endCommands('SIGKILL');
    for (const part of opened) part.kill();
    return;
  }
  stoppingSince = Date.now();
  stopping = (async () => {
    updateLock(lockFile, { isStopping: true });
    endCommands();
    say(`\n${why} Stopping (again to end at once) …`);
    await opening?.catch(() => {});
    const [database, ...processes] = opened;
    await Promise.all(processes.map((part) => part.stop()));
    await database?.stop();
    say(`${green('✓')} Stopped.`);
    process.exit(exitCode);
  })().catch((error) => {
    say(`${red('✗')} ${error.message}`);
    process.exit(1);
  });
}

/** Stops what was started before the trouble. Where the trouble comes from the stopping itself, that ends the process. */
export async function stopAfterTrouble() {
  if (stopping) await new Promise(() => {});
  const [database, ...processes] = opened;
  await Promise.all(processes.map((part) => part.stop(3000)));
  await database?.stop();
}

/** Ctrl-C and TERM stop the studio; so does the death of what started it. */
function watchForTheEnd() {
  process.on('SIGINT', () => stop('Ctrl-C.'));
  process.on('SIGTERM', () => stop('Asked to end.'));
  process.on('SIGHUP', () => stop('The terminal is gone.'));
  // A terminal that is gone makes every write fail; that is no reason to leave processes behind.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const gone = () => stopping ?? stop('The command that started this is gone.');
  if (process.connected) process.on('disconnect', gone);
  const npm = npmAbove();
  if (npm) setInterval(() => isAlive(npm) || gone(), 1000).unref();
}

/** The npm that runs this script, or null: killed with -9 it tells nobody, and its terminal has been given back. */
function npmAbove() {
  if (!process.env['npm_lifecycle_event'] || process.platform !== 'linux') return null;
  let above = identify(process.ppid);
  for (let steps = 0; above && steps < 4; steps += 1) {
    const name = existsSync(`/proc/${above.pid}/comm`) ? readFileSync(`/proc/${above.pid}/comm`, 'utf8') : '';
    if (/^npm /.test(name) || /npm-cli|bin\/npm/.test(above.commandLine)) return above;
    above = identify(above.parent);
  }
  return null;
}
