import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, constants, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How many are made at once: one call of mkfifo costs as much as one process. */
const batch = 32;

export interface Pipe {
  reader: Socket;
  /** For the program; to be closed here once it has it. */
  writer: number;
}

/** Made and not used yet, each held open by one descriptor; none has a name any more. */
const ready: number[] = [];

function makeMore(): void {
  // In memory where there is such a place: on a disk each costs as much as a small file.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'attune-pipes-'));
  try {
    const paths = Array.from({ length: batch }, (_, index) => join(folder, String(index)));
    if (spawnSync('mkfifo', paths, { stdio: 'ignore' }).status !== 0) return;
    for (const path of paths) {
      // Whoever was given an end may open it again for writing, whatever user it is; nobody else finds it.
      chmodSync(path, 0o622);
      ready.push(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A pipe of the kernel's, for what a program prints; null where none can be made. What Node itself makes for `pipe` is a
 * socket, and a socket can't be opened by a name: `echo … > /dev/stderr`, which half the scripts of the world do, fails.
 */
export function makePipe(): Pipe | null {
  if (process.platform !== 'linux') return null;
  let held: number | undefined;
  let reading: number | undefined;
  try {
    if (ready.length === 0) makeMore();
    held = ready.pop();
    if (held === undefined) return null;
    const path = `/proc/self/fd/${held}`;
    // Opened apart: only our end never blocks.
    reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY);
    const reader = new Socket({ fd: reading, readable: true, writable: false });
    return { reader, writer };
  } catch {
    if (reading !== undefined) closeSync(reading);
    return null;
  } finally {
    if (held !== undefined) closeSync(held);
  }
}
