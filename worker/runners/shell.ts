import type { Invocation, RunnerInput } from './runner';
import type { Claim } from '@/server/executions/claims';

/** Names that a script relies on, or that bash refuses to set: such a parameter is read from stdin only. */
const reserved =
  /^(PATH|HOME|LANG|LC_.*|TZ|TMPDIR|USER|LOGNAME|SHELL|PWD|OLDPWD|SHLVL|IFS|PS\d|ENV|CDPATH|GLOBIGNORE|OPTARG|OPTIND|REPLY|RANDOM|SECONDS|LINENO|HOSTNAME|UID|EUID|PPID|GROUPS|FUNCNAME|DIRSTACK|PIPESTATUS|SHELLOPTS|POSIXLY_CORRECT|BASH.*|COMP_.*|HIST.*|LD_.*|ATTUNE_.*|_)$/;

function toShellValue(value: Claim['parameters'][string]): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // A shell variable can't hold NUL.
  return `'${text.replaceAll('\0', '').replaceAll("'", `'\\''`)}'`;
}

/** Assignments of the parameters to shell variables that are not exported; characters that a name can't hold become `_`. */
export function toShellVariables(parameters: Claim['parameters']): string {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    const variable = name.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
    if (variable === '' || reserved.test(variable)) continue;
    lines.push(`${variable}=${toShellValue(value)}`);
  }
  return lines.join('\n');
}

/**
 * How to run a shell action. An inline script also finds each parameter as a variable: a prologue in a private file
 * sets them and then sources the script, so they are in no argument and no environment, and line numbers stay right.
 */
export function toShellInvocation({
  interpreter,
  source,
  runFolder,
  parameters,
}: RunnerInput): Promise<Invocation> {
  if (source.kind === 'file') return Promise.resolve({ command: [interpreter, source.path], files: [] });
  return Promise.resolve({
    command: [interpreter, `${runFolder}/start.sh`],
    files: [
      { name: 'start.sh', content: `${toShellVariables(parameters)}\n. ${runFolder}/action.sh\n` },
      { name: 'action.sh', content: source.code.replaceAll('\r\n', '\n') },
    ],
  });
}
