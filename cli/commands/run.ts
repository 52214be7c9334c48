import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { ApiClient } from '../../client';
import { answerOf } from '../answer';
import { command } from '../command';
import { connect, studioUrl } from '../connection';
import { exitCodes, Failure } from '../failure';
import { exitCodeOf, follow, getExecution, type Told } from '../follow';
import { plain, printJson, say, tell, toDuration, toState } from '../print';
import { toValues, type JsonObject } from '../values';

/** A file's text; `-` is stdin, which is waited for: a pipe's other end may still be at work. @throws Failure usage */
export async function readText(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${(error as Error).message}.`, exitCodes.usage);
  }
}

async function readInput(file: string | undefined): Promise<JsonObject> {
  if (file === undefined) return {};
  try {
    const value: unknown = JSON.parse(await readText(file));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${file} is no JSON: ${(error as Error).message}.`, exitCodes.usage);
  }
  throw new Failure(`${file} must hold one JSON object with the parameters.`, exitCodes.usage);
}

export const run = command({
  command: 'run <ref> [values..]',
  describe: 'Run an action or a workflow, and follow it to its end',
  builder: (yargs) =>
    yargs
      .positional('ref', {
        type: 'string',
        demandOption: true,
        describe: 'The action or workflow, such as core.echo',
      })
      .positional('values', {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: 'Parameters: name=value, name:=json, name=@file',
      })
      .option('input', {
        type: 'string',
        nargs: 1,
        describe: 'A file with all parameters as one JSON object; - for stdin',
      })
      .option('detach', { type: 'boolean', default: false, describe: 'Do not wait for its end' })
      .example('attune run core.echo message=hello', 'prints hello, ends with 0')
      .epilogue(
        'Ends with 0 when it completed, with the action’s own exit code when it failed (1 where it has none), 124 after a time-out, 130 when it was cancelled. Ctrl-C stops following; the execution goes on.',
      ),
  handler: async ({ ref, values, input, detach, json, ...common }) => {
    const api = connect(common);
    const parameters = {
      ...(await readInput(input)),
      ...(await toValues(values, await schemaOf(api, ref, values), readText)),
    };
    const { data } = await answerOf(
      api.POST('/api/v1/executions/execute', { body: { action_ref: ref, parameters } }),
    );
    if (detach) {
      if (json) printJson(data);
      else say(String(data.id));
      return;
    }
    if (!json) tell(`Execution ${data.id} of ${ref}: ${studioUrl(common)}/executions/${data.id}`);
    await followToItsEnd(api, data.id, json);
  },
});

/** What the words are read by; nothing is asked for where there are none. */
async function schemaOf(
  api: ApiClient,
  ref: string,
  values: readonly string[],
): Promise<{ [name: string]: unknown }> {
  if (values.length === 0) return {};
  const { data } = await answerOf(api.GET('/api/v1/actions/{ref}', { params: { path: { ref } } }));
  return data.param_schema;
}

/** Follows an execution, tells how it ended, and gives the process its exit code. */
export async function followToItsEnd(api: ApiClient, id: number, json: boolean): Promise<void> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop);
  try {
    const execution = json
      ? await untilEnded(api, id, stopping.signal)
      : await follow(api, id, stopping.signal);
    if (json) printJson(execution);
    else tellEnd(execution);
    process.exitCode = exitCodeOf(execution);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    tell(
      `\nNot followed any more; execution ${id} goes on. Follow it: attune executions follow ${id}. End it: attune executions cancel ${id}.`,
    );
    process.exitCode = 130;
  } finally {
    process.removeListener('SIGINT', stop);
  }
}

/** Silent: what it prints would be in the way of the one document. */
async function untilEnded(api: ApiClient, id: number, signal: AbortSignal): Promise<Told> {
  for (let waitMs = 100; ; waitMs = Math.min(1_000, waitMs * 1.5)) {
    const execution = await getExecution(api, id);
    if (['completed', 'failed', 'timeout', 'cancelled', 'abandoned'].includes(execution.state))
      return execution;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, waitMs);
      signal.addEventListener('abort', () => (clearTimeout(timer), reject(new Error('stopped'))), {
        once: true,
      });
    });
  }
}

function tellEnd({ state, result, started_at: started, updated }: Told): void {
  const shown = result as JsonObject;
  tell(`${toState(state)} ${started ? `in ${toDuration(started, updated)}` : ''}`);
  if (typeof shown['error'] === 'string' && shown['error'] !== '') tell(plain(shown['error']));
  // What an action printed has gone through already; what it returned, and a workflow's output, has not.
  const output = 'stdout' in shown ? shown['data'] : shown;
  if (state !== 'completed' || output === undefined || output === null) return;
  if (typeof output === 'object' && Object.keys(output).length === 0) return;
  if (typeof output === 'string' || output === shown['stdout']) return;
  printJson(output);
}
