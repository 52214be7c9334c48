import { spawn } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { identify, isAlive, readRecord } from './lock.mjs';
import { root } from './paths.mjs';
import { dim, say, Trouble } from './progress.mjs';

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const largestLogBytes = 32 * 1024 * 1024;
const keptLogs = 3;

/** A log file that starts anew each time and when it grows too large; the former ones stay as .1, .2, .3. */
class Log {
  constructor(file) {
    this.file = file;
    this.open();
  }

  open() {
    mkdirSync(path.dirname(this.file), { recursive: true });
    for (let number = keptLogs; number >= 1; number -= 1) {
      const from = number === 1 ? this.file : `${this.file}.${number - 1}`;
      if (existsSync(from)) renameSync(from, `${this.file}.${number}`);
    }
    this.sizeBytes = 0;
    this.stream = createWriteStream(this.file, { flags: 'a', mode: 0o600 });
    // A full disk must not take the studio down with its log.
    this.stream.on('error', () => {});
  }

  write(line) {
    this.stream.write(`${line}\n`);
    this.sizeBytes += line.length + 1;
    if (this.sizeBytes > largestLogBytes) {
      this.stream.end();
      this.open();
    }
  }
}

const errorLevel = 50;

/** What a log line says to a person: errors in words, anything else null. */
function toNews(line, isStderr) {
  try {
    const entry = JSON.parse(line);
    if (!(entry.level >= errorLevel)) return null;
    const cause = entry.error ?? entry.err?.message;
    return `${entry.msg ?? 'error'}${cause ? `: ${typeof cause === 'string' ? cause : JSON.stringify(cause)}` : ''}`;
  } catch {
    return isStderr && line.trim() !== '' ? line : null;
  }
}

/**
 * One child process that is kept alive. It runs in a session of its own (a terminal's Ctrl-C reaches only the
 * launcher, which knows the order), and hears by its closed channel when the launcher is gone.
 */
export class Supervised {
  /**
   * @param {{ name: string, program: string, env: Record<string, string>, logFile: string, runFolder: string,
   *   isReady: (child: Supervised) => boolean | Promise<boolean>, keepAlive?: boolean }} options
   */
  constructor(options) {
    Object.assign(this, options);
    this.log = new Log(options.logFile);
    this.tail = [];
    this.saidReady = false;
    this.isStopping = false;
    this.backOffMs = 1000;
    this.recordFile = path.join(options.runFolder, `${options.name}.json`);
  }

  spawn() {
    this.saidReady = false;
    this.spawnedAt = Date.now();
    const child = spawn(
      process.execPath,
      ['--enable-source-maps', ...(this.nodeArguments ?? []), this.program],
      {
        cwd: root,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: { ...process.env, ...this.env, ATTUNE_PARENT_PID: String(process.pid) },
      },
    );
    this.child = child;
    this.exited = new Promise((resolve) => {
      child.on('error', (error) => resolve(`it could not be started: ${error.message}`));
      child.on('exit', (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}`));
    });
    this.hasExited = null;
    void this.exited.then((how) => this.ended(how));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.heard(line, stream === child.stderr));
    }
    const identity = identify(child.pid);
    if (identity)
      writeFileSync(
        this.recordFile,
        JSON.stringify({ ...identity, program: this.program, supervisor: identify(process.pid) }),
      );
  }

  heard(line, isStderr) {
    this.log.write(line);
    this.tail = [...this.tail, line].slice(-15);
    if (!isStderr && /^\{\s*"ready"\s*:\s*true/.test(line)) this.saidReady = true;
    const news = toNews(line, isStderr);
    if (news === null || this.isQuiet) return;
    // One broken dependency may fill the screen; the log has everything.
    const second = Math.floor(Date.now() / 10_000);
    this.newsCount = this.newsSecond === second ? this.newsCount + 1 : 1;
    this.newsSecond = second;
    if (this.newsCount <= 5) say(`${dim(`${this.name}:`)} ${news}`);
    if (this.newsCount === 6) say(dim(`${this.name}: … more in ${this.logFile}`));
  }

  ended(how) {
    this.hasExited = how;
    rmSync(this.recordFile, { force: true });
    if (this.isStopping || !this.isKept) return;
    if (Date.now() - this.spawnedAt > 60_000) this.backOffMs = 1000;
    say(
      `The ${this.name} process is gone (${how}); starting it again in ${this.backOffMs / 1000} s. Log: ${this.logFile}`,
    );
    setTimeout(() => !this.isStopping && this.spawn(), this.backOffMs);
    this.backOffMs = Math.min(this.backOffMs * 2, 30_000);
  }

  /** Starts it and waits until it is ready; from then on it is started again whenever it ends. */
  async start(timeoutMs = 60_000) {
    this.isQuiet = true;
    this.spawn();
    for (const until = Date.now() + timeoutMs; !(await this.isReady(this)); await wait(25)) {
      const why =
        this.hasExited ?? (Date.now() > until ? `it was not ready within ${timeoutMs / 1000} s` : null);
      if (why === null) continue;
      await this.stop();
      throw new Trouble(
        `The ${this.name} process did not start: ${why}. Its last words:\n${this.tail.join('\n') || '(none)'}\nThe whole log: ${this.logFile}`,
      );
    }
    this.isQuiet = false;
    this.isKept = this.keepAlive !== false;
  }

  /** Asks it to finish (TERM) and waits; kills it after `patienceMs`. */
  async stop(patienceMs = 35_000) {
    this.isStopping = true;
    if (!this.child || this.hasExited !== null) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), patienceMs);
    await this.exited;
    clearTimeout(timer);
  }

  kill() {
    this.isStopping = true;
    this.child?.kill('SIGKILL');
  }
}

/** Ready when this address answers 200. */
export function answers(url) {
  return async () => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
      await response.arrayBuffer();
      return response.status === 200;
    } catch {
      return false;
    }
  };
}

/** Ends what a killed launcher left running, told from strangers by start time and command line. Gives back their names. */
export async function endLeftovers(runFolder) {
  const files = readdirSync(runFolder).filter((name) => name.endsWith('.json'));
  const ended = await Promise.all(files.map((name) => endLeftover(path.join(runFolder, name))));
  return ended.filter((name) => name !== null);
}

async function endLeftover(file) {
  const record = readRecord(file);
  // One more process of `npm run worker` has a supervisor of its own.
  if (isAlive(record?.supervisor)) return null;
  const isLeft =
    record?.program && isAlive(record) && identify(record.pid)?.commandLine.includes(record.program);
  if (isLeft) {
    process.kill(record.pid, 'SIGTERM');
    for (let waited = 0; isAlive(record); waited += 50) {
      if (waited === 3000) process.kill(record.pid, 'SIGKILL');
      await wait(50);
    }
  }
  rmSync(file, { force: true });
  return isLeft ? path.basename(file, '.json') : null;
}
