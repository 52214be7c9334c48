import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { Output } from './output';
import { runProcess } from './run-process';
import { wallLevels, type Tools, type WallLevel, type Walls } from './walls';
import { systemPath, toSpawnEnvironment } from './environment';
import type { Workspace } from './workspace';

/** The absolute path of a program on this worker's own PATH, or null. */
export function findProgram(name: string): string | null {
  // PATH is the machine's, no setting of ours: the one thing read beside env().
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...systemPath.split(':')]) {
    if (folder === '') continue;
    const path = resolve(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

export function findTools(): Tools {
  const isLinux = process.platform === 'linux';
  const find = (name: string) => (isLinux ? findProgram(name) : null);
  return {
    setpriv: find('setpriv'),
    prlimit: find('prlimit'),
    unshare: find('unshare'),
    mount: find('mount'),
    bwrap: find('bwrap'),
    sh: findProgram('sh') ?? '/bin/sh',
  };
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** What a probe found from the inside of the walls: each is tried, none is assumed. */
interface Findings {
  isOwnUser: boolean;
  seesOnlyItself: boolean;
  hasPrivateTmp: boolean;
  isRootReadOnly: boolean;
  isHomeHidden: boolean;
}

export interface DetectedWalls extends Walls {
  /** What holds and what does not, for people. */
  holds: string[];
  missing: string[];
}

function script(witness: string, secret: string): string {
  return [
    `test "$(id -u)" = "$1" && echo isOwnUser`,
    `test ! -d /proc/$2 && echo seesOnlyItself`,
    `test ! -e '${witness}' && echo hasPrivateTmp`,
    `while read -r _ place _ options _; do case "$place ,$options," in '/ '*,ro,*) echo isRootReadOnly ;; esac; done </proc/self/mounts`,
    `cat '${secret}' >/dev/null 2>&1 || echo isHomeHidden`,
    'echo ready',
  ].join('\n');
}

async function probe(
  walls: Walls,
  workspace: Workspace,
  home: string,
  uid: number | null,
): Promise<Findings | null> {
  const witnessFolder = await mkdtemp('/tmp/attune-witness-').catch(() => null);
  const secret = join(resolve(home), `.probe-${process.pid}`);
  await writeFile(secret, 'secret', { mode: 0o600 });
  const folder = await workspace.makeRunFolder(`probe-${walls.level}-${process.pid}`, uid);
  let printed = '';
  const output = new Output(
    async (chunks) => void (printed += chunks.map((chunk) => chunk.content).join('')),
    1,
    () => {},
  );
  try {
    const run = runProcess(
      walls,
      {
        command: [
          walls.tools.sh,
          '-c',
          script(witnessFolder ?? '/nowhere', secret),
          'probe',
          String(uid ?? -1),
          String(process.pid),
        ],
        environment: { PATH: systemPath },
        stdin: '',
        confinement: { uid, gid: uid, folder, writable: [], readable: [] },
      },
      output,
      { timeoutMs: 5_000, graceMs: 100 },
    );
    const end = await run.ended;
    await output.end();
    const lines = new Set(printed.split('\n'));
    if (end.exitCode !== 0 || !lines.has('ready')) return null;
    return {
      isOwnUser: lines.has('isOwnUser'),
      seesOnlyItself: lines.has('seesOnlyItself'),
      hasPrivateTmp: lines.has('hasPrivateTmp'),
      isRootReadOnly: lines.has('isRootReadOnly'),
      isHomeHidden: lines.has('isHomeHidden'),
    };
  } finally {
    await workspace.removeRunFolder(folder);
    await rm(secret, { force: true });
    if (witnessFolder) await rm(witnessFolder, { recursive: true, force: true });
  }
}

/** The strongest walls that this machine can really put up: each level is tried from above, and its promises with it. */
export async function detectWalls(
  workspace: Workspace,
  home: string,
  uid: number | null,
  strongest: WallLevel = 'L3',
): Promise<DetectedWalls> {
  const tools = findTools();
  const isPossible: Record<WallLevel, boolean> = {
    L3: tools.bwrap !== null,
    L2: tools.unshare !== null && tools.mount !== null && tools.setpriv !== null,
    L1: true,
  };
  const base = { hasUsers: uid !== null, tools, hidden: [resolve(home), workspace.root] };
  for (const level of wallLevels.toReversed()) {
    if (level > strongest || !isPossible[level]) continue;
    const walls: Walls = { ...base, level };
    const findings = await probe(walls, workspace, home, uid);
    if (!findings) continue;
    // A level whose core is missing is not that level.
    if (level !== 'L1' && !findings.seesOnlyItself) continue;
    return { ...walls, ...toPromises(walls, findings) };
  }
  throw new Error(
    'No program can be started on this machine: even a plain sh fails. Look at the limits of this user.',
  );
}

function toPromises(walls: Walls, findings: Findings): { holds: string[]; missing: string[] } {
  const promises: [string, boolean][] = [
    ['a user of its own', findings.isOwnUser],
    ['no new privileges', walls.tools.setpriv !== null],
    ['sees only its own processes', findings.seesOnlyItself],
    ['whole process tree dies', walls.level !== 'L1' || findings.isOwnUser],
    ['private /tmp', findings.hasPrivateTmp],
    ['read-only system', findings.isRootReadOnly],
    ['secrets and database unreadable', findings.isHomeHidden],
    ['file size and descriptor limits', walls.tools.prlimit !== null],
    ['process limit', walls.tools.prlimit !== null && findings.isOwnUser],
    ['memory and cpu limits', false],
    ['network switch', false],
  ];
  return {
    holds: promises.filter(([, isHeld]) => isHeld).map(([name]) => name),
    missing: promises.filter(([, isHeld]) => !isHeld).map(([name]) => name),
  };
}

/** Runs a program and gives back the first line that it prints, or null when it fails. */
export function askProgram(command: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolvePromise) => {
    execFile(
      command,
      [...args],
      { timeout: 10_000, env: toSpawnEnvironment({ PATH: systemPath }) },
      (error, stdout) => resolvePromise(error ? null : (stdout.split('\n')[0]?.trim() ?? null)),
    );
  });
}
