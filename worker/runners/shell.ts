import type { Claim } from '@/server/executions/claims';
import { toVariables } from './parameters';
import type { Invocation, RunnerInput } from './runner';

/** Assignments of the parameters to shell variables that are not exported. */
export function toShellVariables(parameters: Claim['parameters']): string {
  return toVariables(parameters)
    .map(({ name, value }) => `${name}='${value.replaceAll("'", `'\\''`)}'`)
    .join('\n');
}

/**
 * How to run a shell action. An inline script also finds each parameter as a variable: a prologue in a private file
 * sets them and then sources the script, so they are in no argument and no environment, and line numbers stay right.
 */
export function toShellInvocation({ source, parameters }: RunnerInput): Promise<Invocation> {
  return Promise.resolve({
    options: [],
    lay: (runFolder) =>
      source.kind === 'file'
        ? { args: [source.path], files: [] }
        : {
            args: [`${runFolder}/start.sh`],
            files: [
              { name: 'start.sh', content: `${toShellVariables(parameters)}\n. ${runFolder}/action.sh\n` },
              { name: 'action.sh', content: source.code.replaceAll('\r\n', '\n') },
            ],
          },
  });
}
