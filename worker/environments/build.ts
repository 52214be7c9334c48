import { appendBuildLog, renewBuild } from '@/server/environments/service';
import { persist } from '../persist';
import { env } from '@/server/env';
import { log } from '@/server/log';
import { messageOf } from '../message-of';
import { Redactor } from '../redactor';
import type { Groups } from '../sandbox/groups/groups';
import { Output } from '../sandbox/output';
import { runProcess } from '../sandbox/run-process';
import type { Walls } from '../sandbox/walls';
import type { Workspace } from '../sandbox/workspace';
import type { Need } from './environments';
import { secretsOf, toInstall } from './install';
import type { EnvironmentSpec } from './spec';
import type { Stopper } from './stopper';

const renewMs = 5_000;
const tailCharacters = 4_000;
/** Compilers run in many. */
const installProcesses = 1_024;

/** What a build needs of the worker. */
export interface BuildPlace {
  builder: string;
  walls: Walls;
  workspace: Workspace;
  /** Null where nothing can be limited. */
  groups: Groups | null;
  programFolders: readonly string[];
  /** npm-cli.js as executions can reach it; null where there is none. */
  npm: string | null;
  settings: Readonly<Record<string, string>>;
  limitMs: number;
  graceMs: number;
}

export interface BuildTask {
  id: number;
  need: Need;
  spec: EnvironmentSpec;
  draft: string;
  target: string;
}

export type BuildEnd =
  | { kind: 'built'; durationMs: number }
  | { kind: 'stopped' }
  | { kind: 'failed'; reason: string; log: string };

/** Runs the install inside the walls, as the execution's own user, with its log in the environment's row. */
export async function build(place: BuildPlace, task: BuildTask, stopper: Stopper): Promise<BuildEnd> {
  const { need, spec, draft, target } = task;
  const { walls, workspace } = place;
  if (spec.kind === 'nodejs' && place.npm === null)
    return {
      kind: 'failed',
      reason: 'This worker has no npm. Install it and start the worker again.',
      log: '',
    };
  const runFolder = await workspace.makeRunFolder(`environment-${task.id}-${draft.slice(-6)}`, need.uid);
  let tail = '';
  const output = new Output(
    (chunks) => {
      const text = chunks.map(({ content }) => content).join('');
      tail = (tail + text).slice(-tailCharacters);
      return persist('environment log', () => appendBuildLog(task.id, place.builder, text));
    },
    1,
    (error) => log.error({ error: error.message }, 'the log of an install could not be stored'),
    new Redactor(secretsOf(place.settings)),
  );
  const isApart = walls.level !== 'L1' || need.uid !== null;
  const install = toInstall(
    walls.tools.sh,
    spec,
    {
      packFolder: need.packFolder,
      draft,
      target,
      runFolder,
      interpreter: need.interpreter,
      npm: place.npm,
      mayRunScripts: isApart,
    },
    place.settings,
  );
  const group =
    place.groups?.group({
      memoryBytes: env().ATTUNE_INSTALL_MEMORY_MB * 2 ** 20,
      processes: installProcesses,
      cpu: null,
    }) ?? null;
  try {
    const running = runProcess(
      walls,
      {
        command: install.command,
        environment: install.environment,
        stdin: '',
        confinement: {
          uid: need.uid,
          gid: need.uid,
          folder: runFolder,
          writable: [draft],
          readable: [...place.programFolders, need.packFolder],
          group,
        },
      },
      output,
      { timeoutMs: place.limitMs, graceMs: place.graceMs },
    );
    stopper.follow(running);
    const renewing = setInterval(() => {
      renewBuild(task.id, place.builder).then(
        (isHeld) => isHeld || running.stop('lost'),
        (error: unknown) => log.warn({ error: messageOf(error) }, 'the lease of a build was not renewed'),
      );
    }, renewMs);
    const end = await running.ended;
    clearInterval(renewing);
    await output.end();
    if (end.stopped === 'timeout')
      return { kind: 'failed', reason: `it was not done within ${place.limitMs / 1000} s.`, log: tail };
    if (end.stopped !== null) return { kind: 'stopped' };
    if (end.exitCode === 0) return { kind: 'built', durationMs: end.durationMs };
    if (end.overrun) return { kind: 'failed', reason: `the install ${end.overrun.words}.`, log: tail };
    return { kind: 'failed', reason: end.startError ?? toReason(tail, end.exitCode), log: tail };
  } finally {
    await workspace.removeRunFolder(runFolder);
    if (group) await place.groups?.giveBack(group);
  }
}

/** The line that says why, which is not always the last one. */
function toReason(text: string, exitCode: number | null): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(
      (line) =>
        line !== '' && !/complete log of this run|^npm error (code|errno|syscall|A complete)/i.test(line),
    );
  const said = lines.findLast((line) => /^(ERROR|npm error|npm ERR!|attune:)/i.test(line)) ?? lines.at(-1);
  const sentence = (said ?? `the install ended with code ${exitCode}`).slice(0, 500);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
