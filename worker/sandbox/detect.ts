import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readlink, rm, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import type { Controller } from './groups/format';
import type { Group } from './groups/group';
import type { Groups } from './groups/groups';
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
    umount: find('umount'),
    bwrap: find('bwrap'),
    sh: findProgram('sh') ?? '/bin/sh',
  };
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** What ATTUNE_REQUIRE_LIMITS asks for. */
export const limitPromises = {
  memory: 'memory limit',
  processes: 'process limit',
  disk: 'bounded run folder',
  network: 'network switch',
} as const;

const probeBytes = 64 * 2 ** 20;

/** What a probe found from the inside of the walls: each is tried, none is assumed. */
interface Findings {
  isOwnUser: boolean;
  seesOnlyItself: boolean;
  hasPrivateTmp: boolean;
  isRootReadOnly: boolean;
  isHomeHidden: boolean;
  isLimited: boolean;
  isCutOff: boolean;
}

export interface DetectedWalls extends Walls {
  /** Can an attempt be kept from the network? */
  canCutNetwork: boolean;
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
    `while read -r line; do case "$line" in */attune-*) echo isLimited; break ;; esac; done </proc/self/cgroup`,
    `test "$(readlink /proc/self/ns/net)" != "$3" && echo isCutOff`,
    'echo ready',
  ].join('\n');
}

async function probe(
  walls: Walls,
  workspace: Workspace,
  home: string,
  { uid, group, hasNetwork }: { uid: number | null; group: Group | null; hasNetwork: boolean },
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
          await readlink('/proc/self/ns/net').catch(() => ''),
        ],
        environment: { PATH: systemPath },
        stdin: '',
        confinement: { uid, gid: uid, folder, group, hasNetwork, writable: [], readable: [] },
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
      isLimited: lines.has('isLimited'),
      isCutOff: lines.has('isCutOff'),
    };
  } finally {
    await workspace.removeRunFolder(folder);
    await rm(secret, { force: true });
    if (witnessFolder) await rm(witnessFolder, { recursive: true, force: true });
  }
}

/** With all that can be asked for, else with less: the rest holds without it. */
async function probeAll(
  walls: Walls,
  workspace: Workspace,
  home: string,
  uid: number | null,
  groups: Groups | null,
): Promise<Findings | null> {
  const group = groups?.group({ memoryBytes: probeBytes, processes: 64, cpu: null }) ?? null;
  try {
    const all = { uid, group, hasNetwork: walls.level === 'L1' };
    return (
      (await probe(walls, workspace, home, all)) ??
      (walls.level === 'L1' ? null : await probe(walls, workspace, home, { ...all, hasNetwork: true }))
    );
  } finally {
    if (group) await groups?.giveBack(group);
  }
}

/** The strongest walls that this machine can really put up: each level is tried from above, and its promises with it. */
export async function detectWalls(
  workspace: Workspace,
  home: string,
  uid: number | null,
  groups: Groups | null = null,
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
    const findings = await probeAll(walls, workspace, home, uid, groups);
    if (!findings) continue;
    // A level whose core is missing is not that level.
    if (level !== 'L1' && !findings.seesOnlyItself) continue;
    return {
      ...walls,
      canCutNetwork: findings.isCutOff,
      ...toPromises(walls, findings, groups, workspace.disks !== null),
    };
  }
  throw new Error(
    'No program can be started on this machine: even a plain sh fails. Look at the limits of this user.',
  );
}

function toPromises(
  walls: Walls,
  findings: Findings,
  groups: Groups | null,
  hasDisks: boolean,
): { holds: string[]; missing: string[] } {
  const isLimited = (name: Controller) => findings.isLimited && (groups?.limits.has(name) ?? false);
  const promises: [string, boolean][] = [
    ['a user of its own', findings.isOwnUser],
    ['no new privileges', walls.tools.setpriv !== null],
    ['sees only its own processes', findings.seesOnlyItself],
    ['whole process tree dies', walls.level !== 'L1' || findings.isOwnUser || findings.isLimited],
    ['private /tmp', findings.hasPrivateTmp],
    ['read-only system', findings.isRootReadOnly],
    ['secrets and database unreadable', findings.isHomeHidden],
    ['file size and descriptor limits', walls.tools.prlimit !== null || findings.isLimited],
    [limitPromises.memory, isLimited('memory')],
    [limitPromises.processes, isLimited('pids') || (walls.tools.prlimit !== null && findings.isOwnUser)],
    ['cpu limit', isLimited('cpu')],
    [limitPromises.disk, hasDisks],
    [limitPromises.network, findings.isCutOff],
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
