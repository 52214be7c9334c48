import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Lending } from '../environments/environments';
import type { Host } from '../host';
import type { Standing } from '../sandbox/environment';
import type { Confinement } from '../sandbox/walls';
import type { ArtifactsFolder } from '../sandbox/workspace';
import type { AttemptLimits } from './attempt-limits';
import type { ReadyPlace } from './attempt-place';
import type { Invocation, RuntimeName } from './runner';

/** What was found for an attempt. */
interface Findings {
  limits: AttemptLimits;
  /** The folder with the pack's files, if it has any. */
  pack: string | null;
  /** What runs it in place of the worker's own interpreter. */
  program: string | null;
  /** What the pack's environment lends. */
  lending: Lending | null;
  invocation: Invocation;
  artifacts: ArtifactsFolder;
}

/** Whose attempt it is. */
interface Planned {
  runtime: RuntimeName;
  tenantId: number;
  packRef: string;
  requestVariables?: Readonly<Record<string, string>>;
}

/** How an attempt is to run, but for the place that it gets. */
export interface Plan extends Omit<Findings, 'pack' | 'lending' | 'program'> {
  runtime: RuntimeName;
  /** The interpreter and its options. */
  interpreter: string[];
  readable: string[];
  /** The folder with the pack's files, if it has any. */
  packFolder: string | null;
  standing: Omit<Standing, 'runFolder'>;
  /** The same for all attempts that a process may wait for in each other's stead; null when none may wait for this one. */
  key: string | null;
}

/** Puts together what was found. */
export async function toPlan(host: Host, claim: Planned, found: Findings): Promise<Plan> {
  const { limits, pack, program, lending, invocation, artifacts } = found;
  const { runtime, tenantId, packRef } = claim;
  const own = program ?? host.interpreters[runtime]?.path ?? '';
  const interpreter = [lending?.interpreter ?? own, ...(lending?.options ?? []), ...invocation.options];
  const readable = [
    ...host.programFolders,
    ...(pack === null ? [] : [pack]),
    ...(program === null ? [] : [dirname(program)]),
    ...(lending ? [lending.folder] : []),
  ];
  const standing = {
    environmentsFolder: host.environments.folderOf(tenantId),
    modulesFolder: runtime === 'python' ? host.modulesFolder : null,
    variables: lending?.variables ?? {},
    programFolders: [
      ...(lending ? [lending.binFolder] : []),
      ...Object.values(host.interpreters)
        .filter((one) => one !== null)
        .map((one) => dirname(one.path)),
    ],
  };
  // An interpreter reads some variables as it starts, NODE_OPTIONS and TZ among them: whoever sets any gets a new one.
  const hasOwnVariables = Object.keys(claim.requestVariables ?? {}).length > 0;
  const canWait = host.waiters[runtime] !== null && !hasOwnVariables;
  const key = canWait
    ? JSON.stringify([
        ...[tenantId, packRef, runtime, interpreter, readable, standing, limits, artifacts],
        await Promise.all([pack, lending?.folder, artifacts.folder].map(identify)),
      ])
    : null;
  return { runtime, interpreter, readable, packFolder: pack, standing, limits, invocation, artifacts, key };
}

/** Which folder this is: walls hold on to the one that was there, and not to its name. */
async function identify(folder: string | null | undefined): Promise<string | null> {
  if (!folder) return null;
  const { dev, ino, birthtimeMs } = await stat(folder);
  return `${dev}:${ino}:${birthtimeMs}`;
}

/** The walls around it. */
export function toConfinement(
  { limits, artifacts, readable }: Plan,
  { folder, uid, group }: ReadyPlace,
): Confinement {
  return {
    uid,
    gid: uid === null ? null : artifacts.gid,
    folder,
    group,
    hasNetwork: limits.hasNetwork,
    writable: [artifacts.folder],
    readable,
  };
}

/** What its processes find in their environment, whatever they are to do. */
export function toStandingOf({ standing }: Plan, runFolder: string): Standing {
  return { ...standing, runFolder };
}
