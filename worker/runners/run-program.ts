import type { Claim, Outcome } from '@/server/executions/claims';
import { NoEnvironment } from '../environments/environments';
import { Stopper } from '../environments/stopper';
import { crashAt } from '../faults/crash-at';
import type { Host } from '../host';
import { holdPackFiles } from '../pack-files';
import { toEnvironment } from '../sandbox/environment';
import type { Output } from '../sandbox/output';
import { runProcess, type ProcessEnd, type RunningProcess, type TimeLimits } from '../sandbox/run-process';
import { toAttemptLimits, type AttemptLimits } from './attempt-limits';
import { beginPlace, furnish, leave, type AttemptPlace, type ReadyPlace } from './attempt-place';
import { toNodejsInvocation } from './nodejs';
import { toPythonInvocation } from './python';
import { neverStarted, toOutcome } from './outcome';
import { openPack, prepare } from './pack-parts';
import { parameterFiles, toParameterText } from './parameters';
import { toConfinement, toPlan, toStandingOf, type Plan } from './plan';
import { readResultFile } from './result-file';
import { CannotStart, findSource, type Runner, type RuntimeName } from './runner';
import { findOwnProgram, toOtherInvocation } from './other';
import { toShellInvocation } from './shell';
import { wishForNext } from './warm/start';
import type { Task, Waiting } from './warm/waiting';

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
  let place = beginPlace(host);
  let plan: Plan | null = null;
  let release = () => {};
  try {
    const limits = toAttemptLimits(claim.limits);
    if (!limits.hasNetwork && !host.walls.canCutNetwork) {
      throw new CannotStart(
        'The action is to run without a network, and this worker cannot see to that: its walls are of too low a level, which the workers page shows. Run it on another worker, or allow it the network.',
      );
    }
    const stopper = new Stopper(onStart);
    plan = await makePlan(host, claim, output, limits, place.uid, stopper);
    if (plan === null) {
      await output.end();
      const { reason } = stopper;
      if (reason === 'lost' || reason === 'stopping') return null;
      return toOutcome(claim, { ...neverStarted(null), stopped: reason }, output, null);
    }
    if (plan.packFolder !== null) release = holdPackFiles(plan.packFolder);
    const waiting = plan.key === null ? null : host.warm.take(plan.key);
    if (waiting) {
      // At once: there are as many users as slots and waiting processes together.
      if (place.uid !== null) host.users?.giveBack(place.uid);
      place = waiting.place;
    }
    let end = waiting && (await runWarm(host, claim, plan, waiting, output, stopper));
    if (waiting && end === null) {
      await waiting.end();
      await leave(host, place);
      place = beginPlace(host);
    }
    end ??= await runCold(host, claim, plan, place, output, stopper);
    void host.artifactsBound.lookAt(plan.artifacts.folder);
    if (end.overrun) output.say(`The action ${end.overrun.words}.\n`);
    await output.end();
    if (end.stopped === 'lost' || end.stopped === 'stopping') return null;
    return toOutcome(
      claim,
      end,
      output,
      await readResultFile(`${place.folder}/${resultFileName}`, claim.outputFormat),
    );
  } catch (error) {
    plan = null;
    if (!(error instanceof CannotStart)) throw error;
    if (error instanceof NoEnvironment) output.print('stderr', error.log);
    output.say(`${error.message}\n`);
    await output.end();
    return toOutcome(claim, neverStarted(error.message), output, null);
  } finally {
    release();
    await leave(host, place);
    // After the attempt, so that it does not have to share its processors with its successor's start.
    if (plan?.key) wishForNext(host, plan, plan.key);
  }
}

/** One attempt in a process that is started for it. */
async function runCold(
  host: Host,
  claim: ProgramClaim,
  plan: Plan,
  place: AttemptPlace,
  output: Output,
  stopper: Stopper,
): Promise<ProcessEnd> {
  const ready = await furnish(host, place, `${claim.executionId}-${claim.fence}`, plan.limits);
  const { args, variables, stdin } = await lay(host, claim, plan, ready);
  crashAt('before-spawn');
  const running = runProcess(
    host.walls,
    {
      command: [...plan.interpreter, ...args],
      environment: variables,
      stdin,
      confinement: toConfinement(plan, ready),
    },
    output,
    toTimeLimits(host, claim),
  );
  stopper.follow(running);
  crashAt('after-spawn');
  return running.ended;
}

/** One attempt in a process that waits for it; null when that is gone, or went before it began. */
async function runWarm(
  host: Host,
  claim: ProgramClaim,
  plan: Plan,
  waiting: Waiting,
  output: Output,
  stopper: Stopper,
): Promise<ProcessEnd | null> {
  if (!(await waiting.ready)) return null;
  const task = await lay(host, claim, plan, waiting.place);
  crashAt('before-spawn');
  const taken = waiting.begin(task, output, toTimeLimits(host, claim));
  if (!taken) return null;
  stopper.follow(taken.running);
  crashAt('after-spawn');
  const end = await taken.running.ended;
  return taken.hasBegun() || end.stopped !== null ? end : null;
}

function toTimeLimits(host: Host, { timeoutSeconds }: Claim): TimeLimits {
  return { timeoutMs: timeoutSeconds === null ? null : timeoutSeconds * 1000, graceMs: host.graceMs };
}

/** Lays the attempt's files into its folder. Gives what its process is to be told. */
async function lay(host: Host, claim: ProgramClaim, plan: Plan, { folder, uid }: ReadyPlace): Promise<Task> {
  const { args, files } = plan.invocation.lay(folder);
  for (const file of files) await host.workspace.writeRunFile(folder, file.name, file.content, uid);
  // What is called with its parameters has them read for it, as JSON.
  const format = plan.invocation.callsRun ? 'json' : claim.parameterFormat;
  const text = toParameterText(claim.parameters, format);
  const parameterFile = claim.parameterDelivery === 'file' ? parameterFiles[format] : null;
  if (parameterFile !== null) await host.workspace.writeRunFile(folder, parameterFile, text, uid);
  const variables = toEnvironment({
    ...claim,
    ...toStandingOf(plan, folder),
    apiUrl: host.apiUrl,
    resultFile: `${folder}/${resultFileName}`,
    parameterFile: parameterFile === null ? null : `${folder}/${parameterFile}`,
    artifactsFolder: plan.artifacts.folder,
  });
  return { args, variables, stdin: parameterFile === null ? text : '' };
}

/** Decides how the attempt is to run; null when it was stopped meanwhile. Nothing of it is started yet. */
async function makePlan(
  host: Host,
  claim: ProgramClaim,
  output: Output,
  limits: AttemptLimits,
  uid: number | null,
  stopper: Stopper,
): Promise<Plan | null> {
  const { runtime } = claim;
  const interpreter = host.interpreters[runtime];
  if (!interpreter) {
    throw new CannotStart(
      `This worker has no ${programNames[runtime]} that executions can reach. Install it for all users and start the worker again.`,
    );
  }
  const program = claim.interpreter && findOwnProgram(claim.interpreter);
  const pack = await openPack(host, claim.packPath);
  const source = await findSource(claim, pack);
  const lending = await prepare(host, claim, (line) => output.say(line), pack, uid, stopper);
  if (stopper.reason !== null) return null;
  const run = claim.interpreter ? toOtherInvocation(claim.interpreter) : runners[runtime];
  const invocation = await run({
    source,
    parameters: claim.parameters,
    keyNames: claim.keyNames ?? [],
    bootstrap: host.bootstraps[runtime],
    modulesFolder: host.modulesFolder,
  });
  const artifacts = await host.workspace.makeArtifactsFolder(claim.tenantId, claim.packRef);
  const refusal = await host.artifactsBound.refusal(artifacts.folder);
  if (refusal !== null) throw new CannotStart(refusal);
  return toPlan(host, claim, { limits, pack, program, lending, invocation, artifacts });
}
