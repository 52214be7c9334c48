import type { Claim, Outcome } from '@/server/executions/claims';
import { NoEnvironment, type Lending } from '../environments/environments';
import { Stopper } from '../environments/stopper';
import { crashAt } from '../faults/crash-at';
import type { Host } from '../host';
import { openPackFiles } from '../pack-files';
import { toEnvironment } from '../sandbox/environment';
import type { Group } from '../sandbox/groups/group';
import type { Output } from '../sandbox/output';
import { runProcess, type RunningProcess } from '../sandbox/run-process';
import { toAttemptLimits } from './attempt-limits';
import { toNodejsInvocation } from './nodejs';
import { toPythonInvocation } from './python';
import { neverStarted, toOutcome } from './outcome';
import { parameterFiles, toParameterText } from './parameters';
import { readResultFile } from './result-file';
import { CannotStart, findSource, type Runner, type RuntimeName } from './runner';
import { toShellInvocation } from './shell';

const runners: Record<RuntimeName, Runner> = {
  shell: toShellInvocation,
  python: toPythonInvocation,
  nodejs: toNodejsInvocation,
};
const programNames: Record<RuntimeName, string> = { shell: 'bash or sh', python: 'python3', nodejs: 'node' };
const resultFileName = 'result.json';

/** An action whose code runs in a process of its own. */
export type ProgramClaim = Claim & {
  runtime: RuntimeName;
  /** Which of its parameters are keys of the datastore: a function that does not ask for them is not given them. */
  keyNames?: readonly string[];
  apiToken?: string | null;
  requestVariables?: Readonly<Record<string, string>>;
};

/**
 * Runs one attempt of an action's code inside the walls, and gives back how it ended, or null when it was stopped
 * because its lease is lost or the worker ends: then there is nothing to say. Its folder and every process are gone.
 * @param onStart is told the process as soon as it runs, so that it can be stopped
 */
export async function runProgram(
  host: Host,
  claim: ProgramClaim,
  output: Output,
  onStart: (running: RunningProcess) => void,
): Promise<Outcome | null> {
  const uid = host.users?.take() ?? null;
  let folder: string | null = null;
  let group: Group | null = null;
  try {
    const limits = toAttemptLimits(claim.limits);
    if (!limits.hasNetwork && !host.walls.canCutNetwork) {
      throw new CannotStart(
        'The action is to run without a network, and this worker cannot see to that: its walls are of too low a level, which the workers page shows. Run it on another worker, or allow it the network.',
      );
    }
    folder = await host.workspace.makeRunFolder(`${claim.executionId}-${claim.fence}`, uid, limits.diskMb);
    group = host.groups?.group(limits) ?? null;
    const stopper = new Stopper(onStart);
    const running = await start(
      host,
      claim,
      output,
      { folder, uid, group, hasNetwork: limits.hasNetwork },
      stopper,
    );
    if (running === null) {
      await output.end();
      const { reason } = stopper;
      if (reason === 'lost' || reason === 'stopping') return null;
      return toOutcome(claim, { ...neverStarted(null), stopped: reason }, output, null);
    }
    stopper.follow(running);
    crashAt('after-spawn');
    const end = await running.ended;
    const { folder: artifacts } = await host.workspace.makeArtifactsFolder(claim.tenantId, claim.packRef);
    void host.artifactsBound.lookAt(artifacts);
    if (end.overrun) output.say(`The action ${end.overrun.words}.\n`);
    await output.end();
    if (end.stopped === 'lost' || end.stopped === 'stopping') return null;
    return toOutcome(
      claim,
      end,
      output,
      await readResultFile(`${folder}/${resultFileName}`, claim.outputFormat),
    );
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    if (error instanceof NoEnvironment) output.print('stderr', error.log);
    output.say(`${error.message}\n`);
    await output.end();
    return toOutcome(claim, neverStarted(error.message), output, null);
  } finally {
    if (folder !== null) await host.workspace.removeRunFolder(folder);
    if (group !== null) await host.groups?.giveBack(group);
    if (uid !== null) host.users?.giveBack(uid);
  }
}

/** What one attempt has to itself. */
interface AttemptPlace {
  folder: string;
  uid: number | null;
  group: Group | null;
  hasNetwork: boolean;
}

async function start(
  host: Host,
  claim: ProgramClaim,
  output: Output,
  { folder, uid, group, hasNetwork }: AttemptPlace,
  stopper: Stopper,
): Promise<RunningProcess | null> {
  const interpreter = host.interpreters[claim.runtime];
  if (!interpreter) {
    throw new CannotStart(
      `This worker has no ${programNames[claim.runtime]} that executions can reach. Install it for all users and start the worker again.`,
    );
  }
  const pack = claim.packPath === null ? null : await openPack(host, claim.packPath);
  const source = await findSource(claim, pack);
  const environment = await prepare(host, claim, output, pack, uid, stopper);
  if (stopper.reason !== null) return null;
  const invocation = await runners[claim.runtime]({
    interpreter: environment?.interpreter ?? interpreter.path,
    source,
    runFolder: folder,
    parameters: claim.parameters,
    keyNames: claim.keyNames ?? [],
    bootstrap: host.bootstraps[claim.runtime],
    modulesFolder: host.modulesFolder,
  });
  for (const file of invocation.files)
    await host.workspace.writeRunFile(folder, file.name, file.content, uid);
  // What is called with its parameters has them read for it, as JSON.
  const format = invocation.callsRun ? 'json' : claim.parameterFormat;
  const parameterText = toParameterText(claim.parameters, format);
  const parameterFile = claim.parameterDelivery === 'file' ? parameterFiles[format] : null;
  if (parameterFile !== null) await host.workspace.writeRunFile(folder, parameterFile, parameterText, uid);
  const artifacts = await host.workspace.makeArtifactsFolder(claim.tenantId, claim.packRef);
  const refusal = await host.artifactsBound.refusal(artifacts.folder);
  if (refusal !== null) throw new CannotStart(refusal);
  crashAt('before-spawn');
  return runProcess(
    host.walls,
    {
      command: invocation.command.toSpliced(1, 0, ...(environment?.options ?? [])),
      environment: toEnvironment({
        ...claim,
        apiUrl: host.apiUrl,
        runFolder: folder,
        resultFile: `${folder}/${resultFileName}`,
        parameterFile: parameterFile === null ? null : `${folder}/${parameterFile}`,
        artifactsFolder: artifacts.folder,
        environmentsFolder: host.environments.folderOf(claim.tenantId),
        modulesFolder: claim.runtime === 'python' ? host.modulesFolder : null,
        variables: environment?.variables ?? {},
        programFolders: [
          ...(environment ? [environment.binFolder] : []),
          ...Object.values(host.interpreters)
            .filter((one) => one !== null)
            .map((one) => one.path.replace(/\/[^/]*$/, '')),
        ],
      }),
      stdin: parameterFile === null ? parameterText : '',
      confinement: {
        uid,
        gid: uid === null ? null : artifacts.gid,
        folder,
        group,
        hasNetwork,
        writable: [artifacts.folder],
        readable: [
          ...host.programFolders,
          ...(pack === null ? [] : [pack]),
          ...(environment ? [environment.folder] : []),
        ],
      },
    },
    output,
    { timeoutMs: claim.timeoutSeconds === null ? null : claim.timeoutSeconds * 1000, graceMs: host.graceMs },
  );
}

/** What the pack asks for besides the interpreter; null when it asks for nothing, or the attempt was stopped meanwhile. */
async function prepare(
  host: Host,
  claim: ProgramClaim,
  output: Output,
  packFolder: string | null,
  uid: number | null,
  stopper: Stopper,
): Promise<Lending | null> {
  const { runtime: kind, tenantId, packRef } = claim;
  const interpreter = host.interpreters[kind];
  if (packFolder === null || kind === 'shell' || !interpreter) return null;
  const say = (line: string) => output.say(line);
  return host.environments.prepare({ tenantId, packRef, packFolder, kind, interpreter, uid, say }, stopper);
}

async function openPack(host: Host, path: string): Promise<string> {
  try {
    return await openPackFiles(host.workspace, path);
  } catch (error) {
    throw new CannotStart(
      `The pack's files (${path}) can't be read on this worker: ${(error as Error).message}. Load the pack again.`,
    );
  }
}
