import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';

const firstUid = 61_000;
const lastUid = 64_999;

/**
 * Users for executions: one per slot, ours alone for as long as this process lives. They need no entry in
 * /etc/passwd. Two workers on one machine never share one, because each holds a socket of the user's name in the
 * kernel's own namespace, and that goes with its holder however it ends.
 */
export class Users {
  private readonly free: number[];
  private constructor(
    uids: number[],
    private readonly locks: Server[],
  ) {
    this.free = uids;
  }

  static async reserve(count: number): Promise<Users> {
    const uids: number[] = [];
    const locks: Server[] = [];
    for (let uid = firstUid; uid <= lastUid && uids.length < count; uid += 1) {
      const lock = await holdName(`\0attune-user-${uid}`);
      if (!lock) continue;
      uids.push(uid);
      locks.push(lock);
    }
    if (uids.length < count) {
      throw new Error(
        `Only ${uids.length} of ${count} users between ${firstUid} and ${lastUid} are free: lower ATTUNE_WORKER_SLOTS.`,
      );
    }
    return new Users(uids, locks);
  }

  take(): number {
    const uid = this.free.shift();
    if (uid === undefined) throw new Error('every slot is in use');
    return uid;
  }

  giveBack(uid: number): void {
    this.free.push(uid);
  }

  release(): void {
    for (const lock of this.locks) lock.close();
  }
}

function holdName(name: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(name, () => resolve(server.unref()));
  });
}

/**
 * The group that owns a pack's artifacts in a tenant. Users change from run to run, the group stays, so files
 * persist for the pack and are closed to all others.
 */
export function groupOf(tenantId: number, packRef: string): number {
  const digest = createHash('sha256').update(`${tenantId}/${packRef}`).digest();
  return 0x40000000 + (digest.readUInt32BE(0) & 0x3fffffff);
}
