import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Claim } from '@/server/executions/claims';

/** The attempt cannot start; the message says why, and what to do. It becomes the execution's error. */
export class CannotStart extends Error {}

/** An interpreter that executions can reach. */
export interface Interpreter {
  path: string;
  version: string;
}
export type RuntimeName = 'shell' | 'python' | 'nodejs';
/** The interpreters of this worker; null where it has none. */
export type Interpreters = Readonly<Record<RuntimeName, Interpreter | null>>;

/** What an action's author wrote: code kept in the database, or a file of the pack. */
export type Source = { kind: 'code'; code: string } | { kind: 'file'; path: string };

/** A file to lay into the run folder before the start. */
export interface RunFile {
  name: string;
  content: string;
}

/** What is known of an attempt once it has a folder. */
export interface Laid {
  /** What follows the interpreter and its options: the program first. */
  args: string[];
  files: RunFile[];
}

/** How to start one attempt. */
export interface Invocation {
  /** The interpreter's own options. */
  options: string[];
  lay: (runFolder: string) => Laid;
  /** Our own program calls an exported `run` with the parameters, so it reads them: always as JSON. */
  callsRun?: boolean;
}

/** What a runner knows: where things are, and the parameters for those that need them beside stdin. */
export interface RunnerInput {
  source: Source;
  parameters: Claim['parameters'];
  /** Those of the parameters that are keys of the datastore. */
  keyNames: readonly string[];
  /** The program that calls an exported `run`, where the runtime has one. */
  bootstrap: string;
  /** Where the modules lie that actions may import. */
  modulesFolder: string;
}

/** Gives back how to start an action. Pure but for reading the source; it starts nothing. */
export type Runner = (input: RunnerInput) => Promise<Invocation>;

/**
 * The code of a claim. `actions/<entrypoint>` (`sensors/<entrypoint>`) or `<entrypoint>` in the pack; for a shell action an entrypoint that
 * is no file is the script itself. Where the database holds the code too, the file is taken only while it says the
 * same: there it finds the files beside it, and an edited one would belong to no revision.
 * @throws CannotStart when the file is missing or lies outside its pack
 */
export async function findSource(
  claim: Pick<Claim, 'code' | 'entrypoint' | 'runtime' | 'actionRef'>,
  packFolder: string | null,
  kind: 'action' | 'sensor' = 'action',
): Promise<Source> {
  if (packFolder !== null && claim.entrypoint !== '' && !claim.entrypoint.includes('\0')) {
    const root = await realpath(packFolder).catch(() => null);
    if (root === null && claim.code === null) {
      throw new CannotStart(
        `The folder of the pack, ${packFolder}, is not on this worker. Load the pack again.`,
      );
    }
    for (const candidate of root === null
      ? []
      : [join(root, `${kind}s`, claim.entrypoint), join(root, claim.entrypoint)]) {
      const path = await realpath(candidate).catch(() => null);
      if (path === null || !(await stat(path)).isFile()) continue;
      if (!path.startsWith(`${root}${sep}`))
        throw new CannotStart(`The entrypoint ${claim.entrypoint} leads out of its pack.`);
      if (claim.code === null || claim.code === (await readFile(path, 'utf8'))) return { kind: 'file', path };
    }
  }
  if (claim.code !== null) return { kind: 'code', code: claim.code };
  if (claim.runtime === 'shell' && claim.entrypoint !== '') return { kind: 'code', code: claim.entrypoint };
  const where = packFolder === null ? '' : ` Looked for it in ${packFolder}/${kind}s and ${packFolder}.`;
  throw new CannotStart(
    `The ${kind} ${claim.actionRef} cannot start: its file ${claim.entrypoint || '(no entrypoint)'} is not there.${where} Correct its entrypoint or load the pack again.`,
  );
}

/** The text of a source. */
export async function readSource(source: Source): Promise<string> {
  return source.kind === 'code' ? source.code : readFile(source.path, 'utf8');
}
