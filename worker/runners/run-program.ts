import type { Claim, Outcome } from '@/server/executions/claims';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { NoEnvironment, type Lending } from '../environments/environments';
import { toMissingModule } from '../environments/missing-module';
import { Stopper } from '../environments/stopper';
import { crashAt } from '../faults/crash-at';
import type { Host } from '../host';
import { openPackFiles } from '../pack-files';
import { toCleanText } from '../sandbox/clean-text';
import { toEnvironment } from '../sandbox/environment';
import type { Output } from '../sandbox/output';
import { runProcess, type ProcessEnd, type RunningProcess } from '../sandbox/run-process';
import { toNodejsInvocation } from './nodejs';
import { toPythonInvocation } from './python';
import { findSchemaProblem, readData, toReason, toStorable, type ReadData } from './read-data';
import { CannotStart, findSource, type Runner, type RuntimeName } from './runner';
import { toShellInvocation } from './shell';

const runners: Record<RuntimeName, Runner> = {
  shell: toShellInvocation,
  python: toPythonInvocation,
  nodejs: toNodejsInvocation,
};
const programNames: Record<RuntimeName, string> = { shell: 'bash or sh', python: 'python3', nodejs: 'node' };
const resultFileBytes = 2 ** 20;

/** An action whose code runs in a process of its own. */
export type ProgramClaim = Claim & {
  runtime: RuntimeName;
  /** Which of its parameters are keys of the datastore: a function that does not ask for them is not given them. */
  keyNames?: readonly string[];
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
  try {
    folder = await host.workspace.makeRunFolder(`${claim.executionId}-${claim.fence}`, uid);
    const stopper = new Stopper(onStart);
    const running = await start(host, claim, output, folder, uid, stopper);
    if (running === null) {
      await output.end();
      const { reason } = stopper;
      if (reason === 'lost' || reason === 'stopping') return null;
      return toOutcome(claim, { ...neverStarted(null), stopped: reason }, output, null);
    }
    stopper.follow(running);
    crashAt('after-spawn');
    const end = await running.ended;
    await output.end();
    if (end.stopped === 'lost' || end.stopped === 'stopping') return null;
    return toOutcome(claim, end, output, await readResultFile(`${folder}/result.json`));
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    if (error instanceof NoEnvironment) output.print('stderr', error.log);
    output.say(`${error.message}\n`);
    await output.end();
    return toOutcome(claim, neverStarted(error.message), output, null);
  } finally {
    if (folder !== null) await host.workspace.removeRunFolder(folder);
    if (uid !== null) host.users?.giveBack(uid);
  }
}

async function start(
  host: Host,
  claim: ProgramClaim,
  output: Output,
  folder: string,
  uid: number | null,
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
  });
  for (const file of invocation.files)
    await host.workspace.writeRunFile(folder, file.name, file.content, uid);
  const artifacts = await host.workspace.makeArtifactsFolder(claim.tenantId, claim.packRef);
  crashAt('before-spawn');
  return runProcess(
    host.walls,
    {
      command: invocation.command.toSpliced(1, 0, ...(environment?.options ?? [])),
      environment: toEnvironment({
        ...claim,
        apiUrl: host.apiUrl,
        runFolder: folder,
        artifactsFolder: artifacts.folder,
        environmentsFolder: host.environments.folderOf(claim.tenantId),
        variables: environment?.variables ?? {},
        programFolders: [
          ...(environment ? [environment.binFolder] : []),
          ...Object.values(host.interpreters)
            .filter((one) => one !== null)
            .map((one) => one.path.replace(/\/[^/]*$/, '')),
        ],
      }),
      stdin: `${JSON.stringify(claim.parameters)}\n`,
      confinement: {
        uid,
        gid: uid === null ? null : artifacts.gid,
        folder,
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

function neverStarted(startError: string | null): ProcessEnd {
  return { exitCode: null, signal: null, durationMs: 0, stopped: null, startError };
}

/** What a called `run` gave back. A link, a folder or a file beyond 1 MB is refused: the action could have laid it there. */
async function readResultFile(path: string): Promise<ReadData | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  if (file instanceof Error && 'code' in file && file.code === 'ENOENT') return null;
  if (file instanceof Error)
    return { data: undefined, problem: `The result file can't be read: ${file.message}` };
  try {
    const status = await file.stat();
    const { size } = status;
    if (!status.isFile()) return { data: undefined, problem: 'The result file is not a regular file.' };
    if (size > resultFileBytes)
      return {
        data: undefined,
        problem: `The result has ${size} bytes; at most 1 MB is kept. Put it into a file in ATTUNE_ARTIFACTS_DIR.`,
      };
    return { data: toStorable(JSON.parse(await file.readFile('utf8'))), problem: null };
  } catch (error) {
    return { data: undefined, problem: `The result can't be read as JSON: ${toReason(error)}.` };
  } finally {
    await file.close();
  }
}

/** The last line that says something, for the one sentence beside a failed run. */
function lastLine(text: string): string {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line.length > 300 ? `${toCleanText(line.slice(0, 300))}…` : line;
}

function toSentence(claim: Claim, end: ProcessEnd, stderr: string): string | null {
  if (end.startError !== null)
    return end.startError.endsWith('.') ? end.startError : `It could not start: ${end.startError}.`;
  if (end.stopped === 'timeout') return `Stopped after its timeout of ${claim.timeoutSeconds} s.`;
  if (end.stopped === 'cancelled') return 'Cancelled.';
  if (end.exitCode === 0) return null;
  const last = lastLine(stderr);
  const how = end.signal === null ? `exited with code ${end.exitCode}` : `killed by ${end.signal}`;
  return last === '' ? how : `${how}: ${last}`;
}

function toOutcome(
  claim: ProgramClaim,
  end: ProcessEnd,
  output: Output,
  resultFile: ReadData | null,
): Outcome {
  const stdout = output.summary('stdout');
  const stderr = output.summary('stderr');
  const read =
    resultFile ?? readData(output.data(), claim.outputFormat, (text) => output.redactor.redact(text));
  let error = toSentence(claim, end, stderr.text);
  if (error !== null && end.stopped === null) {
    const missing = toMissingModule(claim.runtime, claim.packRef, stderr.text);
    if (missing !== null) error = `${missing} (${error})`;
  }
  error ??= read.problem;
  if (error === null && read.data !== undefined) error = findSchemaProblem(claim.outSchema, read.data);
  if (error === null && read.data === undefined && claim.outputFormat !== 'text')
    error = 'The action printed no data.';
  const state =
    end.stopped === 'timeout'
      ? 'timeout'
      : end.stopped === 'cancelled'
        ? 'cancelled'
        : error === null
          ? 'completed'
          : 'failed';
  return output.redactor.redactOutcome({
    state,
    error,
    result: {
      succeeded: state === 'completed',
      exit_code: end.exitCode,
      duration_ms: end.durationMs,
      stdout: stdout.text,
      stderr: stderr.text,
      error,
      data: read.data ?? null,
      stdout_truncated: stdout.isTruncated,
      stderr_truncated: stderr.isTruncated,
      ...(end.signal === null ? {} : { signal: end.signal }),
    },
  });
}
