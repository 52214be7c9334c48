import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { askProgram, findProgram } from '../sandbox/detect';
import { toSpawnEnvironment } from '../sandbox/environment';
import { isOpenToAll, type Workspace } from '../sandbox/workspace';
import type { Interpreter, Interpreters } from './runner';

/** Does the program start as this user? Only trying tells: its libraries must be open to it as well. */
function startsAs(uid: number | null, path: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const options = {
      timeout: 10_000,
      env: toSpawnEnvironment({}),
      cwd: '/',
      ...(uid === null ? {} : { uid, gid: uid }),
    };
    execFile(path, [...args], options, (error) => resolve(error === null));
  });
}

async function findShell(uid: number | null): Promise<Interpreter | null> {
  for (const path of [findProgram('bash'), '/bin/bash', findProgram('sh'), '/bin/sh']) {
    if (path === null || !(await startsAs(uid, path, ['-c', ':']))) continue;
    const version = /version (\S+)/.exec((await askProgram(path, ['--version'])) ?? '')?.[1];
    return { path, version: version ?? 'sh' };
  }
  return null;
}

const askPython = 'import sys; print(sys.executable, "%d.%d.%d" % sys.version_info[:3])';

/** The interpreter behind `python3`, never a shim of a version manager: that would cost ten times the start. */
async function findPython(uid: number | null): Promise<Interpreter | null> {
  const candidates = [
    findProgram('python3'),
    '/usr/bin/python3',
    '/usr/local/bin/python3',
    findProgram('python'),
  ];
  for (const candidate of candidates) {
    if (candidate === null) continue;
    const [path, version] = ((await askProgram(candidate, ['-c', askPython])) ?? '').split(' ');
    if (!path || !version || version.startsWith('2.')) continue;
    if (await startsAs(uid, path, ['-c', 'pass'])) return { path, version };
  }
  return null;
}

/** The Node that this worker runs on; lent to executions from the workspace where they can't reach it. */
async function findNode(uid: number | null, workspace: Workspace): Promise<Interpreter | null> {
  const version = process.versions.node;
  const own = process.execPath;
  const path =
    uid === null || isOpenToAll(dirname(own)) ? own : await workspace.lendProgram(own, `node-${version}`);
  return (await startsAs(uid, path, ['-e', '0'])) ? { path, version } : null;
}

/** The interpreters that executions of this worker can start, each tried as the user that will start it. */
export async function findInterpreters(uid: number | null, workspace: Workspace): Promise<Interpreters> {
  const [shell, python, nodejs] = await Promise.all([
    findShell(uid),
    findPython(uid),
    findNode(uid, workspace),
  ]);
  return { shell, python, nodejs };
}
