import { spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { identify } from './lock.mjs';
import { chooseOwner, isOpenTo, isRoot, openBinaries, openFolder } from './postgres-places.mjs';
import { lastLines, Trouble } from './progress.mjs';

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A port of 127.0.0.1 that is free now: the wished one, else any. */
export function freePort(wished = 0) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (wished ? resolve(freePort()) : reject(error)));
    server.listen(wished, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** What a running server says of itself in its data folder, or null. */
export function readPidFile(dataFolder) {
  try {
    const [pid, , , port, , , , status] = readFileSync(path.join(dataFolder, 'postmaster.pid'), 'utf8').split(
      '\n',
    );
    return { pid: Number(pid), port: Number(port), status: status?.trim() ?? '' };
  } catch {
    return null;
  }
}

const hasProcess = (pid) => /postgres/.test(identify(pid)?.commandLine ?? '');

/**
 * A Postgres cluster of ours in a data folder, driven directly.
 * `preferred` is where the data should lie; `location` (from a former start) wins over it.
 */
export class Cluster {
  constructor({ preferred, location, port, user = 'attune', password, logFile, settings = {} }) {
    this.dataFolder = location && existsSync(location) ? location : preferred;
    this.owner = chooseOwner(this.dataFolder);
    if (this.dataFolder === preferred && !isOpenTo(this.owner, preferred))
      this.dataFolder = openFolder(path.basename(preferred));
    Object.assign(this, { wishedPort: port, user, password, logFile, settings });
    this.binaries = null;
  }

  get isInitialised() {
    return existsSync(path.join(this.dataFolder, 'PG_VERSION'));
  }

  url(database = 'attune', port = this.port) {
    return `postgresql://${this.user}:${this.password}@127.0.0.1:${port}/${database}`;
  }

  /** Makes the data folder, whole or not at all: aside first, then moved into place. */
  initialise() {
    this.checkOwner();
    if (this.isInitialised) return;
    if (existsSync(this.dataFolder) && readdirSync(this.dataFolder).length > 0) {
      throw new Trouble(
        `${this.dataFolder} should hold the database but holds something else (there is no PG_VERSION in it). Move it away and start again.`,
      );
    }
    this.binaries ??= openBinaries(this.owner);
    const aside = `${this.dataFolder}.new`;
    const passwordFile = `${this.dataFolder}.password`;
    rmSync(aside, { recursive: true, force: true });
    mkdirSync(aside, { recursive: true, mode: 0o700 });
    writeFileSync(passwordFile, this.password, { mode: 0o600 });
    if (this.owner.uid !== undefined) {
      for (const place of [aside, passwordFile]) chownSync(place, this.owner.uid, this.owner.gid);
    }
    const { status, stdout, stderr, error } = spawnSync(
      path.join(this.binaries, 'bin/initdb'),
      [
        ...['-D', aside, '-U', this.user, '--pwfile', passwordFile, '--auth=scram-sha-256'],
        // Built into Postgres, so that every machine sorts and compares alike.
        ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
        ...['--no-instructions', ...(this.settings.fsync === 'off' ? ['--no-sync'] : [])],
      ],
      {
        ...this.owner,
        cwd: '/',
        env: { ...process.env, LC_ALL: 'C', LC_MESSAGES: 'C' },
        encoding: 'utf8',
      },
    );
    rmSync(passwordFile, { force: true });
    if (status !== 0) {
      rmSync(aside, { recursive: true, force: true });
      throw new Trouble(
        `Postgres could not make its data folder ${this.dataFolder}: ${lastLines(error?.message ?? (stderr || stdout), 5)}`,
      );
    }
    renameSync(aside, this.dataFolder);
  }

  checkOwner() {
    const folder = statSync(this.dataFolder, { throwIfNoEntry: false });
    if (isRoot || !folder || folder.uid === process.getuid?.()) return;
    throw new Trouble(
      `The database in ${this.dataFolder} belongs to another user (it was probably first started as root). Start the studio as that user, or set ATTUNE_HOME to a folder of your own.`,
    );
  }

  /** Starts the cluster, or adopts the one that a killed launcher left running on the same data. */
  async start() {
    this.checkOwner();
    if (await this.adopt()) return 'adopted';
    this.binaries ??= openBinaries(this.owner);
    const until = Date.now() + 20_000;
    for (;;) {
      this.port = await freePort(this.wishedPort);
      const failure = await this.launch();
      if (!failure) return 'started';
      // After a hard kill the last backends still hold the shared memory for a moment.
      if (Date.now() > until)
        throw new Trouble(
          `Postgres does not start on ${this.dataFolder}: ${failure}\nIts log: ${this.logFile}`,
        );
      this.wishedPort = /address already in use|could not create any TCP/i.test(failure)
        ? undefined
        : this.wishedPort;
      await wait(500);
      if (await this.adopt()) return 'adopted';
    }
  }

  async adopt() {
    const until = Date.now() + 20_000;
    for (
      let found = readPidFile(this.dataFolder);
      found && hasProcess(found.pid);
      found = readPidFile(this.dataFolder)
    ) {
      if (found.status === 'ready' && (await this.isOurs(found.port))) {
        this.port = found.port;
        return true;
      }
      if (Date.now() > until) {
        throw new Trouble(
          `A Postgres (process ${found.pid}) holds ${this.dataFolder} but does not answer on port ${found.port} as ours. Stop it (kill -INT ${found.pid}) and start again.`,
        );
      }
      await wait(200);
    }
    return false;
  }

  /** Whether the server on this port lets us in and serves this very data folder. */
  async isOurs(port) {
    const { default: pg } = await import('pg');
    const client = new pg.Client({
      connectionString: this.url('postgres', port),
      connectionTimeoutMillis: 3000,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query('SHOW data_directory');
      return rows[0].data_directory === this.dataFolder;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** Starts the server process. Gives back null when it is ready, else what it said. */
  async launch() {
    const settings = {
      listen_addresses: '127.0.0.1',
      port: this.port,
      unix_socket_directories: '',
      max_connections: 200,
      shared_buffers: '256MB',
      max_wal_size: '2GB',
      // Queue-like tables turn over quickly: clean and analyse them sooner than the default fifth.
      autovacuum_vacuum_scale_factor: 0.05,
      autovacuum_analyze_scale_factor: 0.05,
      autovacuum_naptime: '15s',
      log_line_prefix: '%m [%p] ',
      ...this.settings,
    };
    const args = [
      '-D',
      this.dataFolder,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ];
    const log = openSync(this.logFile, 'a', 0o600);
    const size = statSync(this.logFile).size;
    // In a session of its own: a terminal's Ctrl-C must not stop it under the feet of the others.
    const server = spawn(path.join(this.binaries, 'bin/postgres'), args, {
      ...this.owner,
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    let ended = null;
    server.on('error', (error) => (ended = error.message));
    server.on('exit', (code, signal) => (ended = `it ended with ${signal ?? `code ${code}`}`));
    server.unref();
    for (const until = Date.now() + 60_000; Date.now() < until && ended === null; await wait(20)) {
      const found = readPidFile(this.dataFolder);
      if (found?.pid === server.pid && found.status === 'ready') return null;
    }
    if (ended === null) server.kill('SIGINT');
    const said = readFileSync(this.logFile).subarray(size).toString('utf8');
    return lastLines(said || ended || 'it was not ready within 60 s', 6);
  }

  stop(mode = 'fast') {
    return stopServer(this.dataFolder, mode);
  }
}

/** Stops the server on this data folder: open sessions are cut, everything committed is kept. */
export async function stopServer(dataFolder, mode) {
  const found = readPidFile(dataFolder);
  if (!found || !hasProcess(found.pid)) return;
  const send = (signal) => {
    try {
      process.kill(found.pid, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  };
  send(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  for (let waited = 0; hasProcess(found.pid); waited += 50) {
    if (waited === 30_000) send('SIGQUIT');
    await wait(50);
  }
}

/** Makes `name` on this server unless it is there. */
export async function ensureDatabase(adminUrl, name) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
