import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findProgram } from '../sandbox/detect';
import type { Workspace } from '../sandbox/workspace';

const entry = 'bin/npm-cli.js';

/** The npm of this machine as a program for Node, where executions can reach it; null where there is none. */
export async function findNpm(workspace: Workspace): Promise<string | null> {
  const program = findProgram('npm');
  const real = program === null ? null : await realpath(program).catch(() => null);
  const candidates = [
    ...(real?.endsWith(`/${entry}`) ? [dirname(dirname(real))] : []),
    ...[process.execPath, ...(program === null ? [] : [program])].map((path) =>
      join(dirname(dirname(path)), 'lib/node_modules/npm'),
    ),
  ];
  for (const folder of candidates) {
    if (await stat(join(folder, entry)).catch(() => null))
      return join(await workspace.openPack(folder), entry);
  }
  return null;
}
