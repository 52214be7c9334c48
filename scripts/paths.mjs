import { mkdirSync, rmSync, writeFileSync, existsSync, chmodSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Trouble } from './progress.mjs';

/** The project's folder: the commands work from wherever they are called. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** What a build leaves behind (the runtime, stamps). Belongs to the clone, may be deleted at any time. */
export const cache = path.join(root, '.attune');

/** What the studio must keep: database, secrets, logs. (Default: the same folder as {@link cache}) */
export const home = path.resolve(root, process.env['ATTUNE_HOME'] ?? '.attune');

/** Makes the folders, or says in one sentence why that cannot be. */
export function ensureFolders() {
  for (const folder of new Set([root, cache, home])) {
    try {
      const isNew = !existsSync(folder);
      mkdirSync(folder, { recursive: true });
      // Postgres and sandboxed actions run as other users: they may pass through, not look around.
      if (isNew) chmodSync(folder, 0o711);
      const probe = path.join(folder, `.probe-${process.pid}`);
      writeFileSync(probe, '');
      rmSync(probe);
      if (folder !== root) mkdirSync(path.join(folder, 'run'), { recursive: true });
    } catch (error) {
      throw new Trouble(whyNotWritable(folder, error));
    }
  }
  mkdirSync(path.join(home, 'logs'), { recursive: true, mode: 0o700 });
}

function whyNotWritable(folder, error) {
  if (error.code === 'ENOSPC') return `No space is left for ${folder}. Free some and start again.`;
  if (error.code === 'EROFS')
    return `${folder} is on a read-only disk. Clone the project to a writable folder.`;
  const { username } = userInfo();
  return `The user "${username}" may not write in ${folder} (${error.code}). Make it theirs (chown -R ${username} ${folder}) or clone the project to a folder of their own.`;
}
