import { readdirSync, readFileSync } from 'node:fs';
import { killInside, listInside, type GroupPlace } from './groups/group';

/** How the processes of one attempt are recognised, wherever they fled to. Plain data: the lease thread kills by it too. */
export interface Tree {
  /** The process that the worker spawned; leader of a group of its own. */
  pid: number;
  /** A line that only this attempt's environment has. */
  tag: string;
  /** The attempt's own user, where it has one: nobody else runs as it. */
  uid: number | null;
  /** Is `pid` a wall around the program? Then TERM goes to what is inside, never to the wall. */
  isWalled: boolean;
  /** The group that its processes can't leave, where it has one: then nobody has to be looked for. */
  group?: GroupPlace | null;
}

interface Process {
  pid: number;
  parent: number;
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

/** Every living process of the machine; empty where there is no /proc. Zombies are dead. */
function listProcesses(): Process[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  const found: Process[] = [];
  for (const name of names) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = readProc(pid, 'stat');
    // The name in parentheses may hold anything, so read from its end.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state && state !== 'Z' && state !== 'X') found.push({ pid, parent: Number(parent) });
  }
  return found;
}

/** When the process started, in clock ticks since boot: with its pid it names a process for ever. Empty: none. */
export function startTimeOf(pid: number): string {
  const stat = readProc(pid, 'stat');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** Zombies are dead. */
function isAlive(pid: number): boolean {
  const stat = readProc(pid, 'stat');
  const state = stat.charAt(stat.lastIndexOf(')') + 2);
  return state !== '' && state !== 'Z' && state !== 'X';
}

/** The processes whose environment holds an entry that `matches`. */
export function findTagged(matches: (entry: string) => boolean): number[] {
  return listProcesses()
    .filter(({ pid }) => pid !== process.pid && readProc(pid, 'environ').split('\0').some(matches))
    .map(({ pid }) => pid);
}

/** Kills the processes that a dead worker left: an entry of their environment begins so. */
export function killTagged(beginning: string): void {
  for (const pid of findTagged((entry) => entry.startsWith(beginning))) signal(pid, 'SIGKILL');
}

function runsAs(pid: number, uid: number): boolean {
  const owner = /^Uid:\s+(\d+)/m.exec(readProc(pid, 'status'))?.[1];
  return owner !== undefined && Number(owner) === uid;
}

/** The living processes of an attempt: descendants, group strays by their tag, and all that runs as its user. */
export function membersOf(tree: Tree): number[] {
  if (tree.group) {
    const inside = listInside(tree.group).filter(isAlive);
    if (inside.includes(tree.pid)) return inside;
    // The wall itself may stand outside; another process may have its number by now.
    const isStanding = isAlive(tree.pid) && readProc(tree.pid, 'environ').split('\0').includes(tree.tag);
    return isStanding ? [tree.pid, ...inside] : inside;
  }
  const all = listProcesses();
  const inside = new Set([tree.pid]);
  for (let grew = true; grew;) {
    grew = false;
    for (const { pid, parent } of all) {
      if (!inside.has(pid) && inside.has(parent)) {
        inside.add(pid);
        grew = true;
      }
    }
  }
  return all
    .filter(
      ({ pid }) =>
        pid !== process.pid &&
        (inside.has(pid) ||
          (tree.uid !== null && runsAs(pid, tree.uid)) ||
          readProc(pid, 'environ').split('\0').includes(tree.tag)),
    )
    .map(({ pid }) => pid);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already, which is what is wanted.
  }
}

/** Asks an attempt to end: TERM to every process inside its walls. */
export function terminate(tree: Tree): void {
  for (const pid of membersOf(tree)) if (!(tree.isWalled && pid === tree.pid)) signal(pid, 'SIGTERM');
}

/** One pass of KILL over everything that belongs to the attempt. Gives back how many were still there. */
export function killOnce(tree: Tree): number {
  const members = membersOf(tree);
  // The wall first: one that sees what is inside die has something to say of it, as if it had been the program.
  if (tree.isWalled && members.includes(tree.pid)) signal(tree.pid, 'SIGKILL');
  // Before any of them dies, so that none starts another.
  if (tree.group) killInside(tree.group);
  // Without /proc (macOS) the group is all that can be found.
  if (members.includes(tree.pid) || process.platform !== 'linux') signal(-tree.pid, 'SIGKILL');
  for (const pid of members) signal(pid, 'SIGKILL');
  return members.length;
}

/** Kills until nothing is left, for at most `patienceMs`. Gives back whether nothing is left. */
export async function killUntilGone(tree: Tree, patienceMs = 5_000): Promise<boolean> {
  const until = performance.now() + patienceMs;
  while (killOnce(tree) > 0) {
    if (performance.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}
