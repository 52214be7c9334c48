import { readdirSync, readFileSync } from 'node:fs';

/**
 * The processes of this machine whose command line holds a text. The studio under test runs here, so its actions'
 * processes are among them, though inside their walls they have other numbers.
 */
export function findProcesses(text: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && commandLineOf(pid).includes(text));
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It has ended since the folder was listed.
    return '';
  }
}

/**
 * Shell code that starts a family of processes which does its best to survive: a child, a grandchild in a session of its
 * own, one that ignores TERM and one that outlives its parent. Each sleeps for `seconds` followed by the execution's
 * id, so that {@link findProcesses} knows them by `sleep <seconds>.<id>`. Prints `begun` when all run.
 */
export function stubbornFamily(seconds: number): string {
  const sleep = `sleep ${seconds}.$ATTUNE_EXEC_ID`;
  return `
${sleep} &
setsid sh -c '${sleep} & wait' > /dev/null 2>&1 &
sh -c 'trap "" TERM HUP; ${sleep}' &
( nohup ${sleep} > /dev/null 2>&1 & )
echo begun
`;
}
