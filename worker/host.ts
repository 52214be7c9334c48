import { dirname } from 'node:path';
import { env, startedWith, type Env } from '@/server/env';
import { log } from '@/server/log';
import { toApiUrl } from './api-url';
import { Environments, openEnvironmentsRoot } from './environments/environments';
import { toInstallSettings } from './environments/install';
import { nodePackagesHook } from './environments/node-packages';
import { findNpm } from './environments/npm';
import type { Leases } from './leases';
import { findContainerTool, type ContainerTool } from './runners/container';
import { ownWall } from './runners/http/http';
import { nodejsHook, nodejsModule } from './runners/modules/nodejs';
import { pythonModule } from './runners/modules/python';
import { findInterpreters } from './runners/interpreters';
import { leave } from './runners/attempt-place';
import { nodejsBootstrap, nodejsWait } from './runners/nodejs';
import { pythonBootstrap } from './runners/python';
import type { Interpreters, RuntimeName } from './runners/runner';
import { WarmPool } from './runners/warm/pool';
import { ArtifactsBound } from './sandbox/artifacts-bound';
import { detectWalls, findTools, isRoot, limitPromises, type DetectedWalls } from './sandbox/detect';
import { Groups } from './sandbox/groups/groups';
import { RunDisks } from './sandbox/run-disks';
import { Users } from './sandbox/users';
import type { WallLevel } from './sandbox/walls';
import { Workspace } from './sandbox/workspace';

const wallsRepair =
  'Start the worker as root, with bubblewrap installed and cgroups that it may write to, or lower the setting.';

/** What this machine lends to executions, found once at the worker's start. */
export interface Host {
  walls: DetectedWalls;
  interpreters: Interpreters;
  /** Folders that the interpreters need, for walls that hide what lies around them. */
  programFolders: readonly string[];
  bootstraps: Readonly<Record<RuntimeName, string>>;
  /** The programs that wait for an execution, with their arguments; null where starting is quick enough. */
  waiters: Readonly<Record<RuntimeName, readonly string[] | null>>;
  /** The processes that do. */
  warm: WarmPool;
  /** Where the modules lie that actions may import. */
  modulesFolder: string;
  /** Null where containers can't be started. */
  containers: ContainerTool | null;
  workspace: Workspace;
  /** Null where nothing can be limited. */
  groups: Groups | null;
  environments: Environments;
  artifactsBound: ArtifactsBound;
  users: Users | null;
  apiUrl: string;
  graceMs: number;
}

/** A worker that carries out attempts: its place, its row, and its leases. */
export interface Workplace extends Host {
  workerId: number;
  leases: Leases;
}

/**
 * Looks at the machine: walls, users, interpreters. Tries each thing instead of believing its version.
 * @param strongest the level to begin with (Default: L3, the strongest)
 */
export async function openHost(strongest: WallLevel = 'L3'): Promise<Host> {
  const { ATTUNE_HOME, ATTUNE_WORKER_SLOTS, ATTUNE_WARM_PROCESSES, ATTUNE_SENSOR_SLOTS } = env();
  // A setting that can't be read is told at the start, not at the first request.
  ownWall();
  // The folders on the way must stay open, whatever the umask of who started us.
  process.umask(0o022);
  const users =
    isRoot() && process.platform === 'linux'
      ? await Users.reserve(ATTUNE_WORKER_SLOTS + ATTUNE_WARM_PROCESSES + ATTUNE_SENSOR_SLOTS)
      : null;
  const tools = findTools();
  const disks = users === null ? null : await RunDisks.open(ATTUNE_HOME, tools.mount, tools.umount);
  const workspace = await Workspace.open(ATTUNE_HOME, users !== null, disks);
  // Only a root that can become another user may enter a group on its behalf.
  const groups = users !== null && tools.setpriv === null ? null : Groups.open();
  // Group-writable, closed to others: what an action leaves for its pack, the pack's next execution can change.
  process.umask(0o007);
  const uid = users?.take() ?? null;
  const walls = await detectWalls(workspace, ATTUNE_HOME, uid, groups, strongest);
  try {
    requireWalls(walls);
  } catch (error) {
    groups?.close();
    await workspace.close();
    throw error;
  }
  const interpreters = await findInterpreters(walls.hasUsers ? uid : null, workspace);
  if (uid !== null) users?.giveBack(uid);
  const python = await workspace.writeRunner('python.py', pythonBootstrap);
  const nodejs = await workspace.writeRunner('nodejs.mjs', nodejsBootstrap);
  const nodejsWaiter = await workspace.writeRunner('nodejs-wait.cjs', nodejsWait);
  const module = await workspace.writeRunner('modules/attune.py', pythonModule);
  await workspace.writeRunner('modules/attune.cjs', nodejsModule);
  await workspace.writeRunner('modules/attune-hook.cjs', nodejsHook);
  const { path: pythonPath } = interpreters.python ?? {};
  const programFolders = [
    ...(interpreters.nodejs ? [dirname(interpreters.nodejs.path)] : []),
    ...(pythonPath ? [dirname(dirname(pythonPath))] : []),
    dirname(python),
  ];
  const graceMs = env().ATTUNE_KILL_GRACE_SECONDS * 1000;
  const npm = await findNpm(workspace);
  const environments = new Environments(
    await openEnvironmentsRoot(workspace.root, walls.hasUsers),
    {
      walls,
      workspace,
      groups,
      programFolders: npm === null ? programFolders : [...programFolders, dirname(dirname(npm))],
      npm,
      settings: toInstallSettings(startedWith()),
      limitMs: env().ATTUNE_ENVIRONMENT_BUILD_SECONDS * 1000,
      graceMs,
    },
    await workspace.writeRunner('node-packages.mjs', nodePackagesHook),
  );
  log.info({ level: walls.level, holds: walls.holds, missing: walls.missing }, 'the walls around executions');
  if (walls.level === 'L1') {
    log.warn('executions run without a process namespace of their own: only trusted code should run here');
  }
  const place = { users: walls.hasUsers ? users : null, workspace, groups };
  return {
    ...place,
    walls,
    interpreters,
    programFolders,
    modulesFolder: dirname(module),
    containers: await findContainerTool(),
    bootstraps: { shell: '', python, nodejs },
    waiters: { shell: null, python: [python, '--wait'], nodejs: [nodejsWaiter] },
    warm: new WarmPool(ATTUNE_WARM_PROCESSES, env().ATTUNE_WARM_IDLE_SECONDS * 1000, (waiting) =>
      leave(place, waiting.place),
    ),
    environments,
    artifactsBound: new ArtifactsBound(env().ATTUNE_ARTIFACTS_MB),
    apiUrl: toApiUrl(env()),
    graceMs,
  };
}

/** @throws Error when the walls are less than this worker was told to have */
export function requireWalls(
  walls: Pick<DetectedWalls, 'level' | 'missing'>,
  {
    ATTUNE_REQUIRE_WALLS,
    ATTUNE_REQUIRE_LIMITS,
  }: Pick<Env, 'ATTUNE_REQUIRE_WALLS' | 'ATTUNE_REQUIRE_LIMITS'> = env(),
): void {
  if (walls.level < ATTUNE_REQUIRE_WALLS) {
    throw new Error(
      `ATTUNE_REQUIRE_WALLS=${ATTUNE_REQUIRE_WALLS}, and this machine can put up ${walls.level} only. ${wallsRepair}`,
    );
  }
  const lacking = Object.values(limitPromises).filter((promise) => walls.missing.includes(promise));
  if (ATTUNE_REQUIRE_LIMITS === 'true' && lacking.length > 0)
    throw new Error(
      `ATTUNE_REQUIRE_LIMITS=true, and this machine has no ${lacking.join(', no ')}. ${wallsRepair}`,
    );
}

/** For the workers page: each runtime with its version. */
export function describeRuntimes({ interpreters, containers }: Host): Record<string, string> {
  const found: Record<string, string> = { native: 'built in', http: 'built in' };
  for (const [name, interpreter] of Object.entries(interpreters))
    if (interpreter) found[name] = interpreter.version;
  if (containers) found['container'] = containers.version;
  return found;
}

/** The runtimes of which this worker takes executions; containers too where it has none, so that somebody says so. */
export function claimableRuntimes(host: Host): string[] {
  return [...new Set([...Object.keys(describeRuntimes(host)), 'container'])];
}

/** For the workers page: the level, then what holds and what does not. */
export function describeWalls({ walls }: Host): string {
  const missing = walls.missing.length > 0 ? `; not held: ${walls.missing.join(', ')}` : '';
  return `${walls.level}: ${walls.holds.join(', ')}${missing}`;
}
