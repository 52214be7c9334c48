import { linkSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { cache } from './paths.mjs';

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Who a process is, beyond its number, which the system gives out again: when it started and its command line.
 * Null when there is none. (A zombie is none: it holds nothing.)
 */
export function identify(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z' || fields[0] === 'X') return null;
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return { pid, parent: Number(fields[1]), started: `${fields[19]}@${bootId()}`, commandLine };
    } catch {
      return null;
    }
  }
  const { status, stdout } = spawnSync('ps', ['-o', 'ppid=,lstart=,command=', '-p', String(pid)], {
    encoding: 'utf8',
  });
  const match = /^\s*(\d+)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/.exec(stdout ?? '');
  return status === 0 && match
    ? { pid, parent: Number(match[1]), started: match[2], commandLine: match[3] }
    : null;
}

let boot;
function bootId() {
  boot ??= `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8)} ${readlinkSync('/proc/self/ns/pid')}`;
  return boot;
}

/** Whether the process that wrote this record still lives. */
export function isAlive(record) {
  const now = identify(record?.pid);
  return now !== null && now.started === record.started;
}

export function readRecord(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Takes the lock `file` for this process. Gives back null when it is taken now, or the record of the living process
 * that has it. A record of a dead process does not count.
 */
export function tryLock(file, extra = {}) {
  const aside = `${file}.${process.pid}`;
  for (let round = 0; round < 5; round += 1) {
    const held = readRecord(file);
    if (held && held.pid !== process.pid && isAlive(held)) return held;
    if (held) moveAway(file, held);
    // Linked into place, so that nobody ever reads half a record.
    writeFileSync(aside, JSON.stringify({ ...identify(process.pid), ...extra }));
    try {
      linkSync(aside, file);
      return null;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    } finally {
      rmSync(aside, { force: true });
    }
  }
  return readRecord(file);
}

/** Removes a dead process's record, unless somebody replaced it in the meantime. */
function moveAway(file, stale) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
    if (readRecord(aside)?.started !== stale.started) linkSync(aside, file);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(error.code)) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Replaces what this process says of itself in a lock that it holds. */
export function updateLock(file, extra) {
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, JSON.stringify({ ...identify(process.pid), ...extra }));
  renameSync(aside, file);
}

export function unlock(file) {
  if (readRecord(file)?.pid === process.pid) rmSync(file, { force: true });
}

/** Runs `work` while no other command of this clone runs work under the same name. */
export async function withLock(name, work) {
  const file = path.join(cache, 'run', `${name}.lock`);
  while (tryLock(file) !== null) await wait(200);
  try {
    return await work();
  } finally {
    unlock(file);
  }
}
