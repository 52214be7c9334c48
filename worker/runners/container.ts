import { execFile } from 'node:child_process';
import { parse as parseYaml } from 'yaml';
import { ContainerSpec } from '@/server/actions/container-spec';
import { isAllowedVariable } from '@/server/actions/variables';
import { readVariables } from '@/server/env';
import type { Claim, Outcome } from '@/server/executions/claims';
import type { Host } from '../host';
import { findProgram, askProgram } from '../sandbox/detect';
import { toContext, toSpawnEnvironment } from '../sandbox/environment';
import type { Output } from '../sandbox/output';
import { runProcess, type RunningProcess } from '../sandbox/run-process';
import type { Walls } from '../sandbox/walls';
import { neverStarted, toOutcome } from './outcome';
import { toParameterText } from './parameters';
import { toAttemptLimits } from './attempt-limits';
import { CannotStart } from './runner';

/** What starts containers on this machine. */
export interface ContainerTool {
  path: string;
  /** `docker 28.1` or the like. */
  version: string;
}

export type ContainerClaim = Claim & {
  runtime: 'container';
  apiToken?: string | null;
  requestVariables?: Readonly<Record<string, string>>;
};

const artifactsInside = '/attune/artifacts';
/** What the program that talks to the daemon needs of the worker's environment. */
const toolVariables = ['PATH', 'HOME', 'XDG_RUNTIME_DIR', 'DOCKER_HOST', 'DOCKER_CONFIG', 'CONTAINER_HOST'];
/** The container is its own wall. The program that starts it needs what the walls take away. */
const noWalls: Walls = {
  level: 'L1',
  hasUsers: false,
  tools: {
    setpriv: null,
    prlimit: null,
    unshare: null,
    mount: null,
    umount: null,
    bwrap: null,
    sh: '/bin/sh',
  },
  hidden: [],
};

/** Docker or podman, whichever answers here; null when neither does. */
export async function findContainerTool(): Promise<ContainerTool | null> {
  const questions = { docker: '{{.Server.Version}}', podman: '{{.Client.Version}}' };
  for (const [name, format] of Object.entries(questions)) {
    const path = findProgram(name);
    const version = path && (await askProgram(path, ['version', '--format', format]));
    if (path && version) return { path, version: `${name} ${version}` };
  }
  return null;
}

/** What one container is started with besides what its action declares. */
export interface ContainerPlace {
  name: string;
  environmentFile: string;
  artifactsFolder: string;
}

/**
 * The command that runs a container and removes it afterwards: no capabilities, no new privileges, bounds on memory (swap
 * included), processors and processes. Nothing of it is a parameter, a variable's value or a secret.
 */
export function toContainerCommand(tool: string, spec: ContainerSpec, place: ContainerPlace): string[] {
  return [
    tool,
    'run',
    '--rm',
    '--interactive',
    '--init',
    `--name=${place.name}`,
    '--pull=missing',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    `--memory=${spec.memory}b`,
    `--memory-swap=${spec.memory}b`,
    `--cpus=${spec.cpus}`,
    `--pids-limit=${spec.pids}`,
    // What it prints comes to us; the daemon need not fill its disk with it as well.
    '--log-driver=none',
    ...(spec.network === 'none' ? ['--network=none'] : []),
    `--env-file=${place.environmentFile}`,
    `--volume=${place.artifactsFolder}:${artifactsInside}`,
    spec.image,
    ...spec.command,
  ];
}

/** The file of a container's variables: its context and what the action declares. */
export function toEnvironmentFile(context: Readonly<Record<string, string>>, spec: ContainerSpec): string {
  const declared = Object.entries(spec.env).filter(([name]) => isAllowedVariable(name));
  const all = { ...Object.fromEntries(declared.map(([name, value]) => [name, String(value)])), ...context };
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function readSpec({ code, actionRef }: ContainerClaim): ContainerSpec {
  const read = ContainerSpec.safeParse(parseYaml(code ?? '', { maxAliasCount: 100 }));
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new CannotStart(`The container of ${actionRef} cannot be started: ${problems.join('; ')}.`);
}

/**
 * The container within the limits of its action, which win over what it declares itself, and of this worker.
 * @throws CannotStart when more is asked for than the worker gives
 */
function withinLimits(spec: ContainerSpec, asked: ContainerClaim['limits']): ContainerSpec {
  const limits = toAttemptLimits({
    ...asked,
    memory_mb: asked.memory_mb ?? Math.ceil(spec.memory / 2 ** 20),
    processes: asked.processes ?? spec.pids,
    cpu: asked.cpu ?? spec.cpus,
    network: asked.network ?? (spec.network === 'none' ? 'off' : 'on'),
  });
  return {
    ...spec,
    memory: limits.memoryBytes,
    pids: limits.processes,
    cpus: asked.cpu ?? spec.cpus,
    network: limits.hasNetwork ? spec.network : 'none',
  };
}

/**
 * Runs one attempt of a container action, and gives back how it ended; null when its lease is lost or the worker ends. The
 * parameters come on stdin. The container is gone afterwards, also when it was stopped.
 * @param onStart is told the process as soon as it runs, so that it can be stopped
 */
export async function runContainer(
  host: Host,
  claim: ContainerClaim,
  output: Output,
  onStart: (running: RunningProcess) => void,
): Promise<Outcome | null> {
  const name = `attune-${claim.executionId}-${claim.fence}`;
  let folder: string | null = null;
  try {
    const tool = host.containers;
    if (!tool) {
      throw new CannotStart(
        'This worker can start no containers: neither docker nor podman answers here. Install one of them, see to it that the worker’s user may use it, and start the worker again.',
      );
    }
    const spec = withinLimits(readSpec(claim), claim.limits);
    folder = await host.workspace.makeRunFolder(`${claim.executionId}-${claim.fence}`, null);
    const artifacts = await host.workspace.makeArtifactsFolder(claim.tenantId, claim.packRef);
    const context = toContext({ ...claim, apiUrl: host.apiUrl, artifactsFolder: artifactsInside });
    const variables = { ...requireOneLine(claim.requestVariables ?? {}), ...context };
    await host.workspace.writeRunFile(folder, 'environment', toEnvironmentFile(variables, spec), null);
    const place = { name, environmentFile: `${folder}/environment`, artifactsFolder: artifacts.folder };
    const running = runProcess(
      noWalls,
      {
        command: toContainerCommand(tool.path, spec, place),
        environment: readVariables(toolVariables),
        stdin: toParameterText(claim.parameters, claim.parameterFormat),
        confinement: { uid: null, gid: null, folder, writable: [], readable: [] },
      },
      output,
      {
        timeoutMs: claim.timeoutSeconds === null ? null : claim.timeoutSeconds * 1000,
        graceMs: host.graceMs,
      },
    );
    onStart(running);
    const end = await running.ended;
    // The program that started it is gone; the container need not be, since a daemon runs it.
    if (end.stopped !== null) await remove(tool, name);
    await output.end();
    if (end.stopped === 'lost' || end.stopped === 'stopping') return null;
    return toOutcome(claim, end, output, null);
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    output.say(`${error.message}\n`);
    await output.end();
    return toOutcome(claim, neverStarted(error.message), output, null);
  } finally {
    if (folder !== null) await host.workspace.removeRunFolder(folder);
  }
}

/** The file of variables has one a line. */
function requireOneLine(variables: Readonly<Record<string, string>>) {
  const broken = Object.keys(variables).find((name) => /[\r\n]/.test(variables[name] ?? ''));
  if (broken === undefined) return variables;
  throw new CannotStart(`The variable ${broken} holds a line break, which a container cannot be given.`);
}

function remove(tool: ContainerTool, name: string): Promise<void> {
  return new Promise((resolve) => {
    const options = { timeout: 30_000, env: toSpawnEnvironment(readVariables(toolVariables)) };
    execFile(tool.path, ['rm', '--force', name], options, () => resolve());
  });
}
