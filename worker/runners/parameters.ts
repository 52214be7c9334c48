import { stringify as toYaml } from 'yaml';
import type { Claim } from '@/server/executions/claims';

type Parameters = Claim['parameters'];

/** Names that a script relies on, or that bash refuses to set: such a parameter becomes no variable. */
const reserved =
  /^(PATH|HOME|LANG|LC_.*|TZ|TMPDIR|USER|LOGNAME|SHELL|PWD|OLDPWD|SHLVL|IFS|PS\d|ENV|CDPATH|GLOBIGNORE|OPTARG|OPTIND|REPLY|RANDOM|SECONDS|LINENO|HOSTNAME|UID|EUID|PPID|GROUPS|FUNCNAME|DIRSTACK|PIPESTATUS|SHELLOPTS|POSIXLY_CORRECT|BASH.*|COMP_.*|HIST.*|LD_.*|NODE_.*|PYTHON.*|PERL.*|RUBY.*|GIT_.*|ATTUNE_.*|_)$/;

/** Parameters as variables of a shell: characters that a name can't hold become `_`; texts as they are, all else as JSON. */
export function toVariables(parameters: Parameters): { name: string; value: string }[] {
  const variables: { name: string; value: string }[] = [];
  for (const [given, value] of Object.entries(parameters)) {
    const name = given.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
    if (name === '' || reserved.test(name)) continue;
    // A shell variable can't hold NUL.
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    variables.push({ name, value: text.replaceAll('\0', '') });
  }
  return variables;
}

/** `'…'`, which every reader of such files takes as it is; what holds a `'` itself in `"…"`, with what is special there behind a `\`. */
function toDotenv({ name, value }: { name: string; value: string }): string {
  const quoted = value.includes("'") ? `"${value.replaceAll(/[\\"$`]/g, '\\$&')}"` : `'${value}'`;
  return `${name}=${quoted}\n`;
}

/** The parameters as an action reads them, with a newline at the end; JSON on one line. */
export function toParameterText(parameters: Parameters, format: Claim['parameterFormat']): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(parameters)}\n`;
    case 'yaml':
      return toYaml(parameters);
    case 'dotenv':
      return toVariables(parameters).map(toDotenv).join('');
  }
}

/** The name of the file in which parameters are delivered, so that editors and libraries know it by its ending. */
export const parameterFiles = { json: 'parameters.json', yaml: 'parameters.yaml', dotenv: 'parameters.env' };
